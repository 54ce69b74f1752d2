import Crypto
import Foundation
import NeuralNetwork
import Storage
import Synchronization

/// Imported models that are in use, each loaded once.
final class LoadedModels: Sendable {
    private struct Key: Hashable {
        var name: String
        var contentHash: String
    }

    /// Held while a model loads, so that nobody loads it a second time: whoever needs another one waits as well, some
    /// tens of milliseconds.
    private let models = Mutex<[Key: NetworkEmbedder]>([:])

    /// The model if it is loaded.
    func model(named name: String, _ contentHash: String) -> NetworkEmbedder? {
        models.withLock { $0[Key(name: name, contentHash: contentHash)] }
    }

    /// The model, loaded if it is not. For int8 it is calibrated first if nobody has done so.
    func model(
        _ record: ModelRecord, in folder: ModelFolder, _ precision: Precision
    ) throws(ModelError) -> NetworkEmbedder {
        let ranges = precision == .int8 ? try folder.calibratedRanges(of: record) : nil
        let hash = record.contentHash(precision, ranges: ranges.map(ModelFolder.hash))
        let key = Key(name: record.name, contentHash: hash)
        let result: Result<NetworkEmbedder, ModelError> = models.withLock { models in
            if let there = models[key] { return .success(there) }
            do throws(ModelError) {
                let made = try folder.load(record, precision, ranges: ranges, contentHash: hash)
                models[key] = made
                return .success(made)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension ModelFolder {
    /// SHA-256 of a file's bytes, in hexadecimal.
    static func hash(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

    /// Reads, plans and packs a model.
    func load(
        _ record: ModelRecord, _ precision: Precision, ranges: [UInt8]?, contentHash: String
    ) throws(ModelError) -> NetworkEmbedder {
        let file = "\(path(of: record.name))/\(ModelFiles.network)"
        let decoded = try ranges.map { bytes throws(ModelError) in try decodedRanges(bytes, of: record) }
        let bytes = try network(of: record)
        do throws(NetworkError) {
            let network = try Network(
                graph: Graph(onnx: Data(bytes)), inputSize: record.preparation.size, output: record.output,
                precision: precision, ranges: decoded, limits: NetworkLimits())
            return try NetworkEmbedder(
                name: record.name, contentHash: contentHash, network: network, preparation: record.preparation)
        } catch {
            throw .network(file: file, error)
        }
    }

    private func decodedRanges(_ bytes: [UInt8], of record: ModelRecord) throws(ModelError) -> ActivationRanges {
        do {
            return try JSONDecoder().decode(ActivationRanges.self, from: Data(bytes))
        } catch {
            throw .damaged(
                model: record.name, file: "\(path(of: record.name))/\(ModelFiles.ranges)",
                what: "does not say what it should")
        }
    }

    /// The ranges of a model; made from drawn pictures, and kept, when there are none.
    func calibratedRanges(of record: ModelRecord) throws(ModelError) -> [UInt8] {
        if let there = try ranges(of: record) { return there }
        let file = "\(path(of: record.name))/\(ModelFiles.network)"
        let bytes = try network(of: record)
        let graph: Graph
        do throws(NetworkError) { graph = try Graph(onnx: Data(bytes)) } catch {
            throw .network(file: file, error)
        }
        let made = try Calibration(graph: graph, output: record.output, preparation: record.preparation)
            .run(DrawnPictures().pictures(covering: record.preparation.wantedSide))
        return try addRanges(made, to: record)
    }
}
