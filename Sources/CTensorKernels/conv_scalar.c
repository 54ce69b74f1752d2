/* The reference: what the other files must compute, one product after the other. Sums of floats are taken in double
 * precision here, so that a difference from a fast kernel is the fast kernel's rounding. */
#include "convolution_internal.h"

#define LK_TARGET
#include "bytes_body.h"

static float clamp(double y, float low, float high) {
    const float value = (float)y;
    return value < low ? low : value > high ? high : value;
}

static void gemm_f32(const lk_gemm_f32 *g) {
    const size_t k = g->segment_count * g->run;
    for (size_t m = 0; m < g->width * g->lines; m++) {
        const size_t line = m / g->width, x = m % g->width;
        for (size_t n = 0; n < g->channels; n++) {
            const float *w = g->weights + n * k;
            double sum = g->bias[n];
            for (size_t s = 0; s < g->segment_count; s++) {
                const float *in = g->input + line * g->input_line + x * g->input_stride + g->segments[s];
                for (size_t i = 0; i < g->run; i++)
                    sum += (double)in[i] * *w++;
            }
            if (g->residual)
                sum += g->residual[line * g->residual_line + x * g->residual_stride + n];
            g->output[line * g->output_line + x * g->output_stride + n] = clamp(sum, g->low, g->high);
        }
    }
}

static void depthwise_f32(const lk_depthwise_f32 *d) {
    for (size_t y = 0; y < d->output_rows; y++) {
        const float *const *rows = d->rows + y * d->row_step;
        for (size_t x = 0; x < d->output_width; x++) {
            /* In pixels from the row's first; one of the padding wraps round to a huge one. */
            const size_t column = x * d->step - d->padding_left;
            for (size_t c = 0; c < d->channels; c++) {
                double sum = d->bias[c];
                for (size_t ky = 0; ky < d->kernel_height; ky++) {
                    const float *row = rows[ky * d->row_dilation];
                    for (size_t kx = 0; kx < d->kernel_width; kx++) {
                        const size_t at = column + kx * d->dilation;
                        if (row != NULL && at < d->input_width)
                            sum += (double)row[at * d->input_stride + c] *
                                   d->weights[(ky * d->kernel_width + kx) * d->channels + c];
                    }
                }
                d->output[y * d->output_row_stride + x * d->output_stride + c] = clamp(sum, d->low, d->high);
            }
        }
    }
}

const lk_convolution_kernels lk_convolution_scalar = {
    .name = "scalar", .lanes = 1, .panel = 1, .tail = 1, .gemm_f32 = gemm_f32, .depthwise_f32 = depthwise_f32,
    .gemm_u8 = gemm_u8, .depthwise_u8 = depthwise_u8,
};
