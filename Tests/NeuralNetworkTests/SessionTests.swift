import AllocationCounter
import Dispatch
import NeuralNetwork
import Synchronization
import TestSupport
import Testing

/// Running a planned network again and again, on several threads.
@Suite struct SessionTests {
    /// A network with something of everything that has a kernel: convolutions with and without borders, a block that runs
    /// in bands, pools, concatenation, channel shuffle, residuals, a gate, a classifier.
    private func network(
        _ kernels: KernelSet = .best, _ precision: Precision = .f32
    ) throws -> (network: Network, sizes: [Int]) {
        var builder = GraphBuilder([1, 3, 90, 96])
        var random = SeededRandom(seed: SeededRandom.seed(of: 56))
        func weights(_ sizes: [Int]) -> ValueID {
            builder.constant(random.vector(sizes.reduce(1, *)).map { $0 / 4 }, sizes)
        }
        func convolution(
            _ x: ValueID, _ filters: Int, side: Int = 1, stride: Int = 1, group: Int = 1
        ) throws -> ValueID {
            var convolution = Operator.Convolution()
            convolution.group = group
            convolution.strides = [stride, stride]
            convolution.padding = .explicit([side / 2, side / 2, side / 2, side / 2])
            return try builder(
                .convolution(convolution), x, weights([filters, builder.shape(x)[1] / group, side, side]),
                weights([filters]))
        }
        var x = try builder(.unary(.relu), convolution(GraphBuilder.input, 16, side: 3, stride: 2))
        let wide = try builder(.unary(.relu), convolution(x, 96))
        let deep = try builder(.clip, convolution(wide, 96, side: 5, group: 96), builder.number(0), builder.number(6))
        x = try builder(.binary(.add), convolution(deep, 16), x)
        x = try builder(.unary(.hardSwish), convolution(x, 16, side: 3, group: 16))
        let gate = try builder(.unary(.sigmoid), convolution(builder(.globalPool(.average), x), 16))
        let gated = try builder(.binary(.multiply), x, gate)
        var pooling = Operator.Pooling(.max, kernel: [3, 3])
        pooling.padding = .explicit([1, 1, 1, 1])
        x = try builder(.concat(axis: 1), gated, builder(.pool(pooling), x))
        let s = builder.shape(x)
        x = try builder(.reshape(zeroIsZero: false), x, builder.list([1, 4, 8, s[2], s[3]]))
        x = try builder(.transpose(permutation: [0, 2, 1, 3, 4]), x)
        x = try builder(.reshape(zeroIsZero: false), x, builder.list(s))
        x = try builder(.unary(.tanh), convolution(x, 32, side: 3, stride: 2, group: 2))
        x = try builder(.layerNormalization(axis: -1, epsilon: 1e-5), x, weights([builder.shape(x)[3]]), nil)
        x = try builder(.flatten(axis: 1), builder(.globalPool(.average), x))
        x = try builder(.gemm(Operator.Gemm()), x, weights([32, 20]), weights([20]))
        x = try builder(.softmax(axis: -1, flattensBelow: false), x)
        let sizes = builder.shape(GraphBuilder.input)
        var ranges: ActivationRanges?
        if precision == .int8 {
            ranges = try Network.calibrate(
                graph: builder.finished(x), inputSize: nil, output: nil, pictures: pictures(4, sizes))
        }
        let network = try Network(
            graph: builder.finished(x), inputSize: nil, output: nil, precision: precision, ranges: ranges,
            limits: NetworkLimits(), kernels: kernels)
        return (network, sizes)
    }

    private func pictures(_ count: Int, _ sizes: [Int]) -> [[Float]] {
        var random = SeededRandom(seed: SeededRandom.seed(of: 57))
        return (0..<count).map { index in
            // Some far outside of what pictures are.
            random.vector(sizes.reduce(1, *)).map { index % 5 == 4 ? $0 * 1e4 : $0 }
        }
    }

    @Test func theNetworkHasKernelsForAll() throws {
        for precision in Precision.allCases {
            let kernels = try network(.best, precision).network.summary.layers.map(\.kernel)
            #expect(!kernels.contains { $0.hasPrefix("reference") }, "\(kernels)")
        }
        // Bytes of this picture are few enough without bands.
        #expect(try network().network.summary.layers.contains { $0.kernel.hasSuffix(" bands") })
    }

    /// What lay in the arena before makes no difference.
    @Test(arguments: Precision.allCases)
    func picturesInBetweenLeaveNothingBehind(precision: Precision) throws {
        for kernels in KernelSet.all {
            let (network, sizes) = try network(kernels, precision)
            let pictures = pictures(10, sizes)
            let fresh = pictures.map { network.makeSession().run($0, network).map(\.bitPattern) }
            #expect(Set(fresh).count == fresh.count)
            let session = network.makeSession()
            var random = SeededRandom(seed: SeededRandom.seed(of: 58))
            for _ in 0..<30 {
                let index = Int.random(in: 0..<pictures.count, using: &random)
                let result = session.run(pictures[index], network).map(\.bitPattern)
                #expect(result == fresh[index], "\(kernels.name), picture \(index)")
            }
        }
    }

