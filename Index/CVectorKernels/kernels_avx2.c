/* AVX2 with fused multiply-add: 8 floats a register. Four accumulators hide the latency of the addition (4 cycles at
 * two a cycle would want eight, but at the usual dimensions the loads are the limit). The last n % 8 values go one by
 * one, so no byte past the end of a vector is read. */
#if defined(__x86_64__)

#include "kernels_internal.h"
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))

AVX2 static inline float horizontal_sum(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    s = _mm_add_ss(s, _mm_movehdup_ps(s));
    return _mm_cvtss_f32(s);
}

AVX2 static float dot(const float *a, const float *b, size_t n) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
    }
    for (; i + 8 <= n; i += 8)
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    float sum = horizontal_sum(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

AVX2 static float squared_l2(const float *a, const float *b, size_t n) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        __m256 d0 = _mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
        __m256 d1 = _mm256_sub_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8));
        __m256 d2 = _mm256_sub_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16));
        __m256 d3 = _mm256_sub_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24));
        s0 = _mm256_fmadd_ps(d0, d0, s0);
        s1 = _mm256_fmadd_ps(d1, d1, s1);
        s2 = _mm256_fmadd_ps(d2, d2, s2);
        s3 = _mm256_fmadd_ps(d3, d3, s3);
    }
    for (; i + 8 <= n; i += 8) {
        __m256 d = _mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
        s0 = _mm256_fmadd_ps(d, d, s0);
    }
    float sum = horizontal_sum(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
    for (; i < n; i++) {
        float d = a[i] - b[i];
        sum += d * d;
    }
    return sum;
}

/* Bytes are widened to 16 bits first: the one instruction that multiplies bytes saturates its sums. */
AVX2 static inline __m256i widened_products(const int8_t *query, const uint8_t *row) {
    __m256i q = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)query));
    __m256i r = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)row));
    return _mm256_madd_epi16(q, _mm256_sub_epi16(r, _mm256_set1_epi16(128)));
}

AVX2 static inline int32_t integer_sum(__m256i v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
}

AVX2 static int32_t dot_i8(const int8_t *query, const uint8_t *row, size_t n) {
    __m256i s0 = _mm256_setzero_si256(), s1 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        s0 = _mm256_add_epi32(s0, widened_products(query + i, row + i));
        s1 = _mm256_add_epi32(s1, widened_products(query + i + 16, row + i + 16));
    }
    int32_t sum = integer_sum(_mm256_add_epi32(s0, s1));
    for (; i < n; i++)
        sum += ((int32_t)row[i] - 128) * query[i];
    return sum;
}

AVX2 static uint32_t squared_l2_u8(const uint8_t *query, const uint8_t *row, size_t n) {
    __m256i s0 = _mm256_setzero_si256(), s1 = s0;
    const __m256i zero = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        __m256i q = _mm256_loadu_si256((const __m256i *)(query + i));
        __m256i r = _mm256_loadu_si256((const __m256i *)(row + i));
        __m256i d = _mm256_or_si256(_mm256_subs_epu8(q, r), _mm256_subs_epu8(r, q));
        __m256i low = _mm256_unpacklo_epi8(d, zero), high = _mm256_unpackhi_epi8(d, zero);
        s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(low, low));
        s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(high, high));
    }
    uint32_t sum = (uint32_t)integer_sum(_mm256_add_epi32(s0, s1));
    for (; i < n; i++) {
        int32_t d = (int32_t)row[i] - query[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

__attribute__((target("popcnt"))) static uint32_t hamming(const uint8_t *a, const uint8_t *b, size_t n) {
    uint64_t sum = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x, y;
        __builtin_memcpy(&x, a + i, 8);
        __builtin_memcpy(&y, b + i, 8);
        sum += (uint64_t)__builtin_popcountll(x ^ y);
    }
    for (; i < n; i++)
        sum += (uint64_t)__builtin_popcount(a[i] ^ b[i]);
    return (uint32_t)sum;
}

LK_DEFINE_MANY(dot_many, dot, AVX2)
LK_DEFINE_MANY(squared_l2_many, squared_l2, AVX2)
LK_DEFINE_MANY_I8(dot_i8_many, dot_i8, AVX2)
LK_DEFINE_MANY_U8(squared_l2_u8_many, squared_l2_u8, AVX2)
LK_DEFINE_SCALE_DOTS(lk_scale_dots_fma, AVX2)
LK_DEFINE_MANY_U8(hamming_many, hamming, __attribute__((target("popcnt"))))

void lk_squared_l2_u8_many_avx2(
    const uint8_t *query, const uint8_t *const *rows, size_t count, size_t n, uint32_t *out) {
    squared_l2_u8_many(query, rows, count, n, out);
}

void lk_hamming_many_popcnt(const uint8_t *query, const uint8_t *const *rows, size_t count, size_t n, uint32_t *out) {
    hamming_many(query, rows, count, n, out);
}

const lk_kernels lk_kernels_avx2 = {
    "avx2",           dot,          squared_l2,           dot_many, squared_l2_many, dot_i8_many, squared_l2_u8_many,
    lk_scale_dots_fma, hamming_many, lk_fresh_links_scalar};

#endif
