import CImageCodecs

/// JPEG through libjpeg: chooses the scale, checks the cost, decodes. See `jpeg_decode.c`.
enum JPEGDecoding {
    static func decode(
        _ bytes: UnsafeBufferPointer<UInt8>, facts: ImageFacts, wanted: WantedSize, by settings: ImageDecoder
    ) throws(DecodingError) -> DecodedImage {
        let limits = settings.limits
        let decoder = try Decoder(bytes, limits: limits)
        let plan = try decoder.plan(eighths: eighths(facts, wanted), limits: limits)
        let width = Int(plan.width)
        let height = Int(plan.height)
        let output = UInt64(width * height * 3)
        try limits.check(memory: plan.memory + output)
        var bounds = codec_jpeg_limits(
            scans: UInt32(clamping: limits.scans), scan_coefficients: UInt64(clamping: limits.scanCoefficients),
            memory: UInt64(clamping: limits.memoryBytes) - output)
        settings.budget.take(plan.memory + output)
        defer { settings.budget.giveBack(plan.memory + output) }
        var report = codec_report()
        let picture = try decoder.read(
            width: width, height: height, orientation: facts.orientation, bounds: &bounds, report: &report)
        guard let picture else { throw report.error(.jpeg, memory: limits.memoryBytes) }
        return DecodedImage(
            picture: picture, facts: facts,
            isTruncated: report.is_truncated, warning: report.warnings > 0 ? report.text : nil,
            scansRead: Int(report.scans))
    }

    /// The smallest n of n/8 that covers what is wanted; 8 when the picture is smaller than that, and when all of it is
    /// wanted: tiny pictures round up to their full size at smaller n, too, but from fewer coefficients.
    private static func eighths(_ facts: ImageFacts, _ wanted: WantedSize) -> Int {
        guard case .covering = wanted else { return 8 }
        let goal = wanted.stored(facts)
        return (1...8).first { eighths in
            (facts.storedWidth * eighths + 7) / 8 >= goal.width && (facts.storedHeight * eighths + 7) / 8 >= goal.height
        } ?? 8
    }

    /// Owns the C decoder.
    private struct Decoder: ~Copyable {
        let handle: OpaquePointer

        init(_ bytes: UnsafeBufferPointer<UInt8>, limits: DecodingLimits) throws(DecodingError) {
            var report = codec_report()
            guard let handle = codec_jpeg_open(bytes.baseAddress, bytes.count, &report) else {
                throw report.error(.jpeg, memory: limits.memoryBytes)
            }
            self.handle = handle
        }

        func plan(eighths: Int, limits: DecodingLimits) throws(DecodingError) -> codec_jpeg_plan {
            var plan = codec_jpeg_plan()
            var report = codec_report()
            guard codec_jpeg_plan_scale(handle, Int32(eighths), &plan, &report) else {
                throw report.error(.jpeg, memory: limits.memoryBytes)
            }
            return plan
        }

        /// Consuming: libjpeg's memory is free again when this returns, before the budget gets it back.
        consuming func read(
            width: Int, height: Int, orientation: Int, bounds: inout codec_jpeg_limits, report: inout codec_report
        ) throws(DecodingError) -> Picture? {
            let isTurned = orientation >= 5
            return try decodePicture(width: isTurned ? height : width, height: isTurned ? width : height) { samples in
                codec_jpeg_read(handle, Int32(orientation), &bounds, samples, &report)
            }
        }

        deinit { codec_jpeg_close(handle) }
    }
}
