/* AVX-512 (F, BW, CD, DQ, VL): 16 floats a register. A tail is one masked load, which reads nothing past the end:
 * masked-off lanes do not fault.
 *
 * One-to-many sums four rows at a time, so that one load of the query serves four rows and the four final sums are one
 * transposition. Each row has two accumulators, added in the same order as one-to-one adds them: the results are the
 * same bit for bit. */
#if defined(__x86_64__)

#include "kernels_avx512.h"

AVX512 static inline __m512 load(const float *p, size_t i, size_t n) {
    if (i + 16 <= n)
        return _mm512_loadu_ps(p + i);
    return _mm512_maskz_loadu_ps((__mmask16)((1u << (n - i)) - 1), p + i);
}

AVX512 static inline __m128 folded(__m512 v) {
    __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    return _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
}

AVX512 static inline __m512 product_step(__m512 sum, __m512 q, __m512 r) { return _mm512_fmadd_ps(q, r, sum); }

AVX512 static inline __m512 difference_step(__m512 sum, __m512 q, __m512 r) {
    __m512 d = _mm512_sub_ps(q, r);
    return _mm512_fmadd_ps(d, d, sum);
}

#define LK_DEFINE_AVX512(ONE, MANY, STEP)                                                                              \
    AVX512 static float ONE(const float *a, const float *b, size_t n) {                                                \
        __m512 s0 = _mm512_setzero_ps(), s1 = s0;                                                                      \
        for (size_t i = 0; i < n; i += 32) {                                                                           \
            s0 = STEP(s0, load(a, i, n), load(b, i, n));                                                               \
            if (i + 16 < n)                                                                                            \
                s1 = STEP(s1, load(a, i + 16, n), load(b, i + 16, n));                                                 \
        }                                                                                                              \
        __m128 sum = folded(_mm512_add_ps(s0, s1));                                                                    \
        sum = _mm_hadd_ps(sum, sum);                                                                                   \
        return _mm_cvtss_f32(_mm_hadd_ps(sum, sum));                                                                   \
    }                                                                                                                  \
    AVX512 void MANY(const float *query, const float *const *rows, size_t count, size_t n, float *out) {        \
        size_t r = 0;                                                                                                  \
        for (; r + 4 <= count; r += 4) {                                                                               \
            __m512 s0[4], s1[4];                                                                                       \
            LK_UNROLL for (size_t k = 0; k < 4; k++) {                                                                           \
                s0[k] = s1[k] = _mm512_setzero_ps();                                                                   \
                if (r + k + 4 < count)                                                                                 \
                    lk_prefetch_row(rows[r + k + 4], n * sizeof(float));                                               \
            }                                                                                                          \
            for (size_t i = 0; i < n; i += 32) {                                                                       \
                __m512 q = load(query, i, n);                                                                          \
                LK_UNROLL for (size_t k = 0; k < 4; k++) \
                    s0[k] = STEP(s0[k], q, load(rows[r + k], i, n));                                                   \
                if (i + 16 < n) {                                                                                      \
                    q = load(query, i + 16, n);                                                                        \
                    LK_UNROLL for (size_t k = 0; k < 4; k++) \
                        s1[k] = STEP(s1[k], q, load(rows[r + k], i + 16, n));                                          \
                }                                                                                                      \
            }                                                                                                          \
            __m128 f[4];                                                                                               \
            LK_UNROLL for (size_t k = 0; k < 4; k++) \
                f[k] = folded(_mm512_add_ps(s0[k], s1[k]));                                                            \
            _mm_storeu_ps(out + r, _mm_hadd_ps(_mm_hadd_ps(f[0], f[1]), _mm_hadd_ps(f[2], f[3])));                     \
        }                                                                                                              \
        for (; r < count; r++)                                                                                         \
            out[r] = ONE(query, rows[r], n);                                                                           \
    }

LK_DEFINE_AVX512(dot, lk_dot_many_avx512, product_step)
LK_DEFINE_AVX512(squared_l2, lk_squared_l2_many_avx512, difference_step)

float lk_dot_avx512(const float *a, const float *b, size_t n) { return dot(a, b, n); }

float lk_squared_l2_avx512(const float *a, const float *b, size_t n) { return squared_l2(a, b, n); }

/* As in AVX2, at twice the width. */
AVX512 static int32_t dot_i8(const int8_t *query, const uint8_t *row, size_t n) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < n; i += 32) {
        __mmask32 mask = n - i >= 32 ? 0xffffffffu : (1u << (n - i)) - 1;
        __m512i q = _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(mask, query + i));
        __m512i r = _mm512_cvtepu8_epi16(_mm256_maskz_loadu_epi8(mask, row + i));
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(q, _mm512_sub_epi16(r, _mm512_set1_epi16(128))));
    }
    return _mm512_reduce_add_epi32(sum);
}

LK_DEFINE_MANY_I8(dot_i8_many, dot_i8, AVX512)

#if !defined(LK_SANITIZES_THREADS)
AVX512 size_t
lk_fresh_links_avx512(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < capacity; i += 16) {
        __mmask16 mask = capacity - i >= 16 ? 0xffff : (__mmask16)((1u << (capacity - i)) - 1);
        __m512i ids = _mm512_maskz_loadu_epi32(mask, links + i);
        mask = _mm512_mask_cmplt_epu32_mask(mask, ids, _mm512_set1_epi32((int)limit));
        __m512i words =
            _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, _mm512_srli_epi32(ids, 5), visited, 4);
        __m512i bits = _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(ids, _mm512_set1_epi32(31)));
        __mmask16 fresh = _mm512_mask_testn_epi32_mask(mask, words, bits);
        /* A list that is being changed may show a link twice; only the first counts. */
        __m512i repeats = _mm512_conflict_epi32(ids);
        fresh = _mm512_mask_testn_epi32_mask(fresh, repeats, repeats);
        _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi32(fresh, ids));
        size_t end = count + (size_t)__builtin_popcount(fresh);
        for (; count < end; count++)
            visited[out[count] >> 5] |= 1u << (out[count] & 31);
    }
    return count;
}
#else
size_t
lk_fresh_links_avx512(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out) {
    return lk_fresh_links_scalar(links, capacity, visited, limit, out);
}
#endif

const lk_kernels lk_kernels_avx512 = {
    "avx512",
    lk_dot_avx512,
    lk_squared_l2_avx512,
    lk_dot_many_avx512,
    lk_squared_l2_many_avx512,
    dot_i8_many,
    lk_squared_l2_u8_many_avx2,
    lk_scale_dots_fma,
    lk_hamming_many_popcnt,
    lk_fresh_links_avx512};

#endif
