/* Kernels of a network's operators other than convolutions and matrix products: functions of each element, copies,
 * reductions, normalisation, pooling, resizing, and the one-byte side of quantized networks.
 *
 * Every instruction set has a full set of kernels behind one table; the scalar set is the reference that the others
 * are tested against. Callers take lk_tensor_kernels_best() once and call through the table: the choice is made at run
 * time, from what the processor reports, so one binary serves every machine of an architecture.
 *
 * Tensors are strided views (lk_tensor_walk.h), float32 unless said, aligned to their element. Sizes and strides are
 * counted in elements. x, a and b are inputs, y is the output. An output may be its input when both have the same
 * strides, for functions of each element; else they must not overlap. Nothing is allocated; all functions are pure but
 * for their output and may be called from any thread. Walks are best simplified once, when a network is planned.
 *
 * Accuracy: sums are kept in double precision after at most eight float32 terms, so they are within 1e-6 of the sum of
 * magnitudes. A NaN among the inputs of an element makes that element NaN, except in max, min and max pooling, where
 * it may be lost. The one-byte kernels give the same bits on every instruction set.
 */
#ifndef LOOKALIKE_TENSOR_OPS_H
#define LOOKALIKE_TENSOR_OPS_H

#include "lk_tensor_walk.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A function of one element. Largest errors, which the tests hold it to: 2e-7 of the result for exp and log, 2.5e-7 for
 * tanh, sigmoid, swish, softplus and elu, 5e-7 for erf; 3e-7 of |x| for both kinds of gelu and for hard swish. Results
 * below 1e-36 in magnitude may be off by that much. */
typedef enum lk_function {
    LK_IDENTITY,
    LK_RELU,
    LK_LEAKY_RELU,   /* x below 0: alpha x */
    LK_ELU,          /* x below 0: alpha (exp(x) - 1) */
    LK_SIGMOID,      /* 1 / (1 + exp(-x)) */
    LK_HARD_SIGMOID, /* max(0, min(1, alpha x + beta)) */
    LK_HARD_SWISH,   /* x max(0, min(1, x / 6 + 1 / 2)) */
    LK_SWISH,        /* x sigmoid(x); 0 at minus infinity */
    LK_TANH,
    LK_ERF,
    LK_GELU,             /* x (1 + erf(x / sqrt 2)) / 2; 0 at minus infinity */
    LK_GELU_APPROXIMATE, /* x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2; 0 at minus infinity */
    LK_SQUARE_ROOT,
    LK_EXPONENTIAL,
    LK_LOGARITHM, /* natural */
    LK_ABSOLUTE,
    LK_NEGATE,
    LK_RECIPROCAL,
    LK_FLOOR,
    LK_CEILING,
    LK_SOFTPLUS, /* log(1 + exp(x)) */
    LK_CLIP,     /* max(alpha, min(beta, x)), alpha at most beta */
    LK_FUNCTION_COUNT
} lk_function;

/* A function with its parameters; those that it does not name are not looked at. */
typedef struct lk_activation {
    lk_function function;
    float alpha;
    float beta;
} lk_activation;

/* A function of two elements. */
typedef enum lk_binary {
    LK_ADD,
    LK_SUBTRACT,
    LK_MULTIPLY,
    LK_DIVIDE,
    LK_POWER,
    LK_MINIMUM,
    LK_MAXIMUM,
    LK_PARAMETRIC_RELU, /* a below 0: a b */
    LK_BINARY_COUNT
} lk_binary;

/* What becomes of many elements. */
typedef enum lk_reduction {
    LK_REDUCE_MEAN,
    LK_REDUCE_SUM,
    LK_REDUCE_MAX,
    LK_REDUCE_MIN,
    LK_REDUCE_L2, /* the square root of the sum of squares */
    LK_REDUCE_SUM_OF_SQUARES,
    LK_REDUCTION_COUNT
} lk_reduction;

typedef enum lk_pooling { LK_POOL_MAX, LK_POOL_AVERAGE } lk_pooling;

/* Windows that slide over one picture, channels last: both views have a channel stride of 1. A window that reaches over
 * an edge takes what it covers; one that covers nothing has a maximum of minus infinity (one byte: 0) and a mean of 0.
 */
typedef struct lk_window {
    int32_t channels;
    int32_t in_height, in_width, out_height, out_width;
    int32_t kernel_height, kernel_width;
    int32_t stride_down, stride_across;
    int32_t dilation_down, dilation_across;
    int32_t pad_top, pad_left;
    /* Looked at only when padding counts: a mean is then over what the window covers of the picture with its padding.
     */
    int32_t pad_bottom, pad_right;
    int32_t counts_padding;
    /* From one row, and from one pixel, to the next. */
    int64_t in_row, in_pixel, out_row, out_pixel;
} lk_window;

/* How one picture is enlarged or reduced, channels last: both views have a channel stride of 1. Output row r lies
 * between input rows top[r] and bottom[r], at down[r] (0...1) of the way; columns likewise. Nearest takes row top[r]
 * and column left[c], and looks at no other table. */
typedef struct lk_resampling {
    int32_t channels;
    int32_t out_height, out_width;
    int32_t is_linear;
    const int32_t *top, *bottom;
    const float *down;
    const int32_t *left, *right;
    const float *across;
    int64_t in_row, in_pixel, out_row, out_pixel;
} lk_resampling;

