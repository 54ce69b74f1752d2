/* Convolutions: the kernels that decide how fast a network runs.
 *
 * Activations are channels-last: a pixel's channels lie side by side, pixels of a row follow at `pixel stride`, rows at
 * a row stride. A dense convolution is a matrix product: each output pixel is a row, its inputs are a few runs of
 * consecutive elements (one for a 1 x 1 kernel; one for each kernel row, kernel width x channels long, for others), and
 * the weights are packed into panels of a few vectors' width that stream through the cache once for each tile of
 * pixels. So no picture is ever unrolled in memory ("im2col"), and 1 x 1, 3 x 3, strided, dilated and grouped
 * convolutions share the one inner loop that is worth tuning. A depthwise convolution has no such reuse: it slides over
 * the picture with a vector of channels.
 *
 * Letters: M output pixels, K inputs of each, N output channels.
 *
 * Thread-safety: kernels only read what they are given, and write the output alone. */
#ifndef LOOKALIKE_CONVOLUTION_H
#define LOOKALIKE_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

/* output[m][n] = clamp(bias[n] + sum over segments s and k < run of
 *                      input[at(m) + segments[s] + k] * w[s * run + k][n] + residual[m][n], low, high)
 *
 * The M output pixels are `lines` lines of `width`: pixel x of line y reads its input at y * input_line +
 * x * input_stride. Where lines follow each other without a gap the caller makes one line of them. */
typedef struct {
    const float *input;
    size_t input_stride, input_line; /* elements */
    const ptrdiff_t *segments;     /* where each run of inputs starts, in elements */
    size_t segment_count, run;     /* K = segment_count * run */
    const float *weights;          /* packed for this kernel table, see lk_pack_f32 */
    const float *bias;             /* N values, then zeros up to a multiple of the panel */
    const float *residual;         /* added before clamping; NULL: nothing */
    size_t residual_stride, residual_line;
    float *output;
    size_t output_stride, output_line;
    size_t width, lines, channels; /* M = width * lines, N */
    float low, high;
} lk_gemm_f32;

/* One band of output rows of a depthwise convolution, each channel with its own kernel. */
typedef struct {
    const float *const *rows;      /* the input rows that the band needs, first to last; NULL: a row of padding */
    size_t row_step;               /* rows from one output row's first to the next one's: the stride downwards */
    size_t row_dilation;
    size_t input_stride;           /* elements between pixels */
    size_t input_width;            /* pixels of a row */
    size_t kernel_height, kernel_width, step, dilation;   /* step, dilation: across */
    size_t padding_left;           /* pixels */
    const float *weights;          /* [kernel_height * kernel_width][channels, rounded up to a vector] */
    const float *bias;             /* channels, rounded up to a vector */
    float *output;
    size_t output_row_stride, output_stride;
    size_t output_rows, output_width, channels;
    float low, high;
} lk_depthwise_f32;

/* The same product of bytes: activations are unsigned with a zero point (value = (q - zero) * scale), weights signed
 * with a scale for each output channel. Sums are exact in 32 bits, so every instruction set gives the same bits.
 *
 *   sum = start[n] + sum over s, k of input[...] * w[...][n]        start holds -zero * (sum of n's weights)
 *   y   = fma(sum, scale[n], bias[n])                               in units of the output, see below
 *
 * With `output` (bytes) and no `wide`: y is in steps of the output's scale, its zero point in the bias, and is rounded
 * half to even and clamped to low...high. With `wide` (float32): y is a value; the residual is added, it is clamped to
 * wide_low...wide_high and stored, and where `output` is given too, round(y * requantise + zero_out) is stored there.
 *
 * Runs are rounded up to 4 elements: up to 3 bytes after a run are read (and multiplied by zero weights), and depthwise
 * kernels read whole blocks of 32 channels, so buffers of bytes end with LK_SPARE_BYTES that may be read. */
