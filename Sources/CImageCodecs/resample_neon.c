// The resampler's kernels for 64-bit ARM.
#include "resample_kernels.h"

#ifdef RESAMPLE_HAS_NEON

#include <arm_neon.h>

void resample_vertical_neon(const uint8_t *source, size_t stride, size_t rows, const int16_t *weights, int shift,
                            uint8_t *out, size_t count) {
    const int32x4_t half = vdupq_n_s32(1 << (shift - 1));
    const int32x4_t by = vdupq_n_s32(-shift);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        int32x4_t sum0 = half, sum1 = half, sum2 = half, sum3 = half;
        for (size_t r = 0; r < rows; r++) {
            const uint8x16_t bytes = vld1q_u8(source + r * stride + i);
            const int16x8_t low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes)));
            const int16x8_t high = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(bytes)));
            sum0 = vmlal_n_s16(sum0, vget_low_s16(low), weights[r]);
            sum1 = vmlal_n_s16(sum1, vget_high_s16(low), weights[r]);
            sum2 = vmlal_n_s16(sum2, vget_low_s16(high), weights[r]);
            sum3 = vmlal_n_s16(sum3, vget_high_s16(high), weights[r]);
        }
        const int16x8_t words0 = vcombine_s16(vmovn_s32(vshlq_s32(sum0, by)), vmovn_s32(vshlq_s32(sum1, by)));
        const int16x8_t words1 = vcombine_s16(vmovn_s32(vshlq_s32(sum2, by)), vmovn_s32(vshlq_s32(sum3, by)));
        vst1q_u8(out + i, vcombine_u8(vqmovun_s16(words0), vqmovun_s16(words1)));
    }
    if (i < count) resample_vertical_scalar(source + i, stride, rows, weights, shift, out + i, count - i);
}

void resample_horizontal_neon(const uint8_t *row, const codec_resample_axis *axis, uint8_t *out, size_t width) {
    const int32_t half = 1 << (axis->shift - 1);
    for (size_t x = 0; x < width; x++, out += 3) {
        const uint8_t *from = row + (size_t)axis->starts[x] * 3;
        const int16_t *weights = axis->weights + x * axis->stride;
        int32x4_t sum[3] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
        for (int32_t t = 0; t < axis->counts[x]; t += 8) {
            const uint8x8x3_t pixels = vld3_u8(from + (size_t)t * 3);
            const int16x8_t w = vld1q_s16(weights + t);
            for (int c = 0; c < 3; c++) {
                const int16x8_t p = vreinterpretq_s16_u16(vmovl_u8(pixels.val[c]));
                sum[c] = vmlal_s16(sum[c], vget_low_s16(p), vget_low_s16(w));
                sum[c] = vmlal_s16(sum[c], vget_high_s16(p), vget_high_s16(w));
            }
        }
        for (int c = 0; c < 3; c++) out[c] = (uint8_t)((vaddvq_s32(sum[c]) + half) >> axis->shift);
    }
}

#else
// An empty translation unit is not C.
typedef int resample_neon_is_absent;
#endif
