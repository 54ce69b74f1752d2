/* Functions of one element, on vectors.
 *
 * exp, log and tanh are the polynomials of Moshier's Cephes library (expf, logf, tanhf), which are within an ulp or two
 * in float32; erf is the quotient of polynomials that XLA uses. The largest errors stand in lk_tensor_ops.h. */

/* 2^n for -126 <= n <= 127. */
LK_INLINE vf power_of_two(vi n) {
    return (vf)((n + 127) << 23);
}

/* x = n ln 2 + the returned r, |r| <= ln 2 / 2, and n as float and as integer. Needs |x| < 2^21; NaN stays in r. */
LK_INLINE vf reduce_by_ln2(vf x, vf *n, vi *whole) {
    /* Adding 1.5 * 2^23 rounds to whole numbers, which are then the low bits. */
    const vf shifter = splat(12582912.0f);
    vf shifted = x * 1.44269504088896341f + shifter;
    *whole = (vi)shifted - (vi)shifter;
    *n = shifted - shifter;
    /* ln 2 in two parts, the first so short that n times it is exact. */
    vf r = x - *n * 0.693359375f;
    return r - *n * -2.12194440e-4f;
}

/* exp(r) - 1 for |r| <= ln 2 / 2. */
LK_INLINE vf exp_minus_one_near_zero(vf r) {
    vf p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return p * (r * r) + r;
}

LK_INLINE vf exponential(vf x) {
    vf n;
    vi whole;
    /* Beyond these the result is 0 and infinity anyway. */
    vf r = reduce_by_ln2(within(x, splat(-104.0f), splat(89.0f)), &n, &whole);
    vf p = exp_minus_one_near_zero(r) + 1.0f;
#if LK_AVX512
    return (vf)_mm512_scalef_ps((__m512)p, (__m512)n);
#else
    /* In two steps, since 2^n alone may be out of range where the result is not. */
    vi half = whole >> 1;
    return p * power_of_two(half) * power_of_two(whole - half);
#endif
}

/* exp(x) - 1 for x <= 0. */
LK_INLINE vf exponential_minus_one(vf x) {
    vf n;
    vi whole;
    vf r = reduce_by_ln2(larger(splat(-20.0f), x), &n, &whole);
    vf scale = power_of_two(whole);
    return exp_minus_one_near_zero(r) * scale + (scale - 1.0f);
}

/* log(1 + f) for sqrt(1/2) <= 1 + f < sqrt(2). */
LK_INLINE vf logarithm_near_one(vf f, vf exponent) {
    vf z = f * f;
    vf p = f * 7.0376836292e-2f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    vf y = p * f * z;
    y = y + exponent * -2.12194440e-4f;
    y = y - z * 0.5f;
    return f + y + exponent * 0.693359375f;
}

LK_INLINE vf logarithm(vf x) {
    /* Denormals are brought into range. */
    vi is_tiny = x < splat(1.17549435e-38f);
    vf scaled = choose(is_tiny, x * 8388608.0f, x);
    vf exponent = choose(is_tiny, splat(-23.0f), splat(0.0f));
    /* Of the mantissas those above sqrt(2) are halved: 0x3f3504f3 is sqrt(1/2). */
    vi bits = (vi)((vu)scaled - (vu)splat_int(0x3f3504f3));
    exponent = exponent + __builtin_convertvector(bits >> 23, vf);
    vf mantissa = (vf)((bits & splat_int(0x007fffff)) + splat_int(0x3f3504f3));
    vf y = logarithm_near_one(mantissa - 1.0f, exponent);
    y = choose(x == splat(0.0f), splat(-INFINITY), y);
    y = choose(x == splat(INFINITY), x, y);
    /* Below 0, and NaN. */
    return choose(~(x >= splat(0.0f)), splat(NAN), y);
}

LK_INLINE vf sigmoid(vf x) {
    return 1.0f / (1.0f + exponential(-x));
}

LK_INLINE vf hyperbolic_tangent(vf x) {
    vf magnitude = absolute(x);
    vf z = x * x;
    vf p = z * -5.70498872745e-3f + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    vf near_zero = p * z * x + x;
    vf far_off = 1.0f - 2.0f / (exponential(magnitude + magnitude) + 1.0f);
    return choose(magnitude < splat(0.625f), near_zero, with_sign(far_off, x));
}

LK_INLINE vf error_function(vf x) {
    /* Beyond 4 it is 1 in float32. */
    x = within(x, splat(-4.0f), splat(4.0f));
    vf z = x * x;
    vf p = z * -2.72614225801306e-10f + 2.77068142495902e-8f;
    p = p * z - 2.10102402082508e-6f;
    p = p * z - 5.69250639462346e-5f;
    p = p * z - 7.34990630326855e-4f;
    p = p * z - 2.95459980854025e-3f;
    p = p * z - 1.60960333262415e-2f;
    vf q = z * -1.45660718464996e-5f - 2.13374055278905e-4f;
    q = q * z - 1.68282697438203e-3f;
    q = q * z - 7.37332916720468e-3f;
    q = q * z - 1.42647390514189e-2f;
    /* The quotient first: x times p might be a denormal. */
    return x * (p / q);
}

/* Below this, x times what goes to 0 is 0 in float32, but would be NaN at minus infinity. */
LK_INLINE vf swish(vf x) {
    vf bounded = larger(splat(-105.0f), x);
    return bounded / (1.0f + exponential(-bounded));
}

LK_INLINE vf gelu(vf x) {
    vf bounded = larger(splat(-14.0f), x);
    return bounded * 0.5f * (1.0f + error_function(bounded * 0.70710678118654752f));
}

LK_INLINE vf gelu_approximate(vf x) {
    /* (1 + tanh(u)) / 2 is sigmoid(2 u). */
    vf bounded = larger(splat(-14.0f), x);
    vf u2 = bounded * 1.5957691216057308f * (bounded * bounded * 0.044715f + 1.0f);
    return bounded / (1.0f + exponential(-u2));
}

LK_INLINE vf softplus(vf x) {
    /* max(x, 0) + log(1 + e): f is 1 + e - 1, or where 1 + e is above sqrt(2) its half less 1, without rounding. */
    vf e = exponential(-absolute(x));
    vi is_large = e > splat(0.41421356f);
    vf f = choose(is_large, e * 0.5f - 0.5f, e);
    vf exponent = choose(is_large, splat(1.0f), splat(0.0f));
    return larger(splat(0.0f), x) + logarithm_near_one(f, exponent);
}

LK_INLINE vf elu(vf x, vf alpha) {
    return choose(x > splat(0.0f), x, alpha * exponential_minus_one(smaller(splat(0.0f), x)));
}

LK_INLINE vf hard_sigmoid(vf x, vf alpha, vf beta) {
    return within(x * alpha + beta, splat(0.0f), splat(1.0f));
}

LK_INLINE vf hard_swish(vf x) {
    vf bounded = larger(splat(-3.0f), x);
    return bounded * (smaller(splat(6.0f), bounded + 3.0f) * (1.0f / 6.0f));
}

LK_INLINE vf leaky_relu(vf x, vf alpha) {
    return choose(x < splat(0.0f), x * alpha, x);
}
