// The resampler's kernels for AVX2. Two weights at a time through the 16-bit multiply-add of pairs, whose 32-bit sums
// are exact here.
#include "resample_kernels.h"

#ifdef RESAMPLE_HAS_AVX2

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 void resample_vertical_avx2(const uint8_t *source, size_t stride, size_t rows, const int16_t *weights, int shift,
                                 uint8_t *out, size_t count) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i half = _mm256_set1_epi32(1 << (shift - 1));
    const __m128i by = _mm_cvtsi32_si128(shift);
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        // The unpacking works within 128-bit lanes, and so does the packing at the end: the order is kept.
        __m256i sum0 = half, sum1 = half, sum2 = half, sum3 = half;
        for (size_t r = 0; r < rows; r += 2) {
            const uint8_t *at = source + r * stride + i;
            const __m256i a = _mm256_loadu_si256((const __m256i *)at);
            const __m256i b = r + 1 < rows ? _mm256_loadu_si256((const __m256i *)(at + stride)) : zero;
            int32_t pair; // the stride of weights is even, the one behind the last is zero
            memcpy(&pair, weights + r, sizeof pair);
            const __m256i w = _mm256_set1_epi32(pair);
            const __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
            sum0 = _mm256_add_epi32(sum0, _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), w));
            sum1 = _mm256_add_epi32(sum1, _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), w));
            sum2 = _mm256_add_epi32(sum2, _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), w));
            sum3 = _mm256_add_epi32(sum3, _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), w));
        }
        const __m256i words0 = _mm256_packs_epi32(_mm256_sra_epi32(sum0, by), _mm256_sra_epi32(sum1, by));
        const __m256i words1 = _mm256_packs_epi32(_mm256_sra_epi32(sum2, by), _mm256_sra_epi32(sum3, by));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_packus_epi16(words0, words1));
    }
    if (i < count) resample_vertical_scalar(source + i, stride, rows, weights, shift, out + i, count - i);
}

AVX2 void resample_horizontal_avx2(const uint8_t *row, const codec_resample_axis *axis, uint8_t *out, size_t width) {
    const __m128i half = _mm_set1_epi32(1 << (axis->shift - 1));
    const __m128i by = _mm_cvtsi32_si128(axis->shift);
    // Four pixels of 3 bytes: two a lane, red beside red, green beside green, widened to 16 bits.
    const __m256i spread = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1, //
                                            6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
    const __m256i twice = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    for (size_t x = 0; x < width; x++, out += 3) {
        const uint8_t *from = row + (size_t)axis->starts[x] * 3;
        const int16_t *weights = axis->weights + x * axis->stride;
        __m256i sum = _mm256_setzero_si256();
        for (int32_t t = 0; t < axis->counts[x]; t += 4) {
            const __m128i pixels = _mm_loadu_si128((const __m128i *)(from + (size_t)t * 3));
            const __m128i four = _mm_loadl_epi64((const __m128i *)(weights + t));
            const __m256i p = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(pixels), spread);
            const __m256i w = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(four), twice);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(p, w));
        }
        __m128i total = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        total = _mm_sra_epi32(_mm_add_epi32(total, half), by);
        out[0] = (uint8_t)_mm_extract_epi32(total, 0);
        out[1] = (uint8_t)_mm_extract_epi32(total, 1);
        out[2] = (uint8_t)_mm_extract_epi32(total, 2);
    }
}

#else
// An empty translation unit is not C.
typedef int resample_avx2_is_absent;
#endif
