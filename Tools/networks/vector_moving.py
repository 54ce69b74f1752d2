"""Cases of operator_vectors.py: operators that move elements, and those that change their type."""

import numpy as np
from onnx import helper

from vector_cases import f32, i64, node, scalar


def joining(c):
    for axis in (0, 1, 2, 3, -1, -3):
        parts = []
        for size in (2, 3):
            shape = [1, 2, 3, 4]
            shape[axis] = size
            parts.append(c.floats(*shape))
        c.one(
            f"concat/axis{axis}",
            "Concat",
            c.floats(1, 2, 3, 4),
            parts,
            opset=11 if axis < 0 else 7,
            axis=axis,
            tolerance=0,
        )
    c.one("concat/alone", "Concat", c.floats(2, 3), axis=0, tolerance=0)
    c.graph(
        "concat/dense",
        [
            node("Relu", ["x"], ["r"]),
            node("Concat", ["x", "r", "k"], ["a"], axis=1),
            node("Neg", ["a"], ["n"]),
            node("Concat", ["a", "n"], ["y"], axis=1),
        ],
        c.floats(1, 3, 4, 4),
        {"k": c.floats(1, 2, 4, 4)},
        ["y"],
        tolerance=0,
    )
    c.one("split/opset7", "Split", c.floats(2, 6, 3), opset=7, outputs=2, axis=1, split=[2, 4], tolerance=0)
    c.one("split/opset7-equal", "Split", c.floats(2, 6, 3), opset=7, outputs=3, axis=1, tolerance=0)
    c.one("split/opset11-negative", "Split", c.floats(2, 6, 4), opset=11, outputs=2, axis=-1, tolerance=0)
    c.one("split/opset13", "Split", c.floats(6, 2), [i64(1, 2, 3)], opset=13, outputs=3, tolerance=0)
    c.one("split/opset13-equal", "Split", c.floats(1, 6, 2, 2), opset=13, outputs=2, axis=1, tolerance=0)
    c.one("split/opset18", "Split", c.floats(1, 7, 2), opset=18, outputs=3, axis=1, num_outputs=3, tolerance=0)
    c.one("split/opset18-sizes", "Split", c.floats(1, 7, 2), [i64(3, 4)], opset=18, outputs=2, axis=-2, tolerance=0)
    c.one("slice/opset7", "Slice", c.floats(4, 5, 6), opset=7, starts=[1, 0], ends=[3, -1], axes=[0, 2], tolerance=0)
    c.one("slice/opset7-all", "Slice", c.floats(4, 5), opset=9, starts=[1, -3], ends=[1000, 1000], tolerance=0)
    big = 2**63 - 1
    forms = {
        "plain": [i64(1, 0), i64(3, 4), i64(0, 1)],
        "no-axes": [i64(1, 1, 1), i64(3, 4, 5)],
        "negative": [i64(-3), i64(-1), i64(-1)],
        "endless": [i64(1), i64(big), i64(1)],
        "steps": [i64(0, 1), i64(big, big), i64(1, 2), i64(2, 3)],
        "backwards": [i64(-1), i64(-big - 1), i64(2), i64(-1)],
        "backwards2": [i64(4, 100), i64(0, -100), i64(1, 2), i64(-2, -3)],
        "empty": [i64(3), i64(2), i64(0)],
    }
    for name, others in forms.items():
        for opset in (10, 13):
            c.one(f"slice/{name}-opset{opset}", "Slice", c.floats(4, 5, 6), others, opset=opset, tolerance=0)
    c.one("slice/focus", "Slice", c.floats(1, 3, 6, 8), [i64(1), i64(big), i64(3), i64(2)], opset=11, tolerance=0)
    for opset in (7, 11, 13):
        c.one(f"gather/opset{opset}", "Gather", c.floats(4, 5, 6), [i64(2, 0, 3)], opset=opset, axis=1, tolerance=0)
    c.one("gather/default", "Gather", c.floats(4, 5), [i64(3, 3, 0)], tolerance=0)
    c.one("gather/scalar", "Gather", c.floats(4, 5), [np.array(1, np.int64)], axis=1, tolerance=0)
    c.one("gather/negative", "Gather", c.floats(4, 5, 6), [i64(-1, 0, -6)], axis=-1, tolerance=0)
    c.one("gather/matrix", "Gather", c.floats(4, 5, 3), [np.array([[0, 3], [2, 1]], np.int32)], axis=1, tolerance=0)


