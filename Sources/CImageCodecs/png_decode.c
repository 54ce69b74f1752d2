// PNG to upright RGB over white (W3C Portable Network Graphics, third edition), through libpng.
//
// Samples. Small ones are scaled to 8 bits, 16-bit ones keep their high byte: it is what the PngSuite reference does
// for colour, and within one level of it for grey. A transparent key (tRNS) is compared before that, at full depth.
// Colour is composited over white: round((c * a + 255 * (255 - a)) / 255). gAMA, cHRM, sRGB and iCCP are not applied;
// nearly all files are sRGB in fact. bKGD is a viewer's hint and not used. Chunks without bearing on the pixels are not
// even parsed, which keeps their compression bombs and their history of faults away.
//
// Reduction. A factor of n averages n x n boxes of the composited pixels, row by row, so that a picture of any size
// needs two rows of memory. Boxes at the right and the bottom are what is left there. Interlaced files come in seven
// passes over the whole picture, and need all of it.
//
// A file that ends early gives the rows that came; the rest stays white. libpng reads compressed data in buffers and
// drops one that is not full, so near the end of a file known to be cut it is told to read byte by byte.
#include <setjmp.h>
#include <stdlib.h>

#include <png.h>

#include "canvas.h"
#include "codec_png.h"
#include "report.h"

enum {
    WHITE = 255,
    SIGNATURE_BYTES = 8,
    CUT_TAIL_BYTES = 1 << 14,     // of a file that is cut, read byte by byte
    CHUNK_BYTES_MAX = 8 << 20,    // of one chunk besides the pixels
    CHUNKS_KEPT_MAX = 16,         // libpng keeps none; the bound is a second barrier
    STRIP_ROWS = 16,              // rows gathered for the transposing orientations
};

struct codec_png_decoder {
    png_structp png;
    png_infop info;
    jmp_buf *escape; // of the call in progress
    codec_report *report;
    const uint8_t *bytes;
    size_t count, position;
    int is_cut;      // no IEND in the bytes
    int reached_end; // libpng asked for more bytes than there are
    int is_out_of_memory; // libpng, or zlib below it, asked for memory that was not there
    uint32_t width, height;
    int channels; // of the rows libpng delivers: 3 or 4
    int is_interlaced;
    uint32_t factor;
    // Progress of codec_png_read, kept here because a jump may end it.
    uint32_t rows_read; // rows of the picture; interlaced: rows of any pass
    uint8_t *pixels;    // one row, or the whole picture when interlaced
    uint64_t *sums;     // one output row of box sums
    uint8_t *strip;     // output rows on their way to the canvas
    uint32_t out_width, out_height, strip_start, strip_rows, box_rows;
    canvas canvas;
};

