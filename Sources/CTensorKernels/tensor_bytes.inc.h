/* The one-byte side of quantized networks.
 *
 * The same bits on every instruction set: each product and each sum is rounded to float32 on its own (contraction into
 * a fused multiply-add is off in this file), whole numbers are found by adding and taking off 1.5 * 2^23, which rounds
 * to the nearest and of two to the even one, and bounds are applied before that, where they are whole numbers. */
#pragma clang fp contract(off)

#if LK_LANES == 1
enum { LK_BYTES = 1 };
#else
enum { LK_BYTES = 16 };
#endif

/* LK_BYTES bytes, and as many floats and integers, which the compiler splits over registers. */
typedef uint8_t vb __attribute__((vector_size(LK_BYTES)));
typedef uint8_t vb_stored __attribute__((vector_size(LK_BYTES), aligned(1), may_alias));
typedef float wf __attribute__((vector_size(4 * LK_BYTES)));
typedef float wf_stored __attribute__((vector_size(4 * LK_BYTES), aligned(4), may_alias));
typedef int32_t wi __attribute__((vector_size(4 * LK_BYTES)));

LK_INLINE wf splat_wide(float value) {
    return value - (wf){0};
}
LK_INLINE wi wide_of_bytes(vb bytes) {
    return __builtin_convertvector(bytes, wi);
}
LK_INLINE wf floats_of(wi whole) {
    return __builtin_convertvector(whole, wf);
}
LK_INLINE wf choose_wide(wi condition, wf a, wf b) {
    return (wf)((condition & (wi)a) | (~condition & (wi)b));
}

/* Rounds to whole numbers between two, which are at most 2^21 in magnitude, and adds the zero point. NaN becomes the
 * lowest. */
LK_INLINE vb rounded_bytes(wf value, wf lowest, wf highest, int32_t zero_point) {
    value = choose_wide(value > lowest, value, lowest);
    value = choose_wide(value < highest, value, highest);
    /* The low byte of the sum's bits is that of the whole number, negative or not. */
    return __builtin_convertvector((wi)(value + splat_wide(12582912.0f)), vb) + (uint8_t)zero_point;
}

/* Goes over all elements, LK_BYTES at a time. In BODY, GET(operand, pointer, type) is the vector of an input, and
 * PUT(pointer, value) stores the output; operands that do not lie side by side, and the ends of rows, pass through
 * buffers. */
#define LK_EACH_BYTES(walk, ...)                                                                                       \
    do {                                                                                                               \
        if (lk_walk_count(walk) == 0)                                                                                  \
            break;                                                                                                     \
        const lk_block block = lk_block_of(walk);                                                                      \
        lk_cursor cursor = lk_cursor_over(walk, 2);                                                                    \
        const int lk_lies_side_by_side =                                                                               \
            block.column[0] == 1 && (block.column[1] == 1) && (block.column[2] == 1 || LK_INPUTS < 2);                 \
        do {                                                                                                           \
            for (int64_t r = 0; r < block.rows; r++) {                                                                 \
                int64_t i = 0;                                                                                         \
                if (lk_lies_side_by_side)                                                                              \
                    for (; i + LK_BYTES <= block.columns; i += LK_BYTES) {                                             \
                        enum { lk_is_apart = 0 };                                                                      \
                        const int64_t lk_some = LK_BYTES;                                                              \
                        (void)lk_some;                                                                                 \
                        __VA_ARGS__                                                                                    \
                    }                                                                                                  \
                for (; i < block.columns; i += LK_BYTES) {                                                             \
                    enum { lk_is_apart = 1 };                                                                          \
                    const int64_t lk_left = block.columns - i;                                                         \
                    const int64_t lk_some = lk_left < LK_BYTES ? lk_left : LK_BYTES;                                   \
                    __VA_ARGS__                                                                                        \
                }                                                                                                      \
            }                                                                                                          \
        } while (lk_cursor_advance(&cursor));                                                                          \
    } while (0)
#define LK_PLACE(k) (cursor.at[k] + r * block.row[k] + i * block.column[k])
#define GET_BYTES(k, p)                                                                                                \
    (lk_is_apart ? bytes_apart((p) + LK_PLACE(k), block.column[k], lk_some)                                            \
                 : (vb) * (const vb_stored *)((p) + LK_PLACE(k)))
