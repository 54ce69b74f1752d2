/* Fixed-size records in chunks, as the kernels see them, and the atomic accesses with which one writer and many readers
 * share them.
 *
 * A reader may follow a link to a record that was made after its search began. So the table of chunks is loaded anew
 * for each use (it stays in the first-level cache), and always after the number that is looked up in it: whoever makes
 * a record stores its chunk first, then the table, then the contents, and last the link that leads to it.
 */
#ifndef LOOKALIKE_RECORDS_H
#define LOOKALIKE_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/* Record `id` lies at chunks[id >> shift] + (id & mask) * stride.
 *
 * Records of a mapped file are checked before they are first used, a block of 1 << block_shift records at a time. While
 * there are some that have not been, `checked` has a bit for each block of the first `mapped` records; whoever finds the
 * bit of a block clear calls `check`, which returns when the block can be used, and has its bit set by then. Null once
 * all have been checked. */
typedef struct lk_records {
    uint8_t **chunks;
    uint32_t shift;
    uint32_t mask;
    size_t stride;
    const uint8_t *checked;
    uint32_t mapped;
    uint32_t block_shift;
    void (*check)(void *context, uint32_t block);
    void *context;
    /* Whether the records lie in a file that memory cannot hold, so that most have to be read when they are wanted: then
     * the system is asked for all of a round before the first is waited for. */
    uint32_t scattered;
} lk_records;

/* Asks the system for the pages of some bytes, without waiting for them. */
void lk_ask_ahead(const void *start, size_t bytes);

/* Says whether records are scattered. */
static inline void lk_records_set_scattered(lk_records *records, uint32_t scattered) {
    __atomic_store_n(&records->scattered, scattered, __ATOMIC_RELAXED);
}

/* Sees that a record can be used. */
static inline void lk_see(const lk_records *records, uint32_t id) {
    const uint8_t *checked = __atomic_load_n(&records->checked, __ATOMIC_RELAXED);
    if (__builtin_expect(checked != NULL, 0) && id < records->mapped) {
        uint32_t block = id >> records->block_shift;
        if (__builtin_expect(!(__atomic_load_n(&checked[block >> 3], __ATOMIC_ACQUIRE) >> (block & 7) & 1), 0))
            records->check(records->context, block);
    }
}

/* Where a record is, whether it can be used or not: to be asked for ahead. */
static inline uint8_t *lk_place(const lk_records *records, uint32_t id) {
    uint8_t **chunks = __atomic_load_n(&records->chunks, __ATOMIC_ACQUIRE);
    uint8_t *chunk = __atomic_load_n(&chunks[id >> records->shift], __ATOMIC_RELAXED);
    return chunk + (size_t)(id & records->mask) * records->stride;
}

/* Where a record is that is going to be used. */
static inline uint8_t *lk_record(const lk_records *records, uint32_t id) {
    lk_see(records, id);
    return lk_place(records, id);
}

/* All blocks have been checked. */
static inline void lk_records_all_checked(lk_records *records) {
    __atomic_store_n(&records->checked, (const uint8_t *)NULL, __ATOMIC_RELEASE);
}

/* Whether a block has been checked, in a bitmap. */
static inline int lk_is_checked(const uint8_t *checked, size_t block) {
    return __atomic_load_n(&checked[block >> 3], __ATOMIC_ACQUIRE) >> (block & 7) & 1;
}

/* Notes that a block has been checked. */
static inline void lk_set_checked(uint8_t *checked, size_t block) {
    __atomic_fetch_or(&checked[block >> 3], (uint8_t)(1u << (block & 7)), __ATOMIC_RELEASE);
}

/* The copy of a block that was made before it was first changed, or null. */
static inline uint8_t *lk_copy_of(uint8_t *const *copies, size_t block) {
    return __atomic_load_n(&copies[block], __ATOMIC_ACQUIRE);
}

static inline void lk_keep_copy(uint8_t **copies, size_t block, uint8_t *copy) {
    __atomic_store_n(&copies[block], copy, __ATOMIC_RELEASE);
    /* The changes that follow are seen only by those who see the copy. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Copies a block that another thread may be changing; whoever calls finds out afterwards, and throws the copy away. */
void lk_copy_changing(void *to, const void *from, size_t words);

/* Whether every number is below a limit: what links read from a file have to be. */
int lk_all_below(const uint32_t *numbers, size_t count, uint32_t limit);

/* Makes a table of chunks the one that readers see. */
static inline void lk_records_publish(lk_records *records, uint8_t **chunks) {
    __atomic_store_n(&records->chunks, chunks, __ATOMIC_RELEASE);
}

/* Makes a chunk visible in a table that readers may already see. */
static inline void lk_chunk_publish(uint8_t **chunks, size_t index, uint8_t *chunk) {
    __atomic_store_n(&chunks[index], chunk, __ATOMIC_RELEASE);
}

static inline uint32_t lk_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

static inline void lk_store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }

#endif
