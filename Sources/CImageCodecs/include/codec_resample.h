// Separable resampling of 8-bit RGB in fixed point: vertical, then horizontal, row by row.
#ifndef CODEC_RESAMPLE_H
#define CODEC_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The weights of one axis. Output i is the sum over t in 0..<counts[i] of weights[i * stride + t] * input[starts[i] +
// t], plus half, shifted right by `shift`. Weights are not negative and those of one output sum to 1 << shift exactly,
// so the result needs no clamping. Beyond counts[i] the weights are zero, up to `stride`, a multiple of 8.
typedef struct {
    const int32_t *starts;
    const int32_t *counts;
    const int16_t *weights;
    size_t stride;
    int shift; // 14...22
} codec_resample_axis;

// Spare bytes that the row buffer needs behind its width * 3 bytes: kernels load whole vectors there.
enum { CODEC_RESAMPLE_PADDING = 64 };

typedef enum {
    CODEC_RESAMPLE_SCALAR = 0, // the definition
    CODEC_RESAMPLE_AVX2 = 1,
    CODEC_RESAMPLE_NEON = 2,
} codec_resample_variant;

// The fastest variant of this machine.
codec_resample_variant codec_resample_best(void);

// Whether this machine, and this build, can run the variant.
bool codec_resample_can(codec_resample_variant variant);

// Resamples `source` (source_width pixels a row) into `destination` (width x height). `row` takes
// source_width * 3 + CODEC_RESAMPLE_PADDING bytes. A variant that is not available is an error of the caller.
void codec_resample_rgb(const uint8_t *source, size_t source_width, uint8_t *destination, size_t width, size_t height,
                        const codec_resample_axis *horizontal, const codec_resample_axis *vertical, uint8_t *row,
                        codec_resample_variant variant);

#endif
