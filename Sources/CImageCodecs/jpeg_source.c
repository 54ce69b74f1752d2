// The error manager and the source manager of the JPEG decoder: everything in which libjpeg calls us.
//
// The end of the bytes. In the header it is an error. Behind the first scan's header libjpeg is fed an end-of-image
// marker, as its own stdio source does, and decodes what is missing as mid-grey. Whether anything is missing is not
// known from that alone, because the bit reader looks ahead; the library's warning JWRN_HIT_MARKER says it exactly.
//
// When is a truncated file hopeless? When the first row of blocks was not complete. A picture of a single row of
// blocks is given as it is if at least one byte of it came.
#include <stdlib.h>

#include "jpeg_decoder.h"
#include "report.h"

#include <jerror.h>

enum { END_OF_IMAGE = 0xD9 };

_Noreturn void jpeg_decoder_escape(codec_jpeg_decoder *decoder) { longjmp(*decoder->escape, 1); }

static codec_jpeg_decoder *decoder_of(j_common_ptr info) { return (codec_jpeg_decoder *)info->client_data; }

static void on_error(j_common_ptr info) {
    codec_jpeg_decoder *decoder = decoder_of(info);
    char text[JMSG_LENGTH_MAX];
    (*info->err->format_message)(info, text);
    codec_status status = CODEC_CORRUPT;
    switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
        status = CODEC_OUT_OF_MEMORY;
        break;
    case JERR_NO_BACKING_STORE: // the arrays exceed max_memory_to_use
        status = CODEC_TOO_LARGE;
        break;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
        status = CODEC_UNSUPPORTED;
        break;
    default:
        break;
    }
    report_fail(decoder->report, status, text);
    jpeg_decoder_escape(decoder);
}

static void out_of_data(codec_jpeg_decoder *decoder) {
    if (decoder->gap.is_set) return;
    const struct jpeg_decompress_struct *info = &decoder->info;
    decoder->gap.is_set = 1;
    decoder->gap.output_row = info->output_scanline;
    if (info->input_scan_number > 1 || info->input_iMCU_row > 0) return;
    if (info->total_iMCU_rows == 1 && decoder->count > decoder->scan_from) return;
    report_fail(decoder->report, CODEC_TRUNCATED, "the data end before the first row of blocks");
    jpeg_decoder_escape(decoder);
}

static void on_message(j_common_ptr info, int level) {
    if (level >= 0) return; // traces
    codec_jpeg_decoder *decoder = decoder_of(info);
    char text[JMSG_LENGTH_MAX];
    text[0] = 0;
    if (decoder->report->warnings == 0) (*info->err->format_message)(info, text);
    report_warn(decoder->report, text);
    info->err->num_warnings++;
    if (info->err->msg_code == JWRN_HIT_MARKER && decoder->info.unread_marker == END_OF_IMAGE) out_of_data(decoder);
}

static void on_output(j_common_ptr info) { (void)info; }

static void init_source(j_decompress_ptr info) { (void)info; }

static boolean fill_input(j_decompress_ptr info) {
    static const JOCTET end[2] = {0xFF, END_OF_IMAGE};
    codec_jpeg_decoder *decoder = decoder_of((j_common_ptr)info);
    if (!decoder->has_scan) {
        report_fail(decoder->report, CODEC_TRUNCATED, "the data end inside the header");
        jpeg_decoder_escape(decoder);
    }
    if (!decoder->reached_end) {
        decoder->reached_end = 1;
        report_warn(decoder->report, "the data end without an end-of-image marker");
        // The arithmetic decoder has no warning of its own, and no look-ahead to speak of.
        if (info->arith_code) out_of_data(decoder);
    }
    info->src->next_input_byte = end;
    info->src->bytes_in_buffer = sizeof end;
    return TRUE;
}

static void skip_input(j_decompress_ptr info, long count) {
    if (count <= 0) return;
    struct jpeg_source_mgr *source = info->src;
    if ((size_t)count > source->bytes_in_buffer) {
        source->bytes_in_buffer = 0;
        (void)fill_input(info);
        return;
    }
    source->next_input_byte += count;
    source->bytes_in_buffer -= (size_t)count;
}

static void term_source(j_decompress_ptr info) { (void)info; }

void jpeg_decoder_prepare(codec_jpeg_decoder *decoder) {
    decoder->info.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = on_error;
    decoder->errors.emit_message = on_message;
    decoder->errors.output_message = on_output;
    decoder->info.client_data = decoder;
    decoder->source.init_source = init_source;
    decoder->source.fill_input_buffer = fill_input;
    decoder->source.skip_input_data = skip_input;
    decoder->source.resync_to_restart = jpeg_resync_to_restart;
    decoder->source.term_source = term_source;
    decoder->source.next_input_byte = decoder->bytes;
    decoder->source.bytes_in_buffer = decoder->count;
}
