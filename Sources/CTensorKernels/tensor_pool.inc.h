/* Windows over pictures, and enlarging and reducing them; channels last, a vector of channels at a time. */

/* The part of a window that lies on the picture, along one axis: its first place there and how many there are. */
typedef struct window_span {
    int32_t first, count;
} window_span;

LK_INLINE window_span span_of(int32_t out, int32_t stride, int32_t pad, int32_t kernel, int32_t dilation, int32_t in) {
    const int32_t first = out * stride - pad;
    if (first >= 0 && first + (kernel - 1) * dilation < in) {
        window_span whole = {first, kernel};
        return whole;
    }
    const int32_t skipped = first < 0 ? (dilation - 1 - first) / dilation : 0;
    const int32_t end = first < in ? (in - first + dilation - 1) / dilation : 0;
    const int32_t count = (end < kernel ? end : kernel) - skipped;
    window_span span = {first + skipped * dilation, count > 0 ? count : 0};
    return span;
}

/* How many places of a window count towards a mean, padding among them, along one axis. */
LK_INLINE int32_t places_with_padding(int32_t out, int32_t stride, int32_t pad, int32_t kernel, int32_t dilation,
                                      int32_t in, int32_t pad_after) {
    const int32_t room = in + pad_after - (out * stride - pad);
    const int32_t places = room > 0 ? (room + dilation - 1) / dilation : 0;
    return places < kernel ? places : kernel;
}

/* What a mean over this window is divided by; at least 1. */
LK_INLINE int32_t divisor_of(const lk_window *w, int32_t row, int32_t column, int32_t rows, int32_t columns) {
    if (w->counts_padding) {
        rows = places_with_padding(row, w->stride_down, w->pad_top, w->kernel_height, w->dilation_down, w->in_height,
                                   w->pad_bottom);
        columns = places_with_padding(column, w->stride_across, w->pad_left, w->kernel_width, w->dilation_across,
                                      w->in_width, w->pad_right);
    }
    return rows * columns > 1 ? rows * columns : 1;
}

LK_INLINE vf pooled_vector(lk_pooling kind, int32_t rows, int32_t columns, const float *x, int64_t down, int64_t across,
                           int lk_is_part, int64_t lk_left) {
    vf value = splat(kind == LK_POOL_MAX ? -INFINITY : 0.0f);
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) {
            const vf t = LOAD(x + r * down + c * across);
            value = kind == LK_POOL_MAX ? larger(t, value) : value + t;
        }
    return value;
}

/* All channels of one window. Rows and columns that the caller gives as constants are unrolled. */
LK_INLINE void pool_window(lk_pooling kind, int32_t rows, int32_t columns, int64_t channels, const float *x,
                           int64_t down, int64_t across, float factor, float *y) {
    const vf multiplier = splat(factor);
    LK_EACH_VECTOR(i, channels, {
        vf value = pooled_vector(kind, rows, columns, x + i, down, across, lk_is_part, lk_left);
        if (kind == LK_POOL_AVERAGE)
            value *= multiplier;
        STORE(y + i, value);
    });
}

LK_INLINE void pool_all(lk_pooling kind, const lk_window *w, const float *x, float *y) {
    const int64_t down = w->in_row * w->dilation_down, across = w->in_pixel * w->dilation_across;
    const int64_t channels = w->channels;
    for (int32_t row = 0; row < w->out_height; row++) {
        const window_span v =
            span_of(row, w->stride_down, w->pad_top, w->kernel_height, w->dilation_down, w->in_height);
        for (int32_t column = 0; column < w->out_width; column++) {
            const window_span h =
                span_of(column, w->stride_across, w->pad_left, w->kernel_width, w->dilation_across, w->in_width);
            float *to = y + row * w->out_row + column * w->out_pixel;
            const int32_t rows = h.count > 0 ? v.count : 0, columns = v.count > 0 ? h.count : 0;
            const float *from = rows > 0 ? x + v.first * w->in_row + h.first * w->in_pixel : x;
            const float factor = kind == LK_POOL_AVERAGE ? 1 / (float)divisor_of(w, row, column, rows, columns) : 1;
            if (rows == 2 && columns == 2)
                pool_window(kind, 2, 2, channels, from, down, across, factor, to);
            else if (rows == 3 && columns == 3)
                pool_window(kind, 3, 3, channels, from, down, across, factor, to);
            else
                pool_window(kind, rows, columns, channels, from, down, across, factor, to);
        }
    }
}

static void pool(const lk_window *window, lk_pooling kind, const float *x, float *y) {
    if (kind == LK_POOL_MAX)
        pool_all(LK_POOL_MAX, window, x, y);
    else
        pool_all(LK_POOL_AVERAGE, window, x, y);
}

static void resample(const lk_resampling *s, const float *x, float *y) {
    const int64_t channels = s->channels;
    for (int32_t row = 0; row < s->out_height; row++) {
        const float *above = x + s->top[row] * s->in_row;
        float *to = y + row * s->out_row;
        if (!s->is_linear) {
            for (int32_t c = 0; c < s->out_width; c++, to += s->out_pixel) {
                const float *from = above + s->left[c] * s->in_pixel;
                LK_EACH_VECTOR(i, channels, { STORE(to + i, LOAD(from + i)); });
            }
            continue;
        }
        const float *below = x + s->bottom[row] * s->in_row;
        const float down = s->down[row];
        for (int32_t c = 0; c < s->out_width; c++, to += s->out_pixel) {
            const int64_t left = s->left[c] * s->in_pixel, right = s->right[c] * s->in_pixel;
            const float across = s->across[c];
            const vf a = splat((1 - down) * (1 - across)), b = splat((1 - down) * across);
            const vf d = splat(down * (1 - across)), e = splat(down * across);
            LK_EACH_VECTOR(i, channels, {
                vf upper = LOAD(above + left + i) * a + LOAD(above + right + i) * b;
                vf lower = LOAD(below + left + i) * d + LOAD(below + right + i) * e;
                STORE(to + i, upper + lower);
            });
        }
    }
}
