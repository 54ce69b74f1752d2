// Filling in a codec_report.
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>
#include <string.h>

#include "codec_report.h"

static inline void report_clear(codec_report *report) { memset(report, 0, sizeof *report); }

static inline void report_fail(codec_report *report, codec_status status, const char *message) {
    report->status = status;
    snprintf(report->message, sizeof report->message, "%s", message);
}

static inline void report_limit(codec_report *report, const char *unit, uint64_t value, uint64_t limit) {
    report_fail(report, CODEC_TOO_LARGE, unit);
    report->value = value;
    report->limit = limit;
}

// Warnings do not stop a codec; the first one is kept, later ones are counted.
static inline void report_warn(codec_report *report, const char *message) {
    if (report->warnings++ == 0 && report->status == CODEC_OK) {
        snprintf(report->message, sizeof report->message, "%s", message);
    }
}

#endif
