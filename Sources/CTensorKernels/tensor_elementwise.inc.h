/* Functions of one and of two elements over walks.
 *
 * A walk's two innermost dimensions go to a loop over rows of contiguous elements, made for each function. Where an
 * operand does not lie contiguous, its elements pass through a buffer on the stack. */

enum { LK_BUFFER = 512 };

/* `count` elements that lie `stride` apart, side by side. */
LK_INLINE void gather(const float *from, int64_t stride, int64_t count, float *to) {
    for (int64_t i = 0; i < count; i++)
        to[i] = from[i * stride];
}

LK_INLINE void scatter(const float *from, int64_t count, float *to, int64_t stride) {
    for (int64_t i = 0; i < count; i++)
        to[i * stride] = from[i];
}

/* --- One element --- */

#define LK_DEFINE_UNARY(NAME, ...)                                                                                     \
    static void rows_of_##NAME(int64_t rows, int64_t columns, const float *from, int64_t from_row, float *to,          \
                               int64_t to_row, float a, float b) {                                                     \
        const vf alpha = splat(a), beta = splat(b);                                                                    \
        (void)alpha, (void)beta;                                                                                       \
        for (int64_t r = 0; r < rows; r++, from += from_row, to += to_row)                                             \
            LK_EACH_VECTOR(i, columns, {                                                                               \
                const vf x = LOAD(from + i);                                                                           \
                STORE(to + i, (__VA_ARGS__));                                                                          \
            });                                                                                                        \
    }

LK_DEFINE_UNARY(identity, x)
LK_DEFINE_UNARY(relu, larger(splat(0.0f), x))
LK_DEFINE_UNARY(leaky_relu, leaky_relu(x, alpha))
LK_DEFINE_UNARY(elu, elu(x, alpha))
LK_DEFINE_UNARY(sigmoid, sigmoid(x))
LK_DEFINE_UNARY(hard_sigmoid, hard_sigmoid(x, alpha, beta))
LK_DEFINE_UNARY(hard_swish, hard_swish(x))
LK_DEFINE_UNARY(swish, swish(x))
LK_DEFINE_UNARY(tanh, hyperbolic_tangent(x))
LK_DEFINE_UNARY(erf, error_function(x))
LK_DEFINE_UNARY(gelu, gelu(x))
LK_DEFINE_UNARY(gelu_approximate, gelu_approximate(x))
LK_DEFINE_UNARY(square_root, __builtin_elementwise_sqrt(x))
LK_DEFINE_UNARY(exponential, exponential(x))
LK_DEFINE_UNARY(logarithm, logarithm(x))
LK_DEFINE_UNARY(absolute, absolute(x))
LK_DEFINE_UNARY(negate, -x)
LK_DEFINE_UNARY(reciprocal, 1.0f / x)
LK_DEFINE_UNARY(floor, __builtin_elementwise_floor(x))
LK_DEFINE_UNARY(ceiling, __builtin_elementwise_ceil(x))
LK_DEFINE_UNARY(softplus, softplus(x))
LK_DEFINE_UNARY(clip, within(x, alpha, beta))

typedef void (*unary_rows)(int64_t, int64_t, const float *, int64_t, float *, int64_t, float, float);

/* In the order of lk_function. */
static const unary_rows unary_functions[LK_FUNCTION_COUNT] = {
    rows_of_identity,    rows_of_relu,         rows_of_leaky_relu, rows_of_elu,
    rows_of_sigmoid,     rows_of_hard_sigmoid, rows_of_hard_swish, rows_of_swish,
    rows_of_tanh,        rows_of_erf,          rows_of_gelu,       rows_of_gelu_approximate,
    rows_of_square_root, rows_of_exponential,  rows_of_logarithm,  rows_of_absolute,
    rows_of_negate,      rows_of_reciprocal,   rows_of_floor,      rows_of_ceiling,
    rows_of_softplus,    rows_of_clip,
};