static _Noreturn void on_error(png_structp png, png_const_charp message) {
    codec_png_decoder *decoder = png_get_error_ptr(png);
    codec_status status = decoder->reached_end ? CODEC_TRUNCATED : CODEC_CORRUPT;
    if (decoder->is_out_of_memory) status = CODEC_OUT_OF_MEMORY;
    report_fail(decoder->report, status, message);
    longjmp(*decoder->escape, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
    report_warn(((codec_png_decoder *)png_get_error_ptr(png))->report, message);
}

// libpng tells of missing memory by its messages alone, in several wordings; so we see to its memory ourselves.
static png_voidp on_malloc(png_structp png, png_alloc_size_t count) {
    codec_png_decoder *decoder = png_get_mem_ptr(png);
    void *const memory = malloc(count);
    if (memory == NULL) decoder->is_out_of_memory = 1;
    return memory;
}

static void on_free(png_structp png, png_voidp memory) {
    (void)png;
    free(memory);
}

static void on_read(png_structp png, png_bytep to, size_t count) {
    codec_png_decoder *decoder = png_get_io_ptr(png);
    if (count > decoder->count - decoder->position) {
        decoder->reached_end = 1;
        png_error(png, "the data end early");
    }
    memcpy(to, decoder->bytes + decoder->position, count);
    decoder->position += count;
    if (decoder->is_cut && decoder->count - decoder->position < CUT_TAIL_BYTES) {
        png_set_compression_buffer_size(png, 1);
    }
}

static uint32_t big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

// Whether the chunks run past the end of the bytes before IEND.
static int is_cut(const uint8_t *bytes, size_t count) {
    size_t at = SIGNATURE_BYTES;
    while (count - at >= 12) {
        const uint32_t length = big_endian(bytes + at);
        if (memcmp(bytes + at + 4, "IEND", 4) == 0) return 0;
        if (length > count - at - 12) return 1;
        at += 12 + (size_t)length;
    }
    return 1;
}

static void ignore_other_chunks(png_structp png) {
    static const png_byte names[] = "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0"
                                    "sTER\0tEXt\0tIME\0zTXt";
    // 0: all chunks libpng does not know.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, names, (int)(sizeof names / 5));
}

static void choose_transforms(codec_png_decoder *decoder) {
    png_structp png = decoder->png;
    const int type = png_get_color_type(png, decoder->info);
    const int has_key = png_get_valid(png, decoder->info, PNG_INFO_tRNS) != 0;
    decoder->width = png_get_image_width(png, decoder->info);
    decoder->height = png_get_image_height(png, decoder->info);
    decoder->is_interlaced = png_get_interlace_type(png, decoder->info) != PNG_INTERLACE_NONE;
    decoder->channels = (type & PNG_COLOR_MASK_ALPHA) || has_key ? 4 : 3;
    png_set_expand(png); // palette and small grey to 8 bits, a transparent key to alpha
    png_set_strip_16(png);
    png_set_gray_to_rgb(png);
    if (decoder->is_interlaced) (void)png_set_interlace_handling(png);
}

codec_png_decoder *codec_png_open(const uint8_t *bytes, size_t count, uint32_t max_width, uint32_t max_height,
                                  codec_report *report) {
    report_clear(report);
    codec_png_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for the PNG decoder");
        return NULL;
    }
    decoder->report = report;
    decoder->bytes = bytes;
    decoder->count = count;
    decoder->factor = 1;
    decoder->is_cut = count < SIGNATURE_BYTES || is_cut(bytes, count);
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) {
        codec_png_close(decoder);
        return NULL;
    }
    decoder->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, decoder, on_error, on_warning, decoder,
                                            on_malloc, on_free);
    if (decoder->png != NULL) decoder->info = png_create_info_struct(decoder->png);
    if (decoder->info == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for libpng");
        codec_png_close(decoder);
        return NULL;
    }
    png_set_read_fn(decoder->png, decoder, on_read);
    png_set_user_limits(decoder->png, max_width, max_height);
    png_set_chunk_malloc_max(decoder->png, CHUNK_BYTES_MAX);
    png_set_chunk_cache_max(decoder->png, CHUNKS_KEPT_MAX);
    ignore_other_chunks(decoder->png);
    png_read_info(decoder->png, decoder->info);
    choose_transforms(decoder);
    png_read_update_info(decoder->png, decoder->info);
    // The rows are read into memory of this size: a libpng whose transforms gave longer ones would write past it.
    if (png_get_rowbytes(decoder->png, decoder->info) != (size_t)decoder->width * (size_t)decoder->channels) {
        report_fail(report, CODEC_UNSUPPORTED, "PNG with rows of an unexpected length");
        codec_png_close(decoder);
        return NULL;
    }
    return decoder;
}

void codec_png_close(codec_png_decoder *decoder) {
    if (decoder == NULL) return;
    png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    free(decoder->pixels);
    free(decoder->sums);
    free(decoder->strip);
    free(decoder);
}

static uint64_t pixel_bytes(const codec_png_decoder *decoder) {
    const uint64_t rows = decoder->is_interlaced ? decoder->height : 1;
    return rows * decoder->width * (uint64_t)decoder->channels;
}

void codec_png_plan_factor(codec_png_decoder *decoder, uint32_t factor, codec_png_plan *plan) {
    decoder->factor = factor;
    plan->width = decoder->out_width = (decoder->width - 1) / factor + 1;
    plan->height = decoder->out_height = (decoder->height - 1) / factor + 1;
    // libpng holds two rows, and one expanded to at most 8 bytes a pixel.
    const uint64_t libpng = (uint64_t)decoder->width * 8 * 3;
    const uint64_t reduced = (uint64_t)plan->width * 3 * (STRIP_ROWS + sizeof(uint64_t));
    plan->memory = pixel_bytes(decoder) + libpng + reduced;
}

// Composites a row over white, in place: RGBA becomes RGB.
static void flatten(uint8_t *row, uint32_t width) {
    const uint8_t *from = row;
    for (uint32_t x = 0; x < width; x++, from += 4, row += 3) {
        const unsigned alpha = from[3], white = WHITE * (WHITE - alpha) + WHITE / 2;
        const unsigned red = from[0], green = from[1], blue = from[2];
        row[0] = (uint8_t)((red * alpha + white) / WHITE);
        row[1] = (uint8_t)((green * alpha + white) / WHITE);
        row[2] = (uint8_t)((blue * alpha + white) / WHITE);
    }
}

