/* The reference: plain loops in the order of the definition. The other files must agree with it within rounding. */
#include "kernels_internal.h"

static float dot(const float *a, const float *b, size_t n) {
    float sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static float squared_l2(const float *a, const float *b, size_t n) {
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
        float d = a[i] - b[i];
        sum += d * d;
    }
    return sum;
}

static int32_t dot_i8(const int8_t *query, const uint8_t *row, size_t n) {
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ((int32_t)row[i] - 128) * query[i];
    return sum;
}

static uint32_t squared_l2_u8(const uint8_t *query, const uint8_t *row, size_t n) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t d = (int32_t)row[i] - query[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

static uint32_t hamming(const uint8_t *a, const uint8_t *b, size_t n) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)__builtin_popcount(a[i] ^ b[i]);
    return sum;
}

LK_DEFINE_MANY(dot_many, dot, )
LK_DEFINE_MANY(squared_l2_many, squared_l2, )
LK_DEFINE_MANY_I8(dot_i8_many, dot_i8, )
LK_DEFINE_MANY_U8(squared_l2_u8_many, squared_l2_u8, )
LK_DEFINE_MANY_U8(hamming_many, hamming, )

static LK_DEFINE_SCALE_DOTS(scale_dots, )

const lk_kernels lk_kernels_scalar = {
    "scalar",    dot,        squared_l2,   dot_many, squared_l2_many, dot_i8_many, squared_l2_u8_many,
    scale_dots, hamming_many, lk_fresh_links_scalar};

double lk_sum_of_squares(const float *a, size_t n) {
    /* Four chains, because one would wait on the latency of its own addition. */
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += (double)a[i] * a[i];
        s1 += (double)a[i + 1] * a[i + 1];
        s2 += (double)a[i + 2] * a[i + 2];
        s3 += (double)a[i + 3] * a[i + 3];
    }
    for (; i < n; i++)
        s0 += (double)a[i] * a[i];
    return (s0 + s1) + (s2 + s3);
}

int lk_all_finite(const float *a, size_t n) {
    uint32_t bad = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        __builtin_memcpy(&bits, a + i, sizeof bits);
        /* NaN and the infinities are exactly the values whose exponent bits are all ones. */
        bad |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return bad == 0;
}
