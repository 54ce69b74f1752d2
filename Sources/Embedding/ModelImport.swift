import Foundation
import Gallery
import ImageDecoding
import NeuralNetwork
import Storage

/// Brings a network that the user has into a folder of models.
///
/// The file is read, planned and run on a picture before anything is kept. What int8 needs is found out at once, so that
/// it is ready when it is asked for; a network for which that fails is imported all the same, for f32.
public struct ModelImport: Sendable {
    /// What the user says of the model; it goes before what the description beside the file says.
    public struct Overrides: Sendable {
        /// Name of the value that is the vector.
        public var output: String?
        /// Side of the square input.
        public var size: Int?
        /// Taken off each channel.
        public var mean: [Float]?
        /// What is left is divided by it.
        public var scale: [Float]?
        /// The order of the channels.
        public var colourOrder: ModelDescription.ColourOrder?
        /// How pictures are brought to size.
        public var resizing: ModelDescription.Resize?

        /// Nothing.
        public init() {}
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// What is kept.
        public var record: ModelRecord
        /// What int8 lacks, when it cannot be used.
        public var int8Fault: ModelError?
        /// What was taken for granted, a line each.
        public var notes: [String]
    }

    private let file: String
    private let name: String
    private let overrides: Overrides
    private let calibration: any CalibrationPictures

    /// An import of the ONNX file at `file` under `name`.
    public init(
        _ file: String, as name: String, overrides: Overrides = Overrides(),
        calibration: any CalibrationPictures = DrawnPictures()
    ) {
        self.file = file
        self.name = name
        self.overrides = overrides
        self.calibration = calibration
    }

    /// Imports into a folder.
    /// - Parameter registry: knows the names that are taken inside the program.
    public func run(into folder: ModelFolder, registry: ModelRegistry = ModelRegistry()) throws(ModelError) -> Outcome {
        if !ModelFiles.isValid(name: name) { throw .badName(name) }
        if registry.isBuiltIn(name) { throw .builtIn(name) }
        // Found out again when it is put in place; but calibration takes a while.
        if try folder.contains(name) { throw .taken(name, path: folder.path) }
        let bytes = try Self.read(file, atMost: NetworkLimits().fileBytes)
        var notes: [String] = []
        let description = try self.description(&notes)
        let graph = try network { () throws(NetworkError) in try Graph(onnx: Data(bytes)) }
        let output = overrides.output ?? description.output
        let plain = try network { () throws(NetworkError) in
            try Network(
                graph: graph, inputSize: overrides.size ?? description.inputSize, output: output, precision: .f32,
                ranges: nil, limits: NetworkLimits())
        }
        let preparation = try preparation(description, plain)
        let embedder = try network { () throws(NetworkError) in
            try NetworkEmbedder(name: name, contentHash: "", network: plain, preparation: preparation)
        }
        try check(embedder)
        var record = ModelRecord(
            name: name, preparation: preparation, output: output, dimension: plain.outputCount,
            licence: description.licence, source: file.split(separator: "/").last.map(String.init) ?? file,
            network: ModelRecord.File(bytes, crc32c: Checksum.crc32c(bytes)))
        var (ranges, fault): ([UInt8]?, ModelError?)
        do throws(ModelError) {
            ranges = try calibrated(graph, record)
        } catch {
            fault = error
        }
        record.ranges = ranges.map { ModelRecord.File($0, crc32c: Checksum.crc32c($0)) }
        try folder.put(record, network: bytes, ranges: ranges)
        return Outcome(record: record, int8Fault: fault, notes: notes)
    }

    // MARK: Steps

    /// Runs the network on a picture, to see that there is something to compare.
    private func check(_ embedder: NetworkEmbedder) throws(ModelError) {
        let picture = Gallery(seed: 1).picture(family: 0, index: 0).picture
        let output = embedder.output(for: picture)
        let name = embedder.network.outputName
        guard output.allSatisfy(\.isFinite) else {
            throw .unusable(
                file: file, what: "the output '\(name)' is not finite for a picture: check --mean and --scale")
        }
        guard output.contains(where: { $0 != 0 }) else {
            throw .unusable(
                file: file,
                what: "the output '\(name)' is zero for a picture: name another --output, or check --mean "
                    + "and --scale")
        }
    }

