// RGB to JPEG, through libjpeg. The many options exist so that tests can make every kind of file the decoder meets.
#include <setjmp.h>
#include <stdlib.h>

#include <stdio.h>

#include <jpeglib.h>

#include "codec_jpeg.h"
#include "report.h"

typedef struct {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    codec_report *report;
    jpeg_scan_info *script;
    unsigned char *output; // grown by libjpeg with malloc
    unsigned long count;
} encoder;

static void on_error(j_common_ptr info) {
    encoder *e = info->client_data;
    char text[JMSG_LENGTH_MAX];
    (*info->err->format_message)(info, text);
    report_fail(e->report, CODEC_CORRUPT, text);
    longjmp(e->escape, 1);
}

static void on_message(j_common_ptr info, int level) { (void)info, (void)level; }

static void on_output(j_common_ptr info) { (void)info; }

static int components_of(codec_jpeg_colour colour) {
    switch (colour) {
    case CODEC_JPEG_GREY:
        return 1;
    case CODEC_JPEG_YCC:
    case CODEC_JPEG_RGB:
        return 3;
    default:
        return 4;
    }
}

static void set_colour(encoder *e, const codec_jpeg_parameters *p) {
    static const J_COLOR_SPACE input[] = {JCS_GRAYSCALE, JCS_RGB, JCS_RGB, JCS_CMYK, JCS_CMYK};
    static const J_COLOR_SPACE stored[] = {JCS_GRAYSCALE, JCS_YCbCr, JCS_RGB, JCS_CMYK, JCS_YCCK};
    e->info.input_components = components_of(p->colour);
    e->info.in_color_space = input[p->colour];
    jpeg_set_defaults(&e->info);
    jpeg_set_colorspace(&e->info, stored[p->colour]);
    if (e->info.input_components == 4) e->info.write_Adobe_marker = p->adobe_marker;
    for (int c = 0; c < e->info.num_components; c++) {
        e->info.comp_info[c].h_samp_factor = c == 0 ? p->horizontal_sampling : 1;
        e->info.comp_info[c].v_samp_factor = c == 0 ? p->vertical_sampling : 1;
    }
}

static bool set_script(encoder *e, const codec_jpeg_parameters *p) {
    if (p->scan_script == NULL) {
        jpeg_simple_progression(&e->info);
        return true;
    }
    e->script = calloc((size_t)p->scan_count, sizeof *e->script);
    if (e->script == NULL) return false;
    for (int s = 0; s < p->scan_count; s++) {
        const codec_jpeg_scan *from = &p->scan_script[s];
        jpeg_scan_info *to = &e->script[s];
        for (int c = 0; c < e->info.num_components; c++) {
            if ((from->components >> c) & 1) to->component_index[to->comps_in_scan++] = c;
        }
        to->Ss = from->spectral_start, to->Se = from->spectral_end;
        to->Ah = from->approximation_high, to->Al = from->approximation_low;
    }
    e->info.scan_info = e->script;
    e->info.num_scans = p->scan_count;
    return true;
}

static void finish(encoder *e) {
    jpeg_destroy_compress(&e->info);
    free(e->script);
    free(e);
}

bool codec_jpeg_encode(const uint8_t *samples, const codec_jpeg_parameters *p, uint8_t **output, size_t *count,
                       codec_report *report) {
    report_clear(report);
    encoder *e = calloc(1, sizeof *e);
    if (e == NULL) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for the JPEG encoder");
        return false;
    }
    e->report = report;
    e->info.err = jpeg_std_error(&e->errors);
    e->errors.error_exit = on_error;
    e->errors.emit_message = on_message;
    e->errors.output_message = on_output;
    e->info.client_data = e;
    if (setjmp(e->escape)) {
        // Before it is finished the destination keeps its buffer to itself, and it may have grown meanwhile; a finish
        // hands the current one over.
        if (e->info.dest != NULL) (*e->info.dest->term_destination)(&e->info);
        free(e->output);
        finish(e);
        return false;
    }
    jpeg_create_compress(&e->info);
    jpeg_mem_dest(&e->info, &e->output, &e->count);
    e->info.image_width = p->width;
    e->info.image_height = p->height;
    set_colour(e, p);
    jpeg_set_quality(&e->info, p->quality, TRUE);
    e->info.arith_code = p->arithmetic;
    e->info.optimize_coding = !p->arithmetic;
    e->info.restart_interval = p->restart_interval;
    if (p->progressive && !set_script(e, p)) {
        report_fail(report, CODEC_OUT_OF_MEMORY, "no memory for the scan script");
        longjmp(e->escape, 1);
    }
    jpeg_start_compress(&e->info, TRUE);
    if (p->app1 != NULL) jpeg_write_marker(&e->info, JPEG_APP0 + 1, p->app1, (unsigned)p->app1_count);
    const size_t stride = (size_t)p->width * (size_t)e->info.input_components;
    while (e->info.next_scanline < e->info.image_height) {
        JSAMPROW row = (JSAMPROW)(samples + e->info.next_scanline * stride);
        jpeg_write_scanlines(&e->info, &row, 1);
    }
    jpeg_finish_compress(&e->info);
    *output = e->output;
    *count = e->count;
    finish(e);
    return true;
}

void codec_jpeg_release(uint8_t *output) { free(output); }
