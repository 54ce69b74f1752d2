/* Strided views of tensors, as the kernels go over them.
 *
 * A view is a pointer to its first element and a stride, in elements, for each dimension; so a transpose, a slice, one
 * half of a split, a reversal (a negative stride) or a broadcast (a stride of 0) needs no copy. A walk has the sizes
 * that all views of one call share, and the strides of each.
 */
#ifndef LOOKALIKE_TENSOR_WALK_H
#define LOOKALIKE_TENSOR_WALK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LK_RANK_LIMIT = 8, LK_OPERAND_LIMIT = 3 };

/* The positions of `rank` dimensions, outermost first, and where each operand keeps the element of a position.
 * Operand 0 is the output, inputs follow, unless a kernel says otherwise; the strides of operands that a call does not
 * have are 0. Outputs have no stride of 0 where the size is above 1. */
typedef struct lk_walk {
    int32_t rank;
    int64_t sizes[LK_RANK_LIMIT];
    int64_t strides[LK_OPERAND_LIMIT][LK_RANK_LIMIT];
} lk_walk;

/* Brings a walk of `operands` operands into the form that the kernels are quick on; they are correct on any. Leaves out
 * dimensions of size 1, puts the one with the smallest stride of operand 0 innermost, joins neighbours that are one
 * dimension for every operand, and zeroes the strides of operands beyond. The rank is at least 1 afterwards; a walk
 * without elements becomes one of size 0. Positions are visited in another order, so it is not for walks whose order
 * matters. */
void lk_walk_simplify(lk_walk *walk, int32_t operands);

/* How many positions a walk has. */
int64_t lk_walk_count(const lk_walk *walk);

#ifdef __cplusplus
}
#endif

#endif
