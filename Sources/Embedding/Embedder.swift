import ImageDecoding
import NeuralNetwork

/// What makes two vectors comparable: the same network and the same preprocessing.
public struct EmbeddingModel: Sendable, Equatable, Hashable {
    /// The name users type: `baseline-v1`.
    public let name: String
    /// SHA-256, in hexadecimal, of everything that decides the vector: weights or constants, and preprocessing.
    public let contentHash: String
    /// Length of the vector.
    public let dimension: Int

    /// A model of this name, content and vector length.
    public init(name: String, contentHash: String, dimension: Int) {
        self.name = name
        self.contentHash = contentHash
        self.dimension = dimension
    }
}

/// Turns a picture into a vector of which the direction says what the picture looks like.
///
/// Implementations may be called from any number of threads at once.
public protocol Embedder: Sendable {
    /// Which model this is. Vectors of different models are never compared.
    var model: EmbeddingModel { get }

    /// What it computes with.
    var precision: Precision { get }

    /// Side in pixels of the square picture that the model looks at; decoders need not deliver more.
    var inputSize: Int { get }

    /// The unit vector of `picture`, `model.dimension` long. A picture without any structure or colour still gets one.
    func embed(_ picture: Picture) -> [Float]
}

extension Embedder {
    /// Single precision, as all that is no network.
    public var precision: Precision { .f32 }
}
