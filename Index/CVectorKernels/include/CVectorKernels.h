/* Distance kernels on float32 vectors, and CRC-32C.
 *
 * Every instruction set has a full set of kernels behind one table; the scalar set is the reference that the others
 * are tested against. Callers take lk_kernels_best() once and call through the table: the choice is made at run time,
 * from what the processor reports, so one binary serves every machine of an architecture.
 *
 * Shapes: a vector is n contiguous floats, at any alignment that is valid for float. n may be 0.
 * All functions are pure and may be called from any thread.
 */
#ifndef LOOKALIKE_CVECTORKERNELS_H
#define LOOKALIKE_CVECTORKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One instruction set's kernels. */
typedef struct lk_kernels {
    /* "scalar", "avx2", "avx512" or "neon". */
    const char *name;
    /* Sum over i of a[i] * b[i]. */
    float (*dot)(const float *a, const float *b, size_t n);
    /* Sum over i of (a[i] - b[i])^2. */
    float (*squared_l2)(const float *a, const float *b, size_t n);
    /* out[r] = dot(query, rows[r]) for r < count; bit for bit what dot returns. Rows ahead are prefetched. */
    void (*dot_many)(const float *query, const float *const *rows, size_t count, size_t n, float *out);
    /* out[r] = squared_l2(query, rows[r]) for r < count; bit for bit what squared_l2 returns. */
    void (*squared_l2_many)(const float *query, const float *const *rows, size_t count, size_t n, float *out);
} lk_kernels;

/* The fastest set that this processor runs. Never null. */
const lk_kernels *lk_kernels_best(void);

/* How many sets this processor runs; at least 1. */
size_t lk_kernels_count(void);

/* The set at an index below lk_kernels_count(), slowest first: index 0 is the scalar reference. Else null. */
const lk_kernels *lk_kernels_at(size_t index);

/* The set of that name, or null when this build or this processor lacks it. */
const lk_kernels *lk_kernels_named(const char *name);

/* Sum over i of a[i]^2 in double precision: no float32 vector overflows it or underflows to zero in it. */
double lk_sum_of_squares(const float *a, size_t n);

/* 1 when every a[i] is finite, else 0. */
int lk_all_finite(const float *a, size_t n);

/* CRC-32C (Castagnoli; RFC 3720 appendix B.4) of bytes, continuing from crc (0 to begin): the checksum of a
 * concatenation is lk_crc32c(lk_crc32c(0, first), second). */
uint32_t lk_crc32c(uint32_t crc, const void *bytes, size_t count);

/* The table-driven reference of lk_crc32c, for tests. */
uint32_t lk_crc32c_table(uint32_t crc, const void *bytes, size_t count);

/* Which implementation lk_crc32c uses here: "sse4.2", "armv8" or "table". */
const char *lk_crc32c_name(void);

#ifdef __cplusplus
}
#endif

#endif
