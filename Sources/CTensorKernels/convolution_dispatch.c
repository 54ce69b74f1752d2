/* Which convolution kernels this processor runs. The answer cannot change while the process lives, so it is found once;
 * two threads that find it at the same time find the same, which is why a relaxed atomic is all the order it needs. */
#include "convolution_internal.h"
#include <stdatomic.h>
#include <string.h>

/* Slowest first. */
static const lk_convolution_kernels *const compiled[] = {
    &lk_convolution_scalar,
#if defined(__x86_64__)
    &lk_convolution_avx2,
    &lk_convolution_avx512,
    &lk_convolution_avx512vnni,
#elif defined(__aarch64__)
    &lk_convolution_neon,
#endif
};

static int runs_here(const lk_convolution_kernels *kernels) {
#if defined(__x86_64__)
    if (kernels == &lk_convolution_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (kernels == &lk_convolution_avx512)
        return avx512;
    if (kernels == &lk_convolution_avx512vnni)
        return avx512 && __builtin_cpu_supports("avx512vnni");
#endif
    (void)kernels;
    return 1;
}

size_t lk_convolution_kernels_count(void) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++)
        count += runs_here(compiled[i]) != 0;
    return count;
}

const lk_convolution_kernels *lk_convolution_kernels_at(size_t index) {
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++) {
        if (!runs_here(compiled[i]))
            continue;
        if (index == 0)
            return compiled[i];
        index--;
    }
    return NULL;
}

const lk_convolution_kernels *lk_convolution_kernels_named(const char *name) {
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++)
        if (strcmp(compiled[i]->name, name) == 0 && runs_here(compiled[i]))
            return compiled[i];
    return NULL;
}

const lk_convolution_kernels *lk_convolution_kernels_best(void) {
    static _Atomic(const lk_convolution_kernels *) best;
    const lk_convolution_kernels *found = atomic_load_explicit(&best, memory_order_relaxed);
    if (found == NULL) {
        found = lk_convolution_kernels_at(lk_convolution_kernels_count() - 1);
        atomic_store_explicit(&best, found, memory_order_relaxed);
    }
    return found;
}