    /// The ranges, seen to make a plan that runs.
    private func calibrated(_ graph: Graph, _ record: ModelRecord) throws(ModelError) -> [UInt8] {
        let ranges = try Calibration(graph: graph, output: record.output, preparation: record.preparation)
            .run(calibration.pictures(covering: record.preparation.wantedSide))
        let embedder: NetworkEmbedder
        do {
            let network = try Network(
                graph: graph, inputSize: record.preparation.size, output: record.output, precision: .int8,
                ranges: JSONDecoder().decode(ActivationRanges.self, from: Data(ranges)), limits: NetworkLimits())
            embedder = try NetworkEmbedder(
                name: name, contentHash: "", network: network, preparation: record.preparation)
        } catch {
            throw .calibration(what: "\(error)")
        }
        try check(embedder)
        return ranges
    }

    /// What stands beside the file, or nothing.
    private func description(_ notes: inout [String]) throws(ModelError) -> ModelDescription {
        let stem = file.hasSuffix(".onnx") ? String(file.dropLast(5)) : file
        let beside = stem + ".json"
        let kind = try files { () throws(StoreError) in try POSIXFileSystem().kind(of: beside) }
        guard kind == .file else {
            if overrides.mean == nil, overrides.scale == nil {
                notes.append(
                    "nothing says how pixels are normalised: taken are the mean and the scale of ImageNet, as models of "
                        + "torchvision have them; if it is otherwise, import it again with --mean and --scale, or with a "
                        + "\(beside)")
            }
            return ModelDescription(colourOrder: overrides.colourOrder ?? .rgb)
        }
        let bytes = try Self.read(beside, atMost: 1 << 20)
        do throws(NetworkError) {
            return try ModelDescription(json: Data(bytes))
        } catch {
            throw .description(file: beside, what: error.description)
        }
    }

    private func preparation(
        _ description: ModelDescription, _ network: Network
    ) throws(ModelError) -> PicturePreparation {
        let size = network.inputWidth
        guard PicturePreparation.sizeRange.contains(size), network.inputHeight == size else {
            throw .unusable(
                file: file,
                what: "it takes \(size)x\(network.inputHeight) pixels, and must take a square of "
                    + "\(PicturePreparation.sizeRange.lowerBound) to \(PicturePreparation.sizeRange.upperBound): give "
                    + "--input-size, or export it so")
        }
        let (mean, scale) = (overrides.mean ?? description.mean, overrides.scale ?? description.scale)
        guard mean.count == 3, scale.count == 3, (mean + scale).allSatisfy(\.isFinite),
            scale.allSatisfy({ $0.magnitude >= .leastNormalMagnitude })
        else { throw .description(file: file, what: "mean and scale are three numbers each, no scale zero") }
        return PicturePreparation(
            size: size, mean: mean, scale: scale, colourOrder: overrides.colourOrder ?? description.colourOrder,
            resizing: overrides.resizing ?? description.resize)
    }

    private func network<Result>(_ body: () throws(NetworkError) -> Result) throws(ModelError) -> Result {
        do throws(NetworkError) { return try body() } catch { throw .network(file: file, error) }
    }

    private static func read(_ path: String, atMost limit: Int) throws(ModelError) -> [UInt8] {
        let fileSystem = POSIXFileSystem()
        guard try files({ () throws(StoreError) in try fileSystem.kind(of: path) }) == .file else {
            throw .unusable(file: path, what: "there is no such file: give the path of an ONNX model")
        }
        let bytes = try files { () throws(StoreError) in
            let open = try fileSystem.open(path, .read)
            return try open.read(at: 0, count: min(limit + 1, Int(clamping: try open.size())))
        }
        guard bytes.count <= limit else {
            throw .unusable(file: path, what: "it has more than \(limit) bytes: give a smaller model")
        }
        return bytes
    }
}
