/* NEON: 4 channels a vector. 32 registers hold the sums of 12 pixels by two vectors. */
#if defined(__aarch64__)
#include "convolution_internal.h"
#include <arm_neon.h>

#define LK_TARGET
#define LK_VECTOR float32x4_t
#define LK_LANES 4
#define LK_ROWS 12
#define LK_LOAD(p) vld1q_f32(p)
#define LK_STORE(p, v) vst1q_f32(p, v)
#define LK_SET1(x) vdupq_n_f32(x)
#define LK_ADD(a, b) vaddq_f32(a, b)
#define LK_FMA(a, b, c) vfmaq_f32(c, a, b)
#define LK_CLAMP(v, low, high) vminq_f32(vmaxq_f32(v, low), high)
#define LK_LOAD_SOME(p, n) load_some(p, n)
#define LK_STORE_SOME(p, v, n) store_some(p, v, n)

static inline float32x4_t load_some(const float *p, size_t n) {
    float values[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i++)
        values[i] = p[i];
    return vld1q_f32(values);
}

static inline void store_some(float *p, float32x4_t v, size_t n) {
    float values[4];
    vst1q_f32(values, v);
    for (size_t i = 0; i < n; i++)
        p[i] = values[i];
}

#include "gemm_f32_body.h"
#include "depthwise_f32_body.h"
#include "bytes_body.h"

const lk_convolution_kernels lk_convolution_neon = {
    .name = "neon", .lanes = LK_LANES, .panel = 2 * LK_LANES, .tail = LK_LANES, .gemm_f32 = gemm_f32, .depthwise_f32 = depthwise_f32,
    .gemm_u8 = gemm_u8, .depthwise_u8 = depthwise_u8,
};
#endif
