import CImageCodecs

/// PNG through libpng: chooses the reduction, checks the cost, decodes. See `png_decode.c`.
enum PNGDecoding {
    /// Larger factors would let the sums of a box row pass 32 bits.
    private static let factorMaximum = 65_535

    static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, facts: ImageFacts, wanted: WantedSize, limits: DecodingLimits
    ) throws(DecodingError) -> DecodedImage {
        var report = codec_report()
        let decoder = try Decoder(bytes, limits: limits)
        let goal = wanted.stored(facts)
        let factor = max(1, min(facts.storedWidth / goal.width, facts.storedHeight / goal.height, factorMaximum))
        let plan = decoder.plan(factor: factor)
        let width = Int(plan.width)
        let height = Int(plan.height)
        try limits.check(memory: plan.memory + UInt64(width * height * 3))
        let picture = decodePicture(
            width: facts.isTurned ? height : width, height: facts.isTurned ? width : height
        ) { samples in
            codec_png_read(decoder.handle, Int32(facts.orientation), samples, &report)
        }
        guard let picture else { throw report.error(.png, memory: limits.memoryBytes) }
        return DecodedImage(
            picture: picture, facts: facts,
            isTruncated: report.is_truncated, warning: report.warnings > 0 ? report.text : nil, scansRead: 0)
    }

    /// Owns the C decoder.
    private struct Decoder: ~Copyable {
        let handle: OpaquePointer

        init(_ bytes: UnsafeBufferPointer<UInt8>, limits: DecodingLimits) throws(DecodingError) {
            var report = codec_report()
            let handle = codec_png_open(
                bytes.baseAddress, bytes.count, UInt32(clamping: limits.width), UInt32(clamping: limits.height), &report
            )
            guard let handle else { throw report.error(.png, memory: limits.memoryBytes) }
            self.handle = handle
        }

        func plan(factor: Int) -> codec_png_plan {
            var plan = codec_png_plan()
            codec_png_plan_factor(handle, UInt32(factor), &plan)
            return plan
        }

        deinit { codec_png_close(handle) }
    }
}
