import Dispatch
import HNSW
import Synchronization
import TestSupport
import Testing

/// An index written out and read back.
@Suite struct HNSWImageTests {
    typealias Arrays = [HNSWArray: [UInt8]]

    /// What was found wrong with an image.
    final class Faults: Sendable {
        private let all = Mutex<[String]>([])
        var list: [String] { all.withLock { $0 } }
        func add(_ what: String) { all.withLock { $0.append(what) } }
    }

    /// Memory as a mapping would give it: with a bit for each block, which is checked when it is touched.
    final class Memory: MappedRecords, @unchecked Sendable {
        private let memory: UnsafeMutableRawBufferPointer
        let checked: UnsafeMutablePointer<UInt8>
        let blockBytes: Int
        let isScattered = false
        private let faults: Faults
        private let test = Mutex<Test?>(nil)

        private final class Test: Sendable {
            let fault: @Sendable (Int, UnsafeRawBufferPointer) -> String?
            init(_ fault: @escaping @Sendable (Int, UnsafeRawBufferPointer) -> String?) { self.fault = fault }
        }

        init(_ contents: [UInt8], blockBytes: Int, _ faults: Faults) {
            memory = .allocate(byteCount: max(contents.count, 1), alignment: 4096)
            memory.copyBytes(from: contents)
            self.blockBytes = blockBytes
            self.faults = faults
            let blocks = contents.count / blockBytes + 1
            checked = .allocate(capacity: blocks / 8 + 1)
            checked.initialize(repeating: 0, count: blocks / 8 + 1)
            length = contents.count
        }

        private let length: Int

        deinit {
            memory.deallocate()
            checked.deallocate()
        }

        func check(block: Int) {
            test.withLock { test in
                if checked[block / 8] >> UInt8(block % 8) & 1 == 1 { return }
                let end = min((block + 1) * blockBytes, length)
                let range = UnsafeMutableRawBufferPointer(rebasing: bytes[block * blockBytes..<end])
                if let what = test?.fault(block, UnsafeRawBufferPointer(range)) {
                    faults.add(what)
                    range.initializeMemory(as: UInt8.self, repeating: 0)
                }
                checked[block / 8] |= 1 << UInt8(block % 8)
            }
        }

        func admit(by test: @escaping @Sendable (Int, UnsafeRawBufferPointer) -> String?) {
            let test = Test(test)
            self.test.withLock { $0 = test }
        }