/* Which value a byte means: (byte - zero_point) * scale. */
typedef struct lk_quantization {
    float scale;
    int32_t zero_point;
} lk_quantization;

/* Between which bytes a result is kept: 0 and 255, or what an activation leaves. */
typedef struct lk_byte_range {
    int32_t lowest, highest;
} lk_byte_range;

/* One instruction set's kernels. */
typedef struct lk_tensor_kernels {
    /* "scalar", "avx2", "avx512" or "neon". */
    const char *name;

    /* y = f(x). Walk: y, x. */
    void (*unary)(const lk_walk *walk, lk_activation f, const float *x, float *y);
    /* y = then(op(a, b)). Walk: y, a, b; quick when the innermost strides are 1, or 0 for a or b. */
    void (*binary)(const lk_walk *walk, lk_binary op, lk_activation then, const float *a, const float *b, float *y);
    /* y = x. Walk: y, x. An element has 1 or 4 bytes, of whatever type. */
    void (*copy)(const lk_walk *walk, size_t element_size, const void *x, void *y);
    /* y = the element at `value`. Walk: y. An element has 1 or 4 bytes. */
    void (*fill)(const lk_walk *walk, size_t element_size, const void *value, void *y);

    /* For each position of `outer` (y, x) y = the reduction of x over `inner` (x alone: operand 0). Over nothing: 0;
     * max and min: minus and plus infinity; the mean: NaN. */
    void (*reduce)(const lk_walk *outer, const lk_walk *inner, lk_reduction kind, const float *x, float *y);
    /* Along an axis of `count` elements with the strides y_stride and x_stride, for each position of `others` (y, x):
     * y = exp(x - max) / sum of exp(x - max). */
    void (*softmax)(const lk_walk *others, int64_t count, int64_t y_stride, int64_t x_stride, const float *x, float *y);
    /* For each position of `rows` (y, x), over n elements that lie side by side in both:
     * y[i] = (x[i] - mean) / sqrt(variance + epsilon) * scale[i] + bias[i]. No bias: null. */
    void (*layer_normalise)(const lk_walk *rows, int64_t n, const float *scale, const float *bias, float epsilon,
                            const float *x, float *y);

    /* y = the maximum or the mean of each window. */
    void (*pool)(const lk_window *window, lk_pooling kind, const float *x, float *y);
    /* y = x enlarged or reduced. */
    void (*resample)(const lk_resampling *resampling, const float *x, float *y);

    /* y = nearest(x * (1 / scale)) + zero point, kept within 0...255; the nearest even one of two, NaN is 0, and 1 /
     * scale is rounded to float32 first. Walk: y, x. */
    void (*quantise)(const lk_walk *walk, lk_quantization to, const float *x, uint8_t *y);
    /* y = (x - zero point) * scale. Walk: y, x. */
    void (*dequantise)(const lk_walk *walk, lk_quantization from, const uint8_t *x, float *y);
    /* y = nearest((x - zero point of x) * (scale of x / scale of y)) + zero point of y, kept within `range`. Walk: y,
     * x. */
    void (*requantise)(const lk_walk *walk, lk_quantization from, lk_quantization to, lk_byte_range range,
                       const uint8_t *x, uint8_t *y);
    /* y = nearest((a - zero point of a) * (scale of a / scale of y) + the same of b) + zero point of y, kept within
     * `range`; each product and the sum are rounded to float32. Walk: y, a, b. */
    void (*add_bytes)(const lk_walk *walk, lk_quantization of_a, lk_quantization of_b, lk_quantization to,
                      lk_byte_range range, const uint8_t *a, const uint8_t *b, uint8_t *y);
    /* y = table[x], a table of 256. Walk: y, x. */
    void (*look_up)(const lk_walk *walk, const uint8_t *table, const uint8_t *x, uint8_t *y);
    /* y = the maximum of each window of bytes. */
    void (*pool_bytes_max)(const lk_window *window, const uint8_t *x, uint8_t *y);
    /* y = the mean of each window: (sum of bytes - how many * zero point) * (scale / how many that count). A global
     * mean is one window over all. Exact sums up to 2^23 bytes a window. */
    void (*pool_bytes_average)(const lk_window *window, lk_quantization from, const uint8_t *x, float *y);

    /* Pixels of three bytes to pixels of three floats: y[c] = (x[c] - mean[c]) * inverse[c], where `reverses` makes
     * y[c] of x[2 - c] (RGB to BGR), mean and inverse being counted as y is. */
    void (*normalise_u8)(const uint8_t *x, int64_t pixels, const float *mean, const float *inverse, int32_t reverses,
                         float *y);
} lk_tensor_kernels;

/* The fastest set that this processor runs. Never null. */
const lk_tensor_kernels *lk_tensor_kernels_best(void);

/* How many sets this processor runs; at least 1. */
size_t lk_tensor_kernels_count(void);

/* The set at an index below lk_tensor_kernels_count(), slowest first: index 0 is the scalar reference. Else null. */
const lk_tensor_kernels *lk_tensor_kernels_at(size_t index);

/* The set of that name, or null when this build or this processor lacks it. */
const lk_tensor_kernels *lk_tensor_kernels_named(const char *name);

#ifdef __cplusplus
}
#endif

#endif
