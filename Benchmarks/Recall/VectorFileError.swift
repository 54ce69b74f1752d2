/// Why a file of vectors cannot be used: one line that says what is wrong and what to do.
///
/// Rows are counted from 0, as the ids in a file of true neighbours are.
public enum VectorFileError: Error, Equatable, CustomStringConvertible {
    /// The system did not give it: missing, no rights, no room in the address space.
    case unreadable(path: String, reason: String)
    /// A folder, a pipe, a device.
    case notAFile(path: String)
    /// The name ends in none of the kinds.
    case unknownKind(path: String)
    /// No bytes, or no rows.
    case empty(path: String)
    /// A row says that it has no values, fewer than none, or more than an index takes.
    case badDimension(path: String, row: Int, offset: Int, dimension: Int)
    /// A row says that it has other than as many values as the first.
    case differingDimension(path: String, row: Int, offset: Int, dimension: Int, first: Int)
    /// The file ends inside of a row.
    case tornRow(path: String, row: Int, offset: Int, missing: Int)
    /// More rows than node numbers.
    case tooManyRows(path: String, rows: Int)
    /// The header of a .npy file.
    case npy(path: String, fault: NPYFault)
    /// A value is NaN, infinite, or beyond float32.
    case notFinite(path: String, row: Int, column: Int, value: Double)
    /// Whole numbers were expected, as in .ivecs.
    case notIDs(path: String)

    /// One line.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path) cannot be read (\(reason)): give a file of vectors that you may read"
        case .notAFile(let path): "\(path) is no regular file: give a .bvecs, .fvecs, .ivecs or .npy file"
        case .unknownKind(let path):
            "\(path): the name tells the format and must end in .bvecs, .fvecs, .ivecs or .npy; rename it"
        case .empty(let path): "\(path) holds no vectors: give one with at least one row"
        case .badDimension(let path, let row, let offset, let dimension):
            "\(path): row \(row) (byte \(offset)) says it has \(dimension) values, and 1 to 65536 are possible: "
                + "the file is damaged or of another format; make it again"
        case .differingDimension(let path, let row, let offset, let dimension, let first):
            "\(path): row \(row) (byte \(offset)) says it has \(dimension) values and the first row has \(first): "
                + "the file is damaged or of another format; make it again"
        case .tornRow(let path, let row, let offset, let missing):
            "\(path): the file ends inside of row \(row) (byte \(offset)), \(missing) bytes are missing: "
                + "it was cut off; copy it again"
        case .tooManyRows(let path, let rows):
            "\(path) has \(rows) rows and an index takes 4294967295: split the file"
        case .npy(let path, let fault): "\(path): \(fault)"
        case .notFinite(let path, let row, let column, let value):
            "\(path): value \(column) of row \(row) is \(value), and every value must be a finite float32: "
                + "take the row out or mend it"
        case .notIDs(let path):
            "\(path) holds no whole numbers: true neighbours are row numbers in an .ivecs file"
        }
    }
}

/// What is wrong with the header of a .npy file, and what to do.
public enum NPYFault: Error, Equatable, CustomStringConvertible {
    /// It does not begin as such files do.
    case magic
    /// A version that numpy has not defined.
    case version(major: UInt8, minor: UInt8)
    /// The file ends inside of the header, or the header is longer than any real one.
    case headerLength(Int)
    /// The header is not the dictionary that numpy writes.
    case header(String)
    /// The most significant byte comes first.
    case bigEndian(String)
    /// Python objects, records.
    case notNumbers(String)
    /// Numbers of a kind that is not read.
    case unsupportedType(String)
    /// Columns first.
    case fortranOrder
    /// Not a table of rows.
    case shape([Int])
    /// Rows of a length that an index does not take.
    case dimension(Int)
    /// More bytes than there are numbers for.
    case overflow
    /// After the last row there is something else.
    case trailing(Int)

    /// One clause; the file's name goes before it.
    public var description: String {
        switch self {
        case .magic: "does not begin as a .npy file does: save it with numpy.save"
        case .version(let major, let minor): "is of .npy version \(major).\(minor), and 1.0 to 3.0 are read"
        case .headerLength(let length): "the .npy header of \(length) bytes is cut off or too long: save it again"
        case .header(let what): "the .npy header is damaged (\(what)): save it again with numpy.save"
        case .bigEndian(let type):
            "the type '\(type)' has the most significant byte first: save it with .astype('<f4')"
        case .notNumbers(let type): "the type '\(type)' is not a plain number: save it with .astype('<f4')"
        case .unsupportedType(let type):
            "the type '\(type)' is not read (<f4, <f8, <f2, |u1 and |i1 are): save it with .astype('<f4')"
        case .fortranOrder: "is stored column by column: save numpy.ascontiguousarray of it"
        case .shape(let shape):
            "has \(shape.count) dimensions \(shape), and a table of rows has 2: reshape it to (rows, values)"
        case .dimension(let dimension): "has rows of \(dimension) values, and 1 to 65536 are possible"
        case .overflow: "says it has more values than any file could: the header is damaged; save it again"
        case .trailing(let bytes): "goes on for \(bytes) bytes after the last row: save one array in a file of its own"
        }
    }
}