    @Test(arguments: Precision.allCases)
    func sessionsOnSeveralThreadsDoNotDisturbEachOther(precision: Precision) throws {
        let (network, sizes) = try network(.best, precision)
        let pictures = pictures(8, sizes)
        let expected = pictures.map { network.makeSession().run($0, network).map(\.bitPattern) }
        let wrong = Mutex<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            let session = network.makeSession()
            for round in 0..<20 {
                let index = (thread * 3 + round) % pictures.count
                let result = session.run(pictures[index], network).map(\.bitPattern)
                if result != expected[index] { wrong.withLock { $0.append(index) } }
            }
        }
        #expect(wrong.withLock { $0 } == [])
    }

    /// The concatenation may not be bent where it lies: one of its parts is used afterwards.
    @Test func partsOfAConcatenationStayWhatTheyAre() throws {
        var builder = GraphBuilder([1, 8, 6, 6])
        var random = SeededRandom(seed: SeededRandom.seed(of: 59))
        func convolution(_ x: ValueID) throws -> ValueID {
            let channels = builder.shape(x)[1]
            return try builder(
                .convolution(Operator.Convolution()), x,
                builder.constant(random.vector(8 * channels), [8, channels, 1, 1]))
        }
        for isNested in [false, true] {
            let part = try convolution(GraphBuilder.input)
            var joined = try builder(.concat(axis: 1), GraphBuilder.input, part)
            if isNested { joined = try builder(.concat(axis: 1), joined, convolution(GraphBuilder.input)) }
            let bent = try builder(.unary(.sigmoid), joined)
            let result = try builder(.concat(axis: 1), convolution(bent), convolution(part))
            let trial = NetworkTrial(
                graph: try builder.finished(elementsOf: result), picture: Tensor(random.vector(288), [1, 8, 6, 6]),
                largest: 100)
            for kernels in KernelSet.all { #expect(trial.mismatch(kernels) == nil, "\(kernels.name), \(isNested)") }
        }
    }

    /// A picture of numbers that are none must not stay in the arena.
    @Test(arguments: Precision.allCases)
    func aPictureOfNaNsSpoilsOnlyItself(precision: Precision) throws {
        for kernels in KernelSet.all {
            let (network, sizes) = try network(kernels, precision)
            let picture = pictures(1, sizes)[0]
            let session = network.makeSession()
            let before = session.run(picture, network)
            _ = session.run([Float](repeating: .nan, count: picture.count), network)
            _ = session.run([Float](repeating: .infinity, count: picture.count), network)
            #expect(session.run(picture, network) == before, "\(kernels.name)")
        }
    }

    @Test(
        .enabled(if: lk_counts_allocations() == 1, "allocations are counted with glibc and without sanitizers only"),
        arguments: Precision.allCases)
    func runningAllocatesNothing(precision: Precision) throws {
        for kernels in KernelSet.all {
            let (network, sizes) = try network(kernels, precision)
            let picture = pictures(1, sizes)[0]
            let session = network.makeSession()
            var output = [Float](repeating: 0, count: network.outputCount)
            var counts: [Int] = []
            picture.withUnsafeBufferPointer { picture in
                output.withUnsafeMutableBufferPointer { output in
                    for _ in 0..<10 {
                        let before = lk_allocations_of_this_thread()
                        session.run(picture, into: output)
                        counts.append(Int(lk_allocations_of_this_thread() - before))
                    }
                }
            }
            #expect(counts == [Int](repeating: 0, count: 10), "\(kernels.name)")
        }
        // The counter counts.
        let before = lk_allocations_of_this_thread()
        let block = UnsafeMutableRawPointer.allocate(byteCount: 100, alignment: 64)
        block.deallocate()
        #expect(lk_allocations_of_this_thread() > before)
    }

    @Test func requestsThatCannotBeMetAreRefused() throws {
        var builder = GraphBuilder([1, 3, 8, 8])
        let shape = try builder(.shape(start: 0, end: nil), GraphBuilder.input)
        let made = try builder(.unary(.tanh), builder(.unary(.relu), GraphBuilder.input))
        let graph = builder.finished(made)
        func error(_ request: () throws(NetworkError) -> Network) -> NetworkError? {
            do {
                _ = try request()
                return nil
            } catch { return error }
        }
        #expect(
            error { () throws(NetworkError) in try Network(graph: graph, output: "nothing") }
                == .badRequest("it has no value named 'nothing'; its declared outputs are v\(made)"))
        #expect(
            error { () throws(NetworkError) in try Network(graph: graph, output: "v\(shape)") }
                == .unsupported("the output 'v\(shape)' does not depend on the picture"))
        var limits = NetworkLimits()
        limits.arenaBytes = 100
        guard case .tooLarge? = error({ () throws(NetworkError) in try Network(graph: graph, limits: limits) }) else {
            Issue.record("an arena beyond its limit is planned")
            return
        }
        let line = GraphBuilder([1, 12])
        guard
            case .unsupported? = error({ () throws(NetworkError) in
                try Network(graph: line.finished(GraphBuilder.input))
            })
        else {
            Issue.record("an input that is no picture is planned")
            return
        }
    }
}
