import Gallery
import ImageDecoding

/// Pictures made here, as files, for tests that need a folder of them.
public enum SmallGallery {
    /// Writes `perFamily` pictures of the first `families` families below `prefix`, each under `copies` names; their
    /// names relative to it.
    @discardableResult
    public static func write(
        into folder: TemporaryFolder, prefix: String = "pictures", families: Int = 6, perFamily: Int = 3,
        side: Int = 160,
        seed: UInt64 = 1, copies: Int = 1
    ) throws -> [String] {
        let gallery = Gallery(seed: seed)
        var names: [String] = []
        for family in Gallery.familyNames.prefix(families) {
            for index in 0..<perFamily {
                let drawn = gallery.picture(family: family, index: index)
                let picture = drawn.picture.fitted(within: side)
                let bytes =
                    switch drawn.format {
                    case .jpeg: try JPEGEncoder(quality: 88).encode(picture)
                    case .png: try PNGEncoder().encode(picture)
                    }
                for copy in 0..<copies {
                    let name = copy == 0 ? drawn.fileName : "copy-\(copy)/\(drawn.fileName)"
                    try folder.write("\(prefix)/\(name)", bytes)
                    names.append(name)
                }
            }
        }
        return names.sorted()
    }

    /// One picture as the bytes of a JPEG.
    public static func jpeg(family: Int = 0, index: Int = 0, side: Int = 160) throws -> [UInt8] {
        let drawn = Gallery(seed: 1).picture(family: Gallery.familyNames[family], index: index)
        return try JPEGEncoder(quality: 88).encode(drawn.picture.fitted(within: side))
    }
}
