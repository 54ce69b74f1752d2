import Foundation
import SwiftProtobuf

extension Graph {
    /// Reads an ONNX model.
    ///
    /// Everything is checked before memory is taken for it, and whatever is wrong is named. Nodes may come in any
    /// order. Read are opsets 7 to 21 of the standard operators listed in `ONNXOperator.all`; weights inside the file;
    /// floats of all widths (held as float32), whole numbers and truth values (held as int64).
    ///
    /// - Parameters:
    ///   - onnx: The bytes of the `.onnx` file.
    ///   - limits: The most it may ask for.
    /// - Throws: `malformed`, `tooLarge`, `unsupported` or `inconsistent`, see `NetworkError`.
    public init(onnx bytes: Data, limits: NetworkLimits = NetworkLimits()) throws(NetworkError) {
        guard bytes.count <= limits.fileBytes else {
            throw .tooLarge("\(bytes.count) bytes; the limit is \(limits.fileBytes)")
        }
        if let other = Self.otherFormat(bytes) { throw .malformed(other) }
        let scan = try ONNXScan(bytes, limits: limits)
        let model: ONNXModel = try Self.parse(bytes)
        self = try ONNXReader.read(model, rawData: scan.rawData.map { bytes.part($0) }, limits: limits)
    }

    /// The messages of onnx.proto; what it does not name is left out.
    static func parse<Parsed: Message>(_ bytes: Data) throws(NetworkError) -> Parsed {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            return try Parsed(serializedBytes: bytes, options: options)
        } catch {
            throw .malformed("it is no protocol buffer of a model (\(error))")
        }
    }

    /// Reads an ONNX model from a file.
    ///
    /// - Throws: `badRequest` when the file cannot be read, else as `init(onnx:limits:)`.
    public init(onnxFile path: String, limits: NetworkLimits = NetworkLimits()) throws(NetworkError) {
        self = try Graph(onnx: try Self.contents(path, limits: limits), limits: limits)
    }

    /// A file's bytes, its kind and size checked first. Copied, not mapped: a file that is cut short while it is mapped
    /// ends the process.
    private static func contents(_ path: String, limits: NetworkLimits) throws(NetworkError) -> Data {
        do {
            let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw NetworkError.badRequest("\(quoted(path)) is no file")
            }
            let size = (attributes[.size] as? Int) ?? Int.max
            guard size <= limits.fileBytes else {
                throw NetworkError.tooLarge("\(size) bytes; the limit is \(limits.fileBytes)")
            }
            return try Data(contentsOf: url)
        } catch let error as NetworkError {
            throw error
        } catch {
            throw .badRequest("\(quoted(path)) cannot be read: \(error.localizedDescription)")
        }
    }

    /// What the bytes are instead of ONNX, for files that are often taken for one.
    private static func otherFormat(_ bytes: Data) -> String? {
        let head = [UInt8](bytes.prefix(16))
        func starts(_ text: String, at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: text.utf8) }
        if head.isEmpty { return "the file is empty" }
        if starts("PK\u{3}\u{4}") {
            return "this is a zip archive, as PyTorch's checkpoints are; export the model to ONNX (torch.onnx.export)"
        }
        if starts("TFL3", at: 4) { return "this is a TensorFlow Lite model; convert it to ONNX" }
        if starts("ORTM", at: 4) { return "this is ONNX Runtime's own format; take the .onnx file it was made from" }
        if starts("<?xml") || starts("<net") { return "this is XML, perhaps an OpenVINO model; convert it to ONNX" }
        if starts("version https:") { return "this is a Git LFS pointer; fetch the file itself (git lfs pull)" }
        return nil
    }
}

extension Data {
    /// Bytes counted from the first one, not copied.
    func part(_ range: Range<Int>) -> Data { self[(startIndex + range.lowerBound)..<(startIndex + range.upperBound)] }
}
