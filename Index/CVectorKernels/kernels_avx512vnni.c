/* AVX-512 with VNNI and VPOPCNTDQ (Ice Lake, Zen 4 and later): four products of bytes and their sum in one instruction,
 * and the bits of a register counted in one. The floats are those of plain AVX-512.
 *
 * The instruction multiplies unsigned bytes by signed ones, which is why codes are stored with 128 added; what that
 * adds to a sum, 128 times the sum of the query, is taken off at the end, once for all rows. */
#if defined(__x86_64__)

#include "kernels_avx512.h"

#define VNNI __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni,avx512vpopcntdq")))

/* The sums of four registers as one of four lanes. */
VNNI static inline __m128i sums_of_four(const __m512i s[4]) {
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(s[0], s[1]), _mm512_unpackhi_epi32(s[0], s[1]));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(s[2], s[3]), _mm512_unpackhi_epi32(s[2], s[3]));
    __m512i abcd = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i h = _mm256_add_epi32(_mm512_castsi512_si256(abcd), _mm512_extracti64x4_epi64(abcd, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
}

VNNI static inline __mmask64 tail_mask(size_t left) { return left >= 64 ? ~0ull : (1ull << left) - 1; }

VNNI static inline __m512i add_products(__m512i sum, __m512i q, __m512i r) { return _mm512_dpbusd_epi32(sum, r, q); }

/* The absolute difference of bytes, widened, squared, and added in pairs. */
VNNI static inline __m512i add_squares(__m512i sum, __m512i q, __m512i r) {
    const __m512i zero = _mm512_setzero_si512();
    __m512i d = _mm512_or_si512(_mm512_subs_epu8(q, r), _mm512_subs_epu8(r, q));
    __m512i low = _mm512_unpacklo_epi8(d, zero), high = _mm512_unpackhi_epi8(d, zero);
    return _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(sum, low, low), high, high);
}

/* 128 times the sum of the query. */
VNNI static int32_t excess(const int8_t *query, size_t n) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < n; i += 64) {
        __m512i q = _mm512_maskz_loadu_epi8(tail_mask(n - i), query + i);
        sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8((char)128), q);
    }
    return _mm512_reduce_add_epi32(sum);
}

static int32_t none(const uint8_t *query, size_t n) {
    (void)query;
    (void)n;
    return 0;
}

/* Defines the one-to-many kernel NAME: the sums over 64 bytes at a time of STEP, less CORRECTION of the query. */
#define LK_DEFINE_VNNI(NAME, QUERY, RESULT, STEP, CORRECTION)                                                          \
    VNNI static void NAME(const QUERY *query, const uint8_t *const *rows, size_t count, size_t n, RESULT *out) {       \
        const int32_t correction = CORRECTION(query, n);                                                               \
        size_t r = 0;                                                                                                  \
        for (; r + 4 <= count; r += 4) {                                                                               \
            __m512i s[4];                                                                                              \
            LK_UNROLL for (size_t k = 0; k < 4; k++) s[k] = _mm512_setzero_si512();                                    \
            size_t i = 0;                                                                                              \
            for (; i + 64 <= n; i += 64) {                                                                             \
                __m512i q = _mm512_loadu_si512(query + i);                                                             \
                LK_UNROLL for (size_t k = 0; k < 4; k++) s[k] = STEP(s[k], q, _mm512_loadu_si512(rows[r + k] + i));    \
            }                                                                                                          \
            if (i < n) {                                                                                               \
                __mmask64 mask = tail_mask(n - i);                                                                     \
                __m512i q = _mm512_maskz_loadu_epi8(mask, query + i);                                                  \
                LK_UNROLL for (size_t k = 0; k < 4; k++) s[k] =                                                        \
                    STEP(s[k], q, _mm512_maskz_loadu_epi8(mask, rows[r + k] + i));                                     \
            }                                                                                                          \
            __m128i sums = _mm_sub_epi32(sums_of_four(s), _mm_set1_epi32(correction));                                 \
            _mm_storeu_si128((__m128i *)(out + r), sums);                                                              \
        }                                                                                                              \
        for (; r < count; r++) {                                                                                       \
            __m512i s = _mm512_setzero_si512();                                                                        \
            for (size_t i = 0; i < n; i += 64) {                                                                       \
                __mmask64 mask = tail_mask(n - i);                                                                     \
                s = STEP(                                                                                              \
                    s, _mm512_maskz_loadu_epi8(mask, query + i), _mm512_maskz_loadu_epi8(mask, rows[r] + i));          \
            }                                                                                                          \
            out[r] = (RESULT)(_mm512_reduce_add_epi32(s) - correction);                                                \
        }                                                                                                              \
    }

LK_DEFINE_VNNI(dot_i8_many, int8_t, int32_t, add_products, excess)
LK_DEFINE_VNNI(squared_l2_u8_many, uint8_t, uint32_t, add_squares, none)

VNNI static uint32_t hamming(const uint8_t *a, const uint8_t *b, size_t n) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < n; i += 64) {
        __mmask64 mask = tail_mask(n - i);
        __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, a + i), _mm512_maskz_loadu_epi8(mask, b + i));
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(x));
    }
    return (uint32_t)_mm512_reduce_add_epi64(sum);
}

LK_DEFINE_MANY_U8(hamming_many, hamming, VNNI)

const lk_kernels lk_kernels_avx512vnni = {
    "avx512vnni",
    lk_dot_avx512,
    lk_squared_l2_avx512,
    lk_dot_many_avx512,
    lk_squared_l2_many_avx512,
    dot_i8_many,
    squared_l2_u8_many,
    lk_scale_dots_fma,
    hamming_many,
    lk_fresh_links_avx512};

#endif
