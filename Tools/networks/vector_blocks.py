"""Cases of operator_vectors.py: what networks are made of, as exporters write it."""

from vector_cases import f32, i64, node, scalar


def blocks(c):
    """What networks are made of, as exporters write it: for engines that fuse."""

    def bn(prefix, channels):
        return {
            f"{prefix}s": c.floats(channels, low=0.5, high=1.5),
            f"{prefix}b": c.floats(channels),
            f"{prefix}m": c.floats(channels),
            f"{prefix}v": c.floats(channels, low=0.3, high=2),
        }

    def bn_node(prefix, x, y):
        return node("BatchNormalization", [x, f"{prefix}s", f"{prefix}b", f"{prefix}m", f"{prefix}v"], [y])

    act = {
        "relu": [node("Relu", ["n"], ["y"])],
        "relu6": [node("Clip", ["n", "zero", "six"], ["y"])],
        "leaky": [node("LeakyRelu", ["n"], ["y"], alpha=0.1)],
        "hardswish": [node("HardSwish", ["n"], ["y"])],
        "swish": [node("Sigmoid", ["n"], ["g"]), node("Mul", ["n", "g"], ["y"])],
        "sigmoid": [node("Sigmoid", ["n"], ["y"])],
        "prelu": [node("PRelu", ["n", "slope"], ["y"])],
        "none": [node("Identity", ["n"], ["y"])],
        "hardsigmoid": [node("HardSigmoid", ["n"], ["y"], alpha=1 / 6)],
        "tanh": [node("Tanh", ["n"], ["y"])],
        "gelu": [node("Gelu", ["n"], ["y"])],
    }
    for name, nodes in act.items():
        c.graph(
            f"block/conv-bn-{name}",
            [node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]), bn_node("b", "c", "n"), *nodes],
            c.floats(1, 5, 6, 5),
            {"w": c.floats(9, 5, 3, 3), **bn("b", 9), "zero": scalar(0), "six": scalar(6), "slope": c.floats(9, 1, 1)},
            ["y"],
            opset=20 if name == "gelu" else 14,
        )
    for kernel, stride in ((3, 1), (3, 2), (5, 1), (5, 2)):
        c.graph(
            f"block/depthwise{kernel}-stride{stride}-bn-relu6",
            [
                node("Conv", ["x", "w"], ["c"], pads=[kernel // 2] * 4, strides=[stride, stride], group=20),
                bn_node("b", "c", "n"),
                *act["relu6"],
            ],
            c.floats(1, 20, 9, 10),
            {"w": c.floats(20, 1, kernel, kernel), **bn("b", 20), "zero": scalar(0), "six": scalar(6)},
            ["y"],
        )
    for name, tail in {
        "add-relu": [node("Add", ["c", "x"], ["a"]), node("Relu", ["a"], ["y"])],
        "add": [node("Add", ["x", "c"], ["y"])],
        "relu-add": [node("Relu", ["c"], ["r"]), node("Add", ["r", "x"], ["y"])],
        "add-used-twice": [node("Add", ["c", "x"], ["a"]), node("Relu", ["a"], ["r"]), node("Mul", ["a", "r"], ["y"])],
    }.items():
        c.graph(
            f"block/residual-{name}",
            [node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]), *tail],
            c.floats(2, 18, 4, 5),
            {"w": c.floats(18, 18, 3, 3) / 5, "b": c.floats(18)},
            ["y"],
        )
    c.graph(
        "block/inverted-residual",
        [
            node("Conv", ["x", "w1", "b1"], ["a"]),
            node("Clip", ["a", "zero", "six"], ["ar"]),
            node("Conv", ["ar", "w2", "b2"], ["d"], group=24, pads=[1, 1, 1, 1]),
            node("Clip", ["d", "zero", "six"], ["dr"]),
            node("Conv", ["dr", "w3", "b3"], ["p"]),
            node("Add", ["x", "p"], ["y"]),
        ],
        c.floats(1, 8, 6, 6),
        {
            "w1": c.floats(24, 8, 1, 1),
            "b1": c.floats(24),
            "w2": c.floats(24, 1, 3, 3),
            "b2": c.floats(24),
            "w3": c.floats(8, 24, 1, 1),
            "b3": c.floats(8),
            "zero": scalar(0),
            "six": scalar(6),
        },
        ["y", "dr"],
    )
    c.graph(
        "block/squeeze-excite",
        [
            node("GlobalAveragePool", ["x"], ["g"]),
            node("Conv", ["g", "w1", "b1"], ["a"]),
            node("Relu", ["a"], ["r"]),
            node("Conv", ["r", "w2", "b2"], ["s"]),
            node("HardSigmoid", ["s"], ["h"], alpha=1 / 6),
            node("Mul", ["h", "x"], ["y"]),
        ],
        c.floats(2, 19, 4, 5),
        {"w1": c.floats(6, 19, 1, 1), "b1": c.floats(6), "w2": c.floats(19, 6, 1, 1), "b2": c.floats(19)},
        ["y"],
    )
    c.graph(
        "block/squeeze-excite-mean",
        [
            node("ReduceMean", ["x"], ["g"], axes=[2, 3], keepdims=1),
            node("Conv", ["g", "w1", "b1"], ["a"]),
            node("Sigmoid", ["a"], ["s1"]),
            node("Mul", ["a", "s1"], ["r"]),
            node("Conv", ["r", "w2", "b2"], ["s"]),
            node("Sigmoid", ["s"], ["h"]),
            node("Mul", ["x", "h"], ["y"]),
        ],
        c.floats(1, 19, 4, 5),
        {"w1": c.floats(6, 19, 1, 1), "b1": c.floats(6), "w2": c.floats(19, 6, 1, 1), "b2": c.floats(19)},
        ["y"],
    )
    c.graph(
        "block/head",
        [
            node("GlobalAveragePool", ["x"], ["g"]),
            node("Flatten", ["g"], ["f"]),
            node("Gemm", ["f", "w", "b"], ["y"], transB=1),
        ],
        c.floats(3, 17, 4, 4),
        {"w": c.floats(11, 17), "b": c.floats(11)},
        ["f", "y"],
    )
    c.graph(
        "block/head-mean",
        [
            node("ReduceMean", ["x"], ["g"], axes=[-2, -1], keepdims=0),
            node("MatMul", ["g", "w"], ["m"]),
            node("Add", ["m", "b"], ["y"]),
        ],
        c.floats(3, 17, 4, 4),
        {"w": c.floats(17, 11), "b": c.floats(11)},
        ["y"],
    )
    c.graph(
        "block/head-classifier",
        [
            node("AveragePool", ["x"], ["g"], kernel_shape=[4, 4]),
            node("Reshape", ["g", "s"], ["f"]),
            node("Dropout", ["f"], ["d"]),
            node("Gemm", ["d", "w", "b"], ["l"]),
            node("Softmax", ["l"], ["y"]),
        ],
        c.floats(1, 17, 4, 4),
        {"s": i64(0, -1), "w": c.floats(17, 11), "b": c.floats(11)},
        ["y"],
    )
    c.graph(
        "block/shuffle",
        [
            node("Split", ["x", "halves"], ["a", "b"], axis=1),
            node("Conv", ["b", "w1", "b1"], ["p"]),
            node("Relu", ["p"], ["pr"]),
            node("Conv", ["pr", "w2"], ["d"], group=8, pads=[1, 1, 1, 1]),
            node("Concat", ["a", "d"], ["j"], axis=1),
            node("Reshape", ["j", "s1"], ["r"]),
            node("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]),
            node("Reshape", ["t", "s2"], ["y"]),
        ],
        c.floats(1, 16, 5, 5),
        {
            "halves": i64(8, 8),
            "w1": c.floats(8, 8, 1, 1),
            "b1": c.floats(8),
            "w2": c.floats(8, 1, 3, 3),
            "s1": i64(1, 2, 8, 5, 5),
            "s2": i64(1, 16, 5, 5),
        },
        ["y"],
    )
    c.graph(
        "block/fire",
        [
            node("Conv", ["x", "w1", "b1"], ["s"]),
            node("Relu", ["s"], ["sr"]),
            node("Conv", ["sr", "w2", "b2"], ["e"]),
            node("Relu", ["e"], ["er"]),
            node("Conv", ["sr", "w3", "b3"], ["f"], pads=[1, 1, 1, 1]),
            node("Relu", ["f"], ["fr"]),
            node("Concat", ["er", "fr"], ["c"], axis=1),
            node("MaxPool", ["c"], ["y"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        ],
        c.floats(1, 12, 6, 6),
        {
            "w1": c.floats(4, 12, 1, 1),
            "b1": c.floats(4),
            "w2": c.floats(8, 4, 1, 1),
            "b2": c.floats(8),
            "w3": c.floats(8, 4, 3, 3),
            "b3": c.floats(8),
        },
        ["y"],
    )
    c.graph(
        "block/dense",
        [
            bn_node("b", "x", "n"),
            node("Relu", ["n"], ["r"]),
            node("Conv", ["r", "w"], ["c"], pads=[1, 1, 1, 1]),
            node("Concat", ["x", "c"], ["j"], axis=1),
            bn_node("d", "j", "m"),
            node("Relu", ["m"], ["q"]),
            node("AveragePool", ["q"], ["y"], kernel_shape=[2, 2], strides=[2, 2]),
        ],
        c.floats(1, 6, 6, 6),
        {"w": c.floats(4, 6, 3, 3), **bn("b", 6), **bn("d", 10)},
        ["y"],
    )
    c.graph(
        "block/repvgg",
        [
            node("Conv", ["x", "w3"], ["a"], pads=[1, 1, 1, 1]),
            bn_node("b", "a", "an"),
            node("Conv", ["x", "w1"], ["c"]),
            bn_node("d", "c", "cn"),
            bn_node("e", "x", "xn"),
            node("Add", ["an", "cn"], ["s"]),
            node("Add", ["s", "xn"], ["t"]),
            node("Relu", ["t"], ["y"]),
        ],
        c.floats(1, 8, 5, 5),
        {"w3": c.floats(8, 8, 3, 3), "w1": c.floats(8, 8, 1, 1), **bn("b", 8), **bn("d", 8), **bn("e", 8)},
        ["y"],
    )
    c.graph(
        "block/convnext",
        [
            node("Conv", ["x", "w", "wb"], ["c"], group=8, pads=[3, 3, 3, 3]),
            node("Transpose", ["c"], ["t"], perm=[0, 2, 3, 1]),
            node("LayerNormalization", ["t", "ls", "lb"], ["l"], epsilon=1e-6),
            node("MatMul", ["l", "m1"], ["a"]),
            node("Add", ["ab", "a"], ["ba"]),
            node("Gelu", ["ba"], ["g"]),
            node("MatMul", ["g", "m2"], ["d"]),
            node("Add", ["db", "d"], ["e"]),
            node("Transpose", ["e"], ["u"], perm=[0, 3, 1, 2]),
            node("Mul", ["u", "gamma"], ["v"]),
            node("Add", ["x", "v"], ["y"]),
        ],
        c.floats(1, 8, 5, 6),
        {
            "w": c.floats(8, 1, 7, 7),
            "wb": c.floats(8),
            "ls": c.floats(8),
            "lb": c.floats(8),
            "m1": c.floats(8, 20),
            "ab": c.floats(20),
            "m2": c.floats(20, 8),
            "db": c.floats(8),
            "gamma": c.floats(8, 1, 1),
        },
        ["y"],
        opset=20,
    )
    c.graph(
        "block/ghost",
        [
            node("Conv", ["x", "w1", "b1"], ["p"]),
            node("Relu", ["p"], ["pr"]),
            node("Conv", ["pr", "w2", "b2"], ["d"], group=6, pads=[1, 1, 1, 1]),
            node("Relu", ["d"], ["dr"]),
            node("Concat", ["pr", "dr"], ["j"], axis=1),
            node("Slice", ["j", "from", "to", "axis"], ["y"]),
        ],
        c.floats(1, 10, 5, 5),
        {
            "w1": c.floats(6, 10, 1, 1),
            "b1": c.floats(6),
            "w2": c.floats(6, 1, 3, 3),
            "b2": c.floats(6),
            "from": i64(0),
            "to": i64(11),
            "axis": i64(1),
        },
        ["y"],
    )
    c.graph(
        "block/stem-normalized",
        [
            node("Sub", ["x", "mean"], ["a"]),
            node("Div", ["a", "std"], ["n"]),
            node("Conv", ["n", "w"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),
            bn_node("b", "c", "m"),
            node("Relu", ["m"], ["r"]),
            node("MaxPool", ["r"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        ],
        c.floats(1, 3, 16, 15, low=0, high=255),
        {
            "mean": f32(123, 116, 103).reshape(1, 3, 1, 1),
            "std": f32(58, 57, 57).reshape(1, 3, 1, 1),
            "w": c.floats(8, 3, 3, 3),
            **bn("b", 8),
        },
        ["y"],
    )
    c.graph(
        "block/gem-pool",
        [
            node("Clip", ["x", "least"], ["a"]),
            node("Pow", ["a", "p"], ["b"]),
            node("GlobalAveragePool", ["b"], ["m"]),
            node("Pow", ["m", "q"], ["r"]),
            node("Flatten", ["r"], ["f"]),
            node("ReduceL2", ["f"], ["l"], axes=[1], keepdims=1),
            node("Div", ["f", "l"], ["y"]),
        ],
        c.floats(2, 9, 4, 4),
        {"least": scalar(1e-6), "p": f32(3), "q": f32(1 / 3)},
        ["y"],
    )
    c.graph(
        "block/pyramid",
        [
            node("Conv", ["x", "w"], ["s"], strides=[2, 2], pads=[1, 1, 1, 1]),
            node(
                "Resize",
                ["s", "", "scales"],
                ["u"],
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            ),
            node("Conv", ["x", "v"], ["l"]),
            node("Add", ["u", "l"], ["y"]),
        ],
        c.floats(1, 4, 6, 8),
        {"w": c.floats(5, 4, 3, 3), "v": c.floats(5, 4, 1, 1), "scales": f32(1, 1, 2, 2)},
        ["y"],
    )
    c.graph(
        "block/branches-of-one-value",
        [
            node("Conv", ["x", "w"], ["c"]),
            node("Relu", ["c"], ["r"]),
            node("Sigmoid", ["c"], ["s"]),
            node("Add", ["r", "s"], ["y"]),
        ],
        c.floats(1, 4, 3, 3),
        {"w": c.floats(4, 4, 1, 1)},
        ["y", "c"],
    )
    c.graph(
        "block/scale-shift",
        [node("Conv", ["x", "w", "b"], ["c"]), node("Mul", ["c", "s"], ["m"]), node("Add", ["m", "t"], ["y"])],
        c.floats(1, 4, 3, 3),
        {"w": c.floats(6, 4, 1, 1), "b": c.floats(6), "s": c.floats(6, 1, 1), "t": c.floats(1, 6, 1, 1)},
        ["y"],
    )
    c.graph(
        "block/linear-bn",
        [node("Gemm", ["x", "w", "b"], ["g"], transB=1), bn_node("n", "g", "y")],
        c.floats(2, 10),
        {"w": c.floats(7, 10), "b": c.floats(7), **bn("n", 7)},
        ["y"],
    )
