// How a codec says what went wrong.
#ifndef CODEC_REPORT_H
#define CODEC_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    CODEC_OK = 0,
    CODEC_TRUNCATED,     // the bytes end before anything could be decoded
    CODEC_CORRUPT,       // the bytes contradict the format
    CODEC_UNSUPPORTED,   // valid perhaps, but not read here; the message names it
    CODEC_TOO_LARGE,     // a limit was met; value, limit and message (the unit) say which
    CODEC_OUT_OF_MEMORY, // malloc returned NULL
} codec_status;

typedef struct {
    codec_status status;
    bool is_truncated; // with CODEC_OK: the bytes ended early, what was missing is filled
    uint64_t value;    // with CODEC_TOO_LARGE: what the image needs
    uint64_t limit;    // with CODEC_TOO_LARGE: what is allowed
    uint64_t warnings; // complaints of the library that did not stop it
    uint32_t scans;    // JPEG: scans read, one that was refused included
    uint64_t work;     // JPEG: what these scans cost, in coefficients
    char message[200]; // the error; with CODEC_OK the first warning, or empty
} codec_report;

// Whether malloc would give that many bytes now. For callers whose own allocator traps when it cannot.
bool codec_has_memory(size_t count);

#endif
