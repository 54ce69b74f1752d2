/* Bytes with AVX-512 VNNI: vpdpbusd multiplies 64 unsigned by 64 signed bytes and adds each four products to a sum.
 *
 * The dense tile is the float one's shape: 14 pixels by two vectors of 16 channels. A depthwise convolution has one
 * product per tap and channel; the four products of an instruction are then four taps of a column, brought side by side
 * by unpacking four rows of 32 channels. A column so prepared serves all outputs whose windows it lies in. */
#if defined(__x86_64__)
#include "convolution_internal.h"
#include <immintrin.h>

#define LK_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma")))
#define LK_UNROLL _Pragma("clang loop unroll(full)")
#define LK_OPAQUE(p) __asm__("" : "+r"(p))
#define LK_ROWS 14

LK_TARGET static inline __attribute__((always_inline)) __m512i broadcast(const void *p) {
    int32_t value;
    __builtin_memcpy(&value, p, 4);
    return _mm512_set1_epi32(value);
}

#define LK_BYTE_STEP(J)                                                                                                \
    do {                                                                                                               \
        __m512i b[NV];                                                                                                 \
        LK_UNROLL for (int v = 0; v < NV; v++) b[v] = _mm512_loadu_si512(w + ((J) * NV + v) * 64);                     \
        LK_UNROLL for (int r = 0; r < MR; r++) {                                                                       \
            const __m512i a = broadcast(p[r / 3] + (size_t)(r % 3) * stride + 4 * (J));                                \
            LK_UNROLL for (int v = 0; v < NV; v++) sum[r][v] = _mm512_dpbusd_epi32(sum[r][v], a, b[v]);                \
        }                                                                                                              \
    } while (0)

LK_TARGET static inline __attribute__((always_inline)) void byte_tile(const lk_gemm_u8 *g, const int MR, const int NV,
                                                                      size_t line, size_t pixel, size_t channel,
                                                                      const int8_t *weights) {
    __m512i sum[MR][NV];
    LK_UNROLL for (int v = 0; v < NV; v++) {
        const __m512i start = _mm512_loadu_si512(g->start + channel + 16 * v);
        LK_UNROLL for (int r = 0; r < MR; r++) sum[r][v] = start;
    }
    const size_t stride = g->input_stride;
    const uint8_t *input = g->input + line * g->input_line;
    const int8_t *w = weights;
    for (size_t s = 0; s < g->segment_count; s++) {
        const uint8_t *p[(MR + 2) / 3];
        LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) {
            p[i] = input + g->segments[s] + (pixel + 3 * (size_t)i) * stride;
            LK_OPAQUE(p[i]);
        }
        size_t k = (g->run + 3) / 4;
        for (; k >= 4; k -= 4) {
            LK_BYTE_STEP(0);
            LK_BYTE_STEP(1);
            LK_BYTE_STEP(2);
            LK_BYTE_STEP(3);
            w += 4 * NV * 64;
            LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) p[i] += 16;
        }
        for (; k > 0; k--) {
            LK_BYTE_STEP(0);
            w += NV * 64;
            LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) p[i] += 4;
        }
    }
    const size_t left = g->channels - channel;
    const __m512 low = _mm512_set1_ps(g->low), high = _mm512_set1_ps(g->high);
    LK_UNROLL for (int v = 0; v < NV; v++) {
        const size_t rest = left - (size_t)v * 16;
        const __mmask16 some = rest >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << rest) - 1);
        const __m512 scale = _mm512_loadu_ps(g->scale + channel + 16 * v);
        const __m512 bias = _mm512_loadu_ps(g->bias + channel + 16 * v);
        if (g->wide == NULL) {
            uint8_t *output = g->output + line * g->output_line + pixel * g->output_stride + channel + 16 * v;
            LK_UNROLL for (int r = 0; r < MR; r++) {
                __m512 y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][v]), scale, bias);
                y = _mm512_min_ps(_mm512_max_ps(y, low), high);
                _mm_mask_storeu_epi8(output + (size_t)r * g->output_stride, some,
                                     _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(y)));
            }
        } else {
            float *wide = g->wide + line * g->wide_line;
            const float *residual = g->residual ? g->residual + line * g->residual_line : NULL;
            uint8_t *output = g->output ? g->output + line * g->output_line : NULL;
            const __m512 wide_low = _mm512_set1_ps(g->wide_low), wide_high = _mm512_set1_ps(g->wide_high);
            const __m512 requantise = _mm512_set1_ps(g->requantise), zero = _mm512_set1_ps(g->zero_out);
            LK_UNROLL for (int r = 0; r < MR; r++) {
                const size_t row = pixel + (size_t)r, at = channel + 16 * (size_t)v;
                __m512 y = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][v]), scale, bias);
                if (residual)
                    y = _mm512_add_ps(y, _mm512_maskz_loadu_ps(some, residual + row * g->residual_stride + at));
                y = _mm512_min_ps(_mm512_max_ps(y, wide_low), wide_high);
                _mm512_mask_storeu_ps(wide + row * g->wide_stride + at, some, y);
                if (output) {
                    y = _mm512_min_ps(_mm512_max_ps(_mm512_fmadd_ps(y, requantise, zero), low), high);
                    _mm_mask_storeu_epi8(output + row * g->output_stride + at, some,
                                         _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(y)));
                }
            }
        }
    }
}

