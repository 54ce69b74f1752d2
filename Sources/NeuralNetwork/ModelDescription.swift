import Foundation

/// What a network's file does not say: how a picture becomes its input and which of its values is the embedding. The
/// JSON beside an `.onnx` file:
///
///     {"input_size": 224, "mean": [127.5, 127.5, 127.5], "scale": 127.5, "colour_order": "RGB",
///      "resize": "stretch", "output": "features", "licence": "Apache-2.0"}
///
/// Every key may be left out, and others are allowed. Without `input_size` the graph has to state its own. Without
/// `mean` or `scale` those of ImageNet are taken, as most networks have been trained with them: for bytes 0 to 255,
/// `mean` 123.675, 116.28, 103.53 and `scale` 58.395, 57.12, 57.375 in the order red, green, blue. Without `output` it
/// is the graph's first one.
public struct ModelDescription: Codable, Sendable, Equatable {
    /// Order of the input's channels.
    public enum ColourOrder: String, Codable, Sendable, CaseIterable { case rgb = "RGB", bgr = "BGR" }

    /// How a picture becomes a square.
    public enum Resize: String, Codable, Sendable, CaseIterable {
        /// The whole picture to N×N.
        case stretch
        /// The shorter side to N/0.875, and of that the N×N in the middle.
        case crop
    }

    /// The largest side of an input.
    public static let largestInput = 4096
    /// Of ImageNet's pictures, for bytes in the order red, green, blue.
    public static let imageNetMean: [Float] = [123.675, 116.28, 103.53]
    /// The standard deviation, likewise.
    public static let imageNetScale: [Float] = [58.395, 57.12, 57.375]

    /// Width and height in pixels; nil: as the graph states.
    public var inputSize: Int?
    /// Taken from each channel of a pixel in 0...255, in the order of `colourOrder`.
    public var mean: [Float]
    /// What each channel is divided by afterwards.
    public var scale: [Float]
    /// Order of the channels.
    public var colourOrder: ColourOrder
    /// How a picture becomes a square.
    public var resize: Resize
    /// The value that is the embedding, a declared output or one in between; nil: the graph's first output.
    public var output: String?
    /// Under which the network may be used.
    public var licence: String?

    /// A description; what is left out is as if the JSON left it out.
    public init(
        inputSize: Int? = nil, mean: [Float]? = nil, scale: [Float]? = nil, colourOrder: ColourOrder = .rgb,
        resize: Resize = .stretch, output: String? = nil, licence: String? = nil
    ) {
        func inOrder(_ values: [Float]) -> [Float] { colourOrder == .rgb ? values : values.reversed() }
        self.inputSize = inputSize
        self.mean = mean ?? inOrder(Self.imageNetMean)
        self.scale = scale ?? inOrder(Self.imageNetScale)
        self.colourOrder = colourOrder
        self.resize = resize
        self.output = output
        self.licence = licence
    }

    /// Reads the JSON.
    ///
    /// - Throws: `badRequest`, which names the key and what it may be.
    public init(json: Data) throws(NetworkError) {
        do {
            self = try JSONDecoder().decode(ModelDescription.self, from: json)
        } catch let error as NetworkError {
            throw error
        } catch let DecodingError.typeMismatch(_, context), let DecodingError.valueNotFound(_, context) {
            throw Self.wrong(context.codingPath)
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            throw Self.wrong(context.codingPath)
        } catch {
            throw .badRequest("the model's description is no JSON object")
        }
    }

    /// The JSON, its keys in a fixed order.
    public var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }

    /// Checks what was put in by hand, as `init(json:)` does.
    ///
    /// - Throws: `badRequest`, which names the key and what it may be.
    public func validate() throws(NetworkError) {
        if let inputSize, !(1...Self.largestInput).contains(inputSize) { throw Self.wrong(.inputSize) }
        guard mean.count == 3, mean.allSatisfy(\.isFinite) else { throw Self.wrong(.mean) }
        // Below the smallest normal number its inverse is not finite.
        guard scale.count == 3, scale.allSatisfy({ $0.isFinite && $0.magnitude >= .leastNormalMagnitude }) else {
            throw Self.wrong(.scale)
        }
        if let output, output.isEmpty { throw Self.wrong(.output) }
    }

    // MARK: Coding

    private enum CodingKeys: String, CodingKey {
        case inputSize = "input_size"
        case mean, scale
        case colourOrder = "colour_order"
        case resize, output, licence

        /// What a key may be.
        var form: String {
            switch self {
            case .inputSize: "a whole number from 1 to \(ModelDescription.largestInput)"
            case .mean: "one number or three"
            case .scale: "one number or three, none of them 0"
            case .colourOrder: "\"RGB\" or \"BGR\""
            case .resize: "\"stretch\" or \"crop\""
            case .output: "the name of one of the model's values"
            case .licence: "a text"
            }
        }
    }

    private static func wrong(_ key: CodingKeys) -> NetworkError {
        .badRequest("\(key.stringValue) of the model's description has to be \(key.form)")
    }

    private static func wrong(_ path: [any CodingKey]) -> NetworkError {
        guard let key = path.first.flatMap({ CodingKeys(stringValue: $0.stringValue) }) else {
            return .badRequest("the model's description is no JSON object")
        }
        return wrong(key)
    }

    /// Three numbers, or one that stands for three.
    private struct Channels: Decodable {
        let values: [Float]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Float.self) {
                values = [value, value, value]
            } else {
                values = try container.decode([Float].self)
            }
        }
    }

    /// Reads from any format.
    ///
    /// - Throws: `NetworkError` where a value is of the right type and out of its range, else the decoder's errors.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // As a number of any kind first, since decoders do not say which key holds one that is no `Int`.
        let size = try container.decodeIfPresent(Double.self, forKey: .inputSize)
        let inputSize = size.flatMap { Int(exactly: $0) }
        guard size == nil || inputSize != nil else { throw Self.wrong(.inputSize) }
        self.init(
            inputSize: inputSize,
            mean: try container.decodeIfPresent(Channels.self, forKey: .mean)?.values,
            scale: try container.decodeIfPresent(Channels.self, forKey: .scale)?.values,
            colourOrder: try container.decodeIfPresent(ColourOrder.self, forKey: .colourOrder) ?? .rgb,
            resize: try container.decodeIfPresent(Resize.self, forKey: .resize) ?? .stretch,
            output: try container.decodeIfPresent(String.self, forKey: .output),
            licence: try container.decodeIfPresent(String.self, forKey: .licence))
        try validate()
    }
}
