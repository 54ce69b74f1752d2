/* Softmax along one axis, and layer normalisation. */

/* Up to a vector of neighbouring columns, each along an axis: three passes, the second of which leaves the exponentials
 * in y. */
LK_INLINE void softmax_columns(int lk_is_part, int64_t lk_left, int64_t count, const float *x, int64_t x_step, float *y,
                               int64_t y_step) {
    vf highest = splat(-INFINITY);
    for (int64_t i = 0; i < count; i++)
        highest = larger(highest, LOAD(x + i * x_step));
    vd sum = {0};
    for (int64_t i = 0; i < count; i++) {
        vf e = exponential(LOAD(x + i * x_step) - highest);
        STORE(y + i * y_step, e);
        sum += widened(e);
    }
    vf factor = __builtin_convertvector(1.0 / sum, vf);
    for (int64_t i = 0; i < count; i++)
        STORE(y + i * y_step, LOAD(y + i * y_step) * factor);
}

/* One axis that lies side by side. */
static void softmax_side_by_side(int64_t count, const float *x, float *y) {
    const vf highest = splat(extreme_side_by_side(LK_TERM_MAX, x, count));
    vd sum = {0};
    LK_EACH_VECTOR(i, count, {
        vf e = exponential(LOAD(x + i) - highest);
        STORE(y + i, e);
        if (!lk_is_part) {
            sum += widened(e);
        } else {
            for (int k = 0; k < lk_left; k++)
                sum[k] += (double)e[k];
        }
    });
    const vf factor = splat((float)(1 / sum_of_lanes(sum)));
    LK_EACH_VECTOR(i, count, { STORE(y + i, LOAD(y + i) * factor); });
}

/* One axis that does not, through a buffer. */
static void softmax_apart(int64_t count, const float *x, int64_t x_step, float *y, int64_t y_step) {
    float highest = -INFINITY, buffer[LK_BUFFER];
    for (int64_t i = 0; i < count; i++)
        highest = x[i * x_step] > highest ? x[i * x_step] : highest;
    double sum = 0;
    for (int64_t i = 0; i < count; i += LK_BUFFER) {
        const int64_t some = count - i < LK_BUFFER ? count - i : LK_BUFFER;
        for (int64_t k = 0; k < some; k++)
            buffer[k] = x[(i + k) * x_step] - highest;
        rows_of_exponential(1, some, buffer, 0, buffer, 0, 0, 0);
        for (int64_t k = 0; k < some; k++) {
            sum += (double)buffer[k];
            y[(i + k) * y_step] = buffer[k];
        }
    }
    const float factor = (float)(1 / sum);
    for (int64_t i = 0; i < count; i++)
        y[i * y_step] *= factor;
}

static void softmax(const lk_walk *others, int64_t count, int64_t y_stride, int64_t x_stride, const float *x,
                    float *y) {
    if (lk_walk_count(others) == 0 || count == 0)
        return;
    const int32_t last = others->rank - 1;
    const int64_t n = last >= 0 ? others->sizes[last] : 1;
    const int64_t y_step = last >= 0 ? others->strides[0][last] : 0, x_step = last >= 0 ? others->strides[1][last] : 0;
    lk_cursor cursor = lk_cursor_over(others, 1);
    do {
        const float *from = x + cursor.at[1];
        float *to = y + cursor.at[0];
        if (x_stride == 1 && y_stride == 1) {
            for (int64_t i = 0; i < n; i++)
                softmax_side_by_side(count, from + i * x_step, to + i * y_step);
        } else if (x_step == 1 && y_step == 1) {
            int64_t i = 0;
            for (; i + LK_LANES <= n; i += LK_LANES)
                softmax_columns(0, LK_LANES, count, from + i, x_stride, to + i, y_stride);
            if (i < n)
                softmax_columns(1, n - i, count, from + i, x_stride, to + i, y_stride);
        } else {
            for (int64_t i = 0; i < n; i++)
                softmax_apart(count, from + i * x_step, x_stride, to + i * y_step, y_stride);
        }
    } while (lk_cursor_advance(&cursor));
}

static void layer_normalise(const lk_walk *rows, int64_t n, const float *scale, const float *bias, float epsilon,
                            const float *x, float *y) {
    if (lk_walk_count(rows) == 0 || n == 0)
        return;
    const lk_block block = lk_block_of(rows);
    lk_cursor cursor = lk_cursor_over(rows, 2);
    do {
        for (int64_t r = 0; r < block.rows; r++)
            for (int64_t c = 0; c < block.columns; c++) {
                const float *from = x + cursor.at[1] + r * block.row[1] + c * block.column[1];
                float *to = y + cursor.at[0] + r * block.row[0] + c * block.column[0];
                const vf mean = splat((float)(sum_side_by_side(LK_TERM_SELF, splat(0.0f), from, n) / (double)n));
                const double variance = sum_side_by_side(LK_TERM_SQUARE, mean, from, n) / (double)n;
                const vf factor = splat((float)(1 / sqrt(variance + (double)epsilon)));
                if (bias != NULL)
                    LK_EACH_VECTOR(
                        i, n, { STORE(to + i, (LOAD(from + i) - mean) * factor * LOAD(scale + i) + LOAD(bias + i)); });
                else
                    LK_EACH_VECTOR(i, n, { STORE(to + i, (LOAD(from + i) - mean) * factor * LOAD(scale + i)); });
            }
    } while (lk_cursor_advance(&cursor));
}
