import CImageCodecs

/// The one resampler of the project, for thumbnails and for what models see; see `ResamplingAxis` for the filter and
/// `resample.c` for the arithmetic.
package struct Resampler {
    /// The implementations of the kernels, which all give the same bits.
    package enum Variant: CaseIterable, Sendable {
        case scalar, avx2, neon

        var code: codec_resample_variant {
            switch self {
            case .scalar: CODEC_RESAMPLE_SCALAR
            case .avx2: CODEC_RESAMPLE_AVX2
            case .neon: CODEC_RESAMPLE_NEON
            }
        }

        /// Whether this machine can run it.
        package var isAvailable: Bool { codec_resample_can(code) }

        /// The fastest one here.
        package static var best: Variant {
            let best = codec_resample_best()
            return allCases.first { $0.code == best } ?? .scalar
        }
    }

    private let source: (width: Int, height: Int)
    private let target: (width: Int, height: Int)
    private let horizontal: ResamplingAxis
    private let vertical: ResamplingAxis

    /// Prepares the weights for pictures of one size.
    package init(from source: (width: Int, height: Int), to target: (width: Int, height: Int)) {
        self.source = source
        self.target = target
        horizontal = ResamplingAxis(source: source.width, target: target.width)
        let isSquare = source.width == source.height && target.width == target.height
        vertical = isSquare ? horizontal : ResamplingAxis(source: source.height, target: target.height)
    }

    /// Resamples a picture of the size prepared for.
    package func apply(to picture: Picture, variant: Variant = .best) -> Picture {
        precondition((picture.width, picture.height) == source, "the weights are for pictures of another size")
        precondition(variant.isAvailable, "this machine cannot run that variant")
        guard source != target else { return picture }
        let count = target.width * target.height * 3
        var row = [UInt8](repeating: 0, count: source.width * 3 + CODEC_RESAMPLE_PADDING)
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            picture.pixels.withUnsafeBufferPointer { from in
                row.withUnsafeMutableBufferPointer { row in
                    guard let from = from.baseAddress, let to = buffer.baseAddress, let row = row.baseAddress else {
                        preconditionFailure("none of these is empty")
                    }
                    horizontal.withCAxis { across in
                        vertical.withCAxis { down in
                            codec_resample_rgb(
                                from, source.width, to, target.width, target.height, across, down, row, variant.code)
                        }
                    }
                }
            }
            initialized = count
        }
        return Picture(width: target.width, height: target.height, pixels: pixels)
    }
}

extension ResamplingAxis {
    /// Lends the arrays to C.
    fileprivate func withCAxis(_ body: (UnsafePointer<codec_resample_axis>) -> Void) {
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                weights.withUnsafeBufferPointer { weights in
                    var axis = codec_resample_axis(
                        starts: starts.baseAddress, counts: counts.baseAddress, weights: weights.baseAddress,
                        stride: stride, shift: Int32(shift))
                    body(&axis)
                }
            }
        }
    }
}
