/* The table of an instruction set, in the order of lk_tensor_kernels. */
#define LK_TENSOR_TABLE(NAME)                                                                                          \
    {NAME,     unary,    binary,     copy,       fill,      reduce,  softmax,        layer_normalise,    pool,         \
     resample, quantise, dequantise, requantise, add_bytes, look_up, pool_bytes_max, pool_bytes_average, normalise_u8}
