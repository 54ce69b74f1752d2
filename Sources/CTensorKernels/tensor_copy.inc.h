/* Copies between views of any strides, and filling.
 *
 * Where both views lie contiguous along one dimension, rows are copied. Where each lies contiguous along another one,
 * it is a transposition: squares are transposed in registers, 8 by 8 words or 16 by 16 bytes, so that whole stretches
 * of both are read and written; a few planes to pixels, and back, is a loop of its own, since squares would be mostly
 * empty. Anything else goes element by element. */

typedef uint8_t b16 __attribute__((vector_size(16)));
typedef uint8_t b16_stored __attribute__((vector_size(16), aligned(1), may_alias));
typedef uint32_t w4 __attribute__((vector_size(16)));
typedef uint32_t w4_stored __attribute__((vector_size(16), aligned(4), may_alias));
typedef uint32_t w8 __attribute__((vector_size(32)));
typedef uint32_t w8_stored __attribute__((vector_size(32), aligned(4), may_alias));

/* Rows shorter than this are not worth a call of the C library. */
enum { LK_LONG_ROW = 512 };

LK_INLINE void copy_short(const uint8_t *from, uint8_t *to, int64_t bytes) {
    int64_t i = 0;
    for (; i + 16 <= bytes; i += 16)
        *(b16_stored *)(to + i) = *(const b16_stored *)(from + i);
    if (i + 8 <= bytes) {
        __builtin_memcpy(to + i, from + i, 8);
        i += 8;
    }
    if (i + 4 <= bytes) {
        __builtin_memcpy(to + i, from + i, 4);
        i += 4;
    }
    for (; i < bytes; i++)
        to[i] = from[i];
}

/* Strides in bytes. */
static void copy_rows(int64_t rows, int64_t bytes, const uint8_t *from, int64_t from_row, uint8_t *to, int64_t to_row) {
    if (bytes >= LK_LONG_ROW)
        for (int64_t r = 0; r < rows; r++)
            memcpy(to + r * to_row, from + r * from_row, (size_t)bytes);
    else
        for (int64_t r = 0; r < rows; r++)
            copy_short(from + r * from_row, to + r * to_row, bytes);
}

