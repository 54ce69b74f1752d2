import ImageDecoding

/// From the bytes of an image file to its vector: decode no more than the model can see, cut out the box, embed.
///
/// The one path that the server, the bulk tool and `lookalike embed` share, so that a picture gets the same vector
/// whichever way it comes in.
public struct ImageEmbedder: Sendable {
    /// Longest side of a stored thumbnail, in pixels.
    public static let thumbnailSide = 256
    /// JPEG quality of a stored thumbnail.
    public static let thumbnailQuality = 80

    /// The model in use.
    public let embedder: any Embedder
    /// Decodes, within its limits.
    public let decoder: ImageDecoder

    /// A path into `embedder` through `decoder`.
    public init(embedder: any Embedder, decoder: ImageDecoder = ImageDecoder()) {
        self.embedder = embedder
        self.decoder = decoder
    }

    /// What is kept of an image.
    public struct Embedded: Sendable {
        /// The unit vector.
        public let vector: [Float]
        /// Format and upright size of the whole image, whatever the box.
        public let facts: ImageFacts
        /// The file ended early; the picture is what there was of it.
        public let isTruncated: Bool
        /// The picture, at most `thumbnailSide` pixels each way; nil unless asked for.
        public let thumbnail: Picture?
    }

    /// Embeds the image in `bytes`, or the part of it inside `box`.
    /// - Parameter thumbnail: whether to make one, of the whole picture or of the box.
    public func embed(_ bytes: [UInt8], box: Box? = nil, thumbnail: Bool = false) throws(DecodingError) -> Embedded {
        // The model's side or a thumbnail's, whichever is larger, decides how small the codec may decode; the same
        // whether or not a thumbnail is made, for a picture must get the same vector as a query and as an element. A
        // box magnifies: the whole picture must be decoded larger for its part to have enough pixels.
        let side = Double(max(embedder.inputSize, Self.thumbnailSide))
        // However small the box, no picture has more pixels than the decoder's own limits.
        func covering(_ share: Double, _ limit: Int) -> Int { Int(min(side / share, Double(limit)).rounded(.up)) }
        let wanted = WantedSize.covering(
            width: covering(box?.width ?? 1, decoder.limits.width),
            height: covering(box?.height ?? 1, decoder.limits.height))
        let image = try decoder.decode(bytes, wanted: wanted)
        var picture = image.picture
        if let box {
            let part = box.pixels(width: picture.width, height: picture.height)
            picture = picture.cropped(x: part.x, y: part.y, width: part.width, height: part.height)
        }
        return Embedded(
            vector: embedder.embed(picture), facts: image.facts, isTruncated: image.isTruncated,
            thumbnail: thumbnail ? picture.fitted(within: Self.thumbnailSide) : nil)
    }

    /// A JPEG of `picture`, at most `thumbnailSide` pixels each way.
    public static func thumbnail(of picture: Picture) throws(EncodingError) -> [UInt8] {
        try JPEGEncoder(quality: thumbnailQuality).encode(picture.fitted(within: thumbnailSide))
    }
}
