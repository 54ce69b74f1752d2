import HNSW
import TestSupport
import Testing

/// An index written out and read back.
@Suite struct HNSWImageTests {
    /// Memory as a mapping would give it.
    final class Memory {
        let nodes: UnsafeMutableRawBufferPointer
        let uppers: UnsafeMutableRawBufferPointer

        init(_ nodes: [UInt8], _ uppers: [UInt8]) {
            func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 4096)
                memory.copyBytes(from: bytes)
                return UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count])
            }
            self.nodes = copy(nodes)
            self.uppers = copy(uppers)
        }

        deinit {
            nodes.baseAddress?.deallocate()
            uppers.baseAddress?.deallocate()
        }
    }

    private let dimension = 20
    private let parameters = HNSWParameters(m: 6, efConstruction: 40)

    private func bytes(_ graph: HNSWIndex) -> (nodes: [UInt8], uppers: [UInt8]) {
        var nodes: [UInt8] = []
        var uppers: [UInt8] = []
        graph.forEachNodeSpan { nodes.append(contentsOf: $0) }
        graph.forEachUpperSpan { uppers.append(contentsOf: $0) }
        return (nodes, uppers)
    }

    private func restore(_ image: HNSWImage, _ nodes: [UInt8], _ uppers: [UInt8]) throws -> HNSWIndex {
        let memory = Memory(nodes, uppers)
        return try HNSWIndex(
            image: image, dimension: dimension, metric: .cosine, parameters: parameters, nodeBytes: memory.nodes,
            upperBytes: memory.uppers, owner: memory)
    }

    private func build(_ count: Int, _ random: inout SeededRandom) throws -> HNSWIndex {
        let graph = HNSWIndex(dimension: dimension, parameters: parameters)
        for _ in 0..<count { try graph.insert(random.vector(dimension)) }
        for id in stride(from: 0, to: count, by: 9) { graph.remove(NodeID(rawValue: UInt32(id))) }
        return graph
    }

    /// More nodes than one chunk holds, so that some records are used in place and some are copied.
    @Test(arguments: [0, 1, 50, 7000])
    func itGoesOnAsTheOriginalDoes(count: Int) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 41))
        let graph = try build(count, &random)
        let (nodes, uppers) = bytes(graph)
        let copy = try restore(graph.image, nodes, uppers)
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
        let (nodes, uppers) = bytes(graph)
        func refuses(_ change: (inout HNSWImage) -> Void) -> Bool {
            var image = graph.image
            change(&image)
            do { _ = try restore(image, nodes, uppers) } catch { return error is HNSWImageError }
            return false
        }
        #expect(!refuses { _ in })
        #expect(refuses { $0.nodeCount += 1 })
        #expect(refuses { $0.nodeCount = .max })
        #expect(refuses { $0.upperCount += 1 })
        #expect(refuses { $0.nodeFreeCount += 1 })
        #expect(refuses { $0.nodeFreeHead = 1_000_000 })
        #expect(refuses { $0.upperFreeHead = 1_000_000 })
        #expect(refuses { $0.entryPoint = .max })
        #expect(refuses { $0.entryPoint = 0 })
        #expect(throws: HNSWImageError.self) { try restore(graph.image, Array(nodes.dropLast()), uppers) }
    }

    /// Vectors are not looked at when an image is read, so what is wrong with them stays.
    private static func isOfVector(_ issue: String) -> Bool {
        ["has norm", "has a value that", "has a vector of length"].contains { issue.contains($0) }
    }

    /// A parent that is a node, but not one of the layer, would be followed out of its records.
    @Test func aParentMustBeOnTheLayer() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 44))
        let graph = try build(400, &random)
        let (nodes, uppers) = bytes(graph)
        let low = try #require(
            (0..<400).map { NodeID(rawValue: $0) }.first { graph.contains($0) && graph.level($0) == 0 })
        let stride = HNSWIndex.upperStride(parameters: parameters)
        var refused = 0
        for record in 0..<uppers.count / stride {
            var damaged = uppers
            for i in 0..<4 {
                damaged[record * stride + 4 + i] = UInt8(truncatingIfNeeded: low.rawValue >> (8 * UInt32(i)))
            }
            do { _ = try restore(graph.image, nodes, damaged) } catch HNSWImageError.inconsistent { refused += 1 }
        }
        #expect(refused > 0 && refused == uppers.count / stride - Int(graph.image.upperFreeCount))
    }

    /// Whatever word of an image is damaged: it is refused, or it can be searched, examined and changed without a trap,
    /// and its links are as sound afterwards as they were.
    @Test func damagedWordsNeverLeadOutside() throws {
        let seed = SeededRandom.seed(of: 43)
        var random = SeededRandom(seed: seed)
        let graph = try build(80, &random)
        let (nodes, uppers) = bytes(graph)
        var refused = 0
        var reported = 0
        for _ in 0..<1500 {
            var damaged = (nodes: nodes, uppers: uppers)
            let value = [0, 1, 70, 0xffff_ffff, 0x7fff_ffff, random.next() & 0xffff_ffff].randomElement(using: &random)!
            let inUppers = !uppers.isEmpty && Int.random(in: 0..<4, using: &random) == 0
            let limit = (inUppers ? uppers.count : nodes.count) / 4
            let at = 4 * Int.random(in: 0..<limit, using: &random)
            for i in 0..<4 {
                let byte = UInt8(truncatingIfNeeded: value >> UInt64(8 * i))
                if inUppers { damaged.uppers[at + i] = byte } else { damaged.nodes[at + i] = byte }
            }
            do {
                let copy = try restore(graph.image, damaged.nodes, damaged.uppers)
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
