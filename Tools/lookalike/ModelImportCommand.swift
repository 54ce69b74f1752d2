import ArgumentParser
import Embedding
import Indexing
import NeuralNetwork
import Presentation
import Storage
import VectorCollections

/// `lookalike model import FILE.onnx --name NAME`
struct ModelImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import an ONNX network as a model.",
        discussion: """
            A JSON of the same name beside the file may say input_size, mean, scale, colour_order, resize, output and \
            licence; options go before it. Pixels become (x - mean) / scale, x from 0 to 255, in the order of the \
            colours that is given. The network is read, planned and run on a picture before it is kept, and calibrated \
            for int8: with up to 256 pictures of --calibrate, else with drawn ones.

            Examples:
              lookalike model import mobilenet_v2.onnx --name mobilenet
              lookalike model import resnet18.onnx --name resnet --output features --input-size 224 \
            --mean 123.675,116.28,103.53 --scale 58.395,57.12,57.375 --resize crop
              lookalike model import squeezenet.onnx --name s --colour-order BGR --calibrate ~/Pictures --store S
            """)

    @Argument(help: ArgumentHelp("The network.", valueName: "file.onnx"))
    var file: String

    @Option(help: ArgumentHelp("What the model is to be called: letters, digits, '.', '-', '_'.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The value of the network that is the vector.", valueName: "tensor"))
    var output: String?

    @Option(help: ArgumentHelp("Side of the square input, in pixels.", valueName: "n"))
    var inputSize: Int?

    @Option(help: ArgumentHelp("Taken off each channel, in the order of the colours.", valueName: "r,g,b"))
    var mean: TripleArgument?

    @Option(help: ArgumentHelp("What is left is divided by it.", valueName: "r,g,b"))
    var scale: TripleArgument?

    @Option(help: ArgumentHelp("Which colour comes first: RGB or BGR.", valueName: "order"))
    var colourOrder: ModelDescription.ColourOrder?

    @Option(help: ArgumentHelp("stretch: the whole picture; crop: its middle, undistorted.", valueName: "how"))
    var resize: ModelDescription.Resize?

    @Option(help: ArgumentHelp("Pictures to calibrate int8 with, instead of drawn ones.", valueName: "dir"))
    var calibrate: String?

    @OptionGroup var place: ModelPlaceOptions

    @Flag(help: "Print a JSON line.")
    var json = false

    func validate() throws {
        if let inputSize, !PicturePreparation.sizeRange.contains(inputSize) {
            let range = PicturePreparation.sizeRange
            throw ValidationError("--input-size is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        if scale?.values.contains(0) == true { throw ValidationError("--scale has no zero: pixels are divided by it.") }
        for (option, value) in [("--name", name), ("--output", output), ("--calibrate", calibrate), ("FILE", file)]
        where value?.isEmpty == true {
            throw ValidationError("\(option) is empty.")
        }
    }

    func run() throws {
        var overrides = ModelImport.Overrides()
        overrides.output = output
        overrides.size = inputSize
        overrides.mean = mean?.values
        overrides.scale = scale?.values
        overrides.colourOrder = colourOrder
        overrides.resizing = resize
        let pictures: any CalibrationPictures =
            try calibrate.map { try FolderPictures(RawArguments.bytes($0)) } ?? DrawnPictures()
        let folder = try place.folder()
        let work = ModelImport(file, as: name, overrides: overrides, calibration: pictures)
        if let store = place.store { try Self.makeStore(store) }
        let outcome = try work.run(into: folder)
        for note in outcome.notes { StandardStream.error.line(note) }
        if let fault = outcome.int8Fault {
            StandardStream.error.line("\(fault): it can be used in f32")
        }
        if json {
            return StandardStream.output.line(try ModelFacts(name, ModelRegistry(store: place.store)).json)
        }
        let record = outcome.record
        StandardStream.output.line(
            "imported \(name): \(record.dimension) values from \(record.preparation.size)x\(record.preparation.size) "
                + "pixels, in f32\(outcome.int8Fault == nil ? " and int8" : "")")
    }

    /// A store that is not there yet is made, so that models can be the first thing in it. A server may have it.
    private static func makeStore(_ path: String) throws {
        do {
            _ = try Store.inspect(path)
        } catch StoreError.missing {
            var options = StoreOptions(program: "lookalike model import")
            options.create = true
            try Store.open(path, options: options).close()
        }
    }
}

/// `R,G,B` on the command line.
struct TripleArgument: ExpressibleByArgument {
    let values: [Float]

    init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
        values = numbers.compactMap { $0 }
        guard numbers.count == 3, values.count == 3, values.allSatisfy(\.isFinite) else { return nil }
    }
}

extension ModelDescription.ColourOrder: ExpressibleByArgument {
    /// In either case.
    public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

extension ModelDescription.Resize: ExpressibleByArgument {}
