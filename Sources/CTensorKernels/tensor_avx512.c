/* AVX-512 (F, BW, DQ, VL): 16 floats a register. */
#if defined(__x86_64__)

#include "tensor_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define LK_LANES 16
#define LK_AVX512 1

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))),                   \
                             apply_to = function)

#include "tensor_simd.inc.h"

#include "tensor_math.inc.h"

#include "tensor_elementwise.inc.h"

#include "tensor_copy.inc.h"

#include "tensor_reduce.inc.h"

#include "tensor_normalise.inc.h"

#include "tensor_pool.inc.h"

#include "tensor_bytes.inc.h"

#include "tensor_table.inc.h"

const lk_tensor_kernels lk_tensor_kernels_avx512 = LK_TENSOR_TABLE("avx512");

#pragma clang attribute pop

#endif