        func populate(_ range: Range<Int>) { #expect(range.upperBound <= length) }

        var bytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[..<length]) }
    }

    private let dimension = 20
    private let parameters = HNSWParameters(m: 6, efConstruction: 40)

    private func blockBytes(_ array: HNSWArray, _ quantization: Quantization) -> Int {
        let bytes = HNSWIndex.recordBytes(
            of: array, dimension: dimension, metric: .cosine, quantization: quantization, parameters: parameters)
        return bytes == 0 ? 4096 : HNSWIndex.blockBytes(stride: bytes)
    }

    private func captured(_ capture: HNSWCapture) -> (HNSWImage, Arrays) {
        var arrays: Arrays = [:]
        for array in HNSWArray.allCases {
            arrays[array] = []
            capture.forEachSpan(of: array) { arrays[array]!.append(contentsOf: $0) }
        }
        return (capture.image, arrays)
    }

    private func save(_ graph: HNSWIndex) -> (HNSWImage, Arrays) { captured(graph.capture()) }

    private func mapped(_ arrays: Arrays, _ array: HNSWArray, _ quantization: Quantization, _ faults: Faults)
        -> Memory
    {
        Memory(arrays[array]!, blockBytes: blockBytes(array, quantization), faults)
    }

    private func restore(
        _ image: HNSWImage, _ arrays: Arrays, _ quantization: Quantization = .int8, faults: Faults = Faults()
    ) throws -> HNSWIndex {
        try HNSWIndex(
            image: image, dimension: dimension, metric: .cosine, quantization: quantization, parameters: parameters,
            faults: { faults.add($0) }, mapped: { mapped(arrays, $0, quantization, faults) })
    }

    private func build(
        _ count: Int, _ random: inout SeededRandom, _ quantization: Quantization = .int8
    ) throws -> HNSWIndex {
        let graph = HNSWIndex(dimension: dimension, quantization: quantization, parameters: parameters)
        for _ in 0..<count { try graph.insert(random.vector(dimension)) }
        for id in stride(from: 0, to: count, by: 9) { graph.remove(NodeID(rawValue: UInt32(id))) }
        return graph
    }

    /// More nodes than one chunk holds, so that some records are used in place and some are copied.
    @Test(arguments: [0, 1, 50, 7000], Quantization.allCases)
    func itGoesOnAsTheOriginalDoes(count: Int, quantization: Quantization) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 41))
        let graph = try build(count, &random, quantization)
        let (image, arrays) = save(graph)
        let faults = Faults()
        let copy = try restore(image, arrays, quantization, faults: faults)
        try copy.checkStructure()
        #expect(copy.validate().isSound)
        #expect(copy.count == graph.count)
        for _ in 0..<100 {
            let vector = random.vector(dimension)
            #expect(copy.search(vector, count: 5, ef: 40) == graph.search(vector, count: 5, ef: 40))
            #expect(try copy.insert(vector) == graph.insert(vector))
        }
        #expect(save(copy) == save(graph))
        #expect(copy.validate().isSound && faults.list.isEmpty)
    }

    /// A capture is what the index was, whatever is done to it meanwhile, and the index goes on in what is written of
    /// it.
    @Test(arguments: Quantization.allCases) func itIsCapturedWhileItChangesAndGoesOnInTheFile(
        quantization: Quantization
    ) throws {
        let seed = SeededRandom.seed(of: 46)
        var random = SeededRandom(seed: seed)
        let graph = try build(9000, &random, quantization)
        var live = (0..<UInt32(graph.slotCount)).map(NodeID.init(rawValue:)).filter(graph.contains)
        for round in 0..<3 {
            let before = save(graph)
            let capture = graph.capture()
            func change(_ count: Int) throws {
                for _ in 0..<count {
                    if Bool.random(using: &random) {
                        live.append(try graph.insert(random.vector(dimension)))
                    } else {
                        graph.remove(live.remove(at: Int.random(in: 0..<live.count, using: &random)))
                    }
                }
            }
            try change(500)
            let saved = captured(capture)
            #expect(saved == before, "round \(round), seed \(seed)")
            try change(500)
            let query = random.vector(dimension)
            let expected = graph.search(query, count: 20, ef: 200)
            let faults = Faults()
            capture.adopt { mapped(saved.1, $0, quantization, faults) }
            withExtendedLifetime(capture) {}
            #expect(graph.search(query, count: 20, ef: 200) == expected)
            try change(100)
            #expect(graph.validate().isSound && faults.list.isEmpty, "round \(round), seed \(seed)")
            #expect(graph.count == live.count)
        }
    }

    /// Searches go on while the memory under them is exchanged again and again.
    @Test func readersAreNotDisturbedWhenMemoryIsExchanged() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 47))
        let graph = try build(8000, &random)
        let queries = (0..<50).map { _ in random.vector(dimension) }
        let expected = queries.map { graph.search($0, count: 5, ef: 50) }
        let isDone = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: 3) { thread in
            if thread > 0 {
                var index = 0
                while !isDone.load(ordering: .relaxed) {
                    #expect(graph.search(queries[index % 50], count: 5, ef: 50) == expected[index % 50])
                    index += 1
                }
                return
            }
            for _ in 0..<20 {
                let capture = graph.capture()
                let saved = captured(capture)
                let faults = Faults()
                capture.adopt { mapped(saved.1, $0, .int8, faults) }
            }
            isDone.store(true, ordering: .relaxed)
        }
        #expect(graph.validate().isSound)
    }

    @Test func imagesOfAnotherShapeAreRefused() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 42))
        let (whole, arrays) = save(try build(60, &random))
        func refuses(_ change: (inout HNSWImage) -> Void) -> Bool {
            var image = whole
            change(&image)
            do { try restore(image, arrays).checkStructure() } catch { return error is HNSWImageError }
            return false
        }
        #expect(!refuses { _ in })
        #expect(refuses { $0.nodeCount += 1 })
        #expect(refuses { $0.nodeCount = .max })
        #expect(refuses { $0.upperCount += 1 })
        #expect(refuses { $0.vectorCount += 1 })
        #expect(refuses { $0.freeNodes.count += 1 })
        #expect(refuses { $0.freeNodes.head = 1_000_000 })
        #expect(refuses { $0.freeUppers.head = 1_000_000 })
        #expect(refuses { $0.freeVectors.count += 1 })
        #expect(refuses { $0.pendingNodes = [1_000_000] })
        #expect(refuses { $0.pendingNodes = [1] })
        #expect(refuses { $0.origin = 130 })
        #expect(refuses { $0.entryPoint = .max })
        #expect(refuses { $0.entryPoint = 0 })
        for array in HNSWArray.allCases where !arrays[array]!.isEmpty {
            var shorter = arrays
            shorter[array]!.removeLast()
            #expect(throws: HNSWImageError.self) { try restore(whole, shorter) }
        }
    }

    /// A free record that is in use would be given to the next node too.
    @Test func recordsAreFreeOrInUse() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 45))
        let (whole, arrays) = save(try build(400, &random))
        #expect(try restore(whole, arrays).validate().isSound)
        let heads = arrays[.heads]!
        func word(_ node: Int, _ index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(heads[24 * node + 4 * index + $1]) << UInt32(8 * $1) }
        }
        let node = try #require((0..<400).first { word($0, 2) > 1 })
        let changes: [(String, (inout HNSWImage) -> Void)] = [
            ("upper records", { $0.freeUppers.head = word(node, 3) }),
            ("vectors", { $0.freeVectors.head = word(node, 5) }), ("nodes", { $0.freeNodes.head = UInt32(node) }),
        ]
        for (what, change) in changes {
            var image = whole
            change(&image)
            let issues = try restore(image, arrays).validate().issues
            #expect(issues.contains { $0.contains("list of free \(what) is broken") }, "\(issues)")
        }
    }

    /// Vectors are not looked at by the structure's check, so what is wrong with them stays.
    private static func isOfVector(_ issue: String) -> Bool {
        ["has norm", "has a value that", "has a vector of length"].contains { issue.contains($0) }
    }

    /// A parent that is a node, but not one of the layer, would be followed out of its records.
    @Test func aParentMustBeOnTheLayer() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 44))
        let graph = try build(400, &random)
        let (image, arrays) = save(graph)
        let low = try #require(
            (0..<400).map { NodeID(rawValue: $0) }.first { graph.contains($0) && graph.level($0) == 0 })
        let records = Int(image.upperCount)
        let size = arrays[.uppers]!.count / records
        var refused = 0
        for record in 0..<records {
            var damaged = arrays
            for i in 0..<4 {
                damaged[.uppers]![record * size + 4 + i] = UInt8(truncatingIfNeeded: low.rawValue >> (8 * UInt32(i)))
            }
            let copy = try restore(image, damaged)
            do { try copy.checkStructure() } catch { refused += 1 }
        }
        #expect(refused > 0 && refused == records - Int(image.freeUppers.count))
    }

    /// An image may be made while a reader keeps a removed node: whoever reads it need not.
    @Test func removedNodesThatWerePinnedAreFreeAfterwards() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 45))
        let graph = try build(50, &random)
        let (image, arrays) = graph.pinned {
            graph.remove(NodeID(rawValue: 10))
            return save(graph)
        }
        #expect(image.pendingNodes.contains(10))
        let copy = try restore(image, arrays)
        try copy.checkStructure()
        #expect(copy.validate().isSound, "\(copy.validate())")
        let free = 50 - copy.count
        for _ in 0..<free { try copy.insert(random.vector(dimension)) }
        #expect(copy.slotCount == 50)
        #expect(copy.validate().isSound)
    }

    /// Whatever word of an image is damaged: it is noticed by the structure's check, or it does no harm. And whether
    /// anybody checks or not, it can be searched, examined and changed without a trap; if a change comes upon it, that
    /// is noticed.
    @Test func damagedWordsNeverLeadOutside() throws {
        let seed = SeededRandom.seed(of: 43)
        var random = SeededRandom(seed: seed)
        let (image, arrays) = save(try build(80, &random))
        var (refused, noticed, harmless) = (0, 0, 0)
        for _ in 0..<3000 {
            var damaged = arrays
            let value = [0, 1, 70, 0xffff_ffff, 0x7fff_ffff, random.next() & 0xffff_ffff].randomElement(using: &random)!
            let array = HNSWArray.allCases.filter { !arrays[$0]!.isEmpty }.randomElement(using: &random)!
            let at = 4 * Int.random(in: 0..<arrays[array]!.count / 4, using: &random)
            for i in 0..<4 { damaged[array]![at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
            let faults = Faults()
            guard let copy = try? restore(image, damaged, faults: faults) else {
                refused += 1
                continue
            }
            var isStructureSound = true
            let checked = try restore(image, damaged)
            do { try checked.checkStructure() } catch { isStructureSound = false }
            let isAdmitted = faults.list.isEmpty
            _ = copy.search(random.vector(dimension), count: 3, ef: 100)
            for _ in 0..<10 { try copy.insert(random.vector(dimension)) }
            for id in (0..<UInt32(copy.slotCount)).map(NodeID.init(rawValue:)) where id.rawValue % 2 == 0 {
                if copy.contains(id) { copy.remove(id) }
            }
            let after = copy.validate()
            if !isAdmitted || !isStructureSound || !faults.list.isEmpty {
                noticed += 1
            } else {
                harmless += 1
                #expect(after.unreachable == 0 && after.issues.allSatisfy(Self.isOfVector), "\(after), seed \(seed)")
            }
        }
        #expect(noticed > 300 && harmless > 300, "refused \(refused), noticed \(noticed), seed \(seed)")
    }
}