typedef void byte_tile_function(const lk_gemm_u8 *, size_t line, size_t pixel, size_t channel, const int8_t *weights);

#define LK_BYTE_TILE(MR, NV)                                                                                           \
    LK_TARGET static void byte_tile_##MR##x##NV(const lk_gemm_u8 *g, size_t line, size_t pixel, size_t channel,        \
                                                const int8_t *weights) {                                               \
        byte_tile(g, MR, NV, line, pixel, channel, weights);                                                           \
    }
#define LK_BYTE_TILES(MR) LK_BYTE_TILE(MR, 1) LK_BYTE_TILE(MR, 2)
LK_BYTE_TILES(1)
LK_BYTE_TILES(2)
LK_BYTE_TILES(3)
LK_BYTE_TILES(4)
LK_BYTE_TILES(5)
LK_BYTE_TILES(6)
LK_BYTE_TILES(7)
LK_BYTE_TILES(8)
LK_BYTE_TILES(9)
LK_BYTE_TILES(10)
LK_BYTE_TILES(11)
LK_BYTE_TILES(12)
LK_BYTE_TILES(13)
LK_BYTE_TILES(14)

#define LK_BYTE_ROW(MR) {byte_tile_##MR##x1, byte_tile_##MR##x2}
static byte_tile_function *const byte_tiles[LK_ROWS][2] = {
    LK_BYTE_ROW(1), LK_BYTE_ROW(2), LK_BYTE_ROW(3),  LK_BYTE_ROW(4),  LK_BYTE_ROW(5),  LK_BYTE_ROW(6),  LK_BYTE_ROW(7),
    LK_BYTE_ROW(8), LK_BYTE_ROW(9), LK_BYTE_ROW(10), LK_BYTE_ROW(11), LK_BYTE_ROW(12), LK_BYTE_ROW(13), LK_BYTE_ROW(14),
};

/* In chunks, as in float32. */
static void gemm_u8(const lk_gemm_u8 *g) {
    const size_t k = g->segment_count * ((g->run + 3) / 4 * 4);
    size_t chunk = (size_t)192 * 1024 / (k ? k : 1) / LK_ROWS * LK_ROWS;
    if (chunk < LK_ROWS)
        chunk = LK_ROWS;
    const size_t step = g->width > chunk ? chunk : g->width;
    const size_t lines = step == 0 ? 1 : (chunk + step - 1) / step;
    for (size_t first = 0; first < g->lines; first += lines) {
        const size_t behind = g->lines - first < lines ? g->lines : first + lines;
        for (size_t begin = 0; begin < g->width; begin += step) {
            const size_t end = g->width - begin < step ? g->width : begin + step;
            const int8_t *weights = g->weights;
            for (size_t channel = 0; channel < g->channels; channel += LK_BYTE_PANEL) {
                const size_t vectors = g->channels - channel > 16 ? 2 : 1;
                for (size_t line = first; line < behind; line++) {
                    size_t at = begin;
                    for (size_t tiles = (end - begin + LK_ROWS - 1) / LK_ROWS; tiles > 0; tiles--) {
                        const size_t rows = (end - at + tiles - 1) / tiles;
                        byte_tiles[rows - 1][vectors - 1](g, line, at, channel, weights);
                        at += rows;
                    }
                }
                weights += k * vectors * 16;
            }
        }
    }
}

