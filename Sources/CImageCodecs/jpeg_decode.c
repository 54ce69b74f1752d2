// JPEG to upright RGB (ITU-T T.81, JFIF, and Adobe's APP14 conventions), through libjpeg.
//
// Scale. libjpeg computes an n x n inverse transform of each 8 x 8 block, n = 1...8, which costs less than decoding in
// full and reducing afterwards, and is a good low-pass filter. Subsampled components get a larger n (up to 8) so that
// they need less or no enlarging.
//
// Progressive files bring every coefficient in several scans, the later ones holding the low bits and the high
// frequencies. A small n uses few coefficients only, so we read in buffered-image mode and stop after the first scan
// behind which all used coefficients are exact: the result is the same as after reading all of them. The used set is
// taken from the transforms: n = 3, 5, 6, 7 use the lowest n x n; n = 1 the DC alone; but libjpeg's n = 2 and n = 4
// are cut-down 8-point transforms which leave out only the frequencies {2, 4, 6} and {4}.
//
// Cost. A scan may be a few bytes that visit every block (an end-of-band run), so the number of scans and the work of
// all scans are both bounded, each before the scan is read. The unit of work is one coefficient of a refinement, which
// looks at every coefficient of its band in every block: 0.8 ns, measured on one x86-64 core. To visit a block at all
// costs about 16 of those (9 to 15 ns); to decode a coefficient of an arithmetic code that spends next to no bits on
// it, at most about 16 (up to 18 ns for one that is not zero). What Huffman codes cost beyond that they pay for in
// bytes of the file, which are bounded. With libjpeg's progressive script and 4:2:0 a pixel comes to 6 units.
//
// A baseline file that ends early is not decoded to its claimed height: two rows of blocks behind the gap the rest is
// filled with the grey libjpeg would give.
#include <limits.h>
#include <stdlib.h>

#include "canvas.h"
#include "jpeg_decoder.h"
#include "report.h"

enum {
    MID_GREY = 128,
    OVERHEAD_BYTES = 1 << 18, // of libjpeg's state, tables and pools
    VISIT_COST = 16,          // of a block, in coefficients
    ARITHMETIC_COST = 16,     // of a coefficient that is coded arithmetically
};

codec_jpeg_decoder *codec_jpeg_open(const uint8_t *bytes, size_t count, codec_report *report) {
    report_clear(report);
    codec_jpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for the JPEG decoder");
        return NULL;
    }
    decoder->bytes = bytes;
    decoder->count = count;
    decoder->report = report;
    jpeg_decoder_prepare(decoder);
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) {
        codec_jpeg_close(decoder);
        return NULL;
    }
    jpeg_create_decompress(&decoder->info); // clears all but err and client_data
    decoder->info.src = &decoder->source;
    jpeg_read_header(&decoder->info, TRUE);
    decoder->has_scan = 1;
    decoder->scan_from = count - decoder->source.bytes_in_buffer;
    return decoder;
}

void codec_jpeg_close(codec_jpeg_decoder *decoder) {
    if (decoder == NULL) return;
    jpeg_destroy_decompress(&decoder->info); // harmless on what was never created
    free(decoder->strip);
    free(decoder);
}

static uint64_t round_up(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

// Coefficients of all components, 16 bits each, as libjpeg will allocate them when there are several scans.
static uint64_t coefficient_bytes(struct jpeg_decompress_struct *info) {
    if (!jpeg_has_multiple_scans(info)) return 0;
    uint64_t blocks = 0;
    for (int c = 0; c < info->num_components; c++) {
        const jpeg_component_info *component = &info->comp_info[c];
        blocks += round_up(component->width_in_blocks, (uint64_t)component->h_samp_factor) *
                  round_up(component->height_in_blocks, (uint64_t)component->v_samp_factor);
    }
    return blocks * DCTSIZE2 * sizeof(JCOEF);
}

bool codec_jpeg_plan_scale(codec_jpeg_decoder *decoder, int eighths, codec_jpeg_plan *plan, codec_report *report) {
    struct jpeg_decompress_struct *info = &decoder->info;
    decoder->report = report;
    report_clear(report);
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) return false;
    switch (info->jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_YCbCr:
    case JCS_RGB:
        info->out_color_space = JCS_RGB;
        break;
    case JCS_CMYK:
    case JCS_YCCK:
        info->out_color_space = JCS_CMYK;
        break;
    default:
        snprintf(report->message, sizeof report->message, "JPEG with %d components", info->num_components);
        report->status = CODEC_UNSUPPORTED;
        return false;
    }
    info->scale_num = (unsigned)eighths;
    info->scale_denom = 8;
    info->dct_method = JDCT_ISLOW;
    jpeg_calc_output_dimensions(info);
    plan->width = info->output_width;
    plan->height = info->output_height;
    // The sample rows in flight: one row of blocks before and one after enlarging, three deep for context, and ours.
    const uint64_t rows = (uint64_t)info->max_v_samp_factor * DCTSIZE;
    const uint64_t padded = round_up(info->image_width, (uint64_t)info->max_h_samp_factor * DCTSIZE);
    plan->memory = OVERHEAD_BYTES + coefficient_bytes(info) + padded * (uint64_t)info->num_components * rows * 3 +
                   (uint64_t)info->output_width * 8 * JPEG_STRIP_ROWS;
    return true;
}