static void unary(const lk_walk *walk, lk_activation f, const float *x, float *y) {
    if (lk_walk_count(walk) == 0)
        return;
    const unary_rows function = unary_functions[f.function];
    const lk_block block = lk_block_of(walk);
    lk_cursor cursor = lk_cursor_over(walk, 2);
    do {
        const float *from = x + cursor.at[1];
        float *to = y + cursor.at[0];
        if (block.column[0] == 1 && block.column[1] == 1) {
            function(block.rows, block.columns, from, block.row[1], to, block.row[0], f.alpha, f.beta);
            continue;
        }
        float buffer[LK_BUFFER];
        for (int64_t r = 0; r < block.rows; r++, from += block.row[1], to += block.row[0])
            for (int64_t i = 0; i < block.columns; i += LK_BUFFER) {
                int64_t count = block.columns - i < LK_BUFFER ? block.columns - i : LK_BUFFER;
                gather(from + i * block.column[1], block.column[1], count, buffer);
                function(1, count, buffer, 0, buffer, 0, f.alpha, f.beta);
                scatter(buffer, count, to + i * block.column[0], block.column[0]);
            }
    } while (lk_cursor_advance(&cursor));
}

/* --- Two elements --- */

/* Rows of y, of a and of b, from a row to the next, whether a or b is one value a row, and between which bounds the
 * results are kept. */
typedef struct binary_block {
    int64_t rows, columns;
    float *y;
    const float *a, *b;
    int64_t y_row, a_row, b_row;
    int a_is_one, b_is_one;
    float lowest, highest;
} binary_block;

#define LK_BINARY_ROWS(A, B, ...)                                                                                      \
    for (int64_t r = 0; r < block->rows; r++, at_a += block->a_row, at_b += block->b_row, to += block->y_row) {        \
        const vf first_a = splat(*at_a), first_b = splat(*at_b);                                                       \
        (void)first_a, (void)first_b;                                                                                  \
        LK_EACH_VECTOR(i, columns, {                                                                                   \
            const vf a = A, b = B;                                                                                     \
            STORE(to + i, within((__VA_ARGS__), lowest, highest));                                                     \
        });                                                                                                            \
    }

/* Bounds of plus and minus infinity keep everything, NaN too, and cost nothing beside memory. */
#define LK_DEFINE_BINARY(NAME, ...)                                                                                    \
    static void rows_of_##NAME(const binary_block *block) {                                                            \
        const int64_t columns = block->columns;                                                                        \
        const float *at_a = block->a, *at_b = block->b;                                                                \
        float *to = block->y;                                                                                          \
        const vf lowest = splat(block->lowest), highest = splat(block->highest);                                       \
        if (block->b_is_one && !block->a_is_one)                                                                       \
            LK_BINARY_ROWS(LOAD(at_a + i), first_b, __VA_ARGS__)                                                       \
        else if (block->a_is_one && !block->b_is_one)                                                                  \
            LK_BINARY_ROWS(first_a, LOAD(at_b + i), __VA_ARGS__)                                                       \
        else if (block->a_is_one)                                                                                      \
            LK_BINARY_ROWS(first_a, first_b, __VA_ARGS__)                                                              \
        else                                                                                                           \
            LK_BINARY_ROWS(LOAD(at_a + i), LOAD(at_b + i), __VA_ARGS__)                                                \
    }

LK_DEFINE_BINARY(add, a + b)
LK_DEFINE_BINARY(subtract, a - b)
LK_DEFINE_BINARY(multiply, a *b)
LK_DEFINE_BINARY(divide, a / b)
/* b where either is NaN, so a has to be asked. */
LK_DEFINE_BINARY(minimum, choose(a != a, a, smaller(a, b)))
LK_DEFINE_BINARY(maximum, choose(a != a, a, larger(a, b)))
LK_DEFINE_BINARY(parametric_relu, choose(a < splat(0.0f), a *b, a))

/* Exponents of networks are 2, and seldom 3, 1/2 or -1; others take the C library's function, an element at a time. */
static void rows_of_power(const binary_block *block) {
    const float *at_a = block->a, *at_b = block->b;
    float *to = block->y;
    for (int64_t r = 0; r < block->rows; r++, at_a += block->a_row, at_b += block->b_row, to += block->y_row) {
        const vf lowest = splat(block->lowest), highest = splat(block->highest);
        if (block->b_is_one && !block->a_is_one && (*at_b == 2 || *at_b == 3)) {
            const int is_cube = *at_b == 3;
            LK_EACH_VECTOR(i, block->columns, {
                const vf a = LOAD(at_a + i);
                STORE(to + i, within(is_cube ? a * a * a : a * a, lowest, highest));
            });
            continue;
        }
        for (int64_t i = 0; i < block->columns; i++) {
            float power = powf(at_a[block->a_is_one ? 0 : i], at_b[block->b_is_one ? 0 : i]);
            power = block->lowest > power ? block->lowest : power;
            to[i] = block->highest < power ? block->highest : power;
        }
    }
}

