/* Products of bytes without an instruction made for them: plain loops over the packed weights, which the compiler turns
 * into vectors of the instruction set that the includer names in LK_TARGET. Compiled without one, this is the reference
 * that the others must equal to the bit: integer sums are exact, the last step is one fused multiply-add and one
 * rounding half to even, in the same order everywhere. */
#include <math.h>

LK_TARGET static inline uint8_t byte_of(float y, float low, float high) {
    y = y < low ? low : y;
    y = y > high ? high : y;
    return (uint8_t)nearbyintf(y);
}

LK_TARGET static void gemm_u8(const lk_gemm_u8 *g) {
    const size_t groups = (g->run + 3) / 4;
    const int8_t *panel = g->weights;
    for (size_t channel = 0; channel < g->channels; channel += LK_BYTE_PANEL) {
        const size_t left = g->channels - channel;
        const size_t width = left > 16 ? 32 : 16, real = left < width ? left : width;
        for (size_t m = 0; m < g->width * g->lines; m++) {
            const size_t line = m / g->width, x = m % g->width;
            int32_t sum[LK_BYTE_PANEL];
            for (size_t n = 0; n < width; n++)
                sum[n] = g->start[channel + n];
            const int8_t *w = panel;
            for (size_t s = 0; s < g->segment_count; s++) {
                const uint8_t *in = g->input + line * g->input_line + x * g->input_stride + g->segments[s];
                for (size_t k = 0; k < groups; k++, in += 4, w += 4 * width) {
                    const int32_t a0 = in[0], a1 = in[1], a2 = in[2], a3 = in[3];
                    for (size_t n = 0; n < width; n++)
                        sum[n] += a0 * w[4 * n] + a1 * w[4 * n + 1] + a2 * w[4 * n + 2] + a3 * w[4 * n + 3];
                }
            }
            for (size_t n = 0; n < real; n++) {
                float y = __builtin_fmaf((float)sum[n], g->scale[channel + n], g->bias[channel + n]);
                if (g->wide) {
                    if (g->residual)
                        y += g->residual[line * g->residual_line + x * g->residual_stride + channel + n];
                    y = y < g->wide_low ? g->wide_low : y;
                    y = y > g->wide_high ? g->wide_high : y;
                    g->wide[line * g->wide_line + x * g->wide_stride + channel + n] = y;
                    y = __builtin_fmaf(y, g->requantise, g->zero_out);
                }
                if (g->output)
                    g->output[line * g->output_line + x * g->output_stride + channel + n] =
                        byte_of(y, g->low, g->high);
            }
        }
        panel += g->segment_count * groups * 4 * width;
    }
}

LK_TARGET static void depthwise_u8(const lk_depthwise_u8 *d) {
    const size_t groups = (d->kernel_height + 3) / 4;
    for (size_t y = 0; y < d->output_rows; y++) {
        const uint8_t *const *rows = d->rows + y * d->row_step;
        for (size_t x = 0; x < d->output_width; x++) {
            /* In pixels from the row's first; one of the padding wraps round to a huge one. */
            const size_t column = x * d->step - d->padding_left;
            uint8_t *output = d->output + y * d->output_row_stride + x * d->output_stride;
            for (size_t c = 0; c < d->channels; c++) {
                const size_t block = c / 32 * 32, place = lk_depthwise_place(c % 32);
                const int8_t *w = d->weights + block * d->kernel_width * groups * 4 + place * 4;
                int32_t sum = d->start[block + place];
                for (size_t kx = 0; kx < d->kernel_width; kx++) {
                    const size_t at = column + kx;
                    for (size_t ky = 0; ky < d->kernel_height; ky++) {
                        const int padding = rows[ky] == NULL || at >= d->input_width;
                        const int32_t value = padding ? d->zeros[c] : rows[ky][at * d->input_stride + c];
                        sum += value * w[(kx * groups + ky / 4) * 128 + ky % 4];
                    }
                }
                const float value = __builtin_fmaf((float)sum, d->scale[block + place], d->bias[block + place]);
                output[c] = byte_of(value, d->low, d->high);
            }
        }
    }
}
