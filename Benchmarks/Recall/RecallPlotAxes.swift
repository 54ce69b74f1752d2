import Foundation

/// A mark on an axis: where, in the axis' own unit, and what it says.
package struct PlotTick: Equatable {
    package var position: Double
    package var label: String

    /// A mark.
    package init(position: Double, label: String) {
        self.position = position
        self.label = label
    }
}

/// The axis of recall, which opens up towards 1: its unit is -log10(1 - recall), so that from 0.9 to 0.99 is as far as
/// from 0.99 to 0.999. On a plain axis all that matters lies in the last centimetre.
///
/// A recall of exactly 1 has no place on such a scale. It gets one of its own, half a unit beyond the last tick.
package struct RecallAxis {
    private static let stops: [(recall: Double, label: String)] = [
        (0, "0"), (0.5, "0.5"), (0.8, "0.8"), (0.9, "0.9"), (0.95, "0.95"), (0.98, "0.98"), (0.99, "0.99"),
        (0.995, "0.995"), (0.998, "0.998"), (0.999, "0.999"), (0.9995, "0.9995"), (0.9999, "0.9999"),
        (0.99999, "0.99999"), (0.999999, "0.999999"),
    ]
    private static let gapBeforeOne = 0.3

    package let ticks: [PlotTick]
    package let range: ClosedRange<Double>
    private let last: Double
    private let one: Double

    /// An axis on which all of these have a place.
    package init(_ recalls: [Double]) {
        let inner = recalls.filter { $0 < 1 }
        let lowest = Self.unit(inner.min() ?? 0.9)
        let highest = Self.unit(inner.max() ?? 0.9)
        let units = Self.stops.map { Self.unit($0.recall) }
        let from = units.lastIndex { $0 <= lowest } ?? 0
        let to = max(from + 1, units.firstIndex { $0 >= highest } ?? units.endIndex - 1)
        let shown = from...min(to, units.endIndex - 1)
        var ticks = shown.map { PlotTick(position: units[$0], label: Self.stops[$0].label) }
        last = max(units[shown.upperBound], highest)
        one = last + Self.gapBeforeOne
        let hasOne = recalls.contains { $0 >= 1 }
        if hasOne { ticks.append(PlotTick(position: one, label: "1")) }
        self.ticks = ticks
        range = units[from]...(hasOne ? one : last)
    }

    /// Where a recall is.
    package func position(_ recall: Double) -> Double {
        recall >= 1 ? one : min(max(Self.unit(recall), range.lowerBound), last)
    }

    private static func unit(_ recall: Double) -> Double { -log10(1 - recall) }
}

/// The axis of queries per second: its unit is log10.
package struct RateAxis {
    package let ticks: [PlotTick]
    package let range: ClosedRange<Double>

    /// An axis that reaches from the round number below all of these to the one above.
    package init(_ rates: [Double]) {
        let lowest = log10(rates.min() ?? 100)
        let highest = log10(rates.max() ?? 1000)
        // More than four decades in steps of 1, 2, 5 would be a ladder.
        let steps = highest - lowest > 4 ? [1.0] : [1.0, 2.0, 5.0]
        let all = (Int(lowest.rounded(.down)) - 1...Int(highest.rounded(.up)) + 1).flatMap { decade in
            steps.map { PlotTick(position: Double(decade) + log10($0), label: Self.label($0, decade)) }
        }
        let from = all.lastIndex { $0.position <= lowest - 0.02 } ?? 0
        let to = all.firstIndex { $0.position >= highest + 0.02 } ?? all.endIndex - 1
        ticks = Array(all[from...to])
        range = all[from].position...all[to].position
    }

    /// Where a rate is.
    package func position(_ rate: Double) -> Double { log10(rate) }

    private static func label(_ step: Double, _ decade: Int) -> String {
        let digit = Int(step)
        func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
        switch decade {
        case ..<0: return "0." + zeros(-decade - 1) + "\(digit)"
        case 0..<3: return "\(digit)" + zeros(decade)
        case 3..<6: return "\(digit)" + zeros(decade - 3) + "k"
        case 6..<9: return "\(digit)" + zeros(decade - 6) + "M"
        default: return "\(digit)e\(decade)"
        }
    }
}
