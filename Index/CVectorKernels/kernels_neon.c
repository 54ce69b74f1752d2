/* NEON, which every AArch64 processor has: 4 floats a register, four accumulators. */
#if defined(__aarch64__)

#include "kernels_internal.h"
#include <arm_neon.h>

static float dot(const float *a, const float *b, size_t n) {
    float32x4_t s0 = vdupq_n_f32(0), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        s0 = vfmaq_f32(s0, vld1q_f32(a + i), vld1q_f32(b + i));
        s1 = vfmaq_f32(s1, vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
        s2 = vfmaq_f32(s2, vld1q_f32(a + i + 8), vld1q_f32(b + i + 8));
        s3 = vfmaq_f32(s3, vld1q_f32(a + i + 12), vld1q_f32(b + i + 12));
    }
    for (; i + 4 <= n; i += 4)
        s0 = vfmaq_f32(s0, vld1q_f32(a + i), vld1q_f32(b + i));
    float sum = vaddvq_f32(vaddq_f32(vaddq_f32(s0, s1), vaddq_f32(s2, s3)));
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static float squared_l2(const float *a, const float *b, size_t n) {
    float32x4_t s0 = vdupq_n_f32(0), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        float32x4_t d0 = vsubq_f32(vld1q_f32(a + i), vld1q_f32(b + i));
        float32x4_t d1 = vsubq_f32(vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
        float32x4_t d2 = vsubq_f32(vld1q_f32(a + i + 8), vld1q_f32(b + i + 8));
        float32x4_t d3 = vsubq_f32(vld1q_f32(a + i + 12), vld1q_f32(b + i + 12));
        s0 = vfmaq_f32(s0, d0, d0);
        s1 = vfmaq_f32(s1, d1, d1);
        s2 = vfmaq_f32(s2, d2, d2);
        s3 = vfmaq_f32(s3, d3, d3);
    }
    for (; i + 4 <= n; i += 4) {
        float32x4_t d = vsubq_f32(vld1q_f32(a + i), vld1q_f32(b + i));
        s0 = vfmaq_f32(s0, d, d);
    }
    float sum = vaddvq_f32(vaddq_f32(vaddq_f32(s0, s1), vaddq_f32(s2, s3)));
    for (; i < n; i++) {
        float d = a[i] - b[i];
        sum += d * d;
    }
    return sum;
}

/* Flipping the top bit takes 128 off a stored code. Products of bytes fill 16 bits, pairs are added into 32. */
static int32_t dot_i8(const int8_t *query, const uint8_t *row, size_t n) {
    int32x4_t s0 = vdupq_n_s32(0), s1 = s0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        int8x16_t r = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(row + i), vdupq_n_u8(0x80)));
        int8x16_t q = vld1q_s8(query + i);
        s0 = vpadalq_s16(s0, vmull_s8(vget_low_s8(q), vget_low_s8(r)));
        s1 = vpadalq_s16(s1, vmull_s8(vget_high_s8(q), vget_high_s8(r)));
    }
    int32_t sum = vaddvq_s32(vaddq_s32(s0, s1));
    for (; i < n; i++)
        sum += ((int32_t)row[i] - 128) * query[i];
    return sum;
}

static uint32_t squared_l2_u8(const uint8_t *query, const uint8_t *row, size_t n) {
    uint32x4_t s0 = vdupq_n_u32(0), s1 = s0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        uint8x16_t d = vabdq_u8(vld1q_u8(query + i), vld1q_u8(row + i));
        s0 = vpadalq_u16(s0, vmull_u8(vget_low_u8(d), vget_low_u8(d)));
        s1 = vpadalq_u16(s1, vmull_u8(vget_high_u8(d), vget_high_u8(d)));
    }
    uint32_t sum = vaddvq_u32(vaddq_u32(s0, s1));
    for (; i < n; i++) {
        int32_t d = (int32_t)row[i] - query[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

static uint32_t hamming(const uint8_t *a, const uint8_t *b, size_t n) {
    uint32_t sum = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
        sum += vaddlvq_u8(vcntq_u8(veorq_u8(vld1q_u8(a + i), vld1q_u8(b + i))));
    for (; i < n; i++)
        sum += (uint32_t)__builtin_popcount(a[i] ^ b[i]);
    return sum;
}

LK_DEFINE_MANY(dot_many, dot, )
LK_DEFINE_MANY(squared_l2_many, squared_l2, )
LK_DEFINE_MANY_I8(dot_i8_many, dot_i8, )
LK_DEFINE_MANY_U8(squared_l2_u8_many, squared_l2_u8, )
LK_DEFINE_MANY_U8(hamming_many, hamming, )
static LK_DEFINE_SCALE_DOTS(scale_dots, )

const lk_kernels lk_kernels_neon = {
    "neon",     dot,          squared_l2,           dot_many, squared_l2_many, dot_i8_many, squared_l2_u8_many,
    scale_dots, hamming_many, lk_fresh_links_scalar};

#endif
