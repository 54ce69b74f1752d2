import ImageDecoding
import NeuralNetwork

/// A neural network as a model: the picture brought to size and normalised, the network run, its output scaled to unit
/// length.
///
/// Thread-safety: any number of threads may embed at once; each has a session of its own while it does.
public final class NetworkEmbedder: Embedder {
    /// Name, content hash, length of the output.
    public let model: EmbeddingModel
    /// What the network computes with.
    public let precision: Precision
    /// The network.
    public let network: Network

    private let tables: PreparationTables
    private let sessions: SessionPool

    /// Lengths that a vector may have.
    public static let dimensionRange = 1...65_536

    /// A network that takes what `preparation` makes.
    /// - Throws: `badRequest` when it takes something else, or its output is too long for a vector.
    public init(
        name: String, contentHash: String, network: Network, preparation: PicturePreparation
    ) throws(NetworkError) {
        let side = preparation.size
        guard network.inputHeight == side, network.inputWidth == side, network.inputChannels == 3 else {
            throw .badRequest(
                "the network takes \(network.inputWidth)x\(network.inputHeight) pixels of \(network.inputChannels) "
                    + "channels, and pictures are given as \(side)x\(side) of 3: export it with a square input of 3 channels"
            )
        }
        guard Self.dimensionRange.contains(network.outputCount) else {
            throw .badRequest(
                "the output '\(network.outputName)' has \(network.outputCount) values, and a vector at most "
                    + "\(Self.dimensionRange.upperBound): name another output")
        }
        model = EmbeddingModel(name: name, contentHash: contentHash, dimension: network.outputCount)
        precision = network.precision
        self.network = network
        tables = PreparationTables(preparation)
        sessions = SessionPool(network)
    }

    /// What a decoder must deliver: the side of the square that the picture is stretched to, or of the one that is cut
    /// out of, which is larger.
    public var inputSize: Int { tables.preparation.wantedSide }

    /// The unit vector of `picture`.
    public func embed(_ picture: Picture) -> [Float] {
        sessions.withSeat { seat in
            tables.prepare(picture, into: seat.input)
            seat.run()
            return Self.unit(UnsafeBufferPointer(seat.output))
        }
    }

    /// What the network makes of `picture`, as it is.
    func output(for picture: Picture) -> [Float] {
        sessions.withSeat { seat in
            tables.prepare(picture, into: seat.input)
            seat.run()
            return Array(seat.output)
        }
    }

    /// Lends a session whose input is prepared from `picture`; `body` is given a call that runs the network alone.
    package func withNetworkAlone<Result>(_ picture: Picture, _ body: (_ run: () -> Void) -> Result) -> Result {
        sessions.withSeat { seat in
            tables.prepare(picture, into: seat.input)
            return body(seat.run)
        }
    }

    /// `values` at length 1. What is not finite counts as zero. A network may say nothing at all of a picture (of a
    /// plain one, after a last ReLU): every such picture gets the same vector.
    package static func unit(_ values: UnsafeBufferPointer<Float>) -> [Float] {
        var squared = 0.0
        for value in values where value.isFinite { squared += Double(value) * Double(value) }
        guard squared > 0 else {
            return [Float](repeating: 1 / Float(values.count).squareRoot(), count: values.count)
        }
        let factor = 1 / squared.squareRoot()
        return values.map { $0.isFinite ? Float(Double($0) * factor) : 0 }
    }
}
