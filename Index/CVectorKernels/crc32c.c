/* CRC-32C: polynomial 0x1EDC6F41, reflected (0x82F63B78), initial value and final xor all ones, as in RFC 3720
 * appendix B.4. Both x86-64 (SSE4.2) and ARMv8 have an instruction for it; the table serves where they are absent and
 * as the reference. One instruction stream of 8 bytes each is about 8 GB/s, more than any disk gives, so the
 * three-stream interleaving known for this checksum would buy nothing here. */
#include "CVectorKernels.h"
#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#if defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif
#endif

typedef uint32_t (*crc_function)(uint32_t, const unsigned char *, size_t);

/* The entry of one byte value. 256 numbers written out would say less than these lines. */
static uint32_t table_entry(uint32_t byte) {
    for (int bit = 0; bit < 8; bit++)
        byte = (byte >> 1) ^ (0x82F63B78u & (0u - (byte & 1)));
    return byte;
}

static _Atomic uint32_t *crc_table(void) {
    static _Atomic uint32_t table[256];
    static _Atomic int filled;
    /* Threads that fill it together write the same values. */
    if (!atomic_load_explicit(&filled, memory_order_acquire)) {
        for (uint32_t i = 0; i < 256; i++)
            atomic_store_explicit(&table[i], table_entry(i), memory_order_relaxed);
        atomic_store_explicit(&filled, 1, memory_order_release);
    }
    return table;
}

static uint32_t crc_by_table(uint32_t crc, const unsigned char *p, size_t count) {
    _Atomic uint32_t *table = crc_table();
    while (count--)
        crc = (crc >> 8) ^ atomic_load_explicit(&table[(crc ^ *p++) & 0xff], memory_order_relaxed);
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const unsigned char *p,
                                                                     size_t count) {
    uint64_t wide = crc;
    for (; count >= 8; count -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    crc = (uint32_t)wide;
    while (count--)
        crc = _mm_crc32_u8(crc, *p++);
    return crc;
}
#elif defined(__aarch64__)
__attribute__((target("crc"))) static uint32_t crc_by_instruction(uint32_t crc, const unsigned char *p, size_t count) {
    for (; count >= 8; count -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        crc = __crc32cd(crc, word);
    }
    while (count--)
        crc = __crc32cb(crc, *p++);
    return crc;
}
#endif

static int has_instruction(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2");
#elif defined(__aarch64__) && defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#elif defined(__aarch64__) && defined(__APPLE__)
    return 1;
#else
    return 0;
#endif
}

static crc_function chosen(void) {
    static _Atomic(crc_function) choice;
    crc_function function = atomic_load_explicit(&choice, memory_order_relaxed);
    if (function == NULL) {
        function = crc_by_table;
#if defined(__x86_64__) || defined(__aarch64__)
        if (has_instruction())
            function = crc_by_instruction;
#endif
        atomic_store_explicit(&choice, function, memory_order_relaxed);
    }
    return function;
}

uint32_t lk_crc32c(uint32_t crc, const void *bytes, size_t count) { return ~chosen()(~crc, bytes, count); }

uint32_t lk_crc32c_table(uint32_t crc, const void *bytes, size_t count) { return ~crc_by_table(~crc, bytes, count); }

const char *lk_crc32c_name(void) {
    if (!has_instruction())
        return "table";
#if defined(__x86_64__)
    return "sse4.2";
#else
    return "armv8";
#endif
}
