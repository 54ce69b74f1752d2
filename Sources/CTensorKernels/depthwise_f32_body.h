/* Depthwise convolution in float32, for one instruction set: a vector of channels at a time slides along a row.
 *
 * Inside the picture four neighbouring outputs are made at once: their windows overlap, so a 3 x 3 kernel loads 18
 * vectors for 36 multiplications instead of 36, and a 5 x 5 one 40 for 100. Channels are the inner loop and pixels the
 * outer one: memory is walked in the order in which it lies, and the kernel's weights come from the first-level cache.
 * At the edges each tap looks up where its pixel is, or reads zeros. */

/* COUNT outputs of one vector of channels, of which `some` (0: all) are real, their windows wholly inside the row. */
LK_TARGET static inline __attribute__((always_inline)) void depthwise_vector(const lk_depthwise_f32 *d, const int COUNT,
                                                                             const int KW, const int STEP,
                                                                             const float *const *rows, ptrdiff_t at,
                                                                             size_t c, size_t padded, const size_t some,
                                                                             float *output) {
    LK_VECTOR sum[COUNT];
    const LK_VECTOR bias = LK_LOAD(d->bias + c);
    LK_UNROLL for (int t = 0; t < COUNT; t++) sum[t] = bias;
    const float *w = d->weights + c;
    const size_t stride = d->input_stride;
    for (size_t ky = 0; ky < d->kernel_height; ky++, w += (size_t)KW * padded) {
        const float *in = rows[ky * d->row_dilation];
        if (in == NULL)
            continue;
        in += at;
        LK_VECTOR weight[KW];
        LK_UNROLL for (int kx = 0; kx < KW; kx++) weight[kx] = LK_LOAD(w + (size_t)kx * padded);
        LK_UNROLL for (int j = 0; j < (COUNT - 1) * STEP + KW; j++) {
            const LK_VECTOR value = some == 0 ? LK_LOAD(in) : LK_LOAD_SOME(in, some);
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

/* COUNT outputs from pixel x on. */
LK_TARGET static inline __attribute__((always_inline)) void depthwise_inside(const lk_depthwise_f32 *d, const int COUNT,
                                                                             const int KW, const int STEP,
                                                                             const float *const *rows, size_t x,
                                                                             float *output) {
    const size_t padded = (d->channels + LK_LANES - 1) / LK_LANES * LK_LANES;
    const ptrdiff_t column = (ptrdiff_t)((x * (size_t)STEP - d->padding_left) * d->input_stride);
    size_t c = 0;
    for (; c + LK_LANES <= d->channels; c += LK_LANES)
        depthwise_vector(d, COUNT, KW, STEP, rows, column + (ptrdiff_t)c, c, padded, 0, output + c);
    if (c < d->channels)
        depthwise_vector(d, COUNT, KW, STEP, rows, column + (ptrdiff_t)c, c, padded, d->channels - c, output + c);
}

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
    LK_TARGET static void depthwise_inside_##COUNT##_##KW##_##STEP(const lk_depthwise_f32 *d, const float *const *rows, \
                                                                   size_t x, float *output) {                          \
        depthwise_inside(d, COUNT, KW, STEP, rows, x, output);                                                         \
    }
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

static void depthwise_f32(const lk_depthwise_f32 *d) {
    depthwise_function *one = NULL, *two = NULL, *four = NULL;
    if (d->dilation == 1 && d->kernel_width == 3 && d->step == 1)
        one = depthwise_inside_1_3_1, two = depthwise_inside_2_3_1, four = depthwise_inside_4_3_1;
    else if (d->dilation == 1 && d->kernel_width == 3 && d->step == 2)
        one = depthwise_inside_1_3_2, two = depthwise_inside_2_3_2, four = depthwise_inside_4_3_2;
    else if (d->dilation == 1 && d->kernel_width == 5 && d->step == 1)
        one = depthwise_inside_1_5_1, two = depthwise_inside_2_5_1, four = depthwise_inside_4_5_1;
    else if (d->dilation == 1 && d->kernel_width == 5 && d->step == 2)
        one = depthwise_inside_1_5_2, two = depthwise_inside_2_5_2, four = depthwise_inside_4_5_2;
    /* Outputs first...last - 1 have whole windows. */
    const size_t reach = (d->kernel_width - 1) * d->dilation + 1;
    size_t first = (d->padding_left + d->step - 1) / d->step, last = 0;
    if (d->input_width + d->padding_left >= reach)
        last = (d->input_width + d->padding_left - reach) / d->step + 1;
    if (last > d->output_width)
        last = d->output_width;
    for (size_t y = 0; y < d->output_rows; y++) {
        const float *const *rows = d->rows + y * d->row_step;
        float *output = d->output + y * d->output_row_stride;
        for (size_t x = 0; x < d->output_width;) {
            float *to = output + x * d->output_stride;
            const size_t whole = one != NULL && x >= first && x < last ? last - x : 0;
            if (whole >= 4)
                four(d, rows, x, to), x += 4;
            else if (whole >= 2)
                two(d, rows, x, to), x += 2;
            else if (whole == 1)
                one(d, rows, x, to), x += 1;
            else
                depthwise_anywhere(d, rows, x, to), x += 1;
        }
    }
}
