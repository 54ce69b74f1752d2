/* Reductions. Sums of up to eight terms are taken in float32, pairwise, and added up in double precision: that keeps
 * up with the second-level cache, and the rounding of the eight is all there is (3 * 2^-24 of the magnitudes).
 *
 * Three ways through memory: `x` contiguous along the outer positions (a global mean over pixels with channels last),
 * a vector of outer positions at a time; contiguous along the inner ones, a vector of inner positions at a time; else
 * one by one. */

/* How a reduction looks at an element: itself, its square, or as a maximum or minimum. */
enum { LK_TERM_SELF, LK_TERM_SQUARE, LK_TERM_MAX, LK_TERM_MIN };

LK_INLINE vf term(int kind, vf x) {
    return kind == LK_TERM_SQUARE ? x * x : x;
}

/* The sum of x, or of (x - centre)^2, over n that lie side by side. */
LK_INLINE double sum_side_by_side(int kind, vf centre, const float *x, int64_t n) {
    vd sum = {0};
    int64_t i = 0;
    for (; i + 8 * LK_LANES <= n; i += 8 * LK_LANES) {
        vf t[8];
        LK_UNROLL for (int k = 0; k < 8; k++) t[k] = term(kind, load(x + i + k * LK_LANES) - centre);
        sum += widened(((t[0] + t[1]) + (t[2] + t[3])) + ((t[4] + t[5]) + (t[6] + t[7])));
    }
    /* Fewer than eight vectors are left, and a part of one. */
    vf rest[2] = {splat(0.0f), splat(0.0f)};
    for (; i + 2 * LK_LANES <= n; i += 2 * LK_LANES) {
        rest[0] += term(kind, load(x + i) - centre);
        rest[1] += term(kind, load(x + i + LK_LANES) - centre);
    }
    for (; i + LK_LANES <= n; i += LK_LANES)
        rest[0] += term(kind, load(x + i) - centre);
    if (LK_LANES > 1 && i < n)
        rest[1] += first_lanes(term(kind, load_some(x + i, n - i) - centre), n - i);
    return sum_of_lanes(sum + widened(rest[0] + rest[1]));
}

LK_INLINE float extreme_side_by_side(int kind, const float *x, int64_t n) {
    vf start = splat(kind == LK_TERM_MAX ? -INFINITY : INFINITY);
    vf best[4] = {start, start, start, start};
    int64_t i = 0;
    for (; i + 4 * LK_LANES <= n; i += 4 * LK_LANES)
        LK_UNROLL for (int k = 0; k < 4; k++) {
            vf t = load(x + i + k * LK_LANES);
            best[k] = kind == LK_TERM_MAX ? larger(t, best[k]) : smaller(t, best[k]);
        }
    for (; i + LK_LANES <= n; i += LK_LANES)
        best[0] = kind == LK_TERM_MAX ? larger(load(x + i), best[0]) : smaller(load(x + i), best[0]);
    for (int k = 1; k < 4; k++)
        best[0] = kind == LK_TERM_MAX ? larger(best[k], best[0]) : smaller(best[k], best[0]);
    float result = kind == LK_TERM_MAX ? largest_lane(best[0]) : smallest_lane(best[0]);
    for (; i < n; i++)
        result = (kind == LK_TERM_MAX ? x[i] > result : x[i] < result) ? x[i] : result;
    return result;
}

/* What is made of a sum: it, times a factor, or its root. */
typedef struct reduce_end {
    double factor;
    int takes_root;
} reduce_end;

LK_INLINE float finished(double sum, reduce_end end) {
    sum *= end.factor;
    return (float)(end.takes_root ? sqrt(sum) : sum);
}

/* Up to VECTORS vectors of outer positions; `left` counts the positions of the last when it is a part of one. */
LK_INLINE void reduce_columns(int vectors, int is_part, int64_t left, int kind, const lk_walk *inner, reduce_end end,
                              const float *x, float *y) {
    enum { MOST = 4 };
#define LK_LOAD_COLUMN(p) (is_part ? load_some(p, left) : load(p))
    const int32_t last = inner->rank - 1;
    const int64_t n = inner->rank > 0 ? inner->sizes[last] : 1, step = inner->rank > 0 ? inner->strides[0][last] : 0;
    vd sum[MOST];
    vf best[MOST];
    LK_UNROLL for (int v = 0; v < vectors; v++) {
        sum[v] = (vd){0};
        best[v] = splat(kind == LK_TERM_MAX ? -INFINITY : INFINITY);
    }
    lk_cursor cursor = lk_cursor_over(inner, 1);
    do {
        const float *from = x + cursor.at[0];
        int64_t i = 0;
        if (kind == LK_TERM_MAX || kind == LK_TERM_MIN) {
            for (; i < n; i++)
                LK_UNROLL for (int v = 0; v < vectors; v++) {
                    vf t = LK_LOAD_COLUMN(from + i * step + v * LK_LANES);
                    best[v] = kind == LK_TERM_MAX ? larger(t, best[v]) : smaller(t, best[v]);
                }
            continue;
        }
        for (; i + 4 <= n; i += 4)
            LK_UNROLL for (int v = 0; v < vectors; v++) {
                vf t[4];
                LK_UNROLL for (int k = 0; k < 4; k++) t[k] =
                    term(kind, LK_LOAD_COLUMN(from + (i + k) * step + v * LK_LANES));
                sum[v] += widened((t[0] + t[1]) + (t[2] + t[3]));
            }
        for (; i < n; i++)
            LK_UNROLL for (int v = 0; v < vectors; v++) sum[v] +=
                widened(term(kind, LK_LOAD_COLUMN(from + i * step + v * LK_LANES)));
    } while (lk_cursor_advance(&cursor));
    LK_UNROLL for (int v = 0; v < vectors; v++) {
        vf result = best[v];
        if (kind == LK_TERM_SELF || kind == LK_TERM_SQUARE) {
            vd total = sum[v] * end.factor;
            if (end.takes_root)
                total = __builtin_elementwise_sqrt(total);
            result = __builtin_convertvector(total, vf);
        }
        if (is_part)
            store_some(y + v * LK_LANES, result, left);
        else
            store(y + v * LK_LANES, result);
    }
#undef LK_LOAD_COLUMN
}

