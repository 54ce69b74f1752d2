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

/* Record `id` lies at chunks[id >> shift] + (id & mask) * stride. */
typedef struct lk_records {
    uint8_t **chunks;
    uint32_t shift;
    uint32_t mask;
    size_t stride;
} lk_records;

static inline uint8_t *lk_record(const lk_records *records, uint32_t id) {
    uint8_t **chunks = __atomic_load_n(&records->chunks, __ATOMIC_ACQUIRE);
    uint8_t *chunk = __atomic_load_n(&chunks[id >> records->shift], __ATOMIC_RELAXED);
    return chunk + (size_t)(id & records->mask) * records->stride;
}

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
