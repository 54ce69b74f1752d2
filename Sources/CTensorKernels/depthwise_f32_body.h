/* Depthwise convolution in float32, for one instruction set: a vector of channels at a time slides along a row.
 *
 * Inside the picture four neighbouring outputs are made at once: their windows overlap, so a 3 x 3 kernel loads 18
 * vectors for 36 multiplications instead of 36, and a 5 x 5 one 40 for 100. Channels are the inner loop and pixels the
 * outer one: memory is walked in the order in which it lies, and the kernel's weights come from the first-level cache.
 * At the edges the same code looks at each column before it loads it; other kernels' taps look up their pixels one by
 * one. */

/* Column J of a tile whose first one is `column` of the row: zeros where the row has none. EDGE: there may be such. */
#define LK_COLUMN_VALUE(J)                                                                                             \
    (EDGE && (size_t)(column + (J)) >= width ? LK_SET1(0) : some == 0 ? LK_LOAD(in) : LK_LOAD_SOME(in, some))

/* COUNT outputs of one vector of channels, of which `some` (0: all) are real. */
LK_TARGET static inline __attribute__((always_inline)) void depthwise_vector(const lk_depthwise_f32 *d, const int EDGE, const int COUNT,
                                                                             const int KW, const int STEP,
                                                                             const float *const *rows, ptrdiff_t column,
                                                                             size_t c, size_t padded, const size_t some,
                                                                             float *output) {
    LK_VECTOR sum[COUNT];
    const LK_VECTOR bias = LK_LOAD(d->bias + c);
    LK_UNROLL for (int t = 0; t < COUNT; t++) sum[t] = bias;
    const float *w = d->weights + c;
    const size_t stride = d->input_stride, width = d->input_width;
    const ptrdiff_t at = column * (ptrdiff_t)stride + (ptrdiff_t)c;
    for (size_t ky = 0; ky < d->kernel_height; ky++, w += (size_t)KW * padded) {
        const float *in = rows[ky * d->row_dilation];
        if (in == NULL)
            continue;
        in += at;
        LK_VECTOR weight[KW];
        LK_UNROLL for (int kx = 0; kx < KW; kx++) weight[kx] = LK_LOAD(w + (size_t)kx * padded);
        LK_UNROLL for (int j = 0; j < (COUNT - 1) * STEP + KW; j++) {
            const LK_VECTOR value = LK_COLUMN_VALUE(j);
            in += stride;
            LK_UNROLL for (int t = 0; t < COUNT; t++) {
                const int kx = j - t * STEP;
                if (kx >= 0 && kx < KW)
                    sum[t] = LK_FMA(value, weight[kx], sum[t]);
            }
        }
    }
    const LK_VECTOR low = LK_SET1(d->low), high = LK_SET1(d->high);
    LK_UNROLL for (int t = 0; t < COUNT; t++) {
        const LK_VECTOR y = LK_CLAMP(sum[t], low, high);
        if (some == 0)
            LK_STORE(output + (size_t)t * d->output_stride, y);
        else
            LK_STORE_SOME(output + (size_t)t * d->output_stride, y, some);
    }
}

/* NAME: COUNT outputs from pixel x on, of all channels. */
#define LK_DEPTHWISE_OVER(NAME, VECTOR, COUNT, KW, STEP)                                                               \
    LK_TARGET static inline __attribute__((always_inline)) void NAME##_over(                                           \
        const lk_depthwise_f32 *d, const int EDGE, const float *const *rows, ptrdiff_t column, float *output) {        \
        const size_t padded = (d->channels + LK_LANES - 1) / LK_LANES * LK_LANES;                                      \
        size_t c = 0;                                                                                                  \
        for (; c + LK_LANES <= d->channels; c += LK_LANES)                                                             \
            VECTOR(d, EDGE, COUNT, KW, STEP, rows, column, c, padded, 0, output + c);                                  \
        if (c < d->channels)                                                                                           \
            VECTOR(d, EDGE, COUNT, KW, STEP, rows, column, c, padded, d->channels - c, output + c);                    \
    }                                                                                                                  \
    LK_TARGET static void NAME(const lk_depthwise_f32 *d, const float *const *rows, size_t x, float *output) {         \
        const ptrdiff_t column = (ptrdiff_t)(x * STEP) - (ptrdiff_t)d->padding_left;                                   \
        if (column < 0 || (size_t)column + ((COUNT) - 1) * (STEP) + (KW) > d->input_width)                             \
            NAME##_over(d, 1, rows, column, output);                                                                   \
        else                                                                                                           \
            NAME##_over(d, 0, rows, column, output);                                                                   \
    }

