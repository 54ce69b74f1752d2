/* The steps of a graph search between two expansions: none computes a distance, all together took a third of a query
 * when they were written the obvious way.
 *
 * Candidates lie in one sorted array in place of the paper's two heaps: the next node to expand is the first that has
 * not been, the worst result is the last, and for the usual widths (up to a few hundred) moving entries of 16 bytes is
 * cheaper than sifting two heaps. Below LINEAR_WIDTH the place is found by moving entries one by one from the end:
 * few candidates go far, and a binary search mispredicts half of its branches. */
#include "kernels_internal.h"
#include <string.h>
#include <sys/mman.h>

enum { LINEAR_WIDTH = 128 };

/* Where what is asked for ahead goes: into the second-level cache. A round asks for some two hundred lines, and the first
 * level has only a few dozen buffers for lines that are on their way; asking it for more made searches 1.2 times slower
 * on a quiet machine and twice as slow on a busy one. */
enum { LK_SECOND_LEVEL = 2 };

size_t lk_fresh_links_scalar(
    const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out) {
    size_t count = 0;
    for (size_t i = 0; i < capacity; i++) {
        uint32_t id = lk_load(&links[i]);
        if (id >= limit)
            continue;
        uint32_t bit = 1u << (id & 31);
        if (visited[id >> 5] & bit)
            continue;
        visited[id >> 5] |= bit;
        out[count++] = id;
    }
    return count;
}

size_t lk_fresh_links(const uint32_t *links, size_t capacity, uint32_t *visited, uint32_t limit, uint32_t *out) {
    return lk_kernels_best()->fresh_links(links, capacity, visited, limit, out);
}

void lk_locate(const lk_records *records, const uint32_t *ids, size_t count, const uint8_t **rows, size_t bytes) {
    if (__builtin_expect(__atomic_load_n(&records->scattered, __ATOMIC_RELAXED) != 0, 0))
        for (size_t i = 0; i < count; i++)
            lk_ask_ahead(lk_place(records, ids[i]), records->stride);
    if (__builtin_expect(__atomic_load_n(&records->checked, __ATOMIC_RELAXED) != NULL, 0))
        for (size_t i = 0; i < count; i++)
            lk_see(records, ids[i]);
    /* One look at the table serves all: it is taken after the numbers were read. */
    uint8_t **chunks = __atomic_load_n(&records->chunks, __ATOMIC_ACQUIRE);
    const uint32_t shift = records->shift, mask = records->mask;
    const size_t stride = records->stride;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *chunk = __atomic_load_n(&chunks[ids[i] >> shift], __ATOMIC_RELAXED);
        const uint8_t *row = chunk + (size_t)(ids[i] & mask) * stride;
        rows[i] = row;
        for (size_t at = 0; at < bytes; at += 64)
            __builtin_prefetch(row + at, 0, LK_SECOND_LEVEL);
    }
}

static inline size_t place(lk_candidate *pool, size_t count, size_t capacity, uint64_t key) {
    size_t last = count < capacity ? count : capacity - 1;
    size_t at;
    if (last < LINEAR_WIDTH) {
        for (at = last; at > 0 && pool[at - 1].key > key; at--)
            pool[at] = pool[at - 1];
    } else {
        size_t low = 0, high = last;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (pool[middle].key < key)
                low = middle + 1;
            else
                high = middle;
        }
        at = low;
        memmove(pool + at + 1, pool + at, (last - at) * sizeof *pool);
    }
    pool[at].key = key;
    pool[at].expanded = 0;
    return at;
}

size_t lk_pool_merge(
    lk_candidate *pool, size_t count, size_t capacity, const uint32_t *ids, const float *distances, size_t n,
    size_t *first) {
    for (size_t i = 0; i < n; i++) {
        uint64_t key = lk_candidate_key(distances[i], ids[i]);
        if (count == capacity && key >= pool[count - 1].key)
            continue;
        size_t at = place(pool, count, capacity, key);
        count += count < capacity;
        if (at < *first)
            *first = at;
    }
    return count;
}

void lk_prefetch_links(const lk_records *links, const lk_candidate *pool, size_t count, size_t wanted) {
    size_t bytes = links->stride < 256 ? links->stride : 256;
    for (size_t i = 0; i < count && wanted > 0; i++) {
        if (pool[i].expanded)
            continue;
        const uint8_t *record = lk_place(links, (uint32_t)pool[i].key);
        if (__builtin_expect(__atomic_load_n(&links->scattered, __ATOMIC_RELAXED) != 0, 0))
            lk_ask_ahead(record, links->stride);
        for (size_t at = 0; at < bytes; at += 64)
            __builtin_prefetch(record + at, 0, LK_SECOND_LEVEL);
        wanted--;
    }
}

__attribute__((no_sanitize("thread"))) void lk_copy_changing(void *to, const void *from, size_t words) {
    uint32_t *out = to;
    const uint32_t *in = from;
    for (size_t i = 0; i < words; i++)
        out[i] = __atomic_load_n(&in[i], __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

void lk_ask_ahead(const void *start, size_t bytes) {
    /* Whole pages of the smallest size there is; where pages are larger, the call is refused and nothing is asked for. */
    uintptr_t first = (uintptr_t)start & ~(uintptr_t)4095;
    uintptr_t end = (uintptr_t)start + bytes;
    madvise((void *)first, end - first, MADV_WILLNEED);
}

int lk_all_below(const uint32_t *numbers, size_t count, uint32_t limit) {
    uint32_t beyond = 0;
    for (size_t i = 0; i < count; i++)
        beyond |= numbers[i] >= limit;
    return beyond == 0;
}
