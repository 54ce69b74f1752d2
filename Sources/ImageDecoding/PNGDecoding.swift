import CImageCodecs

/// PNG through libpng: chooses the reduction, checks the cost, decodes. See `png_decode.c`.
enum PNGDecoding {
    /// Larger factors would let the sums of a box row pass 32 bits.
    private static let factorMaximum = 65_535

    static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, facts: ImageFacts, wanted: WantedSize, by settings: ImageDecoder
    ) throws(DecodingError) -> DecodedImage {
        let limits = settings.limits
        let decoder = try Decoder(bytes, limits: limits)
        let goal = wanted.stored(facts)
        let factor = max(1, min(facts.storedWidth / goal.width, facts.storedHeight / goal.height, factorMaximum))
        let plan = decoder.plan(factor: factor)
        let width = Int(plan.width)
        let height = Int(plan.height)
        let memory = plan.memory + UInt64(width * height * 3)
        try limits.check(memory: memory)
        settings.budget.take(memory)
        defer { settings.budget.giveBack(memory) }
        var report = codec_report()
        let picture = try decoder.read(width: width, height: height, orientation: facts.orientation, report: &report)
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

        /// Consuming: libpng's memory is free again when this returns, before the budget gets it back.
        consuming func read(
            width: Int, height: Int, orientation: Int, report: inout codec_report
        ) throws(DecodingError) -> Picture? {
            let isTurned = orientation >= 5
            return try decodePicture(width: isTurned ? height : width, height: isTurned ? width : height) { samples in
                codec_png_read(handle, Int32(orientation), samples, &report)
            }
        }

        deinit { codec_png_close(handle) }
    }
}