#if LK_ROWS > 6
/* The same of two output rows at once, where there are registers enough: they share all but STEP of their input rows, and
 * what the second-level cache delivers is what limits one row at a time. */
LK_TARGET static inline __attribute__((always_inline)) void depthwise_pair(const lk_depthwise_f32 *d, const int EDGE, const int COUNT,
                                                                           const int KW, const int STEP,
                                                                           const float *const *rows, ptrdiff_t column,
                                                                           size_t c, size_t padded, const size_t some,
                                                                           float *output) {
    LK_VECTOR upper[COUNT], lower[COUNT];
    const LK_VECTOR bias = LK_LOAD(d->bias + c);
    LK_UNROLL for (int t = 0; t < COUNT; t++) upper[t] = lower[t] = bias;
    const size_t stride = d->input_stride, width = d->input_width;
    const size_t height = d->kernel_height, row_step = d->row_step;
    const ptrdiff_t at = column * (ptrdiff_t)stride + (ptrdiff_t)c;
    const float *const weights = d->weights + c;
    for (size_t r = 0; r < height + row_step; r++) {
        const float *in = rows[r];
        if (in == NULL)
            continue;
        in += at;
        LK_VECTOR value[(COUNT - 1) * STEP + KW], weight[KW];
        LK_UNROLL for (int j = 0; j < (COUNT - 1) * STEP + KW; j++) {
            value[j] = LK_COLUMN_VALUE(j);
            in += stride;
        }
        if (r < height) {
            const float *w = weights + r * (size_t)KW * padded;
            LK_UNROLL for (int kx = 0; kx < KW; kx++) weight[kx] = LK_LOAD(w + (size_t)kx * padded);
            LK_UNROLL for (int t = 0; t < COUNT; t++) {
                LK_UNROLL for (int kx = 0; kx < KW; kx++) upper[t] = LK_FMA(value[t * STEP + kx], weight[kx], upper[t]);
            }
        }
        if (r >= row_step) {
            const float *w = weights + (r - row_step) * (size_t)KW * padded;
            LK_UNROLL for (int kx = 0; kx < KW; kx++) weight[kx] = LK_LOAD(w + (size_t)kx * padded);
            LK_UNROLL for (int t = 0; t < COUNT; t++) {
                LK_UNROLL for (int kx = 0; kx < KW; kx++) lower[t] = LK_FMA(value[t * STEP + kx], weight[kx], lower[t]);
            }
        }
    }
    const LK_VECTOR low = LK_SET1(d->low), high = LK_SET1(d->high);
    LK_UNROLL for (int t = 0; t < COUNT; t++) {
        float *to = output + (size_t)t * d->output_stride;
        const LK_VECTOR y = LK_CLAMP(upper[t], low, high), z = LK_CLAMP(lower[t], low, high);
        if (some == 0) {
            LK_STORE(to, y);
            LK_STORE(to + d->output_row_stride, z);
        } else {
            LK_STORE_SOME(to, y, some);
            LK_STORE_SOME(to + d->output_row_stride, z, some);
        }
    }
}

