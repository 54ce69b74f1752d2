/* The inner loop of dense convolutions in float32, for one instruction set. The includer defines the vector type and
 * LK_ROWS, the pixels of a tile, chosen so that the sums (LK_ROWS x 2 vectors), two vectors of weights and one broadcast
 * input fill the registers: with 32 of them 14 rows, with 16 of them 6.
 *
 * Every step along K loads two vectors of weights and uses each for all rows; every broadcast input is used twice. That
 * keeps loads below multiplications on every processor of the last ten years. K is not blocked: at the K of real
 * networks (up to a few thousand) a tile's rows and a panel's weights stay in the second-level cache, and a blocked K
 * would store and reload sums. */

#define LK_UNROLL _Pragma("clang loop unroll(full)")
/* Keeps the compiler from seeing that row pointers are a constant apart: it would spend a register on each of fourteen,
 * where five with two index registers do. */
#define LK_OPAQUE(p) __asm__("" : "+r"(p))

/* The weights of the next panel, asked for while this one is multiplied: a network's weights are larger than the
 * second-level cache, so each panel comes from further away once a picture, and where a picture has few tiles there is
 * little time to hide that in. Four tiles ask for a whole panel. */
#define LK_ASK_AHEAD() (__builtin_prefetch(ahead, 0, 2), __builtin_prefetch(ahead + 64, 0, 2), ahead += 128)
#define LK_PANEL_SHARE(K) ((K) / 4 * 128)

#define LK_STEP(J)                                                                                                     \
    do {                                                                                                               \
        LK_VECTOR b[NV];                                                                                               \
        LK_UNROLL for (int v = 0; v < NV; v++) b[v] = LK_LOAD(w + ((J) * NV + v) * LK_LANES);                          \
        LK_UNROLL for (int r = 0; r < MR; r++) {                                                                       \
            LK_VECTOR a = LK_SET1(*(const float *)(p[r / 3] + (size_t)(r % 3) * stride + 4 * (J)));                    \
            LK_UNROLL for (int v = 0; v < NV; v++) sum[r][v] = LK_FMA(a, b[v], sum[r][v]);                             \
        }                                                                                                              \
    } while (0)

LK_TARGET static inline __attribute__((always_inline)) void gemm_tile(const lk_gemm_f32 *g, const int MR, const int NV,
                                                                      size_t line, size_t pixel, size_t channel,
                                                                      const float *weights, const char *ahead) {
    LK_VECTOR sum[MR][NV];
    LK_UNROLL for (int v = 0; v < NV; v++) {
        LK_VECTOR b = LK_LOAD(g->bias + channel + (size_t)v * LK_LANES);
        LK_UNROLL for (int r = 0; r < MR; r++) sum[r][v] = b;
    }
    const size_t stride = g->input_stride * sizeof(float);
    const float *input = g->input + line * g->input_line;
    const float *w = weights;
    for (size_t s = 0; s < g->segment_count; s++) {
        const char *p[(MR + 2) / 3];
        LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) {
            p[i] = (const char *)(input + g->segments[s]) + (pixel + 3 * (size_t)i) * stride;
            LK_OPAQUE(p[i]);
        }
        size_t k = g->run;
        for (; k >= 4; k -= 4) {
            LK_STEP(0);
            LK_STEP(1);
            LK_STEP(2);
            LK_STEP(3);
            LK_ASK_AHEAD();
            w += 4 * NV * LK_LANES;
            LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) p[i] += 16;
        }
        for (; k > 0; k--) {
            LK_STEP(0);
            w += NV * LK_LANES;
            LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) p[i] += 4;
        }
    }
    const LK_VECTOR low = LK_SET1(g->low), high = LK_SET1(g->high);
    const size_t left = g->channels - channel;
    float *output = g->output + line * g->output_line + pixel * g->output_stride + channel;
    const float *residual =
        g->residual ? g->residual + line * g->residual_line + pixel * g->residual_stride + channel : NULL;
    if (left >= (size_t)(NV * LK_LANES)) {
        LK_UNROLL for (int r = 0; r < MR; r++) {
            LK_UNROLL for (int v = 0; v < NV; v++) {
                LK_VECTOR y = sum[r][v];
                if (residual)
                    y = LK_ADD(y, LK_LOAD(residual + (size_t)r * g->residual_stride + (size_t)v * LK_LANES));
                LK_STORE(output + (size_t)r * g->output_stride + (size_t)v * LK_LANES, LK_CLAMP(y, low, high));
            }
        }
    } else {
        const size_t last = left - (NV - 1) * LK_LANES;
        LK_UNROLL for (int r = 0; r < MR; r++) {
            LK_UNROLL for (int v = 0; v < NV; v++) {
                const size_t n = v == NV - 1 ? last : LK_LANES;
                LK_VECTOR y = sum[r][v];
                if (residual)
                    y = LK_ADD(y, LK_LOAD_SOME(residual + (size_t)r * g->residual_stride + (size_t)v * LK_LANES, n));
                LK_STORE_SOME(output + (size_t)r * g->output_stride + (size_t)v * LK_LANES, LK_CLAMP(y, low, high), n);
            }
        }
    }
}

