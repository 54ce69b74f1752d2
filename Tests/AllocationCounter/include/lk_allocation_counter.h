/* How often a thread takes memory: for tests of what must not.
 *
 * Linking this puts functions of its own in the place of the C library's malloc and its like, which count and pass on.
 * With another C library than glibc, and under a sanitizer, which does the same, nothing is counted. */
#ifndef LOOKALIKE_ALLOCATION_COUNTER_H
#define LOOKALIKE_ALLOCATION_COUNTER_H

#include <stddef.h>

/* Whether allocations are counted. */
int lk_counts_allocations(void);
/* Allocations of this thread so far. */
size_t lk_allocations_of_this_thread(void);

#endif
