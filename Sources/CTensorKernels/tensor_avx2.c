/* AVX2 with fused multiply-add: 8 floats a register. */
#if defined(__x86_64__)

#include "tensor_internal.h"
#include <immintrin.h>
#include <math.h>
#include <string.h>

#define LK_LANES 8
#define LK_AVX2 1

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "tensor_simd.inc.h"

#include "tensor_math.inc.h"

#include "tensor_elementwise.inc.h"

#include "tensor_copy.inc.h"

#include "tensor_reduce.inc.h"

#include "tensor_normalise.inc.h"

#include "tensor_pool.inc.h"

#include "tensor_bytes.inc.h"

#include "tensor_table.inc.h"

const lk_tensor_kernels lk_tensor_kernels_avx2 = LK_TENSOR_TABLE("avx2");

#pragma clang attribute pop

#endif
