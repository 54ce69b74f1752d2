/* The reference: one lane, so plain loops in the order of the definition. */
#include "tensor_internal.h"
#include <math.h>
#include <string.h>

#define LK_LANES 1
#define LK_SCALAR 1

#include "tensor_simd.inc.h"

#include "tensor_math.inc.h"

#include "tensor_elementwise.inc.h"

#include "tensor_copy.inc.h"

#include "tensor_reduce.inc.h"

#include "tensor_normalise.inc.h"

#include "tensor_pool.inc.h"

#include "tensor_bytes.inc.h"

#include "tensor_table.inc.h"

const lk_tensor_kernels lk_tensor_kernels_scalar = LK_TENSOR_TABLE("scalar");