// Position in the block (row * 8 + column) of the k-th coefficient in zigzag order.
static const uint8_t natural_order[DCTSIZE2] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
};

// Frequencies, as bits, that the transform to n samples uses in one direction.
static unsigned used_frequencies(int n) {
    switch (n) {
    case 2:
        return 0xAB; // 0, 1, 3, 5, 7
    case 4:
        return 0xEF; // all but 4
    default:
        return n >= DCTSIZE ? 0xFF : (1u << n) - 1;
    }
}

// Whether every coefficient that the chosen scale uses is exact by now.
static bool is_exact(const struct jpeg_decompress_struct *info) {
    if (info->coef_bits == NULL) return false;
    for (int c = 0; c < info->num_components; c++) {
#if JPEG_LIB_VERSION >= 70
        const int n = info->comp_info[c].DCT_h_scaled_size > info->comp_info[c].DCT_v_scaled_size
                          ? info->comp_info[c].DCT_h_scaled_size
                          : info->comp_info[c].DCT_v_scaled_size;
#else
        const int n = info->comp_info[c].DCT_scaled_size;
#endif
        const unsigned used = used_frequencies(n);
        for (int k = 0; k < DCTSIZE2; k++) {
            const int row = natural_order[k] / DCTSIZE, column = natural_order[k] % DCTSIZE;
            if (((used >> row) & 1) && ((used >> column) & 1) && info->coef_bits[c][k] != 0) return false;
        }
    }
    return true;
}

// The work of the current scan, in coefficients.
static uint64_t scan_work(const struct jpeg_decompress_struct *info) {
    uint64_t blocks = 0;
    for (int c = 0; c < info->comps_in_scan; c++) {
        blocks += (uint64_t)info->cur_comp_info[c]->width_in_blocks * info->cur_comp_info[c]->height_in_blocks;
    }
    // Sequential scans bring whole blocks, whatever band their headers name. A band that is none is an error to libjpeg.
    int band = DCTSIZE2;
    if (info->progressive_mode && info->Ss >= 0 && info->Ss <= info->Se && info->Se < DCTSIZE2) {
        band = info->Se - info->Ss + 1;
    }
    return blocks * (uint64_t)(VISIT_COST + band * (info->arith_code ? ARITHMETIC_COST : 1));
}

// Counts the scan that comes next, and refuses it when that is one too many, or too much.
static void admit_scan(codec_jpeg_decoder *decoder, const codec_jpeg_limits *limits) {
    codec_report *report = decoder->report;
    report->scans++;
    report->work += scan_work(&decoder->info);
    if (report->scans > limits->scans) {
        report_limit(report, "scans", report->scans, limits->scans);
        jpeg_decoder_escape(decoder);
    }
    if (report->work > limits->scan_coefficients) {
        report_limit(report, "coefficients over all scans", report->work, limits->scan_coefficients);
        jpeg_decoder_escape(decoder);
    }
}

// Reads scans into the coefficient arrays until the end or until the scale needs no more.
static void consume_scans(codec_jpeg_decoder *decoder, const codec_jpeg_limits *limits) {
    struct jpeg_decompress_struct *info = &decoder->info;
    int event = JPEG_REACHED_SOS; // the first scan's header has been read
    while (event != JPEG_REACHED_EOI && !decoder->stopped_early) {
        if (event == JPEG_REACHED_SOS) admit_scan(decoder, limits);
        event = jpeg_consume_input(info);
        if (event == JPEG_SCAN_COMPLETED) {
            decoder->completed_scans++;
            decoder->stopped_early = info->output_width < info->image_width && is_exact(info);
        }
    }
}

