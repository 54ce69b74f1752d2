import HNSW

/// What a .npy file says about itself.
///
/// Source: numpy's `numpy/lib/format.py`. Bytes: `\x93NUMPY`, the version's two bytes, the header's length (uint16 in
/// version 1.0, uint32 from 2.0 on, little-endian), the header. The header is a Python dictionary in text,
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (107447, 128), }`, with spaces and a line break to fill it up.
/// Version 3.0 differs from 2.0 only in that the text is UTF-8.
struct NPYHeader: Equatable {
    var descr: String
    var isFortranOrder: Bool
    var shape: [Int]
    /// The byte after the header.
    var end: Int

    /// Longest header that is read; numpy's own limit for headers it did not write itself is 10,000.
    static let lengthLimit = 1 << 16

    /// Reads the header of a file of `bytes.count` bytes.
    init(_ bytes: UnsafeRawBufferPointer) throws(NPYFault) {
        guard bytes.count >= 10, bytes[..<6].elementsEqual([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) else { throw .magic }
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else { throw .version(major: bytes[6], minor: bytes[7]) }
        let start = bytes[6] == 1 ? 10 : 12
        guard bytes.count >= start else { throw .headerLength(0) }
        let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
        guard length <= Self.lengthLimit, start + length <= bytes.count else { throw .headerLength(length) }
        var reader = PythonLiteralReader(bytes[start..<start + length])
        let header = try reader.dictionary()
        guard case .text(let descr)? = header["descr"] else {
            if case .sequence? = header["descr"] { throw .notNumbers("a record") }
            throw .header("no 'descr'")
        }
        guard case .truth(let order)? = header["fortran_order"] else { throw .header("no 'fortran_order'") }
        guard case .sequence(let items)? = header["shape"] else { throw .header("no 'shape'") }
        var shape: [Int] = []
        for item in items {
            guard case .number(let number) = item else { throw .header("a 'shape' that is not numbers") }
            shape.append(number)
        }
        self.descr = descr
        isFortranOrder = order
        self.shape = shape
        end = start + length
    }

    /// The type of the values.
    func element() throws(NPYFault) -> ElementType {
        switch descr {
        case "<f4": return .float32
        case "<f8": return .float64
        case "<f2": return .float16
        case "|u1", "<u1": return .uint8
        case "|i1", "<i1": return .int8
        default: break
        }
        if descr.hasPrefix(">") { throw .bigEndian(descr) }
        let kind = descr.drop { "<|=".contains($0) }.first
        throw kind.map { "OVSUaMmb".contains($0) } == true ? .notNumbers(descr) : .unsupportedType(descr)
    }
}

extension VectorFile.Layout {
    /// A .npy file of a two-dimensional array, a row after another.
    static func npy(_ file: MappedFile, _ path: String) throws(VectorFileError) -> Self {
        let layout: Self
        do throws(NPYFault) {
            let header = try file.withBytes(0..<min(file.count, NPYHeader.lengthLimit + 12)) {
                bytes throws(NPYFault) in try NPYHeader(bytes)
            }
            layout = try Self(header)
        } catch {
            throw .npy(path: path, fault: error)
        }
        guard layout.count > 0 else { throw .empty(path: path) }
        guard layout.count <= NodeID.limit else { throw .tooManyRows(path: path, rows: layout.count) }
        // The product cannot overflow: `init` has tried it.
        let rest = file.count - layout.firstValue - layout.count * layout.stride
        guard rest <= 0 else { throw .npy(path: path, fault: .trailing(rest)) }
        guard rest == 0 else {
            let row = (file.count - layout.firstValue) / layout.stride
            throw .tornRow(path: path, row: row, offset: layout.firstValue + row * layout.stride, missing: -rest)
        }
        return layout
    }

    private init(_ header: NPYHeader) throws(NPYFault) {
        let element = try header.element()
        guard header.shape.count == 2 else { throw .shape(header.shape) }
        let (rows, dimension) = (header.shape[0], header.shape[1])
        // With one row or one column the two orders are the same, and numpy may name either.
        guard !header.isFortranOrder || header.shape.contains(1) else { throw .fortranOrder }
        guard HNSWIndex.dimensionRange.contains(dimension) else { throw .dimension(dimension) }
        let stride = dimension * element.size
        let (bytes, isOverflow) = rows.multipliedReportingOverflow(by: stride)
        guard !isOverflow, !bytes.addingReportingOverflow(header.end).overflow else { throw .overflow }
        self.init(element: element, count: rows, dimension: dimension, firstValue: header.end, stride: stride)
    }
}