#define GET_FLOATS(k, p)                                                                                               \
    (lk_is_apart ? floats_apart((p) + LK_PLACE(k), block.column[k], lk_some)                                           \
                 : (wf) * (const wf_stored *)((p) + LK_PLACE(k)))
#define PUT_BYTES(p, v)                                                                                                \
    do {                                                                                                               \
        if (lk_is_apart)                                                                                               \
            put_bytes_apart((p) + LK_PLACE(0), block.column[0], lk_some, v);                                           \
        else                                                                                                           \
            *(vb_stored *)((p) + LK_PLACE(0)) = v;                                                                     \
    } while (0)
#define PUT_FLOATS(p, v)                                                                                               \
    do {                                                                                                               \
        if (lk_is_apart)                                                                                               \
            put_floats_apart((p) + LK_PLACE(0), block.column[0], lk_some, v);                                          \
        else                                                                                                           \
            *(wf_stored *)((p) + LK_PLACE(0)) = v;                                                                     \
    } while (0)

static vb bytes_apart(const uint8_t *from, int64_t step, int64_t count) {
    vb value = {0};
    for (int64_t i = 0; i < count; i++)
        value[i] = from[i * step];
    return value;
}
static wf floats_apart(const float *from, int64_t step, int64_t count) {
    wf value = {0};
    for (int64_t i = 0; i < count; i++)
        value[i] = from[i * step];
    return value;
}
static void put_bytes_apart(uint8_t *to, int64_t step, int64_t count, vb value) {
    for (int64_t i = 0; i < count; i++)
        to[i * step] = value[i];
}
static void put_floats_apart(float *to, int64_t step, int64_t count, wf value) {
    for (int64_t i = 0; i < count; i++)
        to[i * step] = value[i];
}

#define LK_INPUTS 1

static void quantise(const lk_walk *walk, lk_quantization to, const float *x, uint8_t *y) {
    const float inverse = 1 / to.scale;
    const wf lowest = splat_wide((float)-to.zero_point), highest = splat_wide((float)(255 - to.zero_point));
    LK_EACH_BYTES(walk, {
        const wf value = GET_FLOATS(1, x);
        PUT_BYTES(y, rounded_bytes(value * inverse, lowest, highest, to.zero_point));
    });
}

static void dequantise(const lk_walk *walk, lk_quantization from, const uint8_t *x, float *y) {
    LK_EACH_BYTES(walk, {
        const wi whole = wide_of_bytes(GET_BYTES(1, x)) - from.zero_point;
        PUT_FLOATS(y, floats_of(whole) * from.scale);
    });
}

static void requantise(const lk_walk *walk, lk_quantization from, lk_quantization to, lk_byte_range range,
                       const uint8_t *x, uint8_t *y) {
    const float factor = from.scale / to.scale;
    const wf lowest = splat_wide((float)(range.lowest - to.zero_point));
    const wf highest = splat_wide((float)(range.highest - to.zero_point));
    LK_EACH_BYTES(walk, {
        const wi whole = wide_of_bytes(GET_BYTES(1, x)) - from.zero_point;
        PUT_BYTES(y, rounded_bytes(floats_of(whole) * factor, lowest, highest, to.zero_point));
    });
}

#if LK_AVX512
/* With VBMI, which most processors with AVX-512 have, a table of 128 bytes is one instruction. */
__attribute__((target("avx512vbmi"))) static int64_t look_up_many(const uint8_t *table, const uint8_t *from,
                                                                  uint8_t *to, int64_t count) {
    const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
    const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
    int64_t i = 0;
    for (; i + 64 <= count; i += 64) {
        const __m512i x = _mm512_loadu_si512(from + i);
        const __m512i low = _mm512_permutex2var_epi8(t0, x, t1), high = _mm512_permutex2var_epi8(t2, x, t3);
        _mm512_storeu_si512(to + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(x), low, high));
    }
    return i;
}
#endif

