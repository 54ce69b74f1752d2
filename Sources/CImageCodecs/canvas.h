// Where decoded rows land: the output, turned upright on the way.
//
// EXIF orientation is one of the eight symmetries of the rectangle. Each is an affine map of stored pixel (x, y) to a
// byte offset, origin + x * step_x + y * step_y, so that one pass both copies and turns, and no second full-size
// buffer is needed.
#ifndef CANVAS_H
#define CANVAS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *output;
    size_t width, height; // as stored
    ptrdiff_t origin, step_x, step_y;
    int is_straight; // rows of the canvas are rows of the output
} canvas;

canvas canvas_make(uint8_t *output, size_t width, size_t height, int orientation);

// Puts `rows` stored rows of RGB, the first being row `y`; `stride` bytes lie from one to the next.
void canvas_put(const canvas *canvas, size_t y, size_t rows, const uint8_t *rgb, size_t stride);

// The place of a whole stored row in the output; only when is_straight.
uint8_t *canvas_row(const canvas *canvas, size_t y);

// Fills the stored rows y..<height with one value.
void canvas_fill_rest(const canvas *canvas, size_t y, uint8_t value);

#endif