def reshaping(c):
    for name, sizes in {
        "plain": (6, 10),
        "open": (3, -1),
        "copied": (0, -1, 5),
        "more": (1, 3, 2, 2, 5),
        "flat": (-1,),
    }.items():
        for opset in (7, 14):
            c.one(f"reshape/{name}-opset{opset}", "Reshape", c.floats(3, 4, 5), [i64(*sizes)], opset=opset, tolerance=0)
    for axis in (0, 1, 2, 3):
        c.one(f"flatten/axis{axis}", "Flatten", c.floats(2, 3, 4), opset=7 if axis != 1 else 9, axis=axis, tolerance=0)
    for axis in (-1, -3):
        c.one(f"flatten/axis{axis}", "Flatten", c.floats(2, 3, 4), opset=11, axis=axis, tolerance=0)
    c.one("flatten/default", "Flatten", c.floats(2, 3, 4, 5), tolerance=0)
    c.one("transpose/default", "Transpose", c.floats(2, 3, 4), opset=7, tolerance=0)
    for perm in ([0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [0, 1, 3, 2], [1, 0, 2, 3]):
        c.one(f"transpose/{''.join(map(str, perm))}", "Transpose", c.floats(2, 3, 4, 5), perm=perm, tolerance=0)
    c.one("transpose/five", "Transpose", c.floats(1, 2, 3, 2, 2), perm=[0, 2, 1, 3, 4], tolerance=0)
    c.graph(
        "transpose/channel-shuffle",
        [
            node("Reshape", ["x", "a"], ["r"]),
            node("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]),
            node("Reshape", ["t", "b"], ["y"]),
        ],
        c.floats(1, 6, 3, 4),
        {"a": i64(1, 2, 3, 3, 4), "b": i64(1, 6, 3, 4)},
        ["y"],
        tolerance=0,
    )
    for opset in (7, 11):
        c.one(
            f"squeeze/opset{opset}",
            "Squeeze",
            c.floats(1, 3, 1, 4),
            opset=opset,
            axes=[0] if opset == 7 else [-2],
            tolerance=0,
        )
        c.one(
            f"unsqueeze/opset{opset}",
            "Unsqueeze",
            c.floats(3, 4),
            opset=opset,
            axes=[0, 3] if opset == 7 else [-1, 1],
            tolerance=0,
        )
    c.one("squeeze/all", "Squeeze", c.floats(1, 3, 1, 4), opset=13, tolerance=0)
    c.one("squeeze/opset13", "Squeeze", c.floats(1, 3, 1, 1), [i64(-1, 2)], opset=13, tolerance=0)
    c.one("unsqueeze/opset13", "Unsqueeze", c.floats(3, 4), [i64(-1, 1)], opset=13, tolerance=0)
    c.one("unsqueeze/opset21", "Unsqueeze", c.floats(3, 4), [i64(0)], opset=21, tolerance=0)
    for opset in (8, 13):
        c.one(f"expand/opset{opset}", "Expand", c.floats(3, 1), [i64(2, 1, 4)], opset=opset, tolerance=0)
    c.one("expand/smaller", "Expand", c.floats(2, 3, 4), [i64(3, 1)], opset=13, tolerance=0)


def shapes_and_types(c):
    c.one("shape/opset7", "Shape", c.floats(2, 3, 4), opset=7, tolerance=0)
    for name, bounds in {
        "start": dict(start=1),
        "end": dict(end=-1),
        "both": dict(start=-2, end=10),
        "none": dict(start=2, end=1),
    }.items():
        c.one(f"shape/{name}", "Shape", c.floats(2, 3, 4), opset=15, tolerance=0, **bounds)
    c.graph(
        "shape/flatten",
        [
            node("Shape", ["x"], ["s"]),
            node("Gather", ["s", "zero"], ["b"], axis=0),
            node("Unsqueeze", ["b", "axes"], ["u"]),
            node("Concat", ["u", "rest"], ["t"], axis=0),
            node("Reshape", ["x", "t"], ["y"]),
        ],
        c.floats(2, 3, 4, 5),
        {"zero": np.array(0, np.int64), "axes": i64(0), "rest": i64(-1)},
        ["y"],
        tolerance=0,
    )
    c.graph(
        "shape/arithmetic",
        [
            node("Shape", ["x"], ["s"]),
            node("Slice", ["s", "two", "four"], ["hw"]),
            node("Mul", ["hw", "m"], ["a"]),
            node("Add", ["a", "one"], ["b"]),
            node("Sub", ["b", "m"], ["d"]),
            node("Div", ["d", "m"], ["q"]),
            node("Cast", ["q"], ["f"], to=1),
            node("Floor", ["f"], ["g"]),
            node("Cast", ["g"], ["h"], to=7),
            node("Slice", ["s", "none", "two"], ["nc"]),
            node("Concat", ["nc", "h"], ["sizes"], axis=0),
            node("Resize", ["x", "", "", "sizes"], ["y"], mode="nearest"),
        ],
        c.floats(1, 2, 4, 5),
        {"two": i64(2), "four": i64(4), "m": i64(3, 2), "one": i64(1), "none": i64(0)},
        ["y", "sizes"],
        tolerance=0,
    )
    c.graph(
        "shape/expanded-constant",
        [
            node("Shape", ["x"], ["s"]),
            node("ConstantOfShape", ["s"], ["k"], value=helper.make_tensor("v", 1, [1], [0.5])),
            node("Add", ["x", "k"], ["y"]),
        ],
        c.floats(2, 3),
        {},
        ["y"],
    )
    c.graph(
        "constantofshape/default",
        [node("ConstantOfShape", ["s"], ["k"]), node("Concat", ["x", "k"], ["y"], axis=0)],
        c.floats(2, 3),
        {"s": i64(1, 3)},
        ["y"],
        opset=9,
        tolerance=0,
    )
    for name, code in {"int8": 3, "uint8": 2, "int32": 6, "int64": 7, "bool": 9}.items():
        c.one(
            f"cast/{name}",
            "Cast",
            (
                f32(-0.0, 0.4, 1.9, 2.5, 100.7, 0)
                if name in ("uint8", "bool")
                else f32(-100.6, -1.5, -0.4, 0, 0.4, 1.9, 100.7)
            ),
            opset=9,
            to=code,
            tolerance=0,
        )
    c.graph(
        "cast/wrapping",
        [
            node("Cast", ["x"], ["i"], to=7),
            node("Cast", ["i"], ["y0"], to=3),
            node("Cast", ["i"], ["y1"], to=2),
            node("Cast", ["i"], ["y2"], to=1),
        ],
        f32(-300, -129, -1, 0, 127, 128, 256, 300),
        {},
        ["y0", "y1", "y2"],
        tolerance=0,
    )
    whole = f32(-7, -6, -1, 0, 1, 5, 6, 7)
    for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
        c.graph(
            f"{op.lower()}/whole",
            [node("Cast", ["x"], ["i"], to=7), node(op, ["i", "k"], ["y"])],
            whole,
            {"k": i64(3, -4, 2, 5, -1, -3, 4, 2)},
            ["y"],
            opset=13,
            tolerance=0,
        )
    c.graph(
        "reduce/whole",
        [
            node("Cast", ["x"], ["i"], to=7),
            node("ReduceSum", ["i"], ["y0"], keepdims=0),
            node("ReduceMax", ["i"], ["y1"], keepdims=0),
            node("ReduceMin", ["i"], ["y2"], keepdims=0),
        ],
        whole,
        {},
        ["y0", "y1", "y2"],
        tolerance=0,
    )
    c.graph(
        "clip/whole",
        [node("Cast", ["x"], ["i"], to=7), node("Clip", ["i", "low", "high"], ["y"])],
        whole,
        {"low": np.array(-2, np.int64), "high": np.array(5, np.int64)},
        ["y"],
        opset=12,
        tolerance=0,
    )
    c.graph(
        "unary/whole",
        [node("Cast", ["x"], ["i"], to=7), node("Neg", ["i"], ["y0"]), node("Abs", ["i"], ["y1"])],
        whole,
        {},
        ["y0", "y1"],
        tolerance=0,
    )


def quantization(c):
    u8, i8 = (lambda *v: np.array(v, np.uint8)), (lambda *v: np.array(v, np.int8))
    wide = lambda *shape: c.floats(*shape, low=-3, high=3)
    one = lambda value, dtype: np.array(value, dtype)
    for opset in (10, 13, 19, 21):
        c.one(
            f"quantize/uint8-opset{opset}",
            "QuantizeLinear",
            wide(2, 3, 4),
            [scalar(0.02), one(120, np.uint8)],
            opset=opset,
            tolerance=0,
        )
        c.one(
            f"quantize/int8-opset{opset}",
            "QuantizeLinear",
            wide(2, 3, 4),
            [scalar(0.02), one(-3, np.int8)],
            opset=opset,
            tolerance=0,
        )
    c.one("quantize/no-zero-point", "QuantizeLinear", wide(2, 3, 4), [scalar(0.02)], opset=13, tolerance=0)
    c.one(
        "quantize/halves",
        "QuantizeLinear",
        f32(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 1000, -1000),
        [scalar(1), one(0, np.int8)],
        opset=10,
        tolerance=0,
    )
    c.one(
        "quantize/channels",
        "QuantizeLinear",
        wide(2, 3, 4),
        [f32(0.02, 0.05, 0.1), i8(0, 5, -7)],
        opset=13,
        tolerance=0,
    )
    c.one(
        "quantize/axis0",
        "QuantizeLinear",
        wide(3, 4),
        [f32(0.02, 0.05, 0.1), u8(0, 128, 255)],
        opset=13,
        axis=0,
        tolerance=0,
    )
    c.one(
        "quantize/last-axis",
        "QuantizeLinear",
        wide(2, 3),
        [f32(0.02, 0.05, 0.1), i8(0, 5, -7)],
        opset=13,
        axis=-1,
        tolerance=0,
    )
    c.one("quantize/int16", "QuantizeLinear", wide(2, 3), [scalar(0.0001), one(-5, np.int16)], opset=21, tolerance=0)
    c.one(
        "quantize/uint16", "QuantizeLinear", wide(2, 3), [scalar(0.0001), one(30000, np.uint16)], opset=21, tolerance=0
    )

    def pair(name, scale, zero, opset=13, **attributes):
        c.graph(
            f"dequantize/{name}",
            [
                node("QuantizeLinear", ["x", "s", "z"], ["q"], **attributes),
                node("DequantizeLinear", ["q", "s", "z"], ["y"], **attributes),
            ],
            wide(2, 3, 4),
            {"s": scale, "z": zero},
            ["y"],
            opset=opset,
            tolerance=1e-6,
        )

    for opset in (10, 13, 19, 21):
        pair(f"uint8-opset{opset}", scalar(0.02), one(120, np.uint8), opset)
    pair("int8", scalar(0.03), one(-3, np.int8))
    pair("channels", f32(0.02, 0.05, 0.1), i8(0, 5, -7), axis=1)
    pair("int16", scalar(0.0001), one(7, np.int16), 21)
    c.graph(
        "dequantize/weights",
        [
            node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=0),
            node("DequantizeLinear", ["b", "t"], ["g"], axis=0),
            node("Conv", ["x", "f", "g"], ["y"], pads=[1, 1, 1, 1]),
        ],
        wide(1, 2, 4, 5),
        {
            "w": c.random.integers(-127, 128, (3, 2, 3, 3)).astype(np.int8),
            "s": f32(0.01, 0.02, 0.03),
            "z": i8(0, 0, 0),
            "b": c.random.integers(-2000, 2000, 3).astype(np.int32),
            "t": f32(0.001, 0.002, 0.003),
        },
        ["y"],
    )
    c.graph(
        "dequantize/whole-block",
        [
            node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
            node("DequantizeLinear", ["xq", "xs", "xz"], ["xf"]),
            node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=0),
            node("Conv", ["xf", "f", "b"], ["c"], pads=[1, 1, 1, 1]),
            node("Relu", ["c"], ["r"]),
            node("QuantizeLinear", ["r", "ys", "yz"], ["yq"]),
            node("DequantizeLinear", ["yq", "ys", "yz"], ["y"]),
        ],
        wide(1, 4, 5, 5),
        {
            "xs": scalar(0.025),
            "xz": one(117, np.uint8),
            "w": c.random.integers(-127, 128, (6, 4, 3, 3)).astype(np.int8),
            "s": c.floats(6, low=0.002, high=0.004),
            "z": np.zeros(6, np.int8),
            "b": c.floats(6),
            "ys": scalar(0.05),
            "yz": one(0, np.uint8),
        },
        ["y"],
        tolerance=0.011,
    )  # one step of the output's scale
