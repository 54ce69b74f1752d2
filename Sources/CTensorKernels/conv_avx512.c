/* AVX-512: 16 channels a vector, 14 pixels a tile. */
#if defined(__x86_64__)
#include "convolution_internal.h"
#include <immintrin.h>

#define LK_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
#define LK_VECTOR __m512
#define LK_LANES 16
#define LK_ROWS 14
#define LK_LOAD(p) _mm512_loadu_ps(p)
#define LK_STORE(p, v) _mm512_storeu_ps(p, v)
#define LK_SET1(x) _mm512_set1_ps(x)
#define LK_ADD(a, b) _mm512_add_ps(a, b)
#define LK_FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define LK_CLAMP(v, low, high) _mm512_min_ps(_mm512_max_ps(v, low), high)
#define LK_LOAD_SOME(p, n) _mm512_maskz_loadu_ps((__mmask16)((1u << (n)) - 1), p)
#define LK_STORE_SOME(p, v, n) _mm512_mask_storeu_ps(p, (__mmask16)((1u << (n)) - 1), v)
#define LK_HALF_VECTOR __m256
#define LK_HALF_LOAD(p) _mm256_loadu_ps(p)
#define LK_LOWER_HALF(v) _mm512_castps512_ps256(v)
#define LK_HALF_FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
/* A half among zeros, so that storing is the same for all. */
#define LK_WHOLE(half) _mm512_zextps256_ps512(half)

#include "gemm_f32_body.h"
#include "depthwise_f32_body.h"

#include "bytes_body.h"

/* The VNNI table takes these as they are. */
void lk_gemm_f32_avx512(const lk_gemm_f32 *g) { gemm_f32(g); }
void lk_depthwise_f32_avx512(const lk_depthwise_f32 *d) { depthwise_f32(d); }

const lk_convolution_kernels lk_convolution_avx512 = {
    .name = "avx512", .lanes = LK_LANES, .panel = 2 * LK_LANES, .tail = LK_LANES / 2, .gemm_f32 = gemm_f32, .depthwise_f32 = depthwise_f32,
    .gemm_u8 = gemm_u8, .depthwise_u8 = depthwise_u8,
};
#endif
