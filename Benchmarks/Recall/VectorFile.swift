import HNSW

/// A file of vectors, all of one dimension, read a row at a time: .bvecs, .fvecs, .ivecs or .npy, told by the name.
///
/// Everything about the file's shape is checked when it is opened, every row's header included, so that a long run does
/// not end half-way on a damaged file. The values are checked as they are read.
///
/// The file is mapped (see `MappedFile`): opening takes no memory in proportion to its size, and a row is copied out
/// when it is asked for.
public struct VectorFile: Sendable {
    /// Its name, as text for messages.
    public let path: String
    /// Rows, at least 1.
    public var count: Int { layout.count }
    /// Values in a row, 1...65,536.
    public var dimension: Int { layout.dimension }

    private let file: MappedFile
    private let layout: Layout

    /// Where the rows are.
    struct Layout: Sendable, Equatable {
        var element: ElementType
        var count: Int
        var dimension: Int
        /// The byte at which the values of the first row begin.
        var firstValue: Int
        /// Bytes from the values of a row to those of the next.
        var stride: Int

        /// Bytes of one row's values.
        var rowBytes: Int { dimension * element.size }
    }

    /// Opens a file and checks its shape.
    public init(_ path: String) throws(VectorFileError) { try self.init([UInt8](path.utf8)) }

    /// The same for a path that may not be text.
    public init(_ path: [UInt8]) throws(VectorFileError) {
        let name = String(decoding: path, as: UTF8.self)
        let dot = name.lastIndex(of: ".") ?? name.startIndex
        let kind = name[dot...].lowercased()
        // The kind first: what the user learns about a photograph is that it is no file of vectors.
        guard [".bvecs", ".fvecs", ".ivecs", ".npy"].contains(kind) else { throw .unknownKind(path: name) }
        file = try MappedFile(path, name: name)
        layout =
            switch kind {
            case ".bvecs": try .texmex(file, .uint8, name)
            case ".fvecs": try .texmex(file, .float32, name)
            case ".ivecs": try .texmex(file, .int32, name)
            default: try .npy(file, name)
            }
        self.path = name
    }

    /// The values of a row, which must exist.
    /// - Throws: when one of them is not a finite float32.
    public func row(_ index: Int) throws(VectorFileError) -> [Float] {
        let values = file.withBytes(range(of: index)) { layout.element.floats($0) }
        if layout.element.canFail, let column = values.firstIndex(where: { !$0.isFinite }) {
            let value = file.withBytes(range(of: index)) { layout.element.value($0, at: column) }
            throw .notFinite(path: path, row: index, column: column, value: value)
        }
        return values
    }

    /// The first `count` values of a row of whole numbers.
    /// - Throws: when the file holds other than 32-bit integers.
    public func integers(_ index: Int, count: Int) throws(VectorFileError) -> [Int32] {
        guard layout.element == .int32 else { throw .notIDs(path: path) }
        precondition((0...dimension).contains(count), "a row has \(dimension) values")
        let start = range(of: index).lowerBound
        return (0..<count).map { Int32(littleEndian: file.load(at: start + 4 * $0, as: Int32.self)) }
    }

    /// Takes the file's pages out of this process's resident memory, so that it does not count as the index's.
    public func dropPages() { file.dropPages() }

    private func range(of index: Int) -> Range<Int> {
        precondition((0..<count).contains(index), "no such row")
        let start = layout.firstValue + index * layout.stride
        return start..<start + layout.rowBytes
    }
}

extension VectorFile.Layout {
    /// The TEXMEX formats (http://corpus-texmex.irisa.fr): each row is its dimension as a little-endian int32, then that
    /// many values. Every row says its dimension, and every row is asked.
    static func texmex(_ file: MappedFile, _ element: ElementType, _ path: String) throws(VectorFileError) -> Self {
        let header = 4
        guard file.count >= header else { throw .tornRow(path: path, row: 0, offset: 0, missing: header - file.count) }
        func dimension(at offset: Int) -> Int { Int(Int32(littleEndian: file.load(at: offset, as: Int32.self))) }

        let first = dimension(at: 0)
        guard HNSWIndex.dimensionRange.contains(first) else {
            throw .badDimension(path: path, row: 0, offset: 0, dimension: first)
        }
        let stride = header + first * element.size
        let (rows, rest) = file.count.quotientAndRemainder(dividingBy: stride)
        // The torn row's header too, if it is there: a row of another length is a better explanation than a missing end.
        for row in 1..<max(2, rest >= header ? rows + 1 : rows) where row * stride + header <= file.count {
            let found = dimension(at: row * stride)
            if found == first { continue }
            guard HNSWIndex.dimensionRange.contains(found) else {
                throw .badDimension(path: path, row: row, offset: row * stride, dimension: found)
            }
            throw .differingDimension(path: path, row: row, offset: row * stride, dimension: found, first: first)
        }
        guard rest == 0 else {
            throw .tornRow(path: path, row: rows, offset: rows * stride, missing: stride - rest)
        }
        guard rows <= NodeID.limit else { throw .tooManyRows(path: path, rows: rows) }
        return Self(element: element, count: rows, dimension: first, firstValue: header, stride: stride)
    }
}
