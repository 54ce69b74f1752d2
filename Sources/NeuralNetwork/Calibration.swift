/// Finds the ranges that bytes are to cover: those in which rounding and cutting off together err least.
///
/// The extremes of a value are rare, and a range that holds them spends most of its 256 steps on nothing. So each value's
/// numbers are counted, over all pictures, in a histogram that grows with them, and its range is the one with the least
/// expected squared error, as in TensorRT's and PyTorch's histogram observers.
struct RangeObserver {
    private static let bins = 2048
    /// Bins cover -reach...reach.
    private var reach: Float = 0
    private var counts = [Double](repeating: 0, count: bins)
    private var low: Float = .infinity
    private var high: Float = -.infinity
    /// Of each channel, and how many numbers went into each.
    private var sums: [Double] = []
    private var pixels = 0.0

    /// Counts `values`, `channels` side by side; those that are no numbers are left out.
    mutating func observe(_ values: UnsafeBufferPointer<Float>, channels: Int) {
        if sums.isEmpty { sums = [Double](repeating: 0, count: channels) }
        for start in stride(from: 0, to: values.count, by: channels) {
            for channel in 0..<channels where values[start + channel].isFinite {
                sums[channel] += Double(values[start + channel])
            }
        }
        pixels += Double(values.count / max(1, channels))
        var low = self.low, high = self.high
        for value in values where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        guard low <= high else { return }
        (self.low, self.high) = (low, high)
        let largest = max(abs(low), abs(high))
        if reach == 0 { reach = largest }
        guard reach > 0 else { return }
        while reach < largest { widen() }
        let perBin = Float(Self.bins / 2) / reach
        for value in values where value.isFinite {
            let bin = Int(((value + reach) * perBin).rounded(.down))
            counts[min(max(bin, 0), Self.bins - 1)] += 1
        }
    }

    /// Doubles what the bins cover: two become one.
    private mutating func widen() {
        var merged = [Double](repeating: 0, count: Self.bins)
        for bin in 0..<Self.bins { merged[Self.bins / 4 + bin / 2] += counts[bin] }
        counts = merged
        reach *= 2
    }

    /// The range with the least expected error; nil when nothing was seen.
    var range: ActivationRanges.Range? {
        guard low <= high else { return nil }
        var best = ActivationRanges.Range(low: min(low, 0), high: max(high, 0), means: sums.map { Float($0 / pixels) })
        guard reach > 0 else { return best }
        let whole = best
        var least = error(best)
        // One end after the other is drawn in, by steps of a fiftieth, as long as that helps.
        for _ in 0..<2 {
            for isHigh in [true, false] {
                for step in 1..<50 {
                    var trial = best
                    let share = Float(50 - step) / 50
                    if isHigh { trial.high = whole.high * share } else { trial.low = whole.low * share }
                    let error = error(trial)
                    if error < least {
                        least = error
                        best = trial
                    }
                }
            }
        }
        return best
    }

    /// Sum of the squared errors of all that was counted.
    private func error(_ range: ActivationRanges.Range) -> Double {
        let form = ByteForm(low: range.low, high: range.high)
        let step = Double(form.scale)
        let bottom = -Double(form.zero) * step, top = (255 - Double(form.zero)) * step
        let width = 2 * Double(reach) / Double(Self.bins)
        // Evenly spread over a step, a number is off by a twelfth of the step squared; never by more than it is wide.
        let inside = step * step / 12
        var sum = 0.0
        for (bin, count) in counts.enumerated() where count > 0 {
            let centre = (Double(bin) + 0.5) * width - Double(reach)
            let off = centre < bottom ? bottom - centre : centre > top ? centre - top : 0
            sum += count * (off > 0 ? off * off + inside : inside)
        }
        return sum
    }
}

extension Network {
    /// Finds the ranges that computing with bytes needs, by running pictures through the network in floats.
    ///
    /// - Parameters:
    ///   - graph, inputSize, output, limits: as for planning.
    ///   - pictures: normalised as for `NetworkSession.run`; some tens to hundreds like those that will be embedded.
    /// - Throws: what planning throws; `.badRequest` without a picture or for one of another size.
    public static func calibrate(
        graph: Graph, inputSize: Int?, output: String?, limits: NetworkLimits = NetworkLimits(),
        pictures: some Sequence<[Float]>
    ) throws(NetworkError) -> ActivationRanges {
        let (flow, _) = try flow(graph: graph, inputSize: inputSize, output: output, limits: limits)
        var planner = Planner(flow, kernels: .best, limits: limits, keepsAll: true)
        let plan = try planner.plan()
        let arena = Arena(bytes: plan.arenaBytes)
        var observers = [RangeObserver](repeating: RangeObserver(), count: plan.kept.count)
        let form = plan.inputForm
        let count = form.height * form.width * form.channels
        var seen = 0
        for picture in pictures {
            guard picture.count == count else {
                throw .badRequest("a picture to calibrate with has \(picture.count) numbers, not \(count)")
            }
            plan.input.pointer(arena.base, Float.self).update(from: picture, count: count)
            for step in plan.steps { step.run(arena.base) }
            for (index, kept) in plan.kept.enumerated() where kept.view.isDense && kept.view.count > 0 {
                let values = UnsafeBufferPointer(
                    start: kept.address.pointer(arena.base, Float.self), count: kept.view.count)
                // Dense views have what lies side by side last, but where that is a picture's columns.
                let innermost = kept.view.order.last { kept.view.shape[$0] > 1 } ?? 0
                let isByChannel = innermost == (kept.view.rank == 4 ? 1 : kept.view.rank - 1)
                observers[index].observe(values, channels: isByChannel ? kept.view.shape[innermost] : 1)
            }
            seen += 1
        }
        guard seen > 0 else { throw .badRequest("there is no picture to calibrate with") }
        var ranges = ActivationRanges()
        for (observer, kept) in zip(observers, plan.kept) {
            guard var range = observer.range else { continue }
            let channels = kept.view.rank == 4 ? kept.view.shape[1] : kept.view.shape.last ?? 1
            if range.means.count != channels { range.means = [] }
            ranges.ranges[kept.name] = range
        }
        return ranges
    }
}
