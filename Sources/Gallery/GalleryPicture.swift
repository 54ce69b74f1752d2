import ImageDecoding

/// One drawn picture of a gallery and what to call it.
public struct GalleryPicture: Sendable {
    /// The file format a picture is meant to be saved in.
    public enum Format: String, Sendable, CaseIterable {
        /// Two pictures of three.
        case jpeg = "jpg"
        /// Every third picture of a family.
        case png

        /// The file name's ending, without the dot.
        public var fileExtension: String { rawValue }
    }

    /// The name of the kind of picture, such as `sunset-sea`.
    public let family: String
    /// The picture's number within its family, from 0.
    public let index: Int
    /// The drawing: RGB, between 320 and 640 pixels on each side.
    public let picture: Picture

    /// Every third picture (indices 2, 5, 8, ...) is a PNG, so that a gallery exercises both decoders.
    public var format: Format { index % 3 == 2 ? .png : .jpeg }

    /// A relative path with the family as its folder: `sunset-sea/sunset-sea-03.jpg`. Indices from 100 on take as many
    /// digits as they need.
    public var fileName: String {
        let digits = index < 10 ? "0\(index)" : "\(index)"
        return "\(family)/\(family)-\(digits).\(format.fileExtension)"
    }
}
