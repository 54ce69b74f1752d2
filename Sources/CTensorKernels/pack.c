/* Weights in the order in which the kernels read them. Done once, when a network is planned. */
#include "lk_convolution.h"
#include <string.h>

static size_t rounded_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

size_t lk_packed_f32_size(const lk_convolution_kernels *kernels, size_t k, size_t n) {
    return k * rounded_up(n, kernels->lanes);
}

size_t lk_packed_s8_size(size_t segments, size_t run, size_t n) {
    return segments * rounded_up(run, 4) * rounded_up(n, 16);
}

size_t lk_packed_depthwise_s8_size(size_t kernel_height, size_t kernel_width, size_t channels) {
    return kernel_width * rounded_up(kernel_height, 4) * rounded_up(channels, 32);
}

void lk_pack_f32(const lk_convolution_kernels *kernels, const float *w, size_t k_stride, size_t n_stride, size_t k,
                 size_t n, float *packed) {
    for (size_t channel = 0; channel < n; channel += kernels->panel) {
        const size_t left = n - channel;
        const size_t unit = left > kernels->lanes ? kernels->tail : kernels->lanes;
        const size_t width = left >= kernels->panel ? kernels->panel : rounded_up(left, unit);
        const size_t real = left < width ? left : width;
        for (size_t i = 0; i < k; i++) {
            const float *from = w + i * k_stride + channel * n_stride;
            for (size_t c = 0; c < real; c++)
                packed[c] = from[c * n_stride];
            memset(packed + real, 0, (width - real) * sizeof *packed);
            packed += width;
        }
    }
}

void lk_pack_s8(const int8_t *w, size_t k_stride, size_t n_stride, size_t segments, size_t run, size_t n,
                int8_t *packed) {
    for (size_t channel = 0; channel < n; channel += LK_BYTE_PANEL) {
        const size_t left = n - channel, width = left > 16 ? 32 : 16, real = left < width ? left : width;
        for (size_t s = 0; s < segments; s++) {
            for (size_t group = 0; group < run; group += 4) {
                memset(packed, 0, 4 * width);
                for (size_t i = 0; i < 4 && group + i < run; i++)
                    for (size_t c = 0; c < real; c++)
                        packed[4 * c + i] = w[(s * run + group + i) * k_stride + (channel + c) * n_stride];
                packed += 4 * width;
            }
        }
    }
}

void lk_pack_depthwise_s8(const int8_t *w, size_t kernel_height, size_t kernel_width, size_t channels, int8_t *packed) {
    const size_t groups = (kernel_height + 3) / 4;
    memset(packed, 0, lk_packed_depthwise_s8_size(kernel_height, kernel_width, channels));
    for (size_t c = 0; c < channels; c++) {
        int8_t *block = packed + c / 32 * 32 * kernel_width * groups * 4 + lk_depthwise_place(c % 32) * 4;
        for (size_t y = 0; y < kernel_height; y++)
            for (size_t x = 0; x < kernel_width; x++)
                block[(x * groups + y / 4) * 128 + y % 4] = w[(y * kernel_width + x) * channels + c];
    }
}