/* Four rows' bytes of one pixel and 32 channels, a channel's four side by side: 8 channels a vector, in the order of
 * lk_depthwise_place. */
LK_TARGET static inline __attribute__((always_inline)) void side_by_side(__m256i a, __m256i b, __m256i c, __m256i d,
                                                                         __m256i out[4]) {
    const __m256i ab_low = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
    const __m256i cd_low = _mm256_unpacklo_epi8(c, d), cd_high = _mm256_unpackhi_epi8(c, d);
    out[0] = _mm256_unpacklo_epi16(ab_low, cd_low);
    out[1] = _mm256_unpackhi_epi16(ab_low, cd_low);
    out[2] = _mm256_unpacklo_epi16(ab_high, cd_high);
    out[3] = _mm256_unpackhi_epi16(ab_high, cd_high);
}

LK_TARGET static inline __attribute__((always_inline)) __m256i bytes_at(const uint8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* What makes bytes of sums, for 32 channels. */
typedef struct {
    __m256 scale[4], bias[4];
    __m256i low, high;
} byte_finish;

/* The sums of one output and 32 channels, made bytes in the channels' own order. */
LK_TARGET static inline __attribute__((always_inline)) void depthwise_finish(const byte_finish *f, size_t left, __m256i a,
                                                                             __m256i b, __m256i c, __m256i d,
                                                                             uint8_t *output) {
    /* Packing saturates at 0...255 but takes what is beyond int32 for its least value, so the top is cut first. */
    const __m256 top = _mm256_set1_ps(255);
#define LK_ROUNDED(V, SUM)                                                                                             \
    _mm256_cvtps_epi32(_mm256_min_ps(_mm256_fmadd_ps(_mm256_cvtepi32_ps(SUM), f->scale[V], f->bias[V]), top))
    const __m256i low = _mm256_packs_epi32(LK_ROUNDED(0, a), LK_ROUNDED(1, b));
    const __m256i high = _mm256_packs_epi32(LK_ROUNDED(2, c), LK_ROUNDED(3, d));
    const __m256i bytes = _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(low, high), f->low), f->high);
    if (left >= 32)
        _mm256_storeu_si256((__m256i *)(void *)output, bytes);
    else
        _mm256_mask_storeu_epi8(output, (__mmask32)((1u << left) - 1), bytes);
}

LK_TARGET static inline __attribute__((always_inline)) byte_finish finish_of(const lk_depthwise_u8 *d, size_t c) {
    byte_finish f;
    LK_UNROLL for (int v = 0; v < 4; v++) {
        f.scale[v] = _mm256_loadu_ps(d->scale + c + 8 * v);
        f.bias[v] = _mm256_loadu_ps(d->bias + c + 8 * v);
    }
    f.low = _mm256_set1_epi8((char)d->low);
    f.high = _mm256_set1_epi8((char)d->high);
    return f;
}

