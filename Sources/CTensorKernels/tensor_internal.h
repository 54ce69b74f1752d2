/* What the tensor kernels' files share: the tables they define, and going over a walk.
 *
 * Each family of kernels is written once, in a file tensor_*.inc.h, on vectors of LK_LANES floats; the file of an
 * instruction set gives the lanes and the few instructions that the compiler does not find, and includes them all.
 */
#ifndef LOOKALIKE_TENSOR_INTERNAL_H
#define LOOKALIKE_TENSOR_INTERNAL_H

#include "lk_tensor_ops.h"

extern const lk_tensor_kernels lk_tensor_kernels_scalar;
#if defined(__x86_64__)
extern const lk_tensor_kernels lk_tensor_kernels_avx2;
extern const lk_tensor_kernels lk_tensor_kernels_avx512;
#elif defined(__aarch64__)
extern const lk_tensor_kernels lk_tensor_kernels_neon;
#endif

#define LK_INLINE static inline __attribute__((always_inline))
#define LK_UNROLL _Pragma("clang loop unroll(full)")

/* The places of a walk's outer dimensions, one after the other. */
typedef struct lk_cursor {
    const lk_walk *walk;
    int32_t dimensions;
    int64_t index[LK_RANK_LIMIT];
    /* Where each operand is. */
    int64_t at[LK_OPERAND_LIMIT];
} lk_cursor;

/* At the first place, leaving the innermost dimensions to the caller; there has to be one. */
LK_INLINE lk_cursor lk_cursor_over(const lk_walk *walk, int32_t innermost) {
    lk_cursor cursor = {walk, walk->rank > innermost ? walk->rank - innermost : 0, {0}, {0}};
    return cursor;
}

/* On to the next place; 0 when there is none. */
static inline int lk_cursor_advance(lk_cursor *cursor) {
    const lk_walk *walk = cursor->walk;
    for (int32_t d = cursor->dimensions - 1; d >= 0; d--) {
        int64_t steps = 1;
        int more = ++cursor->index[d] < walk->sizes[d];
        if (!more) {
            cursor->index[d] = 0;
            steps = 1 - walk->sizes[d];
        }
        for (int32_t k = 0; k < LK_OPERAND_LIMIT; k++)
            cursor->at[k] += steps * walk->strides[k][d];
        if (more)
            return 1;
    }
    return 0;
}

/* The two innermost dimensions of a walk. */
typedef struct lk_block {
    int64_t rows, columns;
    /* From a row, and from a column, to the next. */
    int64_t row[LK_OPERAND_LIMIT], column[LK_OPERAND_LIMIT];
} lk_block;

LK_INLINE lk_block lk_block_of(const lk_walk *walk) {
    lk_block block = {1, 1, {0}, {0}};
    int32_t d = walk->rank - 1;
    if (d >= 0)
        block.columns = walk->sizes[d];
    if (d >= 1)
        block.rows = walk->sizes[d - 1];
    for (int32_t k = 0; k < LK_OPERAND_LIMIT; k++) {
        if (d >= 0)
            block.column[k] = walk->strides[k][d];
        if (d >= 1)
            block.row[k] = walk->strides[k][d - 1];
    }
    return block;
}

#endif
