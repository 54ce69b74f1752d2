/// A kind of picture: its name and how one is drawn.
///
/// `draw` gets an empty canvas and a generator of its own; all that differs between two pictures of a family (layout,
/// palette, viewpoint, light) comes from the generator.
package struct GalleryFamily: Sendable {
    /// The sheet that suits the motif.
    package enum Format: Sendable {
        case any, wide, tall
    }

    package let name: String
    package let format: Format
    package let draw: @Sendable (inout Canvas, inout SeededGenerator) -> Void

    package init(
        _ name: String, _ format: Format = .any,
        _ draw: @escaping @Sendable (inout Canvas, inout SeededGenerator) -> Void
    ) {
        self.name = name
        self.format = format
        self.draw = draw
    }

    /// All families, in the order in which a gallery shows them. To add one, write its drawing in a file of `Families`
    /// and put it into that file's list.
    package static let all: [GalleryFamily] =
        waterScenes + skyScenes + landScenes + townScenes + geometricPatterns + wovenPatterns + materialPatterns
        + tableProducts + foodProducts + roomProducts + wornProducts + largeProducts
}
