// The two kernels of the resampler, one set a variant. Every set computes the same integers.
#ifndef RESAMPLE_KERNELS_H
#define RESAMPLE_KERNELS_H

#include "codec_resample.h"

// out[i] = (half + sum over r < rows of weights[r] * source[r * stride + i]) >> shift, i < count.
typedef void resample_vertical(const uint8_t *source, size_t stride, size_t rows, const int16_t *weights, int shift,
                               uint8_t *out, size_t count);

// One row of `width` output pixels from a row of input pixels that has CODEC_RESAMPLE_PADDING readable bytes behind.
typedef void resample_horizontal(const uint8_t *row, const codec_resample_axis *axis, uint8_t *out, size_t width);

resample_vertical resample_vertical_scalar;
resample_horizontal resample_horizontal_scalar;

#if defined(__x86_64__)
#define RESAMPLE_HAS_AVX2 1
resample_vertical resample_vertical_avx2;
resample_horizontal resample_horizontal_avx2;
#endif

#if defined(__aarch64__) && defined(__ARM_NEON)
#define RESAMPLE_HAS_NEON 1
resample_vertical resample_vertical_neon;
resample_horizontal resample_horizontal_neon;
#endif

#endif
