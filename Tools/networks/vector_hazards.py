"""Cases of operator_vectors.py: graphs on which a planner can go wrong."""

import numpy as np

from vector_cases import f32, i64, node, scalar


def hazards(c):
    """Graphs on which a planner that fuses, reuses memory or changes layouts can go wrong."""
    w = lambda *shape: c.floats(*shape) / np.float32(2)
    bn = {
        "s": c.floats(17, low=0.5, high=1.5),
        "t": c.floats(17),
        "m": c.floats(17),
        "v": c.floats(17, low=0.3, high=2),
    }
    conv = lambda x, y, k="w", pad=0: node("Conv", [x, k], [y], pads=[pad] * 4)
    norm = lambda x, y: node("BatchNormalization", [x, "s", "t", "m", "v"], [y])
    x = lambda *shape: c.floats(*(shape or (1, 5, 4, 6)))
    w17 = {"w": w(17, 5, 1, 1)}

    def add(name, nodes, data, constants, outputs, opset=13, **more):
        c.graph(f"hazard/{name}", nodes, data, constants, outputs, opset=opset, **more)

    add(
        "conv-used-before-bn",
        [conv("x", "c"), norm("c", "n"), node("Add", ["c", "n"], ["y"])],
        x(),
        {**w17, **bn},
        ["y"],
    )
    add(
        "conv-is-output-too",
        [conv("x", "c"), norm("c", "n"), node("Relu", ["n"], ["y"])],
        x(),
        {**w17, **bn},
        ["c", "n", "y"],
    )
    add(
        "relu-is-output-too",
        [conv("x", "c"), node("Relu", ["c"], ["r"]), node("Neg", ["r"], ["y"])],
        x(),
        w17,
        ["y", "r"],
    )
    add("bn-before-conv", [norm("x", "n"), conv("n", "y", pad=1)], x(1, 17, 4, 5), {"w": w(4, 17, 3, 3), **bn}, ["y"])
    add(
        "bn-relu-before-conv",
        [norm("x", "n"), node("Relu", ["n"], ["r"]), conv("r", "y", pad=1)],
        x(1, 17, 4, 5),
        {"w": w(4, 17, 3, 3), **bn},
        ["y"],
    )
    add("bn-alone", [norm("x", "n"), node("Sigmoid", ["n"], ["y"])], x(2, 17, 3, 5), bn, ["y"])
    add("relu-twice", [conv("x", "c"), node("Relu", ["c"], ["r"]), node("Relu", ["r"], ["y"])], x(), w17, ["y"])
    add(
        "clip-twice",
        [conv("x", "c"), node("Clip", ["c", "a", "b"], ["r"]), node("Clip", ["r", "d", "e"], ["y"])],
        x(),
        {**w17, "a": scalar(-0.5), "b": scalar(0.7), "d": scalar(-0.2), "e": scalar(0.9)},
        ["y"],
    )
    add("relu-then-bn", [conv("x", "c"), node("Relu", ["c"], ["r"]), norm("r", "y")], x(), {**w17, **bn}, ["y"])
    add(
        "clip-by-computed-bounds",
        [
            node("ReduceMax", ["x"], ["m"], keepdims=0),
            node("Mul", ["m", "h"], ["top"]),
            node("Clip", ["x", "", "top"], ["y"]),
        ],
        x(),
        {"h": scalar(0.5)},
        ["y"],
    )
    add(
        "pad-value-before-conv",
        [node("Pad", ["x", "p", "k"], ["a"]), conv("a", "y")],
        x(),
        {"p": i64(0, 0, 1, 1, 0, 0, 1, 1), "k": scalar(1), "w": w(4, 5, 3, 3)},
        ["y"],
    )
    add(
        "pad-edge-before-conv",
        [node("Pad", ["x", "p"], ["a"], mode="edge"), conv("a", "y")],
        x(),
        {"p": i64(0, 0, 1, 1, 0, 0, 1, 1), "w": w(4, 5, 3, 3)},
        ["y"],
    )
    add(
        "pad-channels-before-conv",
        [node("Pad", ["x", "p"], ["a"]), conv("a", "y")],
        x(),
        {"p": i64(0, 1, 0, 0, 0, 2, 0, 0), "w": w(4, 8, 1, 1)},
        ["y"],
    )
    add(
        "pad-before-padded-conv",
        [node("Pad", ["x", "p"], ["a"]), conv("a", "y", pad=1)],
        x(),
        {"p": i64(0, 0, 1, 0, 0, 0, 0, 2), "w": w(4, 5, 3, 3)},
        ["y"],
    )
    add(
        "pad-before-maxpool",
        [node("Pad", ["x", "p"], ["a"]), node("MaxPool", ["a"], ["y"], kernel_shape=[3, 3], strides=[2, 2])],
        c.floats(1, 5, 5, 6, low=-2, high=-1),
        {"p": i64(0, 0, 1, 1, 0, 0, 1, 1)},
        ["y"],
        tolerance=0,
    )
    add(
        "pad-before-averagepool",
        [node("Pad", ["x", "p"], ["a"]), node("AveragePool", ["a"], ["y"], kernel_shape=[3, 3])],
        x(),
        {"p": i64(0, 0, 1, 1, 0, 0, 1, 1)},
        ["y"],
    )
    add(
        "two-convs-added",
        [conv("x", "a"), conv("x", "b", "u"), node("Add", ["a", "b"], ["s"]), node("Relu", ["s"], ["y"])],
        x(),
        {**w17, "u": w(17, 5, 1, 1)},
        ["y"],
    )
    add(
        "sum-of-three-convs",
        [conv("x", "a"), conv("x", "b", "u"), conv("x", "d", "z"), node("Sum", ["a", "b", "d"], ["y"])],
        x(),
        {**w17, "u": w(17, 5, 1, 1), "z": w(17, 5, 1, 1)},
        ["y"],
    )
    add("conv-added-to-itself", [conv("x", "a"), node("Add", ["a", "a"], ["y"])], x(), w17, ["y"])
    add(
        "add-of-one-pixel",
        [conv("x", "a"), node("GlobalAveragePool", ["a"], ["g"]), node("Add", ["a", "g"], ["y"])],
        x(2, 5, 3, 4),
        w17,
        ["y"],
    )
    add(
        "add-of-one-pixel-first",
        [
            conv("x", "a"),
            node("GlobalMaxPool", ["a"], ["g"]),
            node("Add", ["g", "a"], ["s"]),
            node("Relu", ["s"], ["y"]),
        ],
        x(),
        w17,
        ["y"],
    )
    add(
        "add-of-one-channel",
        [conv("x", "a"), node("ReduceMean", ["x"], ["g"], axes=[1]), node("Add", ["a", "g"], ["y"])],
        x(),
        w17,
        ["y"],
    )
    add(
        "gate-of-one-channel",
        [conv("x", "a"), conv("a", "b", "u"), node("Sigmoid", ["b"], ["g"]), node("Mul", ["a", "g"], ["y"])],
        x(),
        {**w17, "u": w(1, 17, 1, 1)},
        ["y"],
    )
    add(
        "residual-kept-alive",
        [
            conv("x", "a", pad=1),
            node("Relu", ["a"], ["b"]),
            conv("b", "d", pad=1),
            node("Relu", ["d"], ["e"]),
            conv("e", "f", pad=1),
            node("Add", ["f", "b"], ["g"]),
            conv("g", "h", pad=1),
            node("Add", ["h", "x"], ["y"]),
        ],
        x(1, 6, 4, 5),
        {"w": w(6, 6, 3, 3)},
        ["y"],
    )
    add("constant-minus", [conv("x", "a"), node("Sub", ["one", "a"], ["y"])], x(), {**w17, "one": scalar(1)}, ["y"])
    add(
        "constant-over",
        [node("Sigmoid", ["x"], ["a"]), node("Div", ["one", "a"], ["y"])],
        x(),
        {"one": scalar(1)},
        ["y"],
    )
    add(
        "scaled-by-scalar",
        [
            conv("x", "a"),
            node("Mul", ["a", "k"], ["b"]),
            node("Div", ["b", "d"], ["e"]),
            node("Sub", ["e", "k"], ["y"]),
        ],
        x(),
        {**w17, "k": scalar(1.5), "d": scalar(-0.7)},
        ["y"],
    )
    add("scaled-by-columns", [conv("x", "a"), node("Mul", ["a", "k"], ["y"])], x(), {**w17, "k": c.floats(6)}, ["y"])
    add(
        "scaled-by-picture",
        [conv("x", "a"), node("Mul", ["a", "k"], ["b"]), node("Add", ["b", "d"], ["y"])],
        x(),
        {**w17, "k": c.floats(17, 4, 6), "d": c.floats(1, 1, 4, 6)},
        ["y"],
    )
    add(
        "scale-widens", [conv("x", "a"), node("Mul", ["a", "k"], ["y"])], x(), {**w17, "k": c.floats(3, 1, 1, 1)}, ["y"]
    )
    add("concat-with-itself", [conv("x", "a"), node("Concat", ["a", "a"], ["y"], axis=1)], x(), w17, ["y"])
    add(
        "concat-of-odd-channels",
        [conv("x", "a"), conv("x", "b", "u"), node("Concat", ["b", "x", "a"], ["d"], axis=1), conv("d", "y", "z")],
        x(2, 5, 3, 4),
        {**w17, "u": w(3, 5, 1, 1), "z": w(7, 25, 1, 1)},
        ["y"],
    )
    add(
        "concat-of-rows",
        [conv("x", "a"), conv("x", "b", "u"), node("Concat", ["a", "b"], ["d"], axis=2), conv("d", "y", "z")],
        x(),
        {**w17, "u": w(17, 5, 1, 1), "z": w(7, 17, 1, 1)},
        ["y"],
    )
    add(
        "concat-of-columns",
        [conv("x", "a"), node("Relu", ["a"], ["b"]), node("Concat", ["a", "b"], ["y"], axis=-1)],
        x(),
        w17,
        ["y"],
    )
    add(
        "concat-of-batch",
        [conv("x", "a"), conv("x", "b", "u"), node("Concat", ["a", "b"], ["y"], axis=0)],
        x(),
        {**w17, "u": w(17, 5, 1, 1)},
        ["y"],
    )
    add(
        "concat-of-concat",
        [
            conv("x", "a"),
            node("Concat", ["x", "a"], ["b"], axis=1),
            node("Relu", ["b"], ["r"]),
            node("Concat", ["r", "b", "x"], ["y"], axis=1),
        ],
        x(),
        w17,
        ["y", "b"],
    )
    add(
        "split-of-odd-channels",
        [
            conv("x", "a"),
            node("Split", ["a", "parts"], ["b", "d", "e"], axis=1),
            conv("d", "f", "u"),
            node("Concat", ["e", "f", "b"], ["y"], axis=1),
        ],
        x(),
        {**w17, "parts": i64(3, 9, 5), "u": w(4, 9, 1, 1)},
        ["y"],
    )
    add(
        "split-and-unused-part",
        [conv("x", "a"), node("Split", ["a", "parts"], ["b", "d"], axis=1), node("Relu", ["d"], ["y"])],
        x(),
        {**w17, "parts": i64(8, 9)},
        ["y"],
    )
    add(
        "channels-sliced",
        [conv("x", "a"), node("Slice", ["a", "f", "t", "one", "two"], ["b"]), conv("b", "y", "u")],
        x(),
        {**w17, "f": i64(1), "t": i64(16), "one": i64(1), "two": i64(2), "u": w(4, 8, 1, 1)},
        ["y"],
    )
    add(
        "shuffle-of-three",
        [
            conv("x", "a"),
            node("Reshape", ["a", "p"], ["b"]),
            node("Transpose", ["b"], ["d"], perm=[0, 2, 1, 3, 4]),
            node("Reshape", ["d", "q"], ["e"]),
            node("Conv", ["e", "u"], ["y"], group=3),
        ],
        x(),
        {"w": w(18, 5, 1, 1), "p": i64(1, 3, 6, 4, 6), "q": i64(1, -1, 4, 6), "u": w(6, 6, 1, 1)},
        ["y"],
    )
    add(
        "flatten-of-odd-channels",
        [conv("x", "a"), node("Flatten", ["a"], ["f"]), node("Gemm", ["f", "g", "b"], ["y"])],
        x(2, 5, 2, 3),
        {**w17, "g": w(102, 9), "b": c.floats(9)},
        ["f", "y"],
    )
    add(
        "reshape-to-tokens",
        [
            conv("x", "a"),
            node("Reshape", ["a", "p"], ["b"]),
            node("Transpose", ["b"], ["d"], perm=[0, 2, 1]),
            node("MatMul", ["d", "g"], ["y"]),
        ],
        x(),
        {**w17, "p": i64(0, 0, -1), "g": w(17, 4)},
        ["y"],
    )
    add("product-over-columns", [conv("x", "a"), node("MatMul", ["a", "g"], ["y"])], x(), {**w17, "g": w(6, 3)}, ["y"])
    add("softmax-over-channels", [conv("x", "a"), node("Softmax", ["a"], ["y"], axis=1)], x(2, 5, 3, 4), w17, ["y"])
    add("softmax-over-columns", [conv("x", "a"), node("Softmax", ["a"], ["y"], axis=-1)], x(), w17, ["y"])
    add("mean-over-channels", [conv("x", "a"), node("ReduceMean", ["a"], ["y"], axes=[1])], x(), w17, ["y"])
    add("mean-over-rows", [conv("x", "a"), node("ReduceMean", ["a"], ["y"], axes=[2], keepdims=0)], x(), w17, ["y"])
    add("max-over-all", [conv("x", "a"), node("ReduceMax", ["a"], ["y"], keepdims=0)], x(), w17, ["y"])
    add(
        "channels-normalized",
        [conv("x", "a"), node("ReduceL2", ["a"], ["n"], axes=[1]), node("Div", ["a", "n"], ["y"])],
        x(),
        w17,
        ["y"],
    )
    add(
        "resize-of-odd-channels",
        [conv("x", "a"), node("Resize", ["a", "", "", "z"], ["b"], mode="linear"), conv("b", "y", "u")],
        x(),
        {**w17, "z": i64(1, 17, 7, 9), "u": w(4, 17, 1, 1)},
        ["y"],
    )
    add(
        "upsampled-and-joined",
        [
            conv("x", "a"),
            node("MaxPool", ["a"], ["b"], kernel_shape=[2, 2], strides=[2, 2]),
            node("Resize", ["b", "", "k"], ["d"], mode="nearest"),
            node("Concat", ["d", "a"], ["y"], axis=1),
        ],
        x(),
        {**w17, "k": f32(1, 1, 2, 2)},
        ["y"],
    )
    add(
        "transposed-between-convs",
        [conv("x", "a"), node("Transpose", ["a"], ["b"], perm=[0, 1, 3, 2]), conv("b", "y", "u", pad=1)],
        x(),
        {**w17, "u": w(4, 17, 3, 3)},
        ["y"],
    )
    add(
        "channels-last-sandwich",
        [
            node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
            conv("a", "b", pad=1),
            node("Relu", ["b"], ["d"]),
            node("Transpose", ["d"], ["y"], perm=[0, 2, 3, 1]),
        ],
        x(1, 6, 4, 3),
        {"w": w(17, 3, 3, 3)},
        ["y"],
    )
    add(
        "prelu-after-conv",
        [conv("x", "a"), node("PRelu", ["a", "k"], ["y"])],
        x(),
        {**w17, "k": c.floats(17, 1, 1)},
        ["y"],
    )
    add(
        "square-and-root",
        [conv("x", "a"), node("Pow", ["a", "two"], ["b"]), node("Add", ["b", "e"], ["d"]), node("Sqrt", ["d"], ["y"])],
        x(),
        {**w17, "two": scalar(2), "e": scalar(0.01)},
        ["y"],
    )
    add(
        "swish-used-twice",
        [conv("x", "a"), node("Sigmoid", ["a"], ["s"]), node("Mul", ["a", "s"], ["b"]), node("Add", ["b", "s"], ["y"])],
        x(),
        w17,
        ["y"],
    )
    add(
        "sigmoid-of-another",
        [conv("x", "a"), conv("x", "b", "u"), node("Sigmoid", ["b"], ["s"]), node("Mul", ["a", "s"], ["y"])],
        x(),
        {**w17, "u": w(17, 5, 1, 1)},
        ["y"],
    )
    add(
        "nearly-hardswish",
        [
            node("Add", ["x", "three"], ["a"]),
            node("Clip", ["a", "zero", "five"], ["b"]),
            node("Mul", ["x", "b"], ["d"]),
            node("Div", ["d", "six"], ["y"]),
        ],
        c.floats(1, 5, 3, 4, low=-6, high=6),
        {"three": scalar(3), "zero": scalar(0), "five": scalar(5), "six": scalar(6)},
        ["y"],
    )
    add(
        "nearly-gelu",
        [
            node("Div", ["x", "root"], ["a"]),
            node("Erf", ["a"], ["e"]),
            node("Add", ["e", "one"], ["b"]),
            node("Mul", ["x", "b"], ["d"]),
            node("Mul", ["d", "half"], ["y"]),
        ],
        c.floats(1, 5, 3, 4, low=-4, high=4),
        {"root": scalar(1.3), "one": scalar(1), "half": scalar(0.5)},
        ["y"],
    )
    add(
        "weights-computed",
        [node("Mul", ["w", "k"], ["u"]), node("Transpose", ["u"], ["z"], perm=[1, 0, 2, 3]), conv("x", "y", "z")],
        x(),
        {"w": w(5, 7, 1, 1), "k": scalar(2)},
        ["y"],
    )
    add(
        "weights-from-picture",
        [node("Slice", ["x", "f", "t", "axes"], ["k"]), conv("x", "y", "k")],
        x(2, 5, 4, 6),
        {"f": i64(0, 0), "t": i64(2, 3), "axes": i64(2, 3)},
        ["y"],
    )
    add(
        "bias-computed",
        [node("ReduceMean", ["x"], ["m"], axes=[0, 2, 3], keepdims=0), node("Conv", ["x", "w", "m"], ["y"])],
        x(),
        {"w": w(5, 5, 1, 1)},
        ["y"],
    )
    add("input-is-output", [node("Identity", ["x"], ["y"]), node("Relu", ["x"], ["z"])], x(), {}, ["y", "z"])
    add(
        "same-output-by-two-names",
        [conv("x", "a"), node("Identity", ["a"], ["y"]), node("Dropout", ["a"], ["z"])],
        x(),
        w17,
        ["y", "z"],
    )
    add(
        "dead-branch", [conv("x", "a"), node("Sigmoid", ["a"], ["unused"]), node("Relu", ["a"], ["y"])], x(), w17, ["y"]
    )
    add(
        "long-chain",
        [conv("x", "a0", pad=1)]
        + [n for i in range(6) for n in (node("Relu", [f"a{i}"], [f"r{i}"]), conv(f"r{i}", f"a{i + 1}", "u", pad=1))]
        + [node("Tanh", ["a6"], ["y"])],
        x(1, 3, 5, 5),
        {"w": w(9, 3, 3, 3) / 2, "u": w(9, 9, 3, 3) / 3},
        ["y"],
    )
    add(
        "first-layer-batch2",
        [node("Conv", ["x", "w", "b"], ["a"], strides=[2, 2], pads=[1, 1, 1, 1]), node("Relu", ["a"], ["y"])],
        x(2, 3, 13, 11),
        {"w": w(32, 3, 3, 3), "b": c.floats(32)},
        ["y"],
    )
    add(
        "depthwise-then-pointwise-batch2",
        [node("Conv", ["x", "w"], ["a"], group=33, pads=[1, 1, 1, 1]), node("Relu", ["a"], ["b"]), conv("b", "y", "u")],
        x(2, 33, 5, 4),
        {"w": w(33, 1, 3, 3), "u": w(20, 33, 1, 1)},
        ["y"],
    )
