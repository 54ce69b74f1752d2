import HNSW
import TestSupport
import Testing

/// An index written out and read back.
@Suite struct HNSWImageTests {
    typealias Arrays = [HNSWArray: [UInt8]]

    /// Memory as a mapping would give it.
    final class Memory {
        private(set) var arrays: [HNSWArray: UnsafeMutableRawBufferPointer] = [:]

        init(_ contents: Arrays) {
            for (array, bytes) in contents {
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 4096)
                memory.copyBytes(from: bytes)
                arrays[array] = UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count])
            }
        }

        deinit { for memory in arrays.values { memory.baseAddress?.deallocate() } }
    }

    private let dimension = 20
    private let parameters = HNSWParameters(m: 6, efConstruction: 40)

    /// What the arrays hold. The image is asked for first, as it gives removed nodes back.
    private func bytes(_ graph: HNSWIndex) -> Arrays {
        _ = graph.image
        var arrays: Arrays = [:]
        for array in HNSWArray.allCases {
            arrays[array] = []
            graph.forEachSpan(of: array) { arrays[array]!.append(contentsOf: $0) }
        }
        return arrays
    }

    private func restore(
        _ image: HNSWImage, _ arrays: Arrays, _ quantization: Quantization = .int8
    ) throws -> HNSWIndex {
        let memory = Memory(arrays)
        return try HNSWIndex(
            image: image, dimension: dimension, metric: .cosine, quantization: quantization, parameters: parameters,
            owner: memory
        ) { memory.arrays[$0]! }
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
        let copy = try restore(graph.image, bytes(graph), quantization)
        #expect(copy.validate().isSound)
        #expect(copy.count == graph.count)
        for _ in 0..<100 {
            let vector = random.vector(dimension)
            #expect(copy.search(vector, count: 5, ef: 40) == graph.search(vector, count: 5, ef: 40))
            #expect(try copy.insert(vector) == graph.insert(vector))
        }
        #expect(copy.image == graph.image)
        #expect(bytes(copy) == bytes(graph))
        #expect(copy.validate().isSound)
    }

    @Test func imagesOfAnotherShapeAreRefused() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 42))
        let graph = try build(60, &random)
        let arrays = bytes(graph)
        func refuses(_ change: (inout HNSWImage) -> Void) -> Bool {
            var image = graph.image
            change(&image)
            do { _ = try restore(image, arrays) } catch { return error is HNSWImageError }
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
        #expect(refuses { $0.origin = 130 })
        #expect(refuses { $0.entryPoint = .max })
        #expect(refuses { $0.entryPoint = 0 })
        for array in HNSWArray.allCases where !arrays[array]!.isEmpty {
            var shorter = arrays
            shorter[array]!.removeLast()
            #expect(throws: HNSWImageError.self) { try restore(graph.image, shorter) }
        }
    }

    /// Vectors are not looked at when an image is read, so what is wrong with them stays.
    private static func isOfVector(_ issue: String) -> Bool {
        ["has norm", "has a value that", "has a vector of length"].contains { issue.contains($0) }
    }

    /// A parent that is a node, but not one of the layer, would be followed out of its records.
    @Test func aParentMustBeOnTheLayer() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 44))
        let graph = try build(400, &random)
        let arrays = bytes(graph)
        let low = try #require(
            (0..<400).map { NodeID(rawValue: $0) }.first { graph.contains($0) && graph.level($0) == 0 })
        let records = Int(graph.image.upperCount)
        let size = arrays[.uppers]!.count / records
        var refused = 0
        for record in 0..<records {
            var damaged = arrays
            for i in 0..<4 {
                damaged[.uppers]![record * size + 4 + i] = UInt8(truncatingIfNeeded: low.rawValue >> (8 * UInt32(i)))
            }
            do { _ = try restore(graph.image, damaged) } catch HNSWImageError.inconsistent { refused += 1 }
        }
        #expect(refused > 0 && refused == records - Int(graph.image.freeUppers.count))
    }

    /// A record that is free without being on the list of free ones is put there: an image may be made while a reader
    /// keeps a removed node.
    @Test func removedNodesThatWerePinnedAreFreeAfterwards() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 45))
        let graph = try build(50, &random)
        let (image, arrays) = graph.pinned {
            graph.remove(NodeID(rawValue: 10))
            return (graph.image, bytes(graph))
        }
        let copy = try restore(image, arrays)
        #expect(copy.validate().isSound, "\(copy.validate())")
        let free = 50 - copy.count
        for _ in 0..<free { try copy.insert(random.vector(dimension)) }
        #expect(copy.slotCount == 50)
        #expect(copy.validate().isSound)
    }

    /// Whatever word of an image is damaged: it is refused, or it can be searched, examined and changed without a trap,
    /// and its links are as sound afterwards as they were.
    @Test func damagedWordsNeverLeadOutside() throws {
        let seed = SeededRandom.seed(of: 43)
        var random = SeededRandom(seed: seed)
        let graph = try build(80, &random)
        let arrays = bytes(graph)
        var refused = 0
        var reported = 0
        for _ in 0..<1500 {
            var damaged = arrays
            let value = [0, 1, 70, 0xffff_ffff, 0x7fff_ffff, random.next() & 0xffff_ffff].randomElement(using: &random)!
            let array = HNSWArray.allCases.filter { !arrays[$0]!.isEmpty }.randomElement(using: &random)!
            let at = 4 * Int.random(in: 0..<arrays[array]!.count / 4, using: &random)
            for i in 0..<4 { damaged[array]![at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
            do {
                let copy = try restore(graph.image, damaged)
                if !copy.validate().isSound { reported += 1 }
                _ = copy.search(random.vector(dimension), count: 3, ef: 100)
                for _ in 0..<10 { try copy.insert(random.vector(dimension)) }
                for id in (0..<UInt32(copy.slotCount)).map(NodeID.init(rawValue:)) where id.rawValue % 2 == 0 {
                    if copy.contains(id) { copy.remove(id) }
                }
                let after = copy.validate()
                #expect(after.unreachable == 0 && after.issues.allSatisfy(Self.isOfVector), "\(after), seed \(seed)")
            } catch is HNSWImageError {
                refused += 1
            }
        }
        #expect(refused > 100 && reported > 100, "refused \(refused), reported \(reported), seed \(seed)")
    }
}