LK_TARGET static inline __attribute__((always_inline)) __m256i weights_at(const int8_t *p) {
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Adds column J of group G to the sums of output T, where its window has it. Spelled out, not looped over: the compiler
 * keeps arrays of sums in registers only if few loops have to be unrolled for it. */
#define LK_TAP(T, J, G)                                                                                                \
    if (T < COUNT && J - T * STEP >= 0 && J - T * STEP < SIDE) {                                                       \
        const int8_t *w = weights + ((J - T * STEP) * GROUPS + G) * 128;                                               \
        sum##T##0 = _mm256_dpbusd_epi32(sum##T##0, column[0], weights_at(w));                                          \
        sum##T##1 = _mm256_dpbusd_epi32(sum##T##1, column[1], weights_at(w + 32));                                     \
        sum##T##2 = _mm256_dpbusd_epi32(sum##T##2, column[2], weights_at(w + 64));                                     \
        sum##T##3 = _mm256_dpbusd_epi32(sum##T##3, column[3], weights_at(w + 96));                                     \
    }
#define LK_COLUMN_ROW(J, KY)                                                                                           \
    (KY < SIDE ? bytes_at(from[KY < SIDE ? KY : 0] + (size_t)J * stride[KY < SIDE ? KY : 0] + c) : _mm256_setzero_si256())
#define LK_COLUMN(J, G)                                                                                                \
    if (J < (COUNT - 1) * STEP + SIDE) {                                                                               \
        __m256i column[4];                                                                                             \
        side_by_side(LK_COLUMN_ROW(J, 4 * G), LK_COLUMN_ROW(J, 4 * G + 1), LK_COLUMN_ROW(J, 4 * G + 2),                \
                     LK_COLUMN_ROW(J, 4 * G + 3), column);                                                             \
        LK_TAP(0, J, G) LK_TAP(1, J, G) LK_TAP(2, J, G) LK_TAP(3, J, G)                                                \
    }
#define LK_GROUP(G)                                                                                                    \
    LK_COLUMN(0, G) LK_COLUMN(1, G) LK_COLUMN(2, G) LK_COLUMN(3, G) LK_COLUMN(4, G) LK_COLUMN(5, G)                    \
    LK_COLUMN(6, G) LK_COLUMN(7, G) LK_COLUMN(8, G) LK_COLUMN(9, G) LK_COLUMN(10, G)
#define LK_SUMS(T) __m256i sum##T##0 = start0, sum##T##1 = start1, sum##T##2 = start2, sum##T##3 = start3
#define LK_FINISH(T)                                                                                                   \
    if (T < COUNT)                                                                                                     \
    depthwise_finish(&f, d->channels - c, sum##T##0, sum##T##1, sum##T##2, sum##T##3,                                  \
                     output + (size_t)T * output_stride + c)

/* COUNT (at most 4) outputs from pixel x on, their windows wholly inside the row, of a SIDE x SIDE kernel. */
LK_TARGET static inline __attribute__((always_inline)) void bytes_inside(const lk_depthwise_u8 *d, const int COUNT,
                                                                         const int SIDE, const int STEP,
                                                                         const uint8_t *const *rows, size_t x,
                                                                         uint8_t *output) {
    const int GROUPS = (SIDE + 3) / 4;
    const uint8_t *from[SIDE];
    size_t stride[SIDE];
    LK_UNROLL for (int ky = 0; ky < SIDE; ky++) {
        const uint8_t *row = rows[ky];
        stride[ky] = row ? d->input_stride : 0;
        from[ky] = row ? row + (x * (size_t)STEP - d->padding_left) * d->input_stride : d->zeros;
    }
    const size_t output_stride = d->output_stride;
    const int8_t *weights = d->weights;
    for (size_t c = 0; c < d->channels; c += 32, weights += SIDE * GROUPS * 128) {
        const __m256i start0 = _mm256_loadu_si256((const __m256i *)(const void *)(d->start + c));
        const __m256i start1 = _mm256_loadu_si256((const __m256i *)(const void *)(d->start + c + 8));
        const __m256i start2 = _mm256_loadu_si256((const __m256i *)(const void *)(d->start + c + 16));
        const __m256i start3 = _mm256_loadu_si256((const __m256i *)(const void *)(d->start + c + 24));
        LK_SUMS(0);
        LK_SUMS(1);
        LK_SUMS(2);
        LK_SUMS(3);
        LK_GROUP(0)
        if (GROUPS > 1) {
            LK_GROUP(1)
        }
        const byte_finish f = finish_of(d, c);
        LK_FINISH(0);
        LK_FINISH(1);
        LK_FINISH(2);
        LK_FINISH(3);
    }
}

/* One output anywhere, with any kernel of up to 8 rows. */
LK_TARGET static void bytes_anywhere(const lk_depthwise_u8 *d, const uint8_t *const *rows, size_t x, uint8_t *output) {
    const size_t groups = (d->kernel_height + 3) / 4;
    const size_t column_at = x * d->step - d->padding_left;
    const int8_t *weights = d->weights;
    for (size_t c = 0; c < d->channels; c += 32) {
        __m256i sum[4];
        LK_UNROLL for (int v = 0; v < 4; v++) sum[v] =
            _mm256_loadu_si256((const __m256i *)(const void *)(d->start + c + 8 * (size_t)v));
        for (size_t kx = 0; kx < d->kernel_width; kx++) {
            const size_t at = column_at + kx;
            for (size_t g = 0; g < groups; g++, weights += 128) {
                __m256i column[4], r[4];
                LK_UNROLL for (size_t i = 0; i < 4; i++) {
                    const size_t ky = 4 * g + i;
                    if (ky < d->kernel_height) {
                        const int padding = rows[ky] == NULL || at >= d->input_width;
                        r[i] = bytes_at(padding ? d->zeros + c : rows[ky] + at * d->input_stride + c);
                    } else {
                        r[i] = _mm256_setzero_si256();
                    }
                }
                side_by_side(r[0], r[1], r[2], r[3], column);
                LK_UNROLL for (int v = 0; v < 4; v++) sum[v] = _mm256_dpbusd_epi32(
                    sum[v], column[v], _mm256_loadu_si256((const __m256i *)(const void *)(weights + 32 * v)));
            }
        }
        const byte_finish f = finish_of(d, c);
        depthwise_finish(&f, d->channels - c, sum[0], sum[1], sum[2], sum[3], output + c);
    }
}

#define LK_BYTES_INSIDE(COUNT, SIDE, STEP)                                                                             \
    LK_TARGET static void bytes_inside_##COUNT##_##SIDE##_##STEP(const lk_depthwise_u8 *d, const uint8_t *const *rows, \
                                                                 size_t x, uint8_t *output) {                          \
        bytes_inside(d, COUNT, SIDE, STEP, rows, x, output);                                                           \
    }
