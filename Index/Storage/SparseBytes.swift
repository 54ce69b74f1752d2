/// The contents of a file in memory. They are kept in pieces, and pieces that were never written take no memory, so
/// that a file may have holes as it may on a disk. Copies share the pieces until one of them is written to.
struct SparseBytes: Sendable {
    /// Bytes of a piece, but that the zeros at its end need not be there.
    private static let pieceSize = 1 << 16

    /// Bytes of the file, holes and all.
    private(set) var size: UInt64 = 0
    /// By number; what is missing is zeros. Nothing lies beyond `size`.
    private var pieces: [UInt64: [UInt8]] = [:]

    /// Up to `count` bytes from `offset`; fewer only at the end.
    func read(at offset: UInt64, count: Int) -> [UInt8] {
        precondition(count >= 0)
        guard offset < size else { return [] }
        let count = Int(min(UInt64(count), size - offset))
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { target in
            Self.forEachPiece(from: offset, count: count) { number, start, range in
                guard let piece = pieces[number], start < piece.count else { return }
                let some = min(range.count, piece.count - start)
                let part = UnsafeMutableRawBufferPointer(rebasing: target[range.lowerBound..<range.lowerBound + some])
                part.copyBytes(from: piece[start..<start + some])
            }
        }
        return bytes
    }

    /// Writes bytes, with zeros before them if the file ended earlier.
    mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) {
        guard !bytes.isEmpty else { return }
        Self.forEachPiece(from: offset, count: bytes.count) { number, start, range in
            Self.put(UnsafeRawBufferPointer(rebasing: bytes[range]), at: start, in: &pieces[number, default: []])
        }
        size = max(size, offset + UInt64(bytes.count))
    }

    /// Cuts the file or extends it with zeros.
    mutating func truncate(to newSize: UInt64) {
        if newSize < size {
            let (last, kept) = newSize.quotientAndRemainder(dividingBy: UInt64(Self.pieceSize))
            pieces = pieces.filter { $0.key <= last }
            // What is cut off must not be there again when the file grows.
            if let piece = pieces[last], piece.count > Int(kept) { pieces[last] = Array(piece[..<Int(kept)]) }
        }
        size = newSize
    }

    /// Copies the whole file to memory of its size, in which there are zeros.
    func copy(to zeros: UnsafeMutableRawBufferPointer) {
        precondition(UInt64(zeros.count) == size)
        for (number, piece) in pieces {
            let start = Int(number) * Self.pieceSize
            UnsafeMutableRawBufferPointer(rebasing: zeros[start..<start + piece.count]).copyBytes(from: piece)
        }
    }

    /// Goes through the pieces of a range of the file: the number of each, where in it the range begins, and which of
    /// the range's bytes are in it.
    private static func forEachPiece(
        from offset: UInt64, count: Int, _ body: (_ number: UInt64, _ start: Int, _ range: Range<Int>) -> Void
    ) {
        var done = 0
        while done < count {
            let (number, start) = (offset + UInt64(done)).quotientAndRemainder(dividingBy: UInt64(pieceSize))
            let some = min(count - done, pieceSize - Int(start))
            body(number, Int(start), done..<done + some)
            done += some
        }
    }

    private static func put(_ bytes: UnsafeRawBufferPointer, at start: Int, in piece: inout [UInt8]) {
        if piece.count < start { piece.append(contentsOf: repeatElement(0, count: start - piece.count)) }
        let over = min(bytes.count, piece.count - start)
        piece.withUnsafeMutableBytes {
            UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + over]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<over]))
        }
        piece.append(contentsOf: bytes[over...])
    }
}
