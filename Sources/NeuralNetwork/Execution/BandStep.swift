/// A step that can make some of its output's rows, for the band they are needed in.
protocol RowMaker: PlanStep {
    /// Makes `rows` of the output.
    ///
    /// - Parameters:
    ///   - from: where the inputs of the first of them lie, where that is not their usual place. Not for steps whose
    ///     kernel reaches over an edge.
    ///   - to: where the first of them is to be made, where that is not its usual place; rows follow at their usual
    ///     distance.
    func makeRows(
        _ arena: UnsafeMutableRawPointer, _ rows: Range<Int>, from: UnsafeMutableRawPointer?,
        to: UnsafeMutableRawPointer?)
}

/// A step that can make some of its output's rows of input rows that lie anywhere.
protocol RowFilter: PlanStep {
    var geometry: WindowGeometry { get }

    /// Makes the rows `wanted` of the output, the first of them at `to`.
    func makeRows(
        _ arena: UnsafeMutableRawPointer, _ wanted: Range<Int>, to: UnsafeMutableRawPointer,
        inputRow: (Int) -> UnsafeMutableRawPointer)
}

/// An inverted residual block, band by band: a convolution that widens, a depthwise one, a convolution that narrows.
///
/// The wide picture in between is six times as large as what comes in and goes out; at the resolution of the first
/// blocks it is larger than the second-level cache. So it is never there as a whole: of each band of output rows only the
/// rows that the depthwise kernel looks at are made, in a ring that keeps those which the next band needs too, and used
/// while they are in the cache. No row is made twice. (Sandler et al., "MobileNetV2", 2018, section 5.1, gives the idea,
/// over channels; over rows the products stay whole.)
struct BandStep: PlanStep {
    let widening: any RowMaker
    let depthwise: any RowFilter
    let narrowing: any RowMaker
    /// Rows of the wide picture, row r in place r modulo `ringRows`.
    let ring: Address
    let ringRows, ringRowBytes: Int
    /// The depthwise convolution's output for one band.
    let filtered: Address
    /// Output rows of a band.
    let band: Int

    /// Rows of the wide picture that a band needs.
    static func ringRows(_ geometry: WindowGeometry, band: Int) -> Int {
        (band - 1) * geometry.strides[0] + geometry.span(0)
    }

    func run(_ arena: UnsafeMutableRawPointer) {
        let geometry = depthwise.geometry
        let ring: UnsafeMutableRawPointer = UnsafeMutableRawPointer(ring.pointer(arena, UInt8.self))
        let filtered = UnsafeMutableRawPointer(filtered.pointer(arena, UInt8.self))
        var made = 0
        for first in stride(from: 0, to: geometry.output[0], by: band) {
            let rows = first..<min(first + band, geometry.output[0])
            let needed = (rows.upperBound - 1) * geometry.strides[0] - geometry.padding[0] + geometry.span(0)
            let behind = min(needed, geometry.input[0])
            while made < behind {
                let place = made % ringRows
                let count = min(behind - made, ringRows - place)
                widening.makeRows(arena, made..<made + count, from: nil, to: ring + place * ringRowBytes)
                made += count
            }
            depthwise.makeRows(arena, rows, to: filtered) { ring + $0 % ringRows * ringRowBytes }
            narrowing.makeRows(arena, rows, from: filtered, to: nil)
        }
    }
}
