import CTensorKernels

/// Finds the ranges that bytes are to cover: those in which rounding and cutting off together err least.
///
/// The extremes of a value are rare, and a range that holds them spends most of its 256 steps on nothing. So each value's
/// numbers are counted, over all pictures, in a histogram that grows with them, and its range is the one with the least
/// expected squared error, as in TensorRT's and PyTorch's histogram observers.
struct RangeObserver {
    private static let bins = 2048
    /// How many numbers of one tensor are counted.
    private static let samples = 8192
    /// Bins cover -reach...reach.
    private var reach: Float = 0
    private var counts = [Double](repeating: 0, count: bins)
    private var low: Float = .infinity
    private var high: Float = -.infinity
    /// Of each channel's means, one for each picture.
    private var sums: [Double] = []
    private var pictures = 0.0

    /// Counts the numbers of one picture's tensor, or where there are many, an even sample of them.
    ///
    /// - Parameters:
    ///   - low, high: the least and the largest of them; nothing is counted where these are no numbers.
    ///   - means: of each channel.
    mutating func observe(_ values: UnsafeBufferPointer<Float>, low: Float, high: Float, means: [Float]) {
        guard low.isFinite, high.isFinite, low <= high else { return }
        if sums.count != means.count { sums = [Double](repeating: 0, count: means.count) }
        for channel in means.indices { sums[channel] += Double(means[channel]) }
        pictures += 1
        self.low = min(self.low, low)
        self.high = max(self.high, high)
        let largest = max(abs(low), abs(high))
        if reach == 0 { reach = largest }
        guard reach > 0 else { return }
        while reach < largest { widen() }
        let perBin = Float(Self.bins / 2) / reach
        // Odd, so that it meets all channels, of which there are nearly always an even number.
        let step = values.count / Self.samples | 1
        for index in stride(from: 0, to: values.count, by: step) {
            let place = (values[index] + reach) * perBin
            guard place.isFinite else { continue }
            counts[min(max(Int(place), 0), Self.bins - 1)] += 1
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
        var best = ActivationRanges.Range(
            low: min(low, 0), high: max(high, 0), means: sums.map { Float($0 / pictures) })
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

/// How the extremes and the channels' means of one kept tensor are found.
private struct KeptStatistics {
    let kept: Plan.Kept
    let kernels: KernelSet
    let all, one, channels, others: lk_walk
    let channelCount: Int

    init(_ kept: Plan.Kept, kernels: KernelSet) {
        self.kept = kept
        self.kernels = kernels
        let view = kept.view
        // Pictures [1,C,H,W] have their channels in dimension 1, rows in the last one.
        let dimension = view.rank == 4 ? 1 : max(0, view.rank - 1)
        channelCount = view.rank == 0 ? 1 : view.shape[dimension]
        var inside = view
        if view.rank > 0 { inside.shape[dimension] = 1 }
        let means = View(storage: 0, shape: [channelCount], strides: [1])
        var places = means
        places.strides = [view.rank == 0 ? 1 : view.strides[dimension]]
        channels = Walk.over(means, places)
        others = Walk.over(inside)
        one = Walk.over(View(storage: 0, shape: [1], strides: [1]), View(storage: 0, shape: [1], strides: [1]))
        all = Walk.over(view)
    }

    func observe(_ arena: Arena, _ observer: inout RangeObserver) {
        guard kept.view.count > 0, kept.view.isDense else { return }
        let values: UnsafeMutablePointer<Float> = kept.address.pointer(arena.base)
        var means = [Float](repeating: 0, count: channelCount)
        var (low, high) = (Float.nan, Float.nan)
        withUnsafePointer(to: one) { one in
            withUnsafePointer(to: all) { all in
                kernels.tensor.pointee.reduce(one, all, LK_REDUCE_MIN, values, &low)
                kernels.tensor.pointee.reduce(one, all, LK_REDUCE_MAX, values, &high)
            }
        }
        withUnsafePointer(to: channels) { channels in
            withUnsafePointer(to: others) {
                kernels.tensor.pointee.reduce(channels, $0, LK_REDUCE_MEAN, values, &means)
            }
        }
        observer.observe(
            UnsafeBufferPointer(start: values, count: kept.view.count), low: low, high: high, means: means)
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
        let statistics = plan.kept.map { KeptStatistics($0, kernels: plan.kernels) }
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
            for (index, statistics) in statistics.enumerated() { statistics.observe(arena, &observers[index]) }
            seen += 1
        }
        guard seen > 0 else { throw .badRequest("there is no picture to calibrate with") }
        var ranges = ActivationRanges()
        for (observer, kept) in zip(observers, plan.kept) {
            if let range = observer.range { ranges.ranges[kept.name] = range }
        }
        return ranges
    }
}
