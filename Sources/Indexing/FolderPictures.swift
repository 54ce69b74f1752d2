import Embedding
import ImageDecoding

/// Pictures of a user's folder, spread over all of it, for a calibration.
public struct FolderPictures: CalibrationPictures {
    /// Most pictures that are taken. More widen hardly any range, and each costs a run of the network.
    public static let limit = 256

    private let files: [FoundFile]
    private let decoder = ImageDecoder()

    /// Finds the files of a folder. Nothing is read yet.
    public init(_ folder: [UInt8]) throws(WalkError) {
        files = try Gathering([folder]).files
        if files.isEmpty {
            throw WalkError(
                description: "no files in \(String(decoding: folder, as: UTF8.self)): give a folder that holds JPEG or "
                    + "PNG pictures")
        }
    }

    /// One picture of each of up to `limit` equal parts of the list of files, in order of name: the first of the part
    /// that can be decoded.
    public func pictures(covering side: Int) -> AnySequence<Picture> {
        let parts = min(Self.limit, files.count)
        return AnySequence(
            (0..<parts).lazy.compactMap { part in
                for file in files[(part * files.count / parts)..<((part + 1) * files.count / parts)] {
                    guard case .success(let bytes) = FileContents.read(file.path, atMost: decoder.limits.fileBytes),
                        let image = try? decoder.decode(bytes, wanted: .covering(width: side, height: side))
                    else { continue }
                    return image.picture
                }
                return nil
            })
    }
}