typedef void (*binary_rows)(const binary_block *);

/* In the order of lk_binary. */
static const binary_rows binary_functions[LK_BINARY_COUNT] = {
    rows_of_add,   rows_of_subtract, rows_of_multiply, rows_of_divide,
    rows_of_power, rows_of_minimum,  rows_of_maximum,  rows_of_parametric_relu,
};

/* What binary does after the operation: nothing, where bounds do it, else a function of y's rows. */
typedef struct binary_end {
    unary_rows function;
    float alpha, beta;
} binary_end;

/* As many rows as fill a part of the first-level cache, so that the function after finds them there. */
LK_INLINE void binary_then(binary_rows operation, binary_block block, const binary_end *then) {
    if (then->function == NULL) {
        operation(&block);
        return;
    }
    const int64_t rows = block.rows, step = block.columns >= 4096 ? 1 : 4096 / block.columns;
    for (int64_t r = 0; r < rows; r += step) {
        block.rows = rows - r < step ? rows - r : step;
        operation(&block);
        if (block.y_row == block.columns)
            then->function(1, block.rows * block.columns, block.y, 0, block.y, 0, then->alpha, then->beta);
        else
            then->function(block.rows, block.columns, block.y, block.y_row, block.y, block.y_row, then->alpha,
                           then->beta);
        block.y += block.rows * block.y_row;
        block.a += block.rows * block.a_row;
        block.b += block.rows * block.b_row;
    }
}

static void binary(const lk_walk *walk, lk_binary op, lk_activation then, const float *a, const float *b, float *y) {
    if (lk_walk_count(walk) == 0)
        return;
    const binary_rows operation = binary_functions[op];
    binary_end end = {NULL, then.alpha, then.beta};
    float lowest = -INFINITY, highest = INFINITY;
    if (then.function == LK_RELU) {
        lowest = 0;
    } else if (then.function == LK_CLIP) {
        lowest = then.alpha;
        highest = then.beta;
    } else if (then.function != LK_IDENTITY) {
        end.function = unary_functions[then.function];
    }
    const lk_block block = lk_block_of(walk);
    const int64_t *column = block.column;
    lk_cursor cursor = lk_cursor_over(walk, 2);
    do {
        binary_block rows = {block.rows,       block.columns,  y + cursor.at[0], a + cursor.at[1],
                             b + cursor.at[2], block.row[0],   block.row[1],     block.row[2],
                             column[1] == 0,   column[2] == 0, lowest,           highest};
        if (column[0] == 1 && column[1] <= 1 && column[2] <= 1 && column[1] >= 0 && column[2] >= 0) {
            /* Long rows go in parts when a function follows. */
            if (end.function != NULL && rows.rows == 1 && rows.columns > 4096) {
                for (int64_t i = 0; i < block.columns; i += 4096) {
                    binary_block part = rows;
                    part.columns = block.columns - i < 4096 ? block.columns - i : 4096;
                    part.y += i;
                    part.a += i * column[1];
                    part.b += i * column[2];
                    binary_then(operation, part, &end);
                }
                continue;
            }
            binary_then(operation, rows, &end);
            continue;
        }
        float from_a[LK_BUFFER], from_b[LK_BUFFER], result[LK_BUFFER];
        for (int64_t r = 0; r < block.rows; r++)
            for (int64_t i = 0; i < block.columns; i += LK_BUFFER) {
                int64_t count = block.columns - i < LK_BUFFER ? block.columns - i : LK_BUFFER;
                gather(rows.a + r * rows.a_row + i * column[1], column[1], count, from_a);
                gather(rows.b + r * rows.b_row + i * column[2], column[2], count, from_b);
                binary_block part = {1, count, result,         from_a,         from_b, 0,
                                     0, 0,     column[1] == 0, column[2] == 0, lowest, highest};
                binary_then(operation, part, &end);
                scatter(result, count, rows.y + r * rows.y_row + i * column[0], column[0]);
            }
    } while (lk_cursor_advance(&cursor));
}
