// The resampler's scalar definition and its dispatch.
//
// Vertical comes first because it is the cheap direction: whole rows are added up without shuffling, and what is left
// for the horizontal kernel is as many rows as the output has. Each output row passes through one buffer, so that the
// working memory is one row of the source. The value between the two is rounded to 8 bits.
//
// Overflow: weights of one output sum to 1 << shift with shift at most 22, samples are at most 255, so the sum with its
// half stays below 256 << 22 = 2^30.
#include "resample_kernels.h"

void resample_vertical_scalar(const uint8_t *source, size_t stride, size_t rows, const int16_t *weights, int shift,
                              uint8_t *out, size_t count) {
    const int32_t half = 1 << (shift - 1);
    for (size_t i = 0; i < count; i++) {
        int32_t sum = half;
        for (size_t r = 0; r < rows; r++) sum += weights[r] * source[r * stride + i];
        out[i] = (uint8_t)(sum >> shift);
    }
}

void resample_horizontal_scalar(const uint8_t *row, const codec_resample_axis *axis, uint8_t *out, size_t width) {
    const int32_t half = 1 << (axis->shift - 1);
    for (size_t x = 0; x < width; x++, out += 3) {
        const uint8_t *from = row + (size_t)axis->starts[x] * 3;
        const int16_t *weights = axis->weights + x * axis->stride;
        int32_t red = half, green = half, blue = half;
        for (int32_t t = 0; t < axis->counts[x]; t++, from += 3) {
            red += weights[t] * from[0];
            green += weights[t] * from[1];
            blue += weights[t] * from[2];
        }
        out[0] = (uint8_t)(red >> axis->shift);
        out[1] = (uint8_t)(green >> axis->shift);
        out[2] = (uint8_t)(blue >> axis->shift);
    }
}

bool codec_resample_can(codec_resample_variant variant) {
    switch (variant) {
    case CODEC_RESAMPLE_SCALAR:
        return true;
    case CODEC_RESAMPLE_AVX2:
#ifdef RESAMPLE_HAS_AVX2
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") != 0;
#else
        return false;
#endif
    case CODEC_RESAMPLE_NEON:
#ifdef RESAMPLE_HAS_NEON
        return true; // part of every 64-bit ARM
#else
        return false;
#endif
    }
    return false;
}

codec_resample_variant codec_resample_best(void) {
    if (codec_resample_can(CODEC_RESAMPLE_AVX2)) return CODEC_RESAMPLE_AVX2;
    if (codec_resample_can(CODEC_RESAMPLE_NEON)) return CODEC_RESAMPLE_NEON;
    return CODEC_RESAMPLE_SCALAR;
}

void codec_resample_rgb(const uint8_t *source, size_t source_width, uint8_t *destination, size_t width, size_t height,
                        const codec_resample_axis *horizontal, const codec_resample_axis *vertical, uint8_t *row,
                        codec_resample_variant variant) {
    resample_vertical *down = resample_vertical_scalar;
    resample_horizontal *across = resample_horizontal_scalar;
#ifdef RESAMPLE_HAS_AVX2
    if (variant == CODEC_RESAMPLE_AVX2) down = resample_vertical_avx2, across = resample_horizontal_avx2;
#endif
#ifdef RESAMPLE_HAS_NEON
    if (variant == CODEC_RESAMPLE_NEON) down = resample_vertical_neon, across = resample_horizontal_neon;
#endif
    (void)variant;
    const size_t stride = source_width * 3;
    for (size_t y = 0; y < height; y++) {
        const uint8_t *from = source + (size_t)vertical->starts[y] * stride;
        down(from, stride, (size_t)vertical->counts[y], vertical->weights + y * vertical->stride, vertical->shift, row,
             stride);
        across(row, horizontal, destination + y * width * 3, width);
    }
}
