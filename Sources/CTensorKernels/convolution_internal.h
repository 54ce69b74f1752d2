/* What the convolution files share: the tables they define. */
#ifndef LOOKALIKE_CONVOLUTION_INTERNAL_H
#define LOOKALIKE_CONVOLUTION_INTERNAL_H

#include "lk_convolution.h"

extern const lk_convolution_kernels lk_convolution_scalar;
#if defined(__x86_64__)
extern const lk_convolution_kernels lk_convolution_avx2;
extern const lk_convolution_kernels lk_convolution_avx512;
extern const lk_convolution_kernels lk_convolution_avx512vnni;
void lk_gemm_f32_avx512(const lk_gemm_f32 *);
void lk_depthwise_f32_avx512(const lk_depthwise_f32 *);
#elif defined(__aarch64__)
extern const lk_convolution_kernels lk_convolution_neon;
#endif

#endif