/* to[i * to_row + k] = from[i + k * from_row] for 8 by 8. */
LK_INLINE void transpose_words_8(const uint32_t *from, int64_t from_row, uint32_t *to, int64_t to_row) {
    w8 r[8], t[8], u[8];
    LK_UNROLL for (int k = 0; k < 8; k++) r[k] = *(const w8_stored *)(from + k * from_row);
    LK_UNROLL for (int k = 0; k < 8; k += 2) {
        t[k] = __builtin_shufflevector(r[k], r[k + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[k + 1] = __builtin_shufflevector(r[k], r[k + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    LK_UNROLL for (int k = 0; k < 8; k += 4) {
        u[k] = __builtin_shufflevector(t[k], t[k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        u[k + 1] = __builtin_shufflevector(t[k], t[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        u[k + 2] = __builtin_shufflevector(t[k + 1], t[k + 3], 0, 1, 8, 9, 4, 5, 12, 13);
        u[k + 3] = __builtin_shufflevector(t[k + 1], t[k + 3], 2, 3, 10, 11, 6, 7, 14, 15);
    }
    LK_UNROLL for (int k = 0; k < 4; k++) {
        *(w8_stored *)(to + k * to_row) = __builtin_shufflevector(u[k], u[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(w8_stored *)(to + (k + 4) * to_row) = __builtin_shufflevector(u[k], u[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* The same for 16 by 16 bytes: bringing rows k and k + 8 together byte by byte, four times, transposes. */
LK_INLINE void transpose_bytes_16(const uint8_t *from, int64_t from_row, uint8_t *to, int64_t to_row) {
    b16 r[16], t[16];
    LK_UNROLL for (int k = 0; k < 16; k++) r[k] = *(const b16_stored *)(from + k * from_row);
    LK_UNROLL for (int step = 0; step < 4; step++) {
        LK_UNROLL for (int k = 0; k < 8; k++) {
            t[2 * k] = __builtin_shufflevector(r[k], r[k + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            t[2 * k + 1] =
                __builtin_shufflevector(r[k], r[k + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        LK_UNROLL for (int k = 0; k < 16; k++) r[k] = t[k];
    }
    LK_UNROLL for (int k = 0; k < 16; k++) * (b16_stored *)(to + k * to_row) = r[k];
}

/* A square of full lines of the cache is done at a time: 16 words or 64 bytes of each row read, so that none is fetched
 * twice. */
#define LK_DEFINE_TRANSPOSE(NAME, ELEMENT, SQUARE, SIDE, LINE)                                                         \
    static void NAME(int64_t rows, int64_t columns, const ELEMENT *from, int64_t from_row, ELEMENT *to,                \
                     int64_t to_row) {                                                                                 \
        const int64_t full_rows = rows / SIDE * SIDE, full_columns = columns / SIDE * SIDE;                            \
        for (int64_t i0 = 0; i0 < full_rows; i0 += LINE)                                                               \
            for (int64_t k0 = 0; k0 < full_columns; k0 += LINE)                                                        \
                for (int64_t i = i0; i < i0 + LINE && i < full_rows; i += SIDE)                                        \
                    for (int64_t k = k0; k < k0 + LINE && k < full_columns; k += SIDE)                                 \
                        SQUARE(from + i + k * from_row, from_row, to + i * to_row + k, to_row);                        \
        for (int64_t i = 0; i < full_rows; i++)                                                                        \
            for (int64_t k = full_columns; k < columns; k++)                                                           \
                to[i * to_row + k] = from[i + k * from_row];                                                           \
        for (int64_t i = full_rows; i < rows; i++)                                                                     \
            for (int64_t k = 0; k < columns; k++)                                                                      \
                to[i * to_row + k] = from[i + k * from_row];                                                           \
    }

LK_DEFINE_TRANSPOSE(transpose_words, uint32_t, transpose_words_8, 8, 16)
LK_DEFINE_TRANSPOSE(transpose_bytes, uint8_t, transpose_bytes_16, 16, 64)

/* Planes to pixels that lie side by side, and back. Each is one loop that the compiler makes shuffles of. */
#define LK_DEFINE_PLANES(ELEMENT)                                                                                      \
    static void interleave_2_##ELEMENT(const ELEMENT *restrict a, int64_t plane, ELEMENT *restrict y,                  \
                                       int64_t pixels) {                                                               \
        const ELEMENT *restrict b = a + plane;                                                                         \
        for (int64_t i = 0; i < pixels; i++) {                                                                         \
            y[2 * i] = a[i];                                                                                           \
            y[2 * i + 1] = b[i];                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void interleave_3_##ELEMENT(const ELEMENT *restrict a, int64_t plane, ELEMENT *restrict y,                  \
                                       int64_t pixels) {                                                               \
        const ELEMENT *restrict b = a + plane, *restrict c = b + plane;                                                \
        for (int64_t i = 0; i < pixels; i++) {                                                                         \
            y[3 * i] = a[i];                                                                                           \
            y[3 * i + 1] = b[i];                                                                                       \
            y[3 * i + 2] = c[i];                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void interleave_4_##ELEMENT(const ELEMENT *restrict a, int64_t plane, ELEMENT *restrict y,                  \
                                       int64_t pixels) {                                                               \
        const ELEMENT *restrict b = a + plane, *restrict c = b + plane, *restrict d = c + plane;                       \
        for (int64_t i = 0; i < pixels; i++) {                                                                         \
            y[4 * i] = a[i];                                                                                           \
            y[4 * i + 1] = b[i];                                                                                       \
            y[4 * i + 2] = c[i];                                                                                       \
            y[4 * i + 3] = d[i];                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void separate_2_##ELEMENT(const ELEMENT *restrict x, ELEMENT *restrict a, int64_t plane, int64_t pixels) {  \
        ELEMENT *restrict b = a + plane;                                                                               \
        for (int64_t i = 0; i < pixels; i++) {                                                                         \
            a[i] = x[2 * i];                                                                                           \
            b[i] = x[2 * i + 1];                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void separate_3_##ELEMENT(const ELEMENT *restrict x, ELEMENT *restrict a, int64_t plane, int64_t pixels) {  \
        ELEMENT *restrict b = a + plane, *restrict c = b + plane;                                                      \
        for (int64_t i = 0; i < pixels; i++) {                                                                         \
            a[i] = x[3 * i];                                                                                           \
            b[i] = x[3 * i + 1];                                                                                       \
            c[i] = x[3 * i + 2];                                                                                       \
        }                                                                                                              \
    }                                                                                                                  \
    static void separate_4_##ELEMENT(const ELEMENT *restrict x, ELEMENT *restrict a, int64_t plane, int64_t pixels) {  \
        ELEMENT *restrict b = a + plane, *restrict c = b + plane, *restrict d = c + plane;                             \
        for (int64_t i = 0; i < pixels; i++) {                                                                         \
            a[i] = x[4 * i];                                                                                           \
            b[i] = x[4 * i + 1];                                                                                       \
            c[i] = x[4 * i + 2];                                                                                       \
            d[i] = x[4 * i + 3];                                                                                       \
        }                                                                                                              \
    }

LK_DEFINE_PLANES(uint8_t)
LK_DEFINE_PLANES(uint32_t)

/* Copies, fillings and transpositions of one kind of element. */
#define LK_DEFINE_COPY(ELEMENT, TRANSPOSE)                                                                             \
    /* y[i * to_row + k] = x[i + k * from_row] */                                                                      \
    static void turn_##ELEMENT(int64_t rows, int64_t columns, const ELEMENT *x, int64_t from_row, ELEMENT *y,          \
                               int64_t to_row) {                                                                       \
        if (to_row == columns && columns == 2)                                                                         \
            interleave_2_##ELEMENT(x, from_row, y, rows);                                                              \
        else if (to_row == columns && columns == 3)                                                                    \
            interleave_3_##ELEMENT(x, from_row, y, rows);                                                              \
        else if (to_row == columns && columns == 4)                                                                    \
            interleave_4_##ELEMENT(x, from_row, y, rows);                                                              \
        else if (from_row == rows && rows == 2)                                                                        \
            separate_2_##ELEMENT(x, y, to_row, columns);                                                               \
        else if (from_row == rows && rows == 3)                                                                        \
            separate_3_##ELEMENT(x, y, to_row, columns);                                                               \
        else if (from_row == rows && rows == 4)                                                                        \
            separate_4_##ELEMENT(x, y, to_row, columns);                                                               \
        else                                                                                                           \
            TRANSPOSE(rows, columns, x, from_row, y, to_row);                                                          \
    }                                                                                                                  \
    static void copy_##ELEMENT(const lk_walk *given, const ELEMENT *x, ELEMENT *y) {                                   \
        lk_walk walk = *given;                                                                                         \
        const int32_t last = walk.rank - 1;                                                                            \
        int is_turned = 0;                                                                                             \
        if (last > 0 && walk.strides[0][last] == 1 && walk.strides[1][last] != 1)                                      \
            for (int32_t d = 0; d < last && !is_turned; d++)                                                           \
                if (walk.strides[1][d] == 1 && walk.strides[1][last] != 0) {                                           \
                    is_turned = 1;                                                                                     \
                    /* The one along which x is contiguous goes beside the last. */                                    \
                    for (int32_t e = d; e + 1 < last; e++) {                                                           \
                        int64_t size = walk.sizes[e];                                                                  \
                        walk.sizes[e] = walk.sizes[e + 1];                                                             \
                        walk.sizes[e + 1] = size;                                                                      \
                        for (int32_t k = 0; k < 2; k++) {                                                              \
                            int64_t stride = walk.strides[k][e];                                                       \
                            walk.strides[k][e] = walk.strides[k][e + 1];                                               \
                            walk.strides[k][e + 1] = stride;                                                           \
                        }                                                                                              \
                    }                                                                                                  \
                }                                                                                                      \
        const lk_block block = lk_block_of(&walk);                                                                     \
        const int64_t size = sizeof(ELEMENT);                                                                          \
        lk_cursor cursor = lk_cursor_over(&walk, 2);                                                                   \
        do {                                                                                                           \
            const ELEMENT *from = x + cursor.at[1];                                                                    \
            ELEMENT *to = y + cursor.at[0];                                                                            \
            if (is_turned)                                                                                             \
                turn_##ELEMENT(block.rows, block.columns, from, block.column[1], to, block.row[0]);                    \
            else if (block.column[0] == 1 && block.column[1] == 1)                                                     \
                copy_rows(block.rows, block.columns * size, (const uint8_t *)from, block.row[1] * size, (uint8_t *)to, \
                          block.row[0] * size);                                                                        \
            else                                                                                                       \
                for (int64_t r = 0; r < block.rows; r++, from += block.row[1], to += block.row[0])                     \
                    for (int64_t i = 0; i < block.columns; i++)                                                        \
                        to[i * block.column[0]] = from[i * block.column[1]];                                           \
        } while (lk_cursor_advance(&cursor));                                                                          \
    }                                                                                                                  \
    static void fill_##ELEMENT(const lk_walk *walk, ELEMENT value, ELEMENT *y) {                                       \
        const lk_block block = lk_block_of(walk);                                                                      \
        lk_cursor cursor = lk_cursor_over(walk, 2);                                                                    \
        do {                                                                                                           \
            ELEMENT *to = y + cursor.at[0];                                                                            \
            for (int64_t r = 0; r < block.rows; r++, to += block.row[0])                                               \
                if (block.column[0] == 1)                                                                              \
                    for (int64_t i = 0; i < block.columns; i++)                                                        \
                        to[i] = value;                                                                                 \
                else                                                                                                   \
                    for (int64_t i = 0; i < block.columns; i++)                                                        \
                        to[i * block.column[0]] = value;                                                               \
        } while (lk_cursor_advance(&cursor));                                                                          \
    }

LK_DEFINE_COPY(uint8_t, transpose_bytes)
LK_DEFINE_COPY(uint32_t, transpose_words)

static void copy(const lk_walk *walk, size_t element_size, const void *x, void *y) {
    if (lk_walk_count(walk) == 0)
        return;
    if (element_size == 1)
        copy_uint8_t(walk, x, y);
    else if (element_size == 4)
        copy_uint32_t(walk, x, y);
    else
        __builtin_trap();
}

static void fill(const lk_walk *walk, size_t element_size, const void *value, void *y) {
    if (lk_walk_count(walk) == 0)
        return;
    if (element_size == 1) {
        fill_uint8_t(walk, *(const uint8_t *)value, y);
    } else if (element_size == 4) {
        uint32_t word;
        memcpy(&word, value, sizeof word);
        fill_uint32_t(walk, word, y);
    } else {
        __builtin_trap();
    }
}