static void flush_strip(codec_png_decoder *decoder) {
    const size_t stride = (size_t)decoder->out_width * 3;
    canvas_put(&decoder->canvas, decoder->strip_start, decoder->strip_rows, decoder->strip, stride);
    decoder->strip_start += decoder->strip_rows;
    decoder->strip_rows = 0;
}

static uint8_t *next_strip_row(codec_png_decoder *decoder) {
    if (decoder->strip_rows == STRIP_ROWS) flush_strip(decoder);
    return decoder->strip + (size_t)decoder->strip_rows++ * decoder->out_width * 3;
}

// Ends a row of boxes: the means go out, the sums start anew.
static void flush_boxes(codec_png_decoder *decoder) {
    uint8_t *to = next_strip_row(decoder);
    uint64_t *sums = decoder->sums;
    for (uint32_t x = 0; x < decoder->out_width; x++) {
        const uint64_t left = decoder->width - (uint64_t)x * decoder->factor;
        const uint64_t n = (left < decoder->factor ? left : decoder->factor) * decoder->box_rows;
        for (int c = 0; c < 3; c++) *to++ = (uint8_t)((*sums++ + n / 2) / n);
    }
    memset(decoder->sums, 0, (size_t)decoder->out_width * 3 * sizeof *decoder->sums);
    decoder->box_rows = 0;
}

// Takes one finished row of the picture, flattening it on the way.
static void take_row(codec_png_decoder *decoder, uint8_t *row) {
    if (decoder->channels == 4) flatten(row, decoder->width);
    if (decoder->factor == 1) {
        memcpy(next_strip_row(decoder), row, (size_t)decoder->width * 3);
        return;
    }
    const uint32_t factor = decoder->factor;
    uint64_t *sum = decoder->sums;
    for (uint32_t x = 0; x < decoder->width; sum += 3) {
        const uint32_t end = decoder->width - x < factor ? decoder->width : x + factor;
        uint32_t red = 0, green = 0, blue = 0; // at most 2^24 pixels of 255
        for (; x < end; x++, row += 3) red += row[0], green += row[1], blue += row[2];
        sum[0] += red, sum[1] += green, sum[2] += blue;
    }
    if (++decoder->box_rows == factor) flush_boxes(decoder);
}

static void read_sequential(codec_png_decoder *decoder) {
    for (uint32_t y = 0; y < decoder->height; y++) {
        png_read_row(decoder->png, decoder->pixels, NULL);
        decoder->rows_read++;
        take_row(decoder, decoder->pixels);
    }
}

static void read_interlaced(codec_png_decoder *decoder) {
    const size_t stride = (size_t)decoder->width * (size_t)decoder->channels;
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
        for (uint32_t y = 0; y < decoder->height; y++) {
            // As display row: early passes fill the blocks they stand for, which is the best view of a cut file.
            png_read_row(decoder->png, NULL, decoder->pixels + y * stride);
            decoder->rows_read++;
        }
    }
}

static bool allocate(codec_png_decoder *decoder) {
    decoder->pixels = malloc((size_t)pixel_bytes(decoder));
    decoder->strip = malloc((size_t)decoder->out_width * 3 * STRIP_ROWS);
    decoder->sums = calloc((size_t)decoder->out_width * 3, sizeof *decoder->sums);
    if (decoder->pixels == NULL || decoder->strip == NULL || decoder->sums == NULL) return false;
    memset(decoder->pixels, WHITE, (size_t)pixel_bytes(decoder));
    return true;
}

// Puts out what was gathered, and white where nothing came.
static void finish_canvas(codec_png_decoder *decoder) {
    if (decoder->is_interlaced) {
        const size_t stride = (size_t)decoder->width * (size_t)decoder->channels;
        for (uint32_t y = 0; y < decoder->height; y++) take_row(decoder, decoder->pixels + y * stride);
    }
    if (decoder->box_rows > 0) flush_boxes(decoder);
    flush_strip(decoder);
    canvas_fill_rest(&decoder->canvas, decoder->strip_start, WHITE);
}

bool codec_png_read(codec_png_decoder *decoder, int orientation, uint8_t *output, codec_report *report) {
    decoder->report = report;
    report_clear(report);
    if (!allocate(decoder)) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for the rows");
        return false;
    }
    decoder->canvas = canvas_make(output, decoder->out_width, decoder->out_height, orientation);
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) {
        if (report->status != CODEC_TRUNCATED || decoder->rows_read == 0) return false;
        report->status = CODEC_OK;
        report->is_truncated = true;
    } else {
        if (decoder->is_interlaced) {
            read_interlaced(decoder);
        } else {
            read_sequential(decoder);
        }
        png_read_end(decoder->png, NULL); // the checksums of what is left
    }
    finish_canvas(decoder);
    return true;
}