LK_BYTES_INSIDE(1, 3, 1)
LK_BYTES_INSIDE(2, 3, 1)
LK_BYTES_INSIDE(4, 3, 1)
LK_BYTES_INSIDE(1, 3, 2)
LK_BYTES_INSIDE(2, 3, 2)
LK_BYTES_INSIDE(4, 3, 2)
LK_BYTES_INSIDE(1, 5, 1)
LK_BYTES_INSIDE(2, 5, 1)
LK_BYTES_INSIDE(4, 5, 1)
LK_BYTES_INSIDE(1, 5, 2)
LK_BYTES_INSIDE(2, 5, 2)
LK_BYTES_INSIDE(4, 5, 2)

typedef void bytes_function(const lk_depthwise_u8 *, const uint8_t *const *rows, size_t x, uint8_t *output);

static void depthwise_u8(const lk_depthwise_u8 *d) {
    bytes_function *one = NULL, *two = NULL, *four = NULL;
    const int three = d->kernel_width == 3 && d->kernel_height == 3;
    const int five = d->kernel_width == 5 && d->kernel_height == 5;
    if (three && d->step == 1)
        one = bytes_inside_1_3_1, two = bytes_inside_2_3_1, four = bytes_inside_4_3_1;
    else if (three && d->step == 2)
        one = bytes_inside_1_3_2, two = bytes_inside_2_3_2, four = bytes_inside_4_3_2;
    else if (five && d->step == 1)
        one = bytes_inside_1_5_1, two = bytes_inside_2_5_1, four = bytes_inside_4_5_1;
    else if (five && d->step == 2)
        one = bytes_inside_1_5_2, two = bytes_inside_2_5_2, four = bytes_inside_4_5_2;
    size_t first = (d->padding_left + d->step - 1) / d->step, last = 0;
    if (d->input_width + d->padding_left >= d->kernel_width)
        last = (d->input_width + d->padding_left - d->kernel_width) / d->step + 1;
    if (last > d->output_width)
        last = d->output_width;
    for (size_t y = 0; y < d->output_rows; y++) {
        const uint8_t *const *rows = d->rows + y * d->row_step;
        uint8_t *output = d->output + y * d->output_row_stride;
        for (size_t x = 0; x < d->output_width;) {
            uint8_t *to = output + x * d->output_stride;
            const size_t whole = one != NULL && x >= first && x < last ? last - x : 0;
            if (whole >= 4)
                four(d, rows, x, to), x += 4;
            else if (whole >= 2)
                two(d, rows, x, to), x += 2;
            else if (whole == 1)
                one(d, rows, x, to), x += 1;
            else
                bytes_anywhere(d, rows, x, to), x += 1;
        }
    }
}

const lk_convolution_kernels lk_convolution_avx512vnni = {
    .name = "avx512vnni", .lanes = 16, .panel = 32, .tail = 8, .gemm_f32 = lk_gemm_f32_avx512,
    .depthwise_f32 = lk_depthwise_f32_avx512, .gemm_u8 = gemm_u8, .depthwise_u8 = depthwise_u8,
};
#endif
