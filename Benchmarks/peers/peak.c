// What one core's arithmetic can do at most: multiply-adds a second of the widest instruction of each kind that this
// processor has, with enough independent accumulators to hide its latency and no memory traffic at all.
//
//     cc -O2 -o peak peak.c && ./peak
//
// prints one JSON line, in 10^9 multiply-adds a second: {"f32":..,"int8":..,"bf16":..}, 0 where there is no such
// instruction. Each is the best of ROUNDS short rounds, so that a neighbour's load does not lower it.
#include <stdio.h>
#include <time.h>

enum { ROUNDS = 12, STEPS = 2000000, ACCUMULATORS = 12 };

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

// The multiply-adds of STEPS steps of 12 instructions with `lanes` products each.
static double best(void (*work)(void), int lanes) {
    double most = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds();
        work();
        double rate = (double)STEPS * ACCUMULATORS * lanes / (seconds() - start) * 1e-9;
        most = rate > most ? rate : most;
    }
    return most;
}

#define REPEAT_12(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// The assembler text keeps the compiler from removing or vectorising what has no result.
#define LOOP(NAME, TARGET, REGISTER, ZERO, INSTRUCTION)                                                                \
    __attribute__((target(TARGET))) static void NAME(void) {                                                           \
        REGISTER sum[ACCUMULATORS], a = ZERO, b = ZERO;                                                                \
        for (int i = 0; i < ACCUMULATORS; i++)                                                                         \
            sum[i] = ZERO;                                                                                             \
        for (int step = 0; step < STEPS; step++) {                                                                     \
            REPEAT_12(INSTRUCTION)                                                                                     \
        }                                                                                                              \
    }
#define FMA(i) __asm__ volatile("vfmadd231ps %1, %2, %0" : "+v"(sum[i]) : "v"(a), "v"(b));
#define FMA_YMM(i) __asm__ volatile("vfmadd231ps %1, %2, %0" : "+x"(sum[i]) : "x"(a), "x"(b));
#define DOT_INT8(i) __asm__ volatile("vpdpbusd %1, %2, %0" : "+v"(sum[i]) : "v"(a), "v"(b));
#define DOT_BF16(i) __asm__ volatile("vdpbf16ps %1, %2, %0" : "+v"(sum[i]) : "v"(a), "v"(b));

LOOP(fma_avx512, "avx512f", __m512, _mm512_setzero_ps(), FMA)
LOOP(fma_avx2, "avx2,fma", __m256, _mm256_setzero_ps(), FMA_YMM)
LOOP(int8_avx512, "avx512f", __m512i, _mm512_setzero_si512(), DOT_INT8)
LOOP(bf16_avx512, "avx512f", __m512, _mm512_setzero_ps(), DOT_BF16)

int main(void) {
    __builtin_cpu_init();
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    // The compiler's test knows whether the system saves the registers; the two extensions need no more than their bit.
    int avx512 = __builtin_cpu_supports("avx512f") != 0;
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int vnni = avx512 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ecx >> 11 & 1);
    int bf16 = avx512 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 5 & 1);
    double f32 = avx512 ? best(fma_avx512, 16) : avx2 ? best(fma_avx2, 8) : 0;
    printf("{\"f32\": %.1f, \"int8\": %.1f, \"bf16\": %.1f}\n", f32, vnni ? best(int8_avx512, 64) : 0,
           bf16 ? best(bf16_avx512, 32) : 0);
    return 0;
}

#elif defined(__aarch64__)
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

#define LOOP(NAME, REGISTER, ZERO, INSTRUCTION)                                                                        \
    static void NAME(void) {                                                                                           \
        REGISTER sum[ACCUMULATORS], a = ZERO, b = ZERO;                                                                \
        for (int i = 0; i < ACCUMULATORS; i++)                                                                         \
            sum[i] = ZERO;                                                                                             \
        for (int step = 0; step < STEPS; step++) {                                                                     \
            REPEAT_12(INSTRUCTION)                                                                                     \
        }                                                                                                              \
    }
#define FMA(i) __asm__ volatile("fmla %0.4s, %1.4s, %2.4s" : "+w"(sum[i]) : "w"(a), "w"(b));
#define DOT_INT8(i)                                                                                                    \
    __asm__ volatile(".arch_extension dotprod\n\tsdot %0.4s, %1.16b, %2.16b" : "+w"(sum[i]) : "w"(a), "w"(b));

LOOP(fma_neon, float32x4_t, vdupq_n_f32(0), FMA)
LOOP(int8_neon, int32x4_t, vdupq_n_s32(0), DOT_INT8)

int main(void) {
#if defined(__linux__)
    int dot = (getauxval(AT_HWCAP) >> 20 & 1) != 0;
#else
    int dot = 1;
#endif
    printf("{\"f32\": %.1f, \"int8\": %.1f, \"bf16\": 0}\n", best(fma_neon, 4), dot ? best(int8_neon, 16) : 0);
    return 0;
}

#else
int main(void) {
    printf("{\"f32\": 0, \"int8\": 0, \"bf16\": 0}\n");
    return 0;
}
#endif