typedef struct {
    const uint8_t *input;
    size_t input_stride, input_line;
    const ptrdiff_t *segments;
    size_t segment_count, run;
    const int8_t *weights;         /* packed, see lk_pack_s8 */
    const int32_t *start;          /* each of these: N values, then zeros up to a multiple of 32 */
    const float *scale, *bias;
    const float *residual;
    size_t residual_stride, residual_line;
    float *wide;
    size_t wide_stride, wide_line;
    float wide_low, wide_high, requantise, zero_out;
    uint8_t *output;
    size_t output_stride, output_line;
    uint8_t low, high;
    size_t width, lines, channels;
} lk_gemm_u8;

/* A band of a depthwise convolution of bytes, bytes out. Channels go in blocks of 32, see lk_depthwise_place. */
typedef struct {
    const uint8_t *const *rows;    /* as above */
    size_t row_step, input_stride, input_width;
    size_t kernel_height, kernel_width, step;   /* kernel_height at most 8; no dilation */
    size_t padding_left;
    const int8_t *weights;         /* packed, see lk_pack_depthwise_s8 */
    const int32_t *start;          /* per block of 32, in the order of lk_depthwise_place; so are scale and bias */
    const float *scale, *bias;
    const uint8_t *zeros;          /* channels rounded up to 32, all the input's zero point */
    uint8_t *output;
    size_t output_row_stride, output_stride;
    size_t output_rows, output_width, channels;
    uint8_t low, high;
} lk_depthwise_u8;

/* The widest dense u8 panel, in channels; also the block of a depthwise one. */
#define LK_BYTE_PANEL 32
/* What may be read behind the end of a buffer of bytes. */
#define LK_SPARE_BYTES 64

/* One instruction set's kernels. */
typedef struct {
    const char *name;
    size_t lanes;                  /* float channels of a vector */
    size_t panel;                  /* float channels of a packed panel: two vectors */
    size_t tail;                   /* a last panel of more than one vector is rounded up to a multiple of this */
    void (*gemm_f32)(const lk_gemm_f32 *);
    void (*depthwise_f32)(const lk_depthwise_f32 *);
    void (*gemm_u8)(const lk_gemm_u8 *);
    void (*depthwise_u8)(const lk_depthwise_u8 *);
} lk_convolution_kernels;

/* The sets that this processor runs, slowest (the scalar reference) first. */
size_t lk_convolution_kernels_count(void);
const lk_convolution_kernels *lk_convolution_kernels_at(size_t index);
/* NULL when it is not compiled in or this processor lacks it. */
const lk_convolution_kernels *lk_convolution_kernels_named(const char *name);
const lk_convolution_kernels *lk_convolution_kernels_best(void);

/* Packed sizes, in elements. */
size_t lk_packed_f32_size(const lk_convolution_kernels *, size_t k, size_t n);
size_t lk_packed_s8_size(size_t segments, size_t run, size_t n);
size_t lk_packed_depthwise_s8_size(size_t kernel_height, size_t kernel_width, size_t channels);

/* Packs weights given as w[k * k_stride + n * n_stride] into panels: [panel][k][channels of the panel]. Each panel is
 * two vectors wide, the last as wide as it needs; what is beyond n is zero. */
void lk_pack_f32(const lk_convolution_kernels *, const float *w, size_t k_stride, size_t n_stride, size_t k, size_t n,
                 float *packed);
/* Packs bytes given as w[(s * run + k) * k_stride + n * n_stride] as [panel][segment][k / 4][channel][4], a panel 32
 * channels wide, the last one 16 where that is enough. */
void lk_pack_s8(const int8_t *w, size_t k_stride, size_t n_stride, size_t segments, size_t run, size_t n, int8_t *packed);
/* Packs w[(y * kernel_width + x) * channels + c] as [block][x][y / 4][place of c][4]. */
void lk_pack_depthwise_s8(const int8_t *w, size_t kernel_height, size_t kernel_width, size_t channels, int8_t *packed);
/* Where channel c (0...31) of a block lies in the packed order: the order in which bytes come out of the unpack
 * instructions, which work on 16 bytes at a time. */
static inline size_t lk_depthwise_place(size_t c) { return c % 16 / 4 * 8 + c / 16 * 4 + c % 4; }

#endif
