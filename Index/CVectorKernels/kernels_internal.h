/* What the kernel files share: the tables they define, and the loop from one-to-one to one-to-many. */
#ifndef LOOKALIKE_KERNELS_INTERNAL_H
#define LOOKALIKE_KERNELS_INTERNAL_H

#include "CVectorKernels.h"

extern const lk_kernels lk_kernels_scalar;
#if defined(__x86_64__)
extern const lk_kernels lk_kernels_avx2;
extern const lk_kernels lk_kernels_avx512;
extern const lk_kernels lk_kernels_avx512vnni;
#elif defined(__aarch64__)
extern const lk_kernels lk_kernels_neon;
#endif

/* The step that reads links while another thread may change them. The reference loads each atomically; the AVX-512 one
 * loads sixteen at once, each of which the processor reads whole, but which a race detector would report. */
size_t lk_fresh_links_scalar(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out);

#if defined(__x86_64__)
/* With the fused multiply-add and popcount instructions: AVX-512 has nothing better for them. */
void lk_scale_dots_fma(const lk_code_terms *const *terms, const int32_t *dots, size_t count, float base, float scale,
                       float *distances);
void lk_squared_l2_u8_many_avx2(const uint8_t *query, const uint8_t *const *rows, size_t count, size_t n, uint32_t *out);
void lk_hamming_many_popcnt(const uint8_t *query, const uint8_t *const *rows, size_t count, size_t n, uint32_t *out);
#endif

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define LK_SANITIZES_THREADS 1
#endif
#endif

/* Defines NAME as lk_kernels.scale_dots with the given attribute: one rounding for the product of the factors, one for
 * the sum of the constants, one for the rest. */
#define LK_DEFINE_SCALE_DOTS(NAME, ATTRIBUTE)                                                                          \
    ATTRIBUTE void NAME(const lk_code_terms *const *terms, const int32_t *dots, size_t count, float base, float scale, \
                        float *distances) {                                                                            \
        for (size_t i = 0; i < count; i++)                                                                             \
            distances[i] = __builtin_fmaf(terms[i]->factor * scale, (float)dots[i], terms[i]->constant + base);        \
    }

/* Graph search visits rows scattered over memory, so each row's first lines are asked for while the one before it is
 * summed. Past 512 bytes the hardware's own stream detection has taken over. */
static inline void lk_prefetch_row(const void *row, size_t bytes) {
    const char *p = (const char *)row;
    if (bytes > 512)
        bytes = 512;
    for (size_t at = 0; at < bytes; at += 64)
        __builtin_prefetch(p + at, 0, 3);
}

/* Defines NAME(query, rows, count, n, out) over the one-to-one kernel ONE of RESULT over ROW and QUERY values, with the
 * given attribute. */
#define LK_DEFINE_MANY_OF(NAME, ONE, ATTRIBUTE, QUERY, ROW, RESULT)                                                    \
    ATTRIBUTE static void NAME(const QUERY *query, const ROW *const *rows, size_t count, size_t n, RESULT *out) {      \
        for (size_t r = 0; r < count; r++) {                                                                           \
            if (r + 1 < count)                                                                                         \
                lk_prefetch_row(rows[r + 1], n * sizeof(ROW));                                                         \
            out[r] = ONE(query, rows[r], n);                                                                           \
        }                                                                                                              \
    }

#define LK_DEFINE_MANY(NAME, ONE, ATTRIBUTE) LK_DEFINE_MANY_OF(NAME, ONE, ATTRIBUTE, float, float, float)
#define LK_DEFINE_MANY_I8(NAME, ONE, ATTRIBUTE) LK_DEFINE_MANY_OF(NAME, ONE, ATTRIBUTE, int8_t, uint8_t, int32_t)
#define LK_DEFINE_MANY_U8(NAME, ONE, ATTRIBUTE) LK_DEFINE_MANY_OF(NAME, ONE, ATTRIBUTE, uint8_t, uint8_t, uint32_t)

#endif
