import Crypto
import Foundation
import NeuralNetwork
import Storage

/// What is kept of an imported model beside its network: `model.json` in its folder.
///
/// The network's checksums stand here, so that a model's identity and size are known without reading its weights, and a
/// damaged file is found when it is read.
public struct ModelRecord: Sendable, Equatable, Codable {
    /// A file, and what it must be.
    public struct File: Sendable, Equatable, Codable {
        /// Its size.
        public var bytes: Int
        /// Checked whenever it is read.
        public var crc32c: UInt32
        /// SHA-256 in hexadecimal: what tells two networks apart.
        public var sha256: String

        /// The facts of these bytes.
        init(_ contents: [UInt8], crc32c: UInt32) {
            bytes = contents.count
            self.crc32c = crc32c
            sha256 = hexadecimal(SHA256.hash(data: contents))
        }
    }

    /// The form of this file; another one is refused.
    public var format = Self.currentFormat
    /// The model's name.
    public var name: String
    /// How pictures become the network's input.
    public var preparation: PicturePreparation
    /// The value of the network that is the vector, as the user or the description named it; nil for the network's own
    /// first output.
    public var output: String?
    /// Length of the vector.
    public var dimension: Int
    /// Under what terms it may be used, as far as somebody has said so.
    public var licence: String?
    /// The file that it was imported from, without its folder.
    public var source: String
    /// The network's file.
    public var network: File
    /// The file of the ranges that int8 needs, when it was made by the import.
    public var ranges: File?

    static let currentFormat = 1

    /// The record as text.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// The content hash: everything that decides a vector. Name, licence and source do not. Two precisions are two
    /// models: their vectors differ by more than rounding, and a collection is searched with the one that it was made
    /// with.
    /// - Parameter ranges: SHA-256 of the ranges' file, for int8.
    func contentHash(_ precision: Precision, ranges: String?) -> String {
        func list(_ values: [Float]) -> String { values.map(\.description).joined(separator: ",") }
        var recipe = [
            "lookalike network model 1", "onnx \(network.sha256)", "input_size \(preparation.size)",
            "mean \(list(preparation.mean))", "scale \(list(preparation.scale))",
            "colour_order \(preparation.colourOrder.rawValue)", "resize \(preparation.resizing.rawValue)",
            "output \(output ?? "")", "precision \(precision.rawValue)",
        ]
        if precision == .int8 { recipe.append("ranges \(ranges ?? "")") }
        return hexadecimal(SHA256.hash(data: [UInt8](recipe.joined(separator: "\n").utf8)))
    }
}

/// Bytes as hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