#ifdef LK_HALF_VECTOR
/* A tile of one and a half vectors, for the 24 channels of many a narrow layer: half a vector's product costs half. */
#define LK_HALF_STEP(J)                                                                                                \
    do {                                                                                                               \
        const LK_VECTOR b = LK_LOAD(w + (J) * 3 * LK_LANES / 2);                                                       \
        const LK_HALF_VECTOR h = LK_HALF_LOAD(w + (J) * 3 * LK_LANES / 2 + LK_LANES);                                  \
        LK_UNROLL for (int r = 0; r < MR; r++) {                                                                       \
            const LK_VECTOR a = LK_SET1(*(const float *)(p[r / 3] + (size_t)(r % 3) * stride + 4 * (J)));              \
            sum[r] = LK_FMA(a, b, sum[r]);                                                                             \
            half[r] = LK_HALF_FMA(LK_LOWER_HALF(a), h, half[r]);                                                       \
        }                                                                                                              \
    } while (0)

LK_TARGET static inline __attribute__((always_inline)) void gemm_half_tile(const lk_gemm_f32 *g, const int MR,
                                                                           size_t line, size_t pixel, size_t channel,
                                                                           const float *weights, const char *ahead) {
    LK_VECTOR sum[MR];
    LK_HALF_VECTOR half[MR];
    LK_UNROLL for (int r = 0; r < MR; r++) {
        sum[r] = LK_LOAD(g->bias + channel);
        half[r] = LK_HALF_LOAD(g->bias + channel + LK_LANES);
    }
    const size_t stride = g->input_stride * sizeof(float);
    const float *input = g->input + line * g->input_line;
    const float *w = weights;
    for (size_t s = 0; s < g->segment_count; s++) {
        const char *p[(MR + 2) / 3];
        LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) {
            p[i] = (const char *)(input + g->segments[s]) + (pixel + 3 * (size_t)i) * stride;
            LK_OPAQUE(p[i]);
        }
        size_t k = g->run;
        for (; k >= 4; k -= 4) {
            LK_HALF_STEP(0);
            LK_HALF_STEP(1);
            LK_HALF_STEP(2);
            LK_HALF_STEP(3);
            LK_ASK_AHEAD();
            w += 6 * LK_LANES;
            LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) p[i] += 16;
        }
        for (; k > 0; k--) {
            LK_HALF_STEP(0);
            w += 3 * LK_LANES / 2;
            LK_UNROLL for (int i = 0; i < (MR + 2) / 3; i++) p[i] += 4;
        }
    }
    const LK_VECTOR low = LK_SET1(g->low), high = LK_SET1(g->high);
    const size_t left = g->channels - channel - LK_LANES;
    float *output = g->output + line * g->output_line + pixel * g->output_stride + channel;
    const float *residual =
        g->residual ? g->residual + line * g->residual_line + pixel * g->residual_stride + channel : NULL;
    LK_UNROLL for (int r = 0; r < MR; r++) {
        LK_VECTOR y = sum[r], z = LK_WHOLE(half[r]);
        if (residual) {
            const float *from = residual + (size_t)r * g->residual_stride;
            y = LK_ADD(y, LK_LOAD(from));
            z = LK_ADD(z, LK_LOAD_SOME(from + LK_LANES, left));
        }
        float *to = output + (size_t)r * g->output_stride;
        LK_STORE(to, LK_CLAMP(y, low, high));
        LK_STORE_SOME(to + LK_LANES, LK_CLAMP(z, low, high), left);
    }
}
#endif

typedef void gemm_tile_function(const lk_gemm_f32 *, size_t line, size_t pixel, size_t channel, const float *weights,
                                const char *ahead);

