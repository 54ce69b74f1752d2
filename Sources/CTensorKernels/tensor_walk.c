/* Simplifying walks: done once when a network is planned, so it is written to be plain. */
#include "lk_tensor_walk.h"
#include <stdlib.h>
#include <string.h>

int64_t lk_walk_count(const lk_walk *walk) {
    int64_t count = 1;
    for (int32_t d = 0; d < walk->rank; d++)
        count *= walk->sizes[d];
    return count;
}

/* Whether dimension a belongs outside of b: by the stride of the first operand in which they differ. */
static int belongs_outside(const lk_walk *walk, int32_t operands, int32_t a, int32_t b) {
    for (int32_t k = 0; k < operands; k++) {
        int64_t x = llabs(walk->strides[k][a]), y = llabs(walk->strides[k][b]);
        if (x != y)
            return x > y;
    }
    return 0;
}

static void swap_dimensions(lk_walk *walk, int32_t operands, int32_t a, int32_t b) {
    int64_t size = walk->sizes[a];
    walk->sizes[a] = walk->sizes[b];
    walk->sizes[b] = size;
    for (int32_t k = 0; k < operands; k++) {
        int64_t stride = walk->strides[k][a];
        walk->strides[k][a] = walk->strides[k][b];
        walk->strides[k][b] = stride;
    }
}

/* Whether going over the inner dimension to its end and one further leads to the outer one's next place, everywhere. */
static int are_one(const lk_walk *walk, int32_t operands, int32_t outer, int32_t inner) {
    for (int32_t k = 0; k < operands; k++)
        if (walk->strides[k][outer] != walk->strides[k][inner] * walk->sizes[inner])
            return 0;
    return 1;
}

void lk_walk_simplify(lk_walk *walk, int32_t operands) {
    lk_walk simple;
    memset(&simple, 0, sizeof simple);
    if (lk_walk_count(walk) == 0) {
        simple.rank = 1;
        *walk = simple;
        return;
    }
    for (int32_t d = 0; d < walk->rank; d++) {
        if (walk->sizes[d] == 1)
            continue;
        simple.sizes[simple.rank] = walk->sizes[d];
        for (int32_t k = 0; k < operands; k++)
            simple.strides[k][simple.rank] = walk->strides[k][d];
        simple.rank++;
    }
    /* Insertion keeps the given order among equals. */
    for (int32_t d = 1; d < simple.rank; d++)
        for (int32_t e = d; e > 0 && belongs_outside(&simple, operands, e, e - 1); e--)
            swap_dimensions(&simple, operands, e, e - 1);
    int32_t rank = 0;
    for (int32_t d = 0; d < simple.rank; d++) {
        if (rank > 0 && are_one(&simple, operands, rank - 1, d)) {
            simple.sizes[rank - 1] *= simple.sizes[d];
            for (int32_t k = 0; k < operands; k++)
                simple.strides[k][rank - 1] = simple.strides[k][d];
        } else {
            if (rank != d)
                swap_dimensions(&simple, operands, rank, d);
            rank++;
        }
    }
    for (int32_t d = rank > 0 ? rank : 1; d < LK_RANK_LIMIT; d++) {
        simple.sizes[d] = 0;
        for (int32_t k = 0; k < LK_OPERAND_LIMIT; k++)
            simple.strides[k][d] = 0;
    }
    if (rank == 0) {
        /* One element: as good as contiguous. */
        rank = 1;
        simple.sizes[0] = 1;
        for (int32_t k = 0; k < operands; k++)
            simple.strides[k][0] = 1;
    }
    simple.rank = rank;
    *walk = simple;
}