#define LK_DEPTHWISE_PAIR(COUNT, KW, STEP)                                                                             \
    LK_DEPTHWISE_OVER(depthwise_pair_##COUNT##_##KW##_##STEP, depthwise_pair, COUNT, KW, STEP)
LK_DEPTHWISE_PAIR(2, 3, 1)
LK_DEPTHWISE_PAIR(4, 3, 1)
LK_DEPTHWISE_PAIR(2, 3, 2)
LK_DEPTHWISE_PAIR(4, 3, 2)
LK_DEPTHWISE_PAIR(2, 5, 1)
LK_DEPTHWISE_PAIR(4, 5, 1)
LK_DEPTHWISE_PAIR(2, 5, 2)
LK_DEPTHWISE_PAIR(4, 5, 2)
#endif

/* One output anywhere, with any kernel, step and dilation. */
LK_TARGET static void depthwise_anywhere(const lk_depthwise_f32 *d, const float *const *rows, size_t x, float *output) {
    const LK_VECTOR low = LK_SET1(d->low), high = LK_SET1(d->high);
    const size_t padded = (d->channels + LK_LANES - 1) / LK_LANES * LK_LANES;
    /* In pixels from the row's first; a tap of the padding wraps round to a huge one. */
    const size_t column = x * d->step - d->padding_left;
    for (size_t c = 0; c < d->channels; c += LK_LANES) {
        const size_t left = d->channels - c;
        LK_VECTOR sum = LK_LOAD(d->bias + c);
        const float *w = d->weights + c;
        for (size_t ky = 0; ky < d->kernel_height; ky++) {
            const float *row = rows[ky * d->row_dilation];
            for (size_t kx = 0; kx < d->kernel_width; kx++, w += padded) {
                const size_t at = column + kx * d->dilation;
                if (row == NULL || at >= d->input_width)
                    continue;
                const float *from = row + at * d->input_stride + c;
                const LK_VECTOR value = left >= LK_LANES ? LK_LOAD(from) : LK_LOAD_SOME(from, left);
                sum = LK_FMA(value, LK_LOAD(w), sum);
            }
        }
        const LK_VECTOR y = LK_CLAMP(sum, low, high);
        if (left >= LK_LANES)
            LK_STORE(output + c, y);
        else
            LK_STORE_SOME(output + c, y, left);
    }
}

#define LK_DEPTHWISE_INSIDE(COUNT, KW, STEP)                                                                           \
    LK_DEPTHWISE_OVER(depthwise_inside_##COUNT##_##KW##_##STEP, depthwise_vector, COUNT, KW, STEP)
LK_DEPTHWISE_INSIDE(1, 3, 1)
LK_DEPTHWISE_INSIDE(2, 3, 1)
LK_DEPTHWISE_INSIDE(4, 3, 1)
LK_DEPTHWISE_INSIDE(1, 3, 2)
LK_DEPTHWISE_INSIDE(2, 3, 2)
LK_DEPTHWISE_INSIDE(4, 3, 2)
LK_DEPTHWISE_INSIDE(1, 5, 1)
LK_DEPTHWISE_INSIDE(2, 5, 1)
LK_DEPTHWISE_INSIDE(4, 5, 1)
LK_DEPTHWISE_INSIDE(1, 5, 2)
LK_DEPTHWISE_INSIDE(2, 5, 2)
LK_DEPTHWISE_INSIDE(4, 5, 2)

typedef void depthwise_function(const lk_depthwise_f32 *, const float *const *rows, size_t x, float *output);

/* The kernels for one shape; NULL where there are none made for it. */
typedef struct {
    depthwise_function *one, *two, *four, *pair_of_two, *pair_of_four;
} depthwise_choice;

#if LK_ROWS > 6
#define LK_CHOICE(KW, STEP)                                                                                            \
    (depthwise_choice) {                                                                                               \
        depthwise_inside_1_##KW##_##STEP, depthwise_inside_2_##KW##_##STEP, depthwise_inside_4_##KW##_##STEP,          \
            depthwise_pair_2_##KW##_##STEP, depthwise_pair_4_##KW##_##STEP                                             \
    }
#else
#define LK_CHOICE(KW, STEP)                                                                                            \
    (depthwise_choice) {                                                                                               \
        depthwise_inside_1_##KW##_##STEP, depthwise_inside_2_##KW##_##STEP, depthwise_inside_4_##KW##_##STEP, NULL,    \
            NULL                                                                                                       \
    }
#endif

static depthwise_choice depthwise_choose(const lk_depthwise_f32 *d) {
    if (d->dilation == 1 && d->row_dilation == 1) {
        if (d->kernel_width == 3 && d->step == 1)
            return LK_CHOICE(3, 1);
        if (d->kernel_width == 3 && d->step == 2)
            return LK_CHOICE(3, 2);
        if (d->kernel_width == 5 && d->step == 1)
            return LK_CHOICE(5, 1);
        if (d->kernel_width == 5 && d->step == 2)
            return LK_CHOICE(5, 2);
    }
    return (depthwise_choice){NULL, NULL, NULL, NULL, NULL};
}

static void depthwise_f32(const lk_depthwise_f32 *d) {
    const depthwise_choice choice = depthwise_choose(d);
    const size_t stride = d->output_stride, width = d->output_width;
    for (size_t y = 0; y < d->output_rows;) {
        const float *const *rows = d->rows + y * d->row_step;
        float *output = d->output + y * d->output_row_stride;
        size_t x = 0, count = 1;
        if (choice.pair_of_two != NULL && y + 1 < d->output_rows) {
            count = 2;
            for (; x + 4 <= width; x += 4)
                choice.pair_of_four(d, rows, x, output + x * stride);
            if (x + 2 <= width)
                choice.pair_of_two(d, rows, x, output + x * stride), x += 2;
        }
        for (size_t i = 0; i < count; i++, y++) {
            size_t at = x;
            rows = d->rows + y * d->row_step;
            output = d->output + y * d->output_row_stride;
            if (choice.one != NULL) {
                for (; at + 4 <= width; at += 4)
                    choice.four(d, rows, at, output + at * stride);
                if (at + 2 <= width)
                    choice.two(d, rows, at, output + at * stride), at += 2;
                if (at < width)
                    choice.one(d, rows, at, output + at * stride), at += 1;
            }
            for (; at < width; at++)
                depthwise_anywhere(d, rows, at, output + at * stride);
        }
    }
}