/* One outer position, where inner ones lie side by side (then `is_contiguous`) or anyhow. */
LK_INLINE float reduce_one(int is_contiguous, int kind, const lk_walk *inner, reduce_end end, const float *x) {
    const int32_t last = inner->rank - 1;
    const int64_t n = inner->rank > 0 ? inner->sizes[last] : 1, step = inner->rank > 0 ? inner->strides[0][last] : 0;
    double sum = 0;
    float best = kind == LK_TERM_MAX ? -INFINITY : INFINITY;
    lk_cursor cursor = lk_cursor_over(inner, 1);
    do {
        const float *from = x + cursor.at[0];
        if (kind == LK_TERM_MAX || kind == LK_TERM_MIN) {
            if (is_contiguous) {
                float t = extreme_side_by_side(kind, from, n);
                best = (kind == LK_TERM_MAX ? t > best : t < best) ? t : best;
            } else {
                for (int64_t i = 0; i < n; i++) {
                    float t = from[i * step];
                    best = (kind == LK_TERM_MAX ? t > best : t < best) ? t : best;
                }
            }
        } else if (is_contiguous) {
            sum += sum_side_by_side(kind, splat(0.0f), from, n);
        } else {
            for (int64_t i = 0; i < n; i++) {
                double t = from[i * step];
                sum += kind == LK_TERM_SQUARE ? t * t : t;
            }
        }
    } while (lk_cursor_advance(&cursor));
    return kind == LK_TERM_MAX || kind == LK_TERM_MIN ? best : finished(sum, end);
}

LK_INLINE void reduce_all(int kind, const lk_walk *outer, const lk_walk *inner, reduce_end end, const float *x,
                          float *y) {
    const int32_t last = outer->rank - 1;
    const int64_t n = last >= 0 ? outer->sizes[last] : 1;
    const int64_t y_step = last >= 0 ? outer->strides[0][last] : 0, x_step = last >= 0 ? outer->strides[1][last] : 0;
    const int inner_is_contiguous = inner->rank > 0 && inner->strides[0][inner->rank - 1] == 1;
    lk_cursor cursor = lk_cursor_over(outer, 1);
    do {
        const float *from = x + cursor.at[1];
        float *to = y + cursor.at[0];
        int64_t i = 0;
        if (x_step == 1 && y_step == 1 && n > 1) {
            for (; i + 4 * LK_LANES <= n; i += 4 * LK_LANES)
                reduce_columns(4, 0, 0, kind, inner, end, from + i, to + i);
            for (; i + LK_LANES <= n; i += LK_LANES)
                reduce_columns(1, 0, 0, kind, inner, end, from + i, to + i);
            if (i < n)
                reduce_columns(1, 1, n - i, kind, inner, end, from + i, to + i);
        } else if (inner_is_contiguous) {
            for (; i < n; i++)
                to[i * y_step] = reduce_one(1, kind, inner, end, from + i * x_step);
        } else {
            for (; i < n; i++)
                to[i * y_step] = reduce_one(0, kind, inner, end, from + i * x_step);
        }
    } while (lk_cursor_advance(&cursor));
}

static void reduce(const lk_walk *outer, const lk_walk *inner, lk_reduction kind, const float *x, float *y) {
    if (lk_walk_count(outer) == 0)
        return;
    const int64_t count = lk_walk_count(inner);
    if (count == 0) {
        const float of_nothing = kind == LK_REDUCE_MAX    ? -INFINITY
                                 : kind == LK_REDUCE_MIN  ? INFINITY
                                 : kind == LK_REDUCE_MEAN ? NAN
                                                          : 0;
        fill(outer, sizeof(float), &of_nothing, y);
        return;
    }
    const reduce_end end = {kind == LK_REDUCE_MEAN ? 1 / (double)count : 1, kind == LK_REDUCE_L2};
    switch (kind) {
    case LK_REDUCE_MAX:
        reduce_all(LK_TERM_MAX, outer, inner, end, x, y);
        break;
    case LK_REDUCE_MIN:
        reduce_all(LK_TERM_MIN, outer, inner, end, x, y);
        break;
    case LK_REDUCE_L2:
    case LK_REDUCE_SUM_OF_SQUARES:
        reduce_all(LK_TERM_SQUARE, outer, inner, end, x, y);
        break;
    default:
        reduce_all(LK_TERM_SELF, outer, inner, end, x, y);
    }
}
