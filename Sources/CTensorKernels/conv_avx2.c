/* AVX2 with fused multiply-add: 8 channels a vector, 6 pixels a tile. */
#if defined(__x86_64__)
#include "convolution_internal.h"
#include <immintrin.h>

#define LK_TARGET __attribute__((target("avx2,fma")))
#define LK_VECTOR __m256
#define LK_LANES 8
#define LK_ROWS 6
#define LK_LOAD(p) _mm256_loadu_ps(p)
#define LK_STORE(p, v) _mm256_storeu_ps(p, v)
#define LK_SET1(x) _mm256_set1_ps(x)
#define LK_ADD(a, b) _mm256_add_ps(a, b)
#define LK_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define LK_CLAMP(v, low, high) _mm256_min_ps(_mm256_max_ps(v, low), high)
#define LK_LOAD_SOME(p, n) _mm256_maskload_ps(p, first_lanes(n))
#define LK_STORE_SOME(p, v, n) _mm256_maskstore_ps(p, first_lanes(n), v)

LK_TARGET static inline __m256i first_lanes(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

#include "gemm_f32_body.h"
#include "depthwise_f32_body.h"
#include "bytes_body.h"

const lk_convolution_kernels lk_convolution_avx2 = {
    .name = "avx2", .lanes = LK_LANES, .panel = 2 * LK_LANES, .tail = LK_LANES, .gemm_f32 = gemm_f32, .depthwise_f32 = depthwise_f32,
    .gemm_u8 = gemm_u8, .depthwise_u8 = depthwise_u8,
};
#endif
