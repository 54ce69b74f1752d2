import ImageDecoding

/// A collection of drawn pictures: demonstration, fixture and calibration material that needs no download and no
/// licence.
///
/// A picture is a function of the gallery's seed, the family and the index alone. It can be drawn in any order, on any
/// thread, and any number of a family can be asked for. On one machine the bytes are always the same; on another
/// platform single pixel values may differ by the rounding of its mathematical library (see `Canvas`).
public struct Gallery: Sendable {
    /// How many pictures of each family `pictures(perFamily:)` draws unless told otherwise.
    public static let defaultPicturesPerFamily = 10

    /// The shortest and longest side of a picture, in pixels.
    public static let sideRange = 320...640

    /// The number that all pictures of this gallery derive from.
    public let seed: UInt64

    /// A gallery; another seed gives other pictures of the same families.
    public init(seed: UInt64 = 1) {
        self.seed = seed
    }

    /// The families' names in the order of a gallery, each usable as a folder name.
    public static var familyNames: [String] {
        GalleryFamily.all.map(\.name)
    }

    /// Draws picture `index` (from 0, without upper bound) of the family with this name, which must be one of
    /// `familyNames`.
    public func picture(family name: String, index: Int) -> GalleryPicture {
        guard let number = GalleryFamily.all.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("no family \(name); there are \(Gallery.familyNames.joined(separator: ", "))")
        }
        return picture(family: number, index: index)
    }

    /// Draws picture `index` (from 0, without upper bound) of the family at position `number` of `familyNames`.
    public func picture(family number: Int, index: Int) -> GalleryPicture {
        precondition(index >= 0, "pictures are numbered from 0, not \(index)")
        let family = GalleryFamily.all[number]
        var generator = SeededGenerator(seed: seed, family: family.name, index: index)
        let (width, height) = Gallery.size(family.format, &generator)
        var canvas = Canvas(width: width, height: height)
        family.draw(&canvas, &generator)
        return GalleryPicture(family: family.name, index: index, picture: canvas.picture())
    }

    /// The pictures of all families, family by family, each drawn when it is asked for and not kept.
    public func pictures(perFamily count: Int = Gallery.defaultPicturesPerFamily) -> Pictures {
        precondition(count >= 0, "a count of pictures is not negative")
        return Pictures(gallery: self, perFamily: count)
    }

    /// A collection that draws on access: `pictures[i]` twice draws twice. Positions may be divided among threads.
    public struct Pictures: RandomAccessCollection, Sendable {
        let gallery: Gallery
        let perFamily: Int

        /// Always 0.
        public var startIndex: Int { 0 }
        /// Families times pictures of each.
        public var endIndex: Int { GalleryFamily.all.count * perFamily }

        /// Draws the picture at a position.
        public subscript(position: Int) -> GalleryPicture {
            gallery.picture(family: position / perFamily, index: position % perFamily)
        }
    }

    private static func size(_ format: GalleryFamily.Format, _ generator: inout SeededGenerator) -> (Int, Int) {
        let long = generator.int(440, sideRange.upperBound)
        let ratio = generator.pick([0.667, 0.75, 0.75, 0.8] as [Float])
        let short = Swift.max(Int(Float(long) * ratio), sideRange.lowerBound)
        let draw = generator.unit()
        // Square, or turned against the motif's habit, now and then.
        switch format {
        case .any: return draw < 0.2 ? (short, short) : (draw < 0.65 ? (long, short) : (short, long))
        case .wide: return draw < 0.15 ? (short, short) : (long, short)
        case .tall: return draw < 0.2 ? (short, short) : (short, long)
        }
    }
}