static void look_up(const lk_walk *walk, const uint8_t *table, const uint8_t *x, uint8_t *y) {
    if (lk_walk_count(walk) == 0)
        return;
    const lk_block block = lk_block_of(walk);
    lk_cursor cursor = lk_cursor_over(walk, 2);
    do {
        const uint8_t *from = x + cursor.at[1];
        uint8_t *to = y + cursor.at[0];
        for (int64_t r = 0; r < block.rows; r++, from += block.row[1], to += block.row[0]) {
            int64_t i = 0;
#if LK_AVX512
            if (block.column[0] == 1 && block.column[1] == 1 && __builtin_cpu_supports("avx512vbmi"))
                i = look_up_many(table, from, to, block.columns);
#endif
            if (block.column[0] == 1 && block.column[1] == 1)
                for (; i + 8 <= block.columns; i += 8) {
                    uint64_t eight, found = 0;
                    memcpy(&eight, from + i, 8);
                    LK_UNROLL for (int k = 0; k < 64; k += 8) found |= (uint64_t)table[eight >> k & 255] << k;
                    memcpy(to + i, &found, 8);
                }
            for (; i < block.columns; i++)
                to[i * block.column[0]] = table[from[i * block.column[1]]];
        }
    } while (lk_cursor_advance(&cursor));
}

#undef LK_INPUTS
#define LK_INPUTS 2

static void add_bytes(const lk_walk *walk, lk_quantization of_a, lk_quantization of_b, lk_quantization to,
                      lk_byte_range range, const uint8_t *a, const uint8_t *b, uint8_t *y) {
    const float factor_a = of_a.scale / to.scale, factor_b = of_b.scale / to.scale;
    const wf lowest = splat_wide((float)(range.lowest - to.zero_point));
    const wf highest = splat_wide((float)(range.highest - to.zero_point));
    LK_EACH_BYTES(walk, {
        const wi whole_a = wide_of_bytes(GET_BYTES(1, a)) - of_a.zero_point;
        const wi whole_b = wide_of_bytes(GET_BYTES(2, b)) - of_b.zero_point;
        const wf sum = floats_of(whole_a) * factor_a + floats_of(whole_b) * factor_b;
        PUT_BYTES(y, rounded_bytes(sum, lowest, highest, to.zero_point));
    });
}

#undef LK_INPUTS

/* --- Pooling --- */

#define LK_DEFINE_LARGEST(NAME, VECTOR, STORED)                                                                        \
    LK_INLINE VECTOR NAME(int32_t rows, int32_t columns, const uint8_t *x, int64_t down, int64_t across) {             \
        VECTOR value = {0};                                                                                            \
        for (int32_t r = 0; r < rows; r++)                                                                             \
            for (int32_t c = 0; c < columns; c++)                                                                      \
                value = __builtin_elementwise_max(value, (VECTOR) * (const STORED *)(x + r * down + c * across));      \
        return value;                                                                                                  \
    }

LK_DEFINE_LARGEST(largest_bytes, vb, vb_stored)
#if LK_LANES > 4
/* A register full of bytes. */
typedef uint8_t fb __attribute__((vector_size(4 * LK_LANES)));
typedef uint8_t fb_stored __attribute__((vector_size(4 * LK_LANES), aligned(1), may_alias));
LK_DEFINE_LARGEST(largest_full, fb, fb_stored)
#endif

LK_INLINE void pool_window_bytes(int32_t rows, int32_t columns, int64_t channels, const uint8_t *x, int64_t down,
                                 int64_t across, uint8_t *y) {
    int64_t i = 0;
#if LK_LANES > 4
    for (; i + 4 * LK_LANES <= channels; i += 4 * LK_LANES)
        *(fb_stored *)(y + i) = largest_full(rows, columns, x + i, down, across);
#endif
    for (; i + LK_BYTES <= channels; i += LK_BYTES)
        *(vb_stored *)(y + i) = largest_bytes(rows, columns, x + i, down, across);
    if (i == channels)
        return;
    /* The last channels again with some before them, which come out the same. */
    if (channels >= LK_BYTES) {
        i = channels - LK_BYTES;
        *(vb_stored *)(y + i) = largest_bytes(rows, columns, x + i, down, across);
        return;
    }
    for (; i < channels; i++) {
        uint8_t value = 0;
        for (int32_t r = 0; r < rows; r++)
            for (int32_t c = 0; c < columns; c++) {
                const uint8_t t = x[r * down + c * across + i];
                value = t > value ? t : value;
            }
        y[i] = value;
    }
}

