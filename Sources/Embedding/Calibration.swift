import Foundation
import Gallery
import ImageDecoding
import NeuralNetwork

/// Pictures that show a network what it will see, for the ranges of values that int8 needs.
public protocol CalibrationPictures: Sendable {
    /// The pictures, each decoded or drawn when it is asked for.
    /// - Parameter side: pixels that are needed of the shorter side.
    func pictures(covering side: Int) -> AnySequence<Picture>
}

/// Pictures of the built-in generator: the same ones every time.
public struct DrawnPictures: CalibrationPictures {
    /// Enough that further ones widen hardly any range.
    public static let defaultCount = 128
    private static let seed: UInt64 = 20

    private let count: Int

    /// So many pictures, of all families in turn.
    public init(count: Int = defaultCount) { self.count = count }

    /// The pictures; `side` does not matter, they are large enough for any network's eye.
    public func pictures(covering side: Int) -> AnySequence<Picture> {
        let gallery = Gallery(seed: Self.seed)
        let families = Gallery.familyNames.count
        return AnySequence(
            (0..<count).lazy.map { gallery.picture(family: $0 % families, index: $0 / families).picture })
    }
}

/// Finds the ranges of a network's values.
struct Calibration {
    let graph: Graph
    let output: String?
    let preparation: PicturePreparation

    /// The ranges that the pictures lead to, as the bytes that are kept.
    /// - Throws: `calibration`.
    func run(_ pictures: AnySequence<Picture>) throws(ModelError) -> [UInt8] {
        let tables = PreparationTables(preparation)
        do throws(NetworkError) {
            let ranges = try Network.calibrate(
                graph: graph, inputSize: preparation.size, output: output, limits: NetworkLimits(),
                pictures: pictures.lazy.map(tables.prepared))
            return try Self.encoded(ranges)
        } catch {
            throw .calibration(what: error.description)
        }
    }

    /// The ranges as JSON, always the same bytes.
    private static func encoded(_ ranges: ActivationRanges) throws(NetworkError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return [UInt8](try encoder.encode(ranges))
        } catch {
            throw .inconsistent("its values have no finite ranges (\(error.localizedDescription))")
        }
    }
}
