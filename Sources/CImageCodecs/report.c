#include <stdlib.h>

#include "codec_report.h"

bool codec_has_memory(size_t count) {
    void *volatile probe = malloc(count); // volatile: or the pair of calls may be left out
    const bool is_there = probe != NULL;
    free(probe);
    return is_there;
}