// The same, and starts the output pass. Past the end of the bytes the tables between scans are made up: an error there
// ends the input and nothing more, if there is a scan to show.
static void start_after_scans(codec_jpeg_decoder *decoder, const codec_jpeg_limits *limits) {
    jmp_buf *const outer = decoder->escape;
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) {
        decoder->escape = outer;
        const bool is_cut = decoder->reached_end && decoder->report->status == CODEC_CORRUPT;
        if (!is_cut || decoder->completed_scans == 0) jpeg_decoder_escape(decoder);
        report_clear(decoder->report);
        report_warn(decoder->report, "the data end between two scans");
        decoder->report->scans = (uint32_t)decoder->completed_scans;
        // Let libjpeg find the made-up end of the image, so that it does not look for more input while it outputs.
        decoder->info.unread_marker = 0;
        decoder->source.bytes_in_buffer = 0;
        (void)jpeg_consume_input(&decoder->info);
    } else {
        consume_scans(decoder, limits);
        decoder->escape = outer;
    }
    // Smoothing guesses coefficients that are not known yet. When stopped early, all that matter are known.
    if (decoder->stopped_early) decoder->info.do_block_smoothing = FALSE;
    jpeg_start_output(&decoder->info, decoder->completed_scans > 0 ? decoder->completed_scans : 1);
}

// Adobe writes CMYK inverted (255 is no ink); without its marker 255 is full ink.
static void cmyk_to_rgb(const uint8_t *cmyk, uint8_t *rgb, size_t count, bool is_inverted) {
    const unsigned flip = is_inverted ? 0 : 255;
    for (size_t i = 0; i < count; i++, cmyk += 4, rgb += 3) {
        const unsigned k = cmyk[3] ^ flip;
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(((cmyk[c] ^ flip) * k + 127) / 255);
    }
}

// Output rows decoded past a gap before the rest is filled: libjpeg runs up to two rows of blocks ahead of its output.
static unsigned rows_behind_gap(const struct jpeg_decompress_struct *info) {
    return 2 * (unsigned)info->max_v_samp_factor * DCTSIZE;
}

static void read_rows(codec_jpeg_decoder *decoder, const canvas *canvas, bool can_fill) {
    struct jpeg_decompress_struct *info = &decoder->info;
    const size_t width = info->output_width;
    const bool is_cmyk = info->out_color_space == JCS_CMYK;
    const size_t stride = width * (size_t)info->output_components;
    const bool is_direct = canvas->is_straight && !is_cmyk;
    uint8_t *converted = decoder->strip + stride * JPEG_STRIP_ROWS;
    JSAMPROW rows[JPEG_STRIP_ROWS];

    while (info->output_scanline < info->output_height) {
        const unsigned y = info->output_scanline;
        if (can_fill && decoder->gap.is_set && y >= decoder->gap.output_row + rows_behind_gap(info)) {
            canvas_fill_rest(canvas, y, MID_GREY);
            return;
        }
        unsigned want = info->output_height - y;
        if (want > JPEG_STRIP_ROWS) want = JPEG_STRIP_ROWS;
        for (unsigned r = 0; r < want; r++) {
            rows[r] = is_direct ? canvas_row(canvas, y + r) : decoder->strip + r * stride;
        }
        unsigned got = 0;
        while (got < want) got += jpeg_read_scanlines(info, rows + got, want - got);
        if (is_direct) continue;
        if (is_cmyk) {
            cmyk_to_rgb(decoder->strip, converted, width * got, info->saw_Adobe_marker);
            canvas_put(canvas, y, got, converted, width * 3);
        } else {
            canvas_put(canvas, y, got, decoder->strip, stride);
        }
    }
}

// Looks for the end-of-image marker behind the last row. Whatever else is found there does no harm.
static void look_for_end(codec_jpeg_decoder *decoder) {
    const codec_report before = *decoder->report;
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) {
        *decoder->report = before;
        return;
    }
    jpeg_finish_decompress(&decoder->info);
}

bool codec_jpeg_read(codec_jpeg_decoder *decoder, int orientation, const codec_jpeg_limits *limits, uint8_t *output,
                     codec_report *report) {
    struct jpeg_decompress_struct *info = &decoder->info;
    decoder->report = report;
    report_clear(report);
    const size_t width = info->output_width;
    const bool is_buffered = jpeg_has_multiple_scans(info);
    decoder->strip = malloc(width * 8 * JPEG_STRIP_ROWS);
    if (decoder->strip == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for a strip of rows");
        return false;
    }
    const canvas canvas = canvas_make(output, width, info->output_height, orientation);
    jmp_buf here;
    decoder->escape = &here;
    if (setjmp(here)) return false;
    info->mem->max_memory_to_use = limits->memory > (uint64_t)LONG_MAX ? LONG_MAX : (long)limits->memory;
    info->buffered_image = is_buffered;
    if (!is_buffered) admit_scan(decoder, limits);
    jpeg_start_decompress(info);
    if (is_buffered) start_after_scans(decoder, limits);
    read_rows(decoder, &canvas, !is_buffered);
    if (!is_buffered && !decoder->gap.is_set) look_for_end(decoder);
    report->is_truncated = decoder->gap.is_set || decoder->reached_end;
    return true;
}
