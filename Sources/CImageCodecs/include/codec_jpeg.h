// JPEG in and out, through libjpeg.
#ifndef CODEC_JPEG_H
#define CODEC_JPEG_H

#include <stddef.h>
#include <stdint.h>

#include "codec_report.h"

typedef struct codec_jpeg_decoder codec_jpeg_decoder;

// What one decode will need, known from the header alone.
typedef struct {
    uint32_t width;  // of the output as stored (before the orientation): ceil(image width * eighths / 8)
    uint32_t height; // likewise
    uint64_t memory; // bytes libjpeg and this decoder will take, without the output
} codec_jpeg_plan;

// Reads the header. `bytes` must outlive the decoder. NULL on failure, and then the report says why.
codec_jpeg_decoder *codec_jpeg_open(const uint8_t *bytes, size_t count, codec_report *report);

// Chooses the scale, `eighths`/8 with 1...8, and tells what it will need. Call once, before codec_jpeg_read.
bool codec_jpeg_plan_scale(codec_jpeg_decoder *decoder, int eighths, codec_jpeg_plan *plan, codec_report *report);

typedef struct {
    uint32_t scans;             // scans read at most
    uint64_t scan_coefficients; // work of all scans at most; jpeg_decode.c has the unit
    uint64_t memory;            // bytes for coefficient arrays at most
} codec_jpeg_limits;

// Decodes to RGB, turned upright by the EXIF `orientation` 1...8. `output` takes plan.width * plan.height * 3 bytes,
// all of which are written when the status is CODEC_OK. Call once.
bool codec_jpeg_read(codec_jpeg_decoder *decoder, int orientation, const codec_jpeg_limits *limits, uint8_t *output,
                     codec_report *report);

void codec_jpeg_close(codec_jpeg_decoder *decoder);

typedef enum {
    CODEC_JPEG_GREY, // 1 sample a pixel in
    CODEC_JPEG_YCC,  // 3, RGB in
    CODEC_JPEG_RGB,  // 3, RGB in, stored as such
    CODEC_JPEG_CMYK, // 4, CMYK in, stored as such
    CODEC_JPEG_YCCK, // 4, CMYK in
} codec_jpeg_colour;

// One scan of a progressive script; `components` is a bit mask, bit 0 the first component.
typedef struct {
    uint8_t components, spectral_start, spectral_end, approximation_high, approximation_low;
} codec_jpeg_scan;

typedef struct {
    uint32_t width, height;
    codec_jpeg_colour colour;
    int quality;             // 1...100
    int horizontal_sampling; // of the first component, 1...4; the others have 1
    int vertical_sampling;   // likewise
    bool progressive, arithmetic;
    bool adobe_marker;                  // CMYK and YCCK only
    uint32_t restart_interval;          // in MCUs, 0 for none
    const uint8_t *app1;                // payload of an APP1 segment, or NULL
    size_t app1_count;                  // at most 65533
    const codec_jpeg_scan *scan_script; // NULL for libjpeg's own
    int scan_count;
} codec_jpeg_parameters;

// Encodes `samples` (rows top to bottom, no padding). On success *output is malloc'd and owned by the caller, who frees
// it with codec_jpeg_release.
bool codec_jpeg_encode(const uint8_t *samples, const codec_jpeg_parameters *parameters, uint8_t **output, size_t *count,
                       codec_report *report);

void codec_jpeg_release(uint8_t *output);

#endif
