/* What the two AVX-512 sets share. */
#ifndef LOOKALIKE_KERNELS_AVX512_H
#define LOOKALIKE_KERNELS_AVX512_H

#include "kernels_internal.h"
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl")))

/* Left as a loop, four accumulators would live in memory. */
#define LK_UNROLL _Pragma("clang loop unroll(full)")

float lk_dot_avx512(const float *a, const float *b, size_t n);
float lk_squared_l2_avx512(const float *a, const float *b, size_t n);
void lk_dot_many_avx512(const float *query, const float *const *rows, size_t count, size_t n, float *out);
void lk_squared_l2_many_avx512(const float *query, const float *const *rows, size_t count, size_t n, float *out);
size_t lk_fresh_links_avx512(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out);

#endif
