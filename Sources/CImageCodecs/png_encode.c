// Samples to PNG, through libpng. Every colour type, depth and interlacing, so that tests can make what decoders meet.
#include <setjmp.h>
#include <stdlib.h>

#include <png.h>

#include "codec_png.h"
#include "report.h"

typedef struct {
    png_structp png;
    png_infop info;
    jmp_buf escape;
    codec_report *report;
    uint8_t *output;
    size_t count, capacity;
} encoder;

static _Noreturn void on_error(png_structp png, png_const_charp message) {
    encoder *e = png_get_error_ptr(png);
    report_fail(e->report, CODEC_CORRUPT, message);
    longjmp(e->escape, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    report_warn(((encoder *)png_get_error_ptr(png))->report, message);
}

static void on_write(png_structp png, png_bytep from, size_t count) {
    encoder *e = png_get_io_ptr(png);
    if (count > e->capacity - e->count) {
        const size_t capacity = (e->capacity + count) * 2;
        uint8_t *grown = realloc(e->output, capacity);
        if (grown == NULL) png_error(png, "no memory for the encoded picture");
        e->output = grown;
        e->capacity = capacity;
    }
    memcpy(e->output + e->count, from, count);
    e->count += count;
}

static void on_flush(png_structp png) { (void)png; }

static void set_header(encoder *e, const codec_png_parameters *p) {
    png_set_IHDR(e->png, e->info, p->width, p->height, p->bit_depth, p->colour_type,
                 p->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_color palette[PNG_MAX_PALETTE_LENGTH];
    if (p->colour_type == PNG_COLOR_TYPE_PALETTE) {
        for (int i = 0; i < p->palette_count; i++) {
            palette[i].red = p->palette[i * 3];
            palette[i].green = p->palette[i * 3 + 1];
            palette[i].blue = p->palette[i * 3 + 2];
        }
        png_set_PLTE(e->png, e->info, palette, p->palette_count);
        if (p->palette_alpha_count > 0) {
            png_set_tRNS(e->png, e->info, p->palette_alpha, p->palette_alpha_count, NULL);
        }
    } else if (p->has_transparent_key) {
        png_color_16 key = {0};
        key.gray = key.red = p->transparent[0];
        key.green = p->transparent[1];
        key.blue = p->transparent[2];
        png_set_tRNS(e->png, e->info, NULL, 0, &key);
    }
}

static void finish(encoder *e) {
    png_destroy_write_struct(&e->png, &e->info);
    free(e);
}

bool codec_png_encode(const uint8_t *samples, const codec_png_parameters *p, uint8_t **output, size_t *count,
                      codec_report *report) {
    report_clear(report);
    encoder *e = calloc(1, sizeof *e);
    if (e == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for the PNG encoder");
        return false;
    }
    e->report = report;
    if (setjmp(e->escape)) {
        free(e->output);
        finish(e);
        return false;
    }
    e->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, e, on_error, on_warning);
    if (e->png != NULL) e->info = png_create_info_struct(e->png);
    if (e->info == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for libpng");
        finish(e);
        return false;
    }
    png_set_write_fn(e->png, e, on_write, on_flush);
    png_set_compression_level(e->png, p->compression);
    set_header(e, p);
    png_write_info(e->png, e->info);
    const int passes = p->interlaced ? png_set_interlace_handling(e->png) : 1;
    for (int pass = 0; pass < passes; pass++) {
        for (uint32_t y = 0; y < p->height; y++) png_write_row(e->png, samples + y * p->row_bytes);
    }
    png_write_end(e->png, NULL);
    *output = e->output;
    *count = e->count;
    finish(e);
    return true;
}

void codec_png_release(uint8_t *output) { free(output); }