#define LK_GEMM_TILE(MR, NV)                                                                                           \
    LK_TARGET static void gemm_tile_##MR##x##NV(const lk_gemm_f32 *g, size_t line, size_t pixel, size_t channel,       \
                                                const float *weights, const char *ahead) {                             \
        gemm_tile(g, MR, NV, line, pixel, channel, weights, ahead);                                                    \
    }
#ifdef LK_HALF_VECTOR
#define LK_GEMM_HALF_TILE(MR)                                                                                          \
    LK_TARGET static void gemm_half_tile_##MR(const lk_gemm_f32 *g, size_t line, size_t pixel, size_t channel,         \
                                              const float *weights, const char *ahead) {                               \
        gemm_half_tile(g, MR, line, pixel, channel, weights, ahead);                                                   \
    }
#define LK_HALF_TILE_NAME(MR) gemm_half_tile_##MR
#else
#define LK_GEMM_HALF_TILE(MR)
#define LK_HALF_TILE_NAME(MR) NULL
#endif
#define LK_GEMM_TILES(MR) LK_GEMM_TILE(MR, 1) LK_GEMM_TILE(MR, 2) LK_GEMM_HALF_TILE(MR)
LK_GEMM_TILES(1)
LK_GEMM_TILES(2)
LK_GEMM_TILES(3)
LK_GEMM_TILES(4)
LK_GEMM_TILES(5)
LK_GEMM_TILES(6)
#if LK_ROWS > 6
LK_GEMM_TILES(7)
LK_GEMM_TILES(8)
LK_GEMM_TILES(9)
LK_GEMM_TILES(10)
LK_GEMM_TILES(11)
LK_GEMM_TILES(12)
LK_GEMM_TILES(13)
LK_GEMM_TILES(14)
#endif

/* One vector, two, one and a half. */
#define LK_TILE_ROW(MR) {gemm_tile_##MR##x1, gemm_tile_##MR##x2, LK_HALF_TILE_NAME(MR)}
static gemm_tile_function *const gemm_tiles[LK_ROWS][3] = {
    LK_TILE_ROW(1), LK_TILE_ROW(2), LK_TILE_ROW(3), LK_TILE_ROW(4), LK_TILE_ROW(5), LK_TILE_ROW(6),
#if LK_ROWS > 6
    LK_TILE_ROW(7), LK_TILE_ROW(8), LK_TILE_ROW(9), LK_TILE_ROW(10), LK_TILE_ROW(11), LK_TILE_ROW(12),
    LK_TILE_ROW(13), LK_TILE_ROW(14),
#endif
};

/* Whole lines, or parts of one, go in chunks whose inputs stay in the second-level cache while all panels pass over
 * them; the weights of a panel then serve the whole chunk. Within a line, tiles of nearly equal height, so that no tile is
 * a sliver. */
static void gemm_f32(const lk_gemm_f32 *g) {
    const size_t k = g->segment_count * g->run;
    size_t chunk = (size_t)192 * 1024 / (sizeof(float) * (k ? k : 1)) / LK_ROWS * LK_ROWS;
    if (chunk < LK_ROWS)
        chunk = LK_ROWS;
    const size_t step = g->width > chunk ? chunk : g->width;
    const size_t lines = step == 0 ? 1 : (chunk + step - 1) / step;
    for (size_t first = 0; first < g->lines; first += lines) {
        const size_t behind = g->lines - first < lines ? g->lines : first + lines;
        for (size_t begin = 0; begin < g->width; begin += step) {
            const size_t end = g->width - begin < step ? g->width : begin + step;
            const float *weights = g->weights;
            for (size_t channel = 0; channel < g->channels; channel += 2 * LK_LANES) {
                const size_t left = g->channels - channel;
                size_t kind = left > LK_LANES ? 1 : 0, packed = (kind + 1) * LK_LANES;
                if (gemm_tiles[0][2] != NULL && left > LK_LANES && left <= 3 * LK_LANES / 2)
                    kind = 2, packed = 3 * LK_LANES / 2;
                const char *next = (const char *)(weights + k * packed);
                size_t asked = 0;
                for (size_t line = first; line < behind; line++) {
                    size_t at = begin;
                    for (size_t tiles = (end - begin + LK_ROWS - 1) / LK_ROWS; tiles > 0; tiles--) {
                        const size_t rows = (end - at + tiles - 1) / tiles;
                        gemm_tiles[rows - 1][kind](g, line, at, channel, weights, next + asked);
                        asked += asked < k * packed * sizeof(float) ? LK_PANEL_SHARE(k) : 0;
                        at += rows;
                    }
                }
                weights += k * packed;
            }
        }
    }
}
