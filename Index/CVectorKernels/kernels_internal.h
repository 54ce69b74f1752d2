/* What the kernel files share: the tables they define, and the loop from one-to-one to one-to-many. */
#ifndef LOOKALIKE_KERNELS_INTERNAL_H
#define LOOKALIKE_KERNELS_INTERNAL_H

#include "CVectorKernels.h"

extern const lk_kernels lk_kernels_scalar;
#if defined(__x86_64__)
extern const lk_kernels lk_kernels_avx2;
extern const lk_kernels lk_kernels_avx512;
#elif defined(__aarch64__)
extern const lk_kernels lk_kernels_neon;
#endif

/* Graph search visits rows scattered over memory, so each row's first lines are asked for while the one before it is
 * summed. Past 512 bytes the hardware's own stream detection has taken over. */
static inline void lk_prefetch_row(const float *row, size_t n) {
    const char *p = (const char *)row;
    size_t bytes = n * sizeof(float);
    if (bytes > 512)
        bytes = 512;
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch(p + at, 0, 3);
}

/* Defines NAME(query, rows, count, n, out) over the one-to-one kernel ONE, with the given attribute. */
#define LK_DEFINE_MANY(NAME, ONE, ATTRIBUTE)                                                                           \
    ATTRIBUTE static void NAME(const float *query, const float *const *rows, size_t count, size_t n, float *out) {     \
        for (size_t r = 0; r < count; r++) {                                                                           \
            if (r + 1 < count)                                                                                         \
                lk_prefetch_row(rows[r + 1], n);                                                                       \
            out[r] = ONE(query, rows[r], n);                                                                           \
        }                                                                                                              \
    }

#endif
