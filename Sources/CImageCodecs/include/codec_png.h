// PNG in and out, through libpng.
#ifndef CODEC_PNG_H
#define CODEC_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "codec_report.h"

typedef struct codec_png_decoder codec_png_decoder;

// What one decode will need, known from the chunks before the pixels.
typedef struct {
    uint32_t width;  // of the output as stored (before the orientation): ceil(image width / factor)
    uint32_t height; // likewise
    uint64_t memory; // bytes this decoder will take, without the output
} codec_png_plan;

// Reads the chunks before the pixels. `bytes` must outlive the decoder. NULL on failure, and the report says why.
codec_png_decoder *codec_png_open(const uint8_t *bytes, size_t count, uint32_t max_width, uint32_t max_height,
                                  codec_report *report);

// Chooses the reduction (each output pixel is the mean of a `factor` x `factor` box) and tells what it will need.
void codec_png_plan_factor(codec_png_decoder *decoder, uint32_t factor, codec_png_plan *plan);

// Decodes to RGB over white, turned upright by the EXIF `orientation` 1...8. `output` takes
// plan.width * plan.height * 3 bytes, all of which are written when the status is CODEC_OK. Call once.
bool codec_png_read(codec_png_decoder *decoder, int orientation, uint8_t *output, codec_report *report);

void codec_png_close(codec_png_decoder *decoder);

typedef struct {
    uint32_t width, height;
    int bit_depth;          // 1, 2, 4, 8, 16
    int colour_type;        // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA
    bool interlaced;        // Adam7
    int compression;        // 0...9
    const uint8_t *palette; // palette_count * 3 bytes, colour type 3 only
    int palette_count;      // 1...256
    const uint8_t *palette_alpha;
    int palette_alpha_count;   // 0...palette_count
    bool has_transparent_key;  // colour types 0 and 2 only
    uint16_t transparent[3];   // the key, in samples of the bit depth; grey uses the first
    size_t row_bytes;          // bytes a row of `samples`: ceil(width * channels * bit_depth / 8)
} codec_png_parameters;

// Encodes packed rows as PNG lays them out (16-bit samples big-endian, small ones from the high bit). On success
// *output is malloc'd and owned by the caller, who frees it with codec_png_release.
bool codec_png_encode(const uint8_t *samples, const codec_png_parameters *parameters, uint8_t **output, size_t *count,
                      codec_report *report);

void codec_png_release(uint8_t *output);

#endif
