/* Vectors of LK_LANES floats. Included once by each instruction set's file, after LK_LANES and within its target. */

/* How vectors wider than a register are passed does not matter: nothing of these files is called from others. */
#pragma clang diagnostic ignored "-Wpsabi"

typedef float vf __attribute__((vector_size(4 * LK_LANES)));
typedef int32_t vi __attribute__((vector_size(4 * LK_LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * LK_LANES)));
typedef double vd __attribute__((vector_size(8 * LK_LANES)));
/* The same in memory: at any address that a float may have. */
typedef float vf_stored __attribute__((vector_size(4 * LK_LANES), aligned(4), may_alias));

/* Subtracting +0 keeps every value, -0 too, and is free. */
LK_INLINE vf splat(float value) {
    return value - (vf){0};
}
LK_INLINE vi splat_int(int32_t value) {
    return value + (vi){0};
}
LK_INLINE vf load(const float *from) {
    return *(const vf_stored *)from;
}
LK_INLINE void store(float *to, vf value) {
    *(vf_stored *)to = value;
}

#if LK_AVX512
LK_INLINE vf load_some(const float *from, int64_t count) {
    return (vf)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), from);
}
LK_INLINE void store_some(float *to, vf value, int64_t count) {
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), (__m512)value);
}
#elif LK_AVX2
/* The first `count` lanes. */
LK_INLINE __m256i lanes_below(int64_t count) {
    static const int32_t steps[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm256_loadu_si256((const __m256i *)(steps + 8 - count));
}
LK_INLINE vf load_some(const float *from, int64_t count) {
    return (vf)_mm256_maskload_ps(from, lanes_below(count));
}
LK_INLINE void store_some(float *to, vf value, int64_t count) {
    _mm256_maskstore_ps(to, lanes_below(count), (__m256)value);
}
#else
/* The first `count` lanes, below LK_LANES, from memory, and 0 in the others. */
LK_INLINE vf load_some(const float *from, int64_t count) {
    vf value = {0};
    for (int64_t i = 0; i < LK_LANES; i++)
        if (i < count)
            value[i] = from[i];
    return value;
}
LK_INLINE void store_some(float *to, vf value, int64_t count) {
    for (int64_t i = 0; i < LK_LANES; i++)
        if (i < count)
            to[i] = value[i];
}
#endif

/* Does BODY for i = 0, LK_LANES, ... below n. In BODY, LOAD(p) and STORE(p, v) are of as many lanes as are left. */
#define LK_EACH_VECTOR(i, n, ...)                                                                                      \
    do {                                                                                                               \
        int64_t i = 0, lk_left = LK_LANES;                                                                             \
        for (; i + LK_LANES <= (n); i += LK_LANES) {                                                                   \
            enum { lk_is_part = 0 };                                                                                   \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        lk_left = (n) - i;                                                                                             \
        if (LK_LANES > 1 && lk_left > 0) {                                                                             \
            enum { lk_is_part = 1 };                                                                                   \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        (void)lk_left;                                                                                                 \
    } while (0)
#define LOAD(p) (lk_is_part ? load_some(p, lk_left) : load(p))
#define STORE(p, v) (lk_is_part ? store_some(p, v, lk_left) : store(p, v))

/* a where the lanes of the condition are all ones, b where they are 0. */
LK_INLINE vf choose(vi condition, vf a, vf b) {
    return (vf)((condition & (vi)a) | (~condition & (vi)b));
}

/* The second operand where either is NaN: the order that x86 has an instruction for. */
LK_INLINE vf larger(vf a, vf b) {
    return choose(a > b, a, b);
}
LK_INLINE vf smaller(vf a, vf b) {
    return choose(a < b, a, b);
}
/* Keeps x within bounds; NaN stays. */
LK_INLINE vf within(vf x, vf lowest, vf highest) {
    return smaller(highest, larger(lowest, x));
}

LK_INLINE vf absolute(vf x) {
    return (vf)((vi)x & splat_int(0x7fffffff));
}
/* The magnitude of one with the sign of another. */
LK_INLINE vf with_sign(vf magnitude, vf sign) {
    return (vf)(((vi)magnitude & splat_int(0x7fffffff)) | ((vi)sign & splat_int(INT32_MIN)));
}

/* x in the first `count` lanes, 0 in the others. */
LK_INLINE vf first_lanes(vf x, int64_t count) {
    vi lane;
    LK_UNROLL for (int i = 0; i < LK_LANES; i++) lane[i] = i;
    return (vf)((vi)x & (lane < splat_int((int32_t)count)));
}

LK_INLINE vd widened(vf x) {
    return __builtin_convertvector(x, vd);
}

/* In halves, which is quicker than one lane after the other. */
LK_INLINE double sum_of_lanes(vd x) {
#if LK_LANES == 1
    return x[0];
#else
#if LK_LANES == 16
    typedef double eight __attribute__((vector_size(64)));
    const eight e = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                    __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
#elif LK_LANES == 8
    const vd e = x;
#endif
    typedef double four __attribute__((vector_size(32)));
#if LK_LANES >= 8
    const four f = __builtin_shufflevector(e, e, 0, 1, 2, 3) + __builtin_shufflevector(e, e, 4, 5, 6, 7);
#else
    const four f = x;
#endif
    return (f[0] + f[2]) + (f[1] + f[3]);
#endif
}
LK_INLINE float largest_lane(vf x) {
    float largest = x[0];
    for (int i = 1; i < LK_LANES; i++)
        largest = x[i] > largest ? x[i] : largest;
    return largest;
}
LK_INLINE float smallest_lane(vf x) {
    float smallest = x[0];
    for (int i = 1; i < LK_LANES; i++)
        smallest = x[i] < smallest ? x[i] : smallest;
    return smallest;
}
