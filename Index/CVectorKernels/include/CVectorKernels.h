/* Distance kernels on float32, one-byte and one-bit vectors, the inner steps of a graph search, and CRC-32C.
 *
 * Every instruction set has a full set of kernels behind one table; the scalar set is the reference that the others
 * are tested against. Callers take lk_kernels_best() once and call through the table: the choice is made at run time,
 * from what the processor reports, so one binary serves every machine of an architecture.
 *
 * Shapes: n values a vector, contiguous, at any alignment that is valid for the type; n may be 0. A one-to-many call
 * takes `count` row pointers, and while it sums one row asks the processor for those ahead.
 * All functions but lk_fresh_links and lk_pool_merge are pure; all may be called from any thread.
 */
#ifndef LOOKALIKE_CVECTORKERNELS_H
#define LOOKALIKE_CVECTORKERNELS_H

#include "lk_records.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The two numbers beside a one-byte code that make a dot product of codes a distance: see scale_dots. */
typedef struct lk_code_terms {
    float constant;
    float factor;
} lk_code_terms;

/* One instruction set's kernels. */
typedef struct lk_kernels {
    /* "scalar", "avx2", "avx512", "avx512vnni" or "neon". */
    const char *name;
    /* Sum over i of a[i] * b[i]. */
    float (*dot)(const float *a, const float *b, size_t n);
    /* Sum over i of (a[i] - b[i])^2. */
    float (*squared_l2)(const float *a, const float *b, size_t n);
    /* out[r] = dot(query, rows[r]) for r < count; bit for bit what dot returns. */
    void (*dot_many)(const float *query, const float *const *rows, size_t count, size_t n, float *out);
    /* out[r] = squared_l2(query, rows[r]) for r < count; bit for bit what squared_l2 returns. */
    void (*squared_l2_many)(const float *query, const float *const *rows, size_t count, size_t n, float *out);
    /* out[r] = sum over i of (rows[r][i] - 128) * query[i]: codes are stored with 128 added, because the instructions
     * of x86 multiply an unsigned byte by a signed one. Exact for n up to 65,536. */
    void (*dot_i8_many)(const int8_t *query, const uint8_t *const *rows, size_t count, size_t n, int32_t *out);
    /* out[r] = sum over i of (rows[r][i] - query[i])^2, all unsigned. Exact for n up to 65,536. */
    void (*squared_l2_u8_many)(const uint8_t *query, const uint8_t *const *rows, size_t count, size_t n, uint32_t *out);
    /* distances[i] = (terms[i]->constant + base) + (terms[i]->factor * scale) * dots[i], where the last product and sum fused: the result is the same bit for bit on every processor, and does not depend on
     * which of two vectors is the query. */
    void (*scale_dots)(
        const lk_code_terms *const *terms, const int32_t *dots, size_t count, float base, float scale,
        float *distances);
    /* out[r] = how many of the 8 n bits differ. */
    void (*hamming_many)(const uint8_t *query, const uint8_t *const *rows, size_t count, size_t n, uint32_t *out);
    /* Of a node's links those not visited yet, which are then: see lk_fresh_links. */
    size_t (*fresh_links)(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out);
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

/* --- Steps of a graph search (graph_search.c) --- */

/* Writes to `out` (room for `capacity` rounded up to 16) those of links[0 ..< capacity] whose bit in `visited` is
 * clear, sets their bits, and returns how many there were. Numbers at or above `limit` are left out: the bitmap ends
 * there. An unused place of a list of links holds the node's own number, which has been visited. Links may be changed
 * by another thread meanwhile. */
size_t lk_fresh_links(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out);

/* rows[i] = the address of record ids[i], of which the first `bytes` bytes are asked for ahead. */
void lk_locate(const lk_records *records, const uint32_t *ids, size_t count, const uint8_t **rows, size_t bytes);

/* A candidate of a search: a key that sorts as (distance, node) do, and whether its links have been looked at. */
typedef struct lk_candidate {
    uint64_t key;
    uint64_t expanded;
} lk_candidate;

/* The key of a node at a distance: the bits of the float, made to sort as unsigned numbers do (NaN last), above the
 * number. */
static inline uint64_t lk_candidate_key(float distance, uint32_t id) {
    uint32_t bits;
    __builtin_memcpy(&bits, &distance, sizeof bits);
    if (distance != distance)
        bits = 0x7fc00000u; /* whatever its sign */
    bits ^= (bits & 0x80000000u) ? 0xffffffffu : 0x80000000u;
    return (uint64_t)bits << 32 | id;
}

/* Sorts the nodes into a pool of `count` sorted candidates that may have `capacity`, dropping the farthest when it is
 * full. Returns the new count; `*first` becomes the lowest position where one went in, or stays when it is lower. */
size_t lk_pool_merge(
    lk_candidate *pool, size_t count, size_t capacity, const uint32_t *ids, const float *distances, size_t n,
    size_t *first);

/* Asks for the links of the first `wanted` of `count` candidates that have not been expanded. */
void lk_prefetch_links(const lk_records *links, const lk_candidate *pool, size_t count, size_t wanted);

/* --- Checksums (crc32c.c) --- */

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
