// What the files of the JPEG decoder share: the state of one decode, and how it escapes.
#ifndef JPEG_DECODER_H
#define JPEG_DECODER_H

#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include "codec_jpeg.h"

// A place in the coded data where the decoder ran out of it.
typedef struct {
    int is_set;
    unsigned output_row; // output rows delivered by then
} jpeg_gap;

struct codec_jpeg_decoder {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    jmp_buf *escape; // of the call in progress
    codec_report *report; // of the call in progress
    const uint8_t *bytes;
    size_t count;
    int has_scan;     // the header is behind us: from now on missing bytes are filled in
    int reached_end;  // the bytes ended before the end-of-image marker
    size_t scan_from; // offset of the first scan's coded data
    jpeg_gap gap;
    int completed_scans; // several scans: those read to their end
    int stopped_early;   // several scans: the rest is not needed
    uint8_t *strip; // rows on their way to the canvas, owned
};

// Rows gathered before they are put on the canvas: enough for the transposing orientations to write whole cache lines.
enum { JPEG_STRIP_ROWS = 16 };

// Sets up error and source managers; `decoder->info` is not created yet.
void jpeg_decoder_prepare(codec_jpeg_decoder *decoder);

// Leaves the call in progress. The report is filled already.
_Noreturn void jpeg_decoder_escape(codec_jpeg_decoder *decoder);

#endif
