/* Which sets of tensor kernels this processor runs. The answer cannot change while the process lives, so it is found
 * once; two threads that find it at the same time find the same, which is why a relaxed atomic is all the order it
 * needs. */
#include "tensor_internal.h"
#include <stdatomic.h>
#include <string.h>

/* Slowest first. */
static const lk_tensor_kernels *const compiled[] = {
    &lk_tensor_kernels_scalar,
#if defined(__x86_64__)
    &lk_tensor_kernels_avx2,
    &lk_tensor_kernels_avx512,
#elif defined(__aarch64__)
    &lk_tensor_kernels_neon,
#endif
};

static int runs_here(const lk_tensor_kernels *kernels) {
#if defined(__x86_64__)
    if (kernels == &lk_tensor_kernels_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kernels == &lk_tensor_kernels_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    (void)kernels;
    return 1;
}

size_t lk_tensor_kernels_count(void) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++)
        count += runs_here(compiled[i]) != 0;
    return count;
}

const lk_tensor_kernels *lk_tensor_kernels_at(size_t index) {
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++) {
        if (!runs_here(compiled[i]))
            continue;
        if (index == 0)
            return compiled[i];
        index--;
    }
    return NULL;
}

const lk_tensor_kernels *lk_tensor_kernels_named(const char *name) {
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++)
        if (strcmp(compiled[i]->name, name) == 0 && runs_here(compiled[i]))
            return compiled[i];
    return NULL;
}

const lk_tensor_kernels *lk_tensor_kernels_best(void) {
    static _Atomic(const lk_tensor_kernels *) best;
    const lk_tensor_kernels *found = atomic_load_explicit(&best, memory_order_relaxed);
    if (found == NULL) {
        found = lk_tensor_kernels_at(lk_tensor_kernels_count() - 1);
        atomic_store_explicit(&best, found, memory_order_relaxed);
    }
    return found;
}