static void pool_bytes_max(const lk_window *w, const uint8_t *x, uint8_t *y) {
    const int64_t down = w->in_row * w->dilation_down, across = w->in_pixel * w->dilation_across;
    for (int32_t row = 0; row < w->out_height; row++) {
        const window_span v =
            span_of(row, w->stride_down, w->pad_top, w->kernel_height, w->dilation_down, w->in_height);
        for (int32_t column = 0; column < w->out_width; column++) {
            const window_span h =
                span_of(column, w->stride_across, w->pad_left, w->kernel_width, w->dilation_across, w->in_width);
            uint8_t *to = y + row * w->out_row + column * w->out_pixel;
            const int32_t rows = h.count > 0 ? v.count : 0, columns = v.count > 0 ? h.count : 0;
            const uint8_t *from = rows > 0 ? x + v.first * w->in_row + h.first * w->in_pixel : x;
            if (rows == 2 && columns == 2)
                pool_window_bytes(2, 2, w->channels, from, down, across, to);
            else if (rows == 3 && columns == 3)
                pool_window_bytes(3, 3, w->channels, from, down, across, to);
            else
                pool_window_bytes(rows, columns, w->channels, from, down, across, to);
        }
    }
}

/* The sums are whole numbers, exact until the last step. */
LK_INLINE void average_window_bytes(int32_t rows, int32_t columns, int64_t channels, const uint8_t *x, int64_t down,
                                    int64_t across, int32_t zero, float factor, float *y) {
    int64_t i = 0;
    for (; i + LK_BYTES <= channels; i += LK_BYTES) {
        wi sum = {0};
        for (int32_t r = 0; r < rows; r++)
            for (int32_t c = 0; c < columns; c++)
                sum += wide_of_bytes(*(const vb_stored *)(x + r * down + c * across + i));
        *(wf_stored *)(y + i) = floats_of(sum - zero) * factor;
    }
    for (; i < channels; i++) {
        int32_t sum = 0;
        for (int32_t r = 0; r < rows; r++)
            for (int32_t c = 0; c < columns; c++)
                sum += x[r * down + c * across + i];
        y[i] = (float)(sum - zero) * factor;
    }
}

static void pool_bytes_average(const lk_window *w, lk_quantization from, const uint8_t *x, float *y) {
    const int64_t down = w->in_row * w->dilation_down, across = w->in_pixel * w->dilation_across;
    for (int32_t row = 0; row < w->out_height; row++) {
        const window_span v =
            span_of(row, w->stride_down, w->pad_top, w->kernel_height, w->dilation_down, w->in_height);
        for (int32_t column = 0; column < w->out_width; column++) {
            const window_span h =
                span_of(column, w->stride_across, w->pad_left, w->kernel_width, w->dilation_across, w->in_width);
            float *to = y + row * w->out_row + column * w->out_pixel;
            const int32_t rows = h.count > 0 ? v.count : 0, columns = v.count > 0 ? h.count : 0;
            const uint8_t *first = rows > 0 ? x + v.first * w->in_row + h.first * w->in_pixel : x;
            const float factor = from.scale / (float)divisor_of(w, row, column, rows, columns);
            const int32_t zero = rows * columns * from.zero_point;
            if (rows == 2 && columns == 2)
                average_window_bytes(2, 2, w->channels, first, down, across, zero, factor, to);
            else if (rows == 3 && columns == 3)
                average_window_bytes(3, 3, w->channels, first, down, across, zero, factor, to);
            else
                average_window_bytes(rows, columns, w->channels, first, down, across, zero, factor, to);
        }
    }
}

/* --- Pixels --- */

static void normalise_u8(const uint8_t *x, int64_t pixels, const float *mean, const float *inverse, int32_t reverses,
                         float *y) {
    int64_t pixel = 0;
#if LK_LANES > 1
    /* Fifteen bytes are five pixels; the sixteenth is of the next, and its float is written over with the next five. */
    wf means, inverses;
    for (int k = 0; k < 16; k++) {
        means[k] = mean[k % 3];
        inverses[k] = inverse[k % 3];
    }
    for (; pixel + 6 <= pixels; pixel += 5) {
        vb bytes = *(const vb_stored *)(x + 3 * pixel);
        if (reverses)
            bytes = __builtin_shufflevector(bytes, bytes, 2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 15);
        *(wf_stored *)(y + 3 * pixel) = (floats_of(wide_of_bytes(bytes)) - means) * inverses;
    }
#endif
    for (; pixel < pixels; pixel++)
        for (int c = 0; c < 3; c++)
            y[3 * pixel + c] = ((float)x[3 * pixel + (reverses ? 2 - c : c)] - mean[c]) * inverse[c];
}

#pragma clang fp contract(on)
