#include "canvas.h"

#include <string.h>

canvas canvas_make(uint8_t *output, size_t width, size_t height, int orientation) {
    const ptrdiff_t w = (ptrdiff_t)width, h = (ptrdiff_t)height;
    const ptrdiff_t across = 3;   // one pixel to the right in the output
    const ptrdiff_t row = 3 * w;  // one row down, orientations 1...4
    const ptrdiff_t turned = 3 * h; // one row down, orientations 5...8: the output is h pixels wide
    canvas c = {output, width, height, 0, across, row, 0};
    switch (orientation) {
    case 2: // mirrored left to right
        c.origin = (w - 1) * across, c.step_x = -across, c.step_y = row;
        break;
    case 3: // turned by 180 degrees
        c.origin = (h - 1) * row + (w - 1) * across, c.step_x = -across, c.step_y = -row;
        break;
    case 4: // mirrored top to bottom
        c.origin = (h - 1) * row, c.step_x = across, c.step_y = -row;
        break;
    case 5: // transposed
        c.origin = 0, c.step_x = turned, c.step_y = across;
        break;
    case 6: // stored row 0 is the right-hand side
        c.origin = (h - 1) * across, c.step_x = turned, c.step_y = -across;
        break;
    case 7: // transposed about the other diagonal
        c.origin = (w - 1) * turned + (h - 1) * across, c.step_x = -turned, c.step_y = -across;
        break;
    case 8: // stored row 0 is the left-hand side, upwards
        c.origin = (w - 1) * turned, c.step_x = -turned, c.step_y = across;
        break;
    default:
        break;
    }
    c.is_straight = c.step_x == across && (c.step_y == row || c.step_y == -row);
    return c;
}

uint8_t *canvas_row(const canvas *c, size_t y) { return c->output + c->origin + (ptrdiff_t)y * c->step_y; }

void canvas_put(const canvas *c, size_t y, size_t rows, const uint8_t *rgb, size_t stride) {
    if (c->is_straight) {
        for (size_t r = 0; r < rows; r++) memcpy(canvas_row(c, y + r), rgb + r * stride, c->width * 3);
        return;
    }
    uint8_t *const base = c->output + c->origin + (ptrdiff_t)y * c->step_y;
    if (c->step_x == -3) {
        for (size_t r = 0; r < rows; r++) {
            const uint8_t *from = rgb + r * stride;
            uint8_t *to = base + (ptrdiff_t)r * c->step_y;
            for (size_t x = 0; x < c->width; x++, from += 3, to -= 3) {
                to[0] = from[0], to[1] = from[1], to[2] = from[2];
            }
        }
        return;
    }
    // The output runs across the stored rows: the strip's rows are neighbours there, so they are the inner loop.
    for (size_t x = 0; x < c->width; x++) {
        const uint8_t *from = rgb + x * 3;
        uint8_t *to = base + (ptrdiff_t)x * c->step_x;
        for (size_t r = 0; r < rows; r++, from += stride, to += c->step_y) {
            to[0] = from[0], to[1] = from[1], to[2] = from[2];
        }
    }
}

void canvas_fill_rest(const canvas *c, size_t y, uint8_t value) {
    for (; y < c->height; y++) {
        uint8_t *to = c->output + c->origin + (ptrdiff_t)y * c->step_y;
        if (c->is_straight) {
            memset(to, value, c->width * 3);
            continue;
        }
        for (size_t x = 0; x < c->width; x++, to += c->step_x) to[0] = to[1] = to[2] = value;
    }
}
