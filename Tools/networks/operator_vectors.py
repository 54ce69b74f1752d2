"""Writes golden vectors for every operator: small ONNX models, what they are fed with, and what ONNX Runtime makes.

    python operator_vectors.py [FOLDER]      default: ../../Tests/Fixtures/operators

Needs numpy, onnx and onnxruntime. Same versions and seed, same bytes. Prints where ONNX Runtime and the reference
evaluator of the onnx package differ, and which cases only the evaluator runs.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper

from vector_cases import Cases

SEED = 20251125
node = helper.make_node
i64 = lambda *values: np.array(values, np.int64)
f32 = lambda *values: np.array(values, np.float32)
scalar = lambda value: np.array(value, np.float32)


def convolutions(c):
    # name: x, weights, attributes
    forms = {
        "1x1": ((1, 5, 4, 6), (7, 5, 1, 1), {}),
        "1x1-wide": ((1, 33, 5, 5), (35, 33, 1, 1), {}),
        "1x1-stride2": ((1, 6, 7, 5), (4, 6, 1, 1), dict(strides=[2, 2])),
        "1x1-padded": ((1, 3, 3, 4), (2, 3, 1, 1), dict(pads=[1, 1, 1, 1])),
        "1x1-one-pixel": ((1, 19, 1, 1), (21, 19, 1, 1), {}),
        "1x1-one-channel": ((1, 1, 3, 3), (1, 1, 1, 1), {}),
        "3x3": ((1, 3, 6, 7), (4, 3, 3, 3), {}),
        "3x3-same": ((1, 3, 6, 7), (4, 3, 3, 3), dict(pads=[1, 1, 1, 1])),
        "3x3-wide": ((1, 17, 9, 8), (18, 17, 3, 3), dict(pads=[1, 1, 1, 1])),
        "3x3-16": ((1, 16, 8, 8), (16, 16, 3, 3), dict(pads=[1, 1, 1, 1])),
        "3x3-stride2": ((1, 3, 9, 8), (8, 3, 3, 3), dict(pads=[1, 1, 1, 1], strides=[2, 2])),
        "3x3-stride2-late": ((1, 3, 8, 8), (8, 3, 3, 3), dict(pads=[0, 0, 1, 1], strides=[2, 2])),
        "3x3-stride21": ((1, 2, 7, 7), (3, 2, 3, 3), dict(strides=[2, 1], pads=[1, 0, 0, 1])),
        "3x3-stride3": ((1, 2, 10, 11), (3, 2, 3, 3), dict(strides=[3, 4])),
        "3x3-uneven-pads": ((1, 2, 5, 4), (3, 2, 3, 3), dict(pads=[0, 1, 2, 3])),
        "3x3-far-pads": ((1, 2, 3, 3), (2, 2, 3, 3), dict(pads=[4, 5, 4, 3])),
        "3x3-dilated": ((1, 3, 9, 9), (2, 3, 3, 3), dict(dilations=[2, 2], pads=[2, 2, 2, 2])),
        "3x3-dilated23": ((1, 2, 8, 10), (3, 2, 3, 3), dict(dilations=[2, 3], pads=[1, 2, 3, 0], strides=[1, 2])),
        "3x3-small-picture": ((1, 4, 2, 1), (5, 4, 3, 3), dict(pads=[1, 1, 1, 1])),
        "whole-picture": ((1, 3, 4, 5), (6, 3, 4, 5), {}),
        "7x7-stride2": ((1, 3, 15, 14), (8, 3, 7, 7), dict(pads=[3, 3, 3, 3], strides=[2, 2])),
        "4x4-stride4": ((1, 3, 8, 12), (6, 3, 4, 4), dict(strides=[4, 4])),
        "2x2-even": ((1, 3, 5, 5), (4, 3, 2, 2), dict(pads=[1, 0, 0, 1])),
        "1x7": ((1, 3, 4, 9), (4, 3, 1, 7), dict(pads=[0, 3, 0, 3])),
        "7x1": ((1, 3, 9, 4), (4, 3, 7, 1), dict(pads=[3, 0, 3, 0])),
        "batch3": ((3, 4, 5, 6), (5, 4, 3, 3), dict(pads=[1, 1, 1, 1])),
        "group2": ((1, 6, 5, 6), (4, 3, 3, 3), dict(group=2, pads=[1, 1, 1, 1])),
        "group3-1x1": ((2, 9, 3, 4), (6, 3, 1, 1), dict(group=3)),
        "group4-stride2": ((1, 16, 7, 7), (32, 4, 3, 3), dict(group=4, pads=[1, 1, 1, 1], strides=[2, 2])),
        "depthwise": ((1, 5, 6, 7), (5, 1, 3, 3), dict(group=5, pads=[1, 1, 1, 1])),
        "depthwise-wide": ((1, 35, 7, 9), (35, 1, 3, 3), dict(group=35, pads=[1, 1, 1, 1])),
        "depthwise-stride2": ((1, 18, 9, 8), (18, 1, 3, 3), dict(group=18, pads=[1, 1, 1, 1], strides=[2, 2])),
        "depthwise-late": ((1, 18, 8, 8), (18, 1, 3, 3), dict(group=18, pads=[0, 0, 1, 1], strides=[2, 2])),
        "depthwise-5x5": ((1, 17, 8, 7), (17, 1, 5, 5), dict(group=17, pads=[2, 2, 2, 2])),
        "depthwise-5x5-stride2": ((1, 16, 9, 10), (16, 1, 5, 5), dict(group=16, pads=[2, 2, 2, 2], strides=[2, 2])),
        "depthwise-5x5-late": ((1, 4, 9, 9), (4, 1, 5, 5), dict(group=4, pads=[1, 1, 2, 2], strides=[2, 2])),
        "depthwise-7x7": ((1, 9, 8, 8), (9, 1, 7, 7), dict(group=9, pads=[3, 3, 3, 3])),
        "depthwise-1x1": ((1, 6, 4, 4), (6, 1, 1, 1), dict(group=6)),
        "depthwise-dilated": ((1, 6, 9, 9), (6, 1, 3, 3), dict(group=6, dilations=[2, 2], pads=[2, 2, 2, 2])),
        "depthwise-unpadded": ((1, 6, 5, 7), (6, 1, 3, 3), dict(group=6)),
        "depthwise-times2": ((1, 5, 6, 6), (10, 1, 3, 3), dict(group=5, pads=[1, 1, 1, 1])),
        "depthwise-one-pixel": ((1, 20, 1, 1), (20, 1, 3, 3), dict(group=20, pads=[1, 1, 1, 1])),
        "same-upper": ((1, 3, 7, 8), (4, 3, 3, 3), dict(auto_pad="SAME_UPPER", strides=[2, 2])),
        "same-lower": ((1, 3, 7, 8), (4, 3, 3, 3), dict(auto_pad="SAME_LOWER", strides=[2, 2])),
        "same-upper-even": ((1, 3, 5, 6), (4, 3, 4, 2), dict(auto_pad="SAME_UPPER")),
        "same-lower-even": ((1, 3, 5, 6), (4, 3, 4, 2), dict(auto_pad="SAME_LOWER")),
        "same-upper-stride3": ((1, 2, 10, 11), (2, 2, 2, 2), dict(auto_pad="SAME_UPPER", strides=[3, 3])),
        "same-upper-dilated": ((1, 2, 7, 8), (2, 2, 3, 3), dict(auto_pad="SAME_UPPER", dilations=[2, 2])),
        "valid": ((1, 3, 7, 8), (4, 3, 3, 3), dict(auto_pad="VALID", strides=[2, 2])),
        "line": ((2, 3, 9), (4, 3, 3), dict(pads=[1, 1])),
        "line-dilated": ((1, 4, 11), (4, 1, 3), dict(group=4, dilations=[2], strides=[2], pads=[2, 1])),
        "line-same": ((1, 3, 8), (4, 3, 4), dict(auto_pad="SAME_LOWER")),
    }
    for name, (x, weights, attributes) in forms.items():
        others = [c.floats(*weights)]
        if len(name) % 2 == 0 or "wide" in name:
            others.append(c.floats(weights[0]))
        c.one(f"conv/{name}", "Conv", c.floats(*x), others, opset=11, **attributes)
    c.one("conv/opset7", "Conv", c.floats(1, 3, 4, 4), [c.floats(2, 3, 3, 3), c.floats(2)], opset=7,
          kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    c.one("conv/opset21", "Conv", c.floats(1, 3, 4, 4), [c.floats(2, 3, 3, 3), c.floats(2)], opset=21,
          auto_pad="NOTSET", dilations=[1, 1], group=1, kernel_shape=[3, 3], strides=[1, 1])
    c.graph("conv/bias-as-constant-nodes", [
        node("Constant", [], ["w"], value=onnx.numpy_helper.from_array(c.floats(2, 3, 1, 1))),
        node("Constant", [], ["b"], value=onnx.numpy_helper.from_array(c.floats(2))),
        node("Conv", ["x", "w", "b"], ["y"])], c.floats(1, 3, 4, 4), {}, ["y"])


def pools(c):
    forms = {
        "2x2": ((1, 3, 6, 8), dict(kernel_shape=[2, 2], strides=[2, 2])),
        "2x2-odd": ((2, 3, 7, 5), dict(kernel_shape=[2, 2], strides=[2, 2])),
        "3x3": ((1, 5, 5, 6), dict(kernel_shape=[3, 3])),
        "3x3-stride2": ((1, 18, 8, 9), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
        "3x3-uneven-pads": ((1, 2, 6, 5), dict(kernel_shape=[3, 3], strides=[1, 2], pads=[2, 0, 1, 2])),
        "3x2": ((1, 2, 6, 7), dict(kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 1, 1])),
        "whole": ((1, 4, 5, 6), dict(kernel_shape=[5, 6])),
        "1x1": ((1, 4, 5, 6), dict(kernel_shape=[1, 1], strides=[2, 2])),
        "same-upper": ((1, 2, 7, 8), dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
        "same-lower": ((1, 2, 7, 8), dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER")),
        "same-upper-even": ((1, 2, 5, 6), dict(kernel_shape=[2, 4], auto_pad="SAME_UPPER")),
        "valid": ((1, 2, 7, 8), dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="VALID")),
        "line": ((2, 3, 9), dict(kernel_shape=[3], strides=[2], pads=[1, 0])),
    }
    ceiling = {
        "ceil-2x2": ((1, 2, 7, 5), dict(kernel_shape=[2, 2], strides=[2, 2])),
        "ceil-3x3": ((1, 2, 8, 7), dict(kernel_shape=[3, 3], strides=[2, 2])),
        "ceil-3x3-padded": ((1, 2, 8, 6), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
        "ceil-dropped": ((1, 2, 5, 6), dict(kernel_shape=[2, 2], strides=[3, 3], pads=[1, 0, 1, 0])),
        "ceil-stride3": ((1, 2, 9, 10), dict(kernel_shape=[2, 2], strides=[3, 3], pads=[0, 0, 1, 1])),
        "ceil-exact": ((1, 2, 6, 6), dict(kernel_shape=[2, 2], strides=[2, 2])),
    }
    for name, (x, attributes) in forms.items():
        for op, prefix in (("MaxPool", "maxpool"), ("AveragePool", "averagepool")):
            c.one(f"{prefix}/{name}", op, c.floats(*x), opset=11, **attributes)
        if "pads" in attributes or "auto_pad" in attributes:
            c.one(f"averagepool/{name}-counted", "AveragePool", c.floats(*x), opset=11, count_include_pad=1, **attributes)
    for name, (x, attributes) in ceiling.items():
        c.one(f"maxpool/{name}", "MaxPool", c.floats(*x), opset=12, ceil_mode=1, **attributes)
        c.one(f"averagepool/{name}", "AveragePool", c.floats(*x), opset=19, ceil_mode=1, **attributes)
        # ONNX Runtime and the evaluator have both been at odds with PyTorch here; the newest opset agrees with it.
        c.one(f"averagepool/{name}-counted", "AveragePool", c.floats(*x), opset=19, ceil_mode=1, count_include_pad=1,
              **attributes)
    c.one("maxpool/negative-values", "MaxPool", c.floats(1, 2, 4, 4, low=-3, high=-1), opset=11,
          kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    c.one("maxpool/dilated", "MaxPool", c.floats(1, 2, 8, 9), opset=11, kernel_shape=[3, 2], dilations=[2, 3],
          pads=[1, 1, 1, 0])
    c.one("maxpool/dilated-ceil", "MaxPool", c.floats(1, 2, 9, 8), opset=12, kernel_shape=[2, 2], dilations=[2, 2],
          strides=[2, 2], ceil_mode=1)
    c.one("averagepool/dilated", "AveragePool", c.floats(1, 2, 8, 9), opset=19, kernel_shape=[3, 2],
          dilations=[2, 3], pads=[1, 1, 1, 0])
    c.one("averagepool/dilated-counted", "AveragePool", c.floats(1, 2, 8, 9), opset=19, kernel_shape=[3, 2],
          dilations=[2, 3], pads=[1, 1, 1, 0], count_include_pad=1)
    for opset in (7, 8, 10):
        c.one(f"maxpool/opset{opset}", "MaxPool", c.floats(1, 2, 5, 5), opset=opset, kernel_shape=[3, 3],
              strides=[2, 2], pads=[1, 1, 1, 1])
    for opset in (7, 10):
        c.one(f"averagepool/opset{opset}", "AveragePool", c.floats(1, 2, 5, 5), opset=opset, kernel_shape=[3, 3],
              strides=[2, 2], pads=[1, 1, 1, 1])
    for op, prefix in (("GlobalAveragePool", "globalaverage"), ("GlobalMaxPool", "globalmax")):
        c.one(f"{prefix}/picture", op, c.floats(2, 19, 5, 7))
        c.one(f"{prefix}/one-pixel", op, c.floats(1, 5, 1, 1))
        c.one(f"{prefix}/line", op, c.floats(1, 5, 9), opset=7)


def elementwise(c):
    plain = {
        "Relu": (7, 13, 14), "Sigmoid": (7, 13), "Tanh": (7, 13), "Erf": (9, 13), "HardSwish": (14,), "Abs": (7, 13),
        "Neg": (7, 13), "Exp": (7, 13), "Floor": (7, 13), "Ceil": (7, 13), "Softplus": (7,), "Identity": (7, 14)}
    for op, opsets in plain.items():
        for opset in opsets:
            c.one(f"{op.lower()}/opset{opset}", op, c.floats(1, 3, 5, 7, low=-6, high=6), opset=opset)
    for op in ("Sqrt", "Log", "Reciprocal"):
        for opset in (7, 13):
            c.one(f"{op.lower()}/opset{opset}", op, c.floats(2, 3, 5, low=0.1, high=9), opset=opset)
    c.one("sigmoid/far", "Sigmoid", f32(-100, -88, -20, 0, 20, 88, 100))
    c.one("tanh/far", "Tanh", f32(-100, -9, -1e-4, 0, 1e-4, 9, 100))
    c.one("exp/far", "Exp", f32(-100, -87, -20, 0, 20))
    c.one("erf/far", "Erf", f32(-10, -4, -1e-4, 0, 1e-4, 4, 10))
    c.one("relu/scalar", "Relu", scalar(-2))
    for opset in (7, 16):
        c.one(f"leakyrelu/opset{opset}", "LeakyRelu", c.floats(1, 3, 4, 5), opset=opset, alpha=0.2)
    c.one("leakyrelu/default", "LeakyRelu", c.floats(3, 4))
    c.one("elu/alpha", "Elu", c.floats(1, 3, 4, 5, low=-4, high=2), alpha=0.7)
    c.one("elu/default", "Elu", c.floats(3, 4, low=-4, high=2), opset=7)
    c.one("hardsigmoid/default", "HardSigmoid", c.floats(1, 3, 4, 5, low=-5, high=5))
    c.one("hardsigmoid/sixth", "HardSigmoid", c.floats(1, 3, 4, 5, low=-5, high=5), opset=7, alpha=1 / 6, beta=0.5)
    c.one("gelu/exact", "Gelu", c.floats(1, 3, 4, 5, low=-5, high=5), opset=20)
    c.one("gelu/tanh", "Gelu", c.floats(1, 3, 4, 5, low=-5, high=5), opset=20, approximate="tanh")
    c.one("clip/opset7", "Clip", c.floats(1, 3, 4, 5, low=-3, high=9), opset=7, min=0.0, max=6.0)
    c.one("clip/opset7-low", "Clip", c.floats(3, 4), opset=7, min=-0.5)
    c.one("clip/opset7-high", "Clip", c.floats(3, 4), opset=7, max=0.5)
    for opset in (11, 12, 13):
        c.one(f"clip/opset{opset}", "Clip", c.floats(1, 3, 4, 5, low=-3, high=9), [scalar(0), scalar(6)], opset=opset)
    c.one("clip/low", "Clip", c.floats(3, 4), [scalar(-0.25)])
    c.one("clip/high", "Clip", c.floats(3, 4), [None, scalar(0.25)])
    c.one("clip/none", "Clip", c.floats(3, 4))
    for name, slope in {"one": (1,), "channels": (3, 1, 1), "columns": (5,), "full": (3, 4, 5)}.items():
        c.one(f"prelu/{name}", "PRelu", c.floats(2, 3, 4, 5), [c.floats(*slope)], opset=9)
    c.one("prelu/opset7", "PRelu", c.floats(2, 3, 4, 5), [c.floats(3, 1, 1)], opset=7)
    c.one("prelu/opset16", "PRelu", c.floats(2, 3, 4, 5), [c.floats(3, 1, 1)], opset=16)
    for opset in (7, 12, 13):
        c.one(f"dropout/opset{opset}", "Dropout", c.floats(2, 5), opset=opset, **({"ratio": 0.3} if opset < 12 else {}))
    c.graph("swish/composed", [node("Sigmoid", ["x"], ["s"]), node("Mul", ["x", "s"], ["y"])],
            c.floats(1, 5, 3, 4, low=-6, high=6), {}, ["y"])
    c.graph("hardswish/composed", [
        node("Add", ["x", "three"], ["a"]), node("Clip", ["a", "zero", "six"], ["b"]), node("Mul", ["x", "b"], ["m"]),
        node("Div", ["m", "six"], ["y"])], c.floats(1, 5, 3, 4, low=-6, high=6),
        {"three": scalar(3), "zero": scalar(0), "six": scalar(6)}, ["y"])
    c.graph("hardswish/from-hardsigmoid", [
        node("HardSigmoid", ["x"], ["s"], alpha=1 / 6, beta=0.5), node("Mul", ["x", "s"], ["y"])],
        c.floats(1, 5, 3, 4, low=-6, high=6), {}, ["y"])
    c.graph("gelu/composed", [
        node("Div", ["x", "root"], ["d"]), node("Erf", ["d"], ["e"]), node("Add", ["e", "one"], ["a"]),
        node("Mul", ["x", "a"], ["m"]), node("Mul", ["m", "half"], ["y"])], c.floats(1, 5, 3, 4, low=-4, high=4),
        {"root": scalar(np.sqrt(2)), "one": scalar(1), "half": scalar(0.5)}, ["y"])
    c.one("mish/opset18", "Mish", c.floats(1, 3, 4, 5, low=-5, high=5), opset=18)


def binaries(c):
    shapes = {
        "same": ((1, 3, 4, 5), (1, 3, 4, 5)), "scalar": ((1, 3, 4, 5), ()), "one": ((1, 3, 4, 5), (1,)),
        "channels": ((2, 3, 4, 5), (3, 1, 1)), "columns": ((1, 3, 4, 5), (5,)), "rows": ((1, 3, 4, 5), (4, 1)),
        "both": ((2, 3, 1, 5), (1, 4, 1)), "longer": ((4, 5), (2, 3, 4, 5)), "widened": ((1, 6, 1, 1), (1, 6, 3, 4))}
    for op in ("Add", "Sub", "Mul", "Div", "Pow"):
        for name, (a, b) in shapes.items():
            low = 0.2 if op in ("Div", "Pow") else -1.0
            c.one(f"{op.lower()}/{name}", op, c.floats(*a, low=low, high=2), [c.floats(*b, low=low, high=2)],
                  opset=13 if len(name) % 2 else 7)
        c.one(f"{op.lower()}/constant-first", op, c.floats(2, 3, 4, low=0.2, high=2), [c.floats(3, 1, low=0.2, high=2)],
              first=False)
        c.one(f"{op.lower()}/opset14", op, c.floats(2, 3, low=0.2, high=2), [c.floats(2, 3, low=0.2, high=2)], opset=14)
    c.one("pow/square", "Pow", c.floats(2, 3, 4), [scalar(2)])
    c.one("pow/cube-whole", "Pow", c.floats(2, 3, 4), [np.array(3, np.int64)])
    c.one("pow/half", "Pow", c.floats(2, 3, 4, low=0, high=2), [scalar(0.5)])
    for op in ("Min", "Max"):
        c.one(f"{op.lower()}/two", op, c.floats(2, 3, 4), [c.floats(3, 1)])
        c.one(f"{op.lower()}/opset8", op, c.floats(2, 3, 4), [scalar(0.1)], opset=8)
        c.one(f"{op.lower()}/three", op, c.floats(2, 3, 4), [c.floats(4), c.floats(2, 1, 1)], opset=12)
    c.one("sum/three", "Sum", c.floats(2, 3, 4), [c.floats(4), c.floats(2, 1, 1)])
    c.graph("add/itself", [node("Add", ["x", "x"], ["y"])], c.floats(1, 3, 4, 4), {}, ["y"])
    c.graph("mul/gate", [
        node("GlobalAveragePool", ["x"], ["g"]), node("Sigmoid", ["g"], ["s"]), node("Mul", ["s", "x"], ["y"])],
        c.floats(2, 19, 4, 5), {}, ["y"])


def matrices(c):
    products = {
        "2x2": ((3, 5), (5, 7)), "wide": ((2, 37), (37, 41)), "stack-matrix": ((2, 3, 4, 5), (5, 6)),
        "stacks": ((2, 3, 4, 5), (2, 3, 5, 2)), "stacks-broadcast": ((2, 1, 4, 5), (3, 5, 2)),
        "vector-matrix": ((5,), (5, 3)), "matrix-vector": ((4, 5), (5,)), "vectors": ((5,), (5,)),
        "stack-vector": ((2, 4, 5), (5,)), "vector-stack": ((5,), (2, 5, 3))}
    for name, (a, b) in products.items():
        c.one(f"matmul/{name}", "MatMul", c.floats(*a), [c.floats(*b)], opset=9 if len(name) % 2 else 13)
    c.one("matmul/constant-first", "MatMul", c.floats(5, 3), [c.floats(4, 5)], first=False)
    c.graph("matmul/attention", [
        node("Transpose", ["x"], ["t"], perm=[0, 2, 1]), node("MatMul", ["x", "t"], ["s"]),
        node("Softmax", ["s"], ["p"], axis=-1), node("MatMul", ["p", "x"], ["y"])], c.floats(2, 5, 6), {}, ["y"])
    forms = {
        "plain": ((3, 5), (5, 7), (7,), {}), "wide": ((1, 40), (35, 40), (35,), dict(transB=1)),
        "transposed-a": ((5, 3), (5, 7), (3, 7), dict(transA=1)), "both": ((5, 3), (7, 5), (1, 7), dict(transA=1, transB=1)),
        "column": ((3, 5), (5, 7), (3, 1), {}), "scalar": ((3, 5), (5, 7), (), {}),
        "alpha-beta": ((3, 5), (5, 7), (7,), dict(alpha=0.5, beta=-2.0)), "beta0": ((3, 5), (5, 7), (7,), dict(beta=0.0)),
        "batch4": ((4, 18), (10, 18), (10,), dict(transB=1))}
    for name, (a, b, bias, attributes) in forms.items():
        c.one(f"gemm/{name}", "Gemm", c.floats(*a), [c.floats(*b), c.floats(*bias)], opset=7 if len(name) % 2 else 13,
              **attributes)
    c.one("gemm/no-bias", "Gemm", c.floats(3, 5), [c.floats(5, 7)], opset=11)
    c.one("gemm/opset9", "Gemm", c.floats(3, 5), [c.floats(5, 7), c.floats(7)], opset=9)


def normalizations(c):
    for name, shape, opset in [("picture", (2, 5, 3, 4), 9), ("opset7", (1, 5, 3, 4), 7), ("opset14", (1, 5, 3, 4), 14),
                               ("opset15", (1, 5, 3, 4), 15), ("line", (1, 5, 6), 9), ("flat", (4, 5), 9)]:
        others = [c.floats(5), c.floats(5), c.floats(5), c.floats(5, low=0.1, high=2)]
        c.one(f"batchnormalization/{name}", "BatchNormalization", c.floats(*shape), others, opset=opset,
              **({"epsilon": 1e-3} if name == "picture" else {}))
    c.one("layernormalization/last", "LayerNormalization", c.floats(2, 3, 16), [c.floats(16), c.floats(16)], opset=17)
    c.one("layernormalization/axis1", "LayerNormalization", c.floats(2, 3, 4, 5), [c.floats(3, 4, 5), c.floats(3, 4, 5)],
          opset=17, axis=1, epsilon=1e-2)
    c.one("layernormalization/no-bias", "LayerNormalization", c.floats(2, 3, 9), [c.floats(9)], opset=17, axis=-1)
    c.graph("layernormalization/channels", [
        node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]), node("LayerNormalization", ["t", "s", "b"], ["n"], epsilon=1e-6),
        node("Transpose", ["n"], ["y"], perm=[0, 3, 1, 2])], c.floats(1, 7, 4, 5), {"s": c.floats(7), "b": c.floats(7)},
        ["y"], opset=17)
    for opset in (7, 11):
        for axis in (0, 1, 2) if opset == 7 else (1, 2, -1, -3):
            c.one(f"softmax/opset{opset}-axis{axis}", "Softmax", c.floats(2, 3, 4), opset=opset, axis=axis)
    c.one("softmax/opset7-default", "Softmax", c.floats(2, 3, 4, 5, low=-9, high=9), opset=7)
    for axis in (0, 1, 2, -1, -2):
        c.one(f"softmax/opset13-axis{axis}", "Softmax", c.floats(2, 3, 4, low=-9, high=9), axis=axis)
    c.one("softmax/opset13-default", "Softmax", c.floats(2, 3, 4, 5))
    c.one("softmax/large", "Softmax", f32(1000, 1001, 999, -1000).reshape(1, 4))


def reductions(c):
    for op in ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceSumSquare"):
        key = op[6:].lower()
        last = 13 if op == "ReduceSum" else 18
        before = 11
        c.one(f"reduce{key}/attribute", op, c.floats(2, 3, 4, 5), opset=before, axes=[2, 3])
        c.one(f"reduce{key}/opset7", op, c.floats(2, 3, 4, 5), opset=7, axes=[1], keepdims=0)
        c.one(f"reduce{key}/attribute-negative", op, c.floats(2, 3, 4, 5), opset=before, axes=[-1, 1], keepdims=0)
        c.one(f"reduce{key}/attribute-all", op, c.floats(2, 3, 4), opset=before)
        c.one(f"reduce{key}/input", op, c.floats(2, 3, 4, 5), [i64(2, 3)], opset=last)
        c.one(f"reduce{key}/input-negative", op, c.floats(2, 3, 4, 5), [i64(-3)], opset=last, keepdims=0)
        c.one(f"reduce{key}/input-all", op, c.floats(2, 3, 4), opset=last, keepdims=0)
        c.one(f"reduce{key}/nothing", op, c.floats(2, 3, 4), opset=last, noop_with_empty_axes=1, keepdims=1)
    c.one("reducemean/opset13", "ReduceMean", c.floats(2, 3, 4, 5), opset=13, axes=[-1, -2], keepdims=1)
    c.graph("reducel2/normalize", [
        node("ReduceL2", ["x"], ["n"], axes=[1], keepdims=1), node("Clip", ["n", "least"], ["m"]),
        node("Shape", ["x"], ["s"]), node("Expand", ["m", "s"], ["e"]), node("Div", ["x", "e"], ["y"])],
        c.floats(3, 16), {"least": scalar(1e-12)}, ["y"])


def joining(c):
    for axis in (0, 1, 2, 3, -1, -3):
        parts = []
        for size in (2, 3):
            shape = [1, 2, 3, 4]
            shape[axis] = size
            parts.append(c.floats(*shape))
        c.one(f"concat/axis{axis}", "Concat", c.floats(1, 2, 3, 4), parts, opset=11 if axis < 0 else 7, axis=axis, tolerance=0)
    c.one("concat/alone", "Concat", c.floats(2, 3), axis=0, tolerance=0)
    c.graph("concat/dense", [
        node("Relu", ["x"], ["r"]), node("Concat", ["x", "r", "k"], ["a"], axis=1), node("Neg", ["a"], ["n"]),
        node("Concat", ["a", "n"], ["y"], axis=1)], c.floats(1, 3, 4, 4), {"k": c.floats(1, 2, 4, 4)}, ["y"], tolerance=0)
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
        "plain": [i64(1, 0), i64(3, 4), i64(0, 1)], "no-axes": [i64(1, 1, 1), i64(3, 4, 5)],
        "negative": [i64(-3), i64(-1), i64(-1)], "endless": [i64(1), i64(big), i64(1)],
        "steps": [i64(0, 1), i64(big, big), i64(1, 2), i64(2, 3)], "backwards": [i64(-1), i64(-big - 1), i64(2), i64(-1)],
        "backwards2": [i64(4, 100), i64(0, -100), i64(1, 2), i64(-2, -3)], "empty": [i64(3), i64(2), i64(0)]}
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
    for name, sizes in {"plain": (6, 10), "open": (3, -1), "copied": (0, -1, 5), "more": (1, 3, 2, 2, 5), "flat": (-1,)}.items():
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
    c.graph("transpose/channel-shuffle", [
        node("Reshape", ["x", "a"], ["r"]), node("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]),
        node("Reshape", ["t", "b"], ["y"])], c.floats(1, 6, 3, 4), {"a": i64(1, 2, 3, 3, 4), "b": i64(1, 6, 3, 4)}, ["y"],
        tolerance=0)
    for opset in (7, 11):
        c.one(f"squeeze/opset{opset}", "Squeeze", c.floats(1, 3, 1, 4), opset=opset, axes=[0] if opset == 7 else [-2],
              tolerance=0)
        c.one(f"unsqueeze/opset{opset}", "Unsqueeze", c.floats(3, 4), opset=opset, axes=[0, 3] if opset == 7 else [-1, 1],
              tolerance=0)
    c.one("squeeze/all", "Squeeze", c.floats(1, 3, 1, 4), opset=13, tolerance=0)
    c.one("squeeze/opset13", "Squeeze", c.floats(1, 3, 1, 1), [i64(-1, 2)], opset=13, tolerance=0)
    c.one("unsqueeze/opset13", "Unsqueeze", c.floats(3, 4), [i64(-1, 1)], opset=13, tolerance=0)
    c.one("unsqueeze/opset21", "Unsqueeze", c.floats(3, 4), [i64(0)], opset=21, tolerance=0)
    for opset in (8, 13):
        c.one(f"expand/opset{opset}", "Expand", c.floats(3, 1), [i64(2, 1, 4)], opset=opset, tolerance=0)
    c.one("expand/smaller", "Expand", c.floats(2, 3, 4), [i64(3, 1)], opset=13, tolerance=0)


def padding(c):
    c.one("pad/opset7", "Pad", c.floats(1, 2, 3, 4), opset=7, pads=[0, 0, 1, 2, 0, 0, 3, 0], value=0.5, tolerance=0)
    c.one("pad/opset7-reflect", "Pad", c.floats(1, 2, 4, 4), opset=7, mode="reflect", pads=[0, 0, 1, 2, 0, 0, 3, 0], tolerance=0)
    c.one("pad/opset7-edge", "Pad", c.floats(1, 2, 3, 4), opset=7, mode="edge", pads=[0, 0, 1, 2, 0, 0, 3, 0], tolerance=0)
    for opset in (11, 13, 18):
        c.one(f"pad/opset{opset}", "Pad", c.floats(2, 3, 4), [i64(1, 0, 2, 0, 1, 3), scalar(-1.5)], opset=opset, tolerance=0)
        c.one(f"pad/opset{opset}-zero", "Pad", c.floats(2, 3, 4), [i64(0, 0, 2, 0, 0, 3)], opset=opset, tolerance=0)
        c.one(f"pad/opset{opset}-reflect", "Pad", c.floats(1, 3, 4), [i64(0, 2, 3, 0, 1, 3)], opset=opset, mode="reflect",
              tolerance=0)
        c.one(f"pad/opset{opset}-edge", "Pad", c.floats(2, 3, 4), [i64(0, 2, 3, 1, 5, 0)], opset=opset, mode="edge", tolerance=0)
    c.one("pad/axes", "Pad", c.floats(1, 2, 3, 4), [i64(1, 2, 3, 0), None, i64(-1, 2)], opset=18, tolerance=0)
    c.one("pad/cut", "Pad", c.floats(2, 4, 5), [i64(0, -1, 1, 0, -2, -3)], opset=13, tolerance=0)
    c.graph("pad/before-conv", [node("Pad", ["x", "p"], ["a"]), node("Conv", ["a", "w"], ["y"], strides=[2, 2])],
            c.floats(1, 3, 6, 7), {"p": i64(0, 0, 0, 1, 0, 0, 1, 2), "w": c.floats(4, 3, 3, 3)}, ["y"])


def resizing(c):
    x = lambda: c.floats(1, 2, 4, 5)
    empty = np.zeros(0, np.float32)
    for mode in ("nearest", "linear"):
        for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
            for name, extra in {
                "up2": [empty, f32(1, 1, 2, 2)], "up": [empty, f32(1, 1, 1.5, 2.6)], "down": [empty, f32(1, 1, 0.6, 0.5)],
                "sizes": [None, None, i64(1, 2, 7, 3)], "one": [None, None, i64(1, 2, 1, 1)],
            }.items():
                trust = "ort"
                c.one(f"resize/{mode}-{coordinates}-{name}", "Resize", x(), extra, opset=13, mode=mode, trust=trust,
                      coordinate_transformation_mode=coordinates, tolerance=0 if mode == "nearest" else 1e-5)
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for coordinates in ("half_pixel", "asymmetric", "align_corners"):
            c.one(f"resize/{rounding}-{coordinates}", "Resize", x(), [None, None, i64(1, 2, 9, 8)], opset=13, mode="nearest",
                  nearest_mode=rounding, coordinate_transformation_mode=coordinates, tolerance=0)
    c.one("resize/opset10-up", "Resize", x(), [f32(1, 1, 2, 3)], opset=10, mode="nearest", tolerance=0)
    c.one("resize/opset10-down", "Resize", x(), [f32(1, 1, 0.5, 0.6)], opset=10, mode="nearest", tolerance=0)
    c.one("resize/opset10-linear", "Resize", x(), [f32(1, 1, 2, 1.5)], opset=10, mode="linear")
    for opset in (11, 18, 19):
        c.one(f"resize/opset{opset}-nearest", "Resize", x(), [empty if opset == 11 else None, f32(1, 1, 2, 2)], opset=opset,
              mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor", tolerance=0)
        c.one(f"resize/opset{opset}-linear", "Resize", x(), [empty if opset == 11 else None, f32(1, 1, 2, 2)], opset=opset,
              mode="linear")
    c.one("resize/line", "Resize", c.floats(1, 2, 5), [None, f32(1, 1, 2)], mode="nearest", tolerance=0)
    c.one("upsample/opset7", "Upsample", x(), opset=7, mode="nearest", scales=[1.0, 1.0, 2.0, 3.0], tolerance=0)
    c.one("upsample/opset9", "Upsample", x(), [f32(1, 1, 2, 3)], opset=9, mode="nearest", tolerance=0)
    c.one("upsample/opset9-linear", "Upsample", x(), [f32(1, 1, 2, 3)], opset=9, mode="linear")


def shapes_and_types(c):
    c.one("shape/opset7", "Shape", c.floats(2, 3, 4), opset=7, tolerance=0)
    for name, bounds in {"start": dict(start=1), "end": dict(end=-1), "both": dict(start=-2, end=10),
                         "none": dict(start=2, end=1)}.items():
        c.one(f"shape/{name}", "Shape", c.floats(2, 3, 4), opset=15, tolerance=0, **bounds)
    c.graph("shape/flatten", [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["b"], axis=0), node("Unsqueeze", ["b", "axes"], ["u"]),
        node("Concat", ["u", "rest"], ["t"], axis=0), node("Reshape", ["x", "t"], ["y"])], c.floats(2, 3, 4, 5),
        {"zero": np.array(0, np.int64), "axes": i64(0), "rest": i64(-1)}, ["y"], tolerance=0)
    c.graph("shape/arithmetic", [
        node("Shape", ["x"], ["s"]), node("Slice", ["s", "two", "four"], ["hw"]), node("Mul", ["hw", "m"], ["a"]),
        node("Add", ["a", "one"], ["b"]), node("Sub", ["b", "m"], ["d"]), node("Div", ["d", "m"], ["q"]),
        node("Cast", ["q"], ["f"], to=1), node("Floor", ["f"], ["g"]), node("Cast", ["g"], ["h"], to=7),
        node("Slice", ["s", "none", "two"], ["nc"]), node("Concat", ["nc", "h"], ["sizes"], axis=0),
        node("Resize", ["x", "", "", "sizes"], ["y"], mode="nearest")], c.floats(1, 2, 4, 5),
        {"two": i64(2), "four": i64(4), "m": i64(3, 2), "one": i64(1), "none": i64(0)}, ["y", "sizes"], tolerance=0)
    c.graph("shape/expanded-constant", [
        node("Shape", ["x"], ["s"]), node("ConstantOfShape", ["s"], ["k"],
                                          value=helper.make_tensor("v", 1, [1], [0.5])),
        node("Add", ["x", "k"], ["y"])], c.floats(2, 3), {}, ["y"])
    c.graph("constantofshape/default", [node("ConstantOfShape", ["s"], ["k"]), node("Concat", ["x", "k"], ["y"], axis=0)],
            c.floats(2, 3), {"s": i64(1, 3)}, ["y"], opset=9, tolerance=0)
    for name, code in {"int8": 3, "uint8": 2, "int32": 6, "int64": 7, "bool": 9}.items():
        c.one(f"cast/{name}", "Cast", f32(-0.0, 0.4, 1.9, 2.5, 100.7, 0) if name in ("uint8", "bool") else
              f32(-100.6, -1.5, -0.4, 0, 0.4, 1.9, 100.7), opset=9, to=code, tolerance=0)
    c.graph("cast/wrapping", [node("Cast", ["x"], ["i"], to=7), node("Cast", ["i"], ["y0"], to=3), node("Cast", ["i"], ["y1"], to=2),
                              node("Cast", ["i"], ["y2"], to=1)], f32(-300, -129, -1, 0, 127, 128, 256, 300), {},
            ["y0", "y1", "y2"], tolerance=0)
    whole = f32(-7, -6, -1, 0, 1, 5, 6, 7)
    for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
        c.graph(f"{op.lower()}/whole", [node("Cast", ["x"], ["i"], to=7), node(op, ["i", "k"], ["y"])], whole,
                {"k": i64(3, -4, 2, 5, -1, -3, 4, 2)}, ["y"], opset=13, tolerance=0)
    c.graph("reduce/whole", [
        node("Cast", ["x"], ["i"], to=7), node("ReduceSum", ["i"], ["y0"], keepdims=0), node("ReduceMax", ["i"], ["y1"], keepdims=0),
        node("ReduceMin", ["i"], ["y2"], keepdims=0)], whole, {}, ["y0", "y1", "y2"], tolerance=0)
    c.graph("clip/whole", [node("Cast", ["x"], ["i"], to=7), node("Clip", ["i", "low", "high"], ["y"])], whole,
            {"low": np.array(-2, np.int64), "high": np.array(5, np.int64)}, ["y"], opset=12, tolerance=0)
    c.graph("unary/whole", [node("Cast", ["x"], ["i"], to=7), node("Neg", ["i"], ["y0"]), node("Abs", ["i"], ["y1"])], whole, {},
            ["y0", "y1"], tolerance=0)


def quantization(c):
    u8, i8 = (lambda *v: np.array(v, np.uint8)), (lambda *v: np.array(v, np.int8))
    wide = lambda *shape: c.floats(*shape, low=-3, high=3)
    one = lambda value, dtype: np.array(value, dtype)
    for opset in (10, 13, 19, 21):
        c.one(f"quantize/uint8-opset{opset}", "QuantizeLinear", wide(2, 3, 4), [scalar(0.02), one(120, np.uint8)], opset=opset,
              tolerance=0)
        c.one(f"quantize/int8-opset{opset}", "QuantizeLinear", wide(2, 3, 4), [scalar(0.02), one(-3, np.int8)], opset=opset,
              tolerance=0)
    c.one("quantize/no-zero-point", "QuantizeLinear", wide(2, 3, 4), [scalar(0.02)], opset=13, tolerance=0)
    c.one("quantize/halves", "QuantizeLinear", f32(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 1000, -1000), [scalar(1), one(0, np.int8)],
          opset=10, tolerance=0)
    c.one("quantize/channels", "QuantizeLinear", wide(2, 3, 4), [f32(0.02, 0.05, 0.1), i8(0, 5, -7)], opset=13, tolerance=0)
    c.one("quantize/axis0", "QuantizeLinear", wide(3, 4), [f32(0.02, 0.05, 0.1), u8(0, 128, 255)], opset=13, axis=0, tolerance=0)
    c.one("quantize/last-axis", "QuantizeLinear", wide(2, 3), [f32(0.02, 0.05, 0.1), i8(0, 5, -7)], opset=13, axis=-1, tolerance=0)
    c.one("quantize/int16", "QuantizeLinear", wide(2, 3), [scalar(0.0001), one(-5, np.int16)], opset=21, tolerance=0)
    c.one("quantize/uint16", "QuantizeLinear", wide(2, 3), [scalar(0.0001), one(30000, np.uint16)], opset=21, tolerance=0)

    def pair(name, scale, zero, opset=13, **attributes):
        c.graph(f"dequantize/{name}", [
            node("QuantizeLinear", ["x", "s", "z"], ["q"], **attributes), node("DequantizeLinear", ["q", "s", "z"], ["y"], **attributes)],
            wide(2, 3, 4), {"s": scale, "z": zero}, ["y"], opset=opset, tolerance=1e-6)

    for opset in (10, 13, 19, 21):
        pair(f"uint8-opset{opset}", scalar(0.02), one(120, np.uint8), opset)
    pair("int8", scalar(0.03), one(-3, np.int8))
    pair("channels", f32(0.02, 0.05, 0.1), i8(0, 5, -7), axis=1)
    pair("int16", scalar(0.0001), one(7, np.int16), 21)
    c.graph("dequantize/weights", [
        node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=0), node("DequantizeLinear", ["b", "t"], ["g"], axis=0),
        node("Conv", ["x", "f", "g"], ["y"], pads=[1, 1, 1, 1])], wide(1, 2, 4, 5),
        {"w": c.random.integers(-127, 128, (3, 2, 3, 3)).astype(np.int8), "s": f32(0.01, 0.02, 0.03), "z": i8(0, 0, 0),
         "b": c.random.integers(-2000, 2000, 3).astype(np.int32), "t": f32(0.001, 0.002, 0.003)}, ["y"])
    c.graph("dequantize/whole-block", [
        node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]), node("DequantizeLinear", ["xq", "xs", "xz"], ["xf"]),
        node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=0), node("Conv", ["xf", "f", "b"], ["c"], pads=[1, 1, 1, 1]),
        node("Relu", ["c"], ["r"]), node("QuantizeLinear", ["r", "ys", "yz"], ["yq"]), node("DequantizeLinear", ["yq", "ys", "yz"], ["y"])],
        wide(1, 4, 5, 5), {"xs": scalar(0.025), "xz": one(117, np.uint8), "w": c.random.integers(-127, 128, (6, 4, 3, 3)).astype(np.int8),
                           "s": c.floats(6, low=0.002, high=0.004), "z": np.zeros(6, np.int8), "b": c.floats(6), "ys": scalar(0.05),
                           "yz": one(0, np.uint8)}, ["y"], tolerance=0.011)  # one step of the output's scale


def blocks(c):
    """What networks are made of, as exporters write it: for engines that fuse."""
    def bn(prefix, channels):
        return {f"{prefix}s": c.floats(channels, low=0.5, high=1.5), f"{prefix}b": c.floats(channels),
                f"{prefix}m": c.floats(channels), f"{prefix}v": c.floats(channels, low=0.3, high=2)}

    def bn_node(prefix, x, y):
        return node("BatchNormalization", [x, f"{prefix}s", f"{prefix}b", f"{prefix}m", f"{prefix}v"], [y])

    act = {"relu": [node("Relu", ["n"], ["y"])], "relu6": [node("Clip", ["n", "zero", "six"], ["y"])],
           "leaky": [node("LeakyRelu", ["n"], ["y"], alpha=0.1)], "hardswish": [node("HardSwish", ["n"], ["y"])],
           "swish": [node("Sigmoid", ["n"], ["g"]), node("Mul", ["n", "g"], ["y"])], "sigmoid": [node("Sigmoid", ["n"], ["y"])],
           "prelu": [node("PRelu", ["n", "slope"], ["y"])], "none": [node("Identity", ["n"], ["y"])],
           "hardsigmoid": [node("HardSigmoid", ["n"], ["y"], alpha=1 / 6)], "tanh": [node("Tanh", ["n"], ["y"])],
           "gelu": [node("Gelu", ["n"], ["y"])]}
    for name, nodes in act.items():
        c.graph(f"block/conv-bn-{name}", [node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]), bn_node("b", "c", "n"), *nodes],
                c.floats(1, 5, 6, 5), {"w": c.floats(9, 5, 3, 3), **bn("b", 9), "zero": scalar(0), "six": scalar(6),
                                       "slope": c.floats(9, 1, 1)}, ["y"], opset=20 if name == "gelu" else 14)
    for kernel, stride in ((3, 1), (3, 2), (5, 1), (5, 2)):
        c.graph(f"block/depthwise{kernel}-stride{stride}-bn-relu6", [
            node("Conv", ["x", "w"], ["c"], pads=[kernel // 2] * 4, strides=[stride, stride], group=20), bn_node("b", "c", "n"),
            *act["relu6"]], c.floats(1, 20, 9, 10), {"w": c.floats(20, 1, kernel, kernel), **bn("b", 20), "zero": scalar(0),
                                                    "six": scalar(6)}, ["y"])
    for name, tail in {"add-relu": [node("Add", ["c", "x"], ["a"]), node("Relu", ["a"], ["y"])],
                       "add": [node("Add", ["x", "c"], ["y"])],
                       "relu-add": [node("Relu", ["c"], ["r"]), node("Add", ["r", "x"], ["y"])],
                       "add-used-twice": [node("Add", ["c", "x"], ["a"]), node("Relu", ["a"], ["r"]), node("Mul", ["a", "r"], ["y"])]}.items():
        c.graph(f"block/residual-{name}", [node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]), *tail], c.floats(2, 18, 4, 5),
                {"w": c.floats(18, 18, 3, 3) / 5, "b": c.floats(18)}, ["y"])
    c.graph("block/inverted-residual", [
        node("Conv", ["x", "w1", "b1"], ["a"]), node("Clip", ["a", "zero", "six"], ["ar"]),
        node("Conv", ["ar", "w2", "b2"], ["d"], group=24, pads=[1, 1, 1, 1]), node("Clip", ["d", "zero", "six"], ["dr"]),
        node("Conv", ["dr", "w3", "b3"], ["p"]), node("Add", ["x", "p"], ["y"])], c.floats(1, 8, 6, 6),
        {"w1": c.floats(24, 8, 1, 1), "b1": c.floats(24), "w2": c.floats(24, 1, 3, 3), "b2": c.floats(24), "w3": c.floats(8, 24, 1, 1),
         "b3": c.floats(8), "zero": scalar(0), "six": scalar(6)}, ["y", "dr"])
    c.graph("block/squeeze-excite", [
        node("GlobalAveragePool", ["x"], ["g"]), node("Conv", ["g", "w1", "b1"], ["a"]), node("Relu", ["a"], ["r"]),
        node("Conv", ["r", "w2", "b2"], ["s"]), node("HardSigmoid", ["s"], ["h"], alpha=1 / 6), node("Mul", ["h", "x"], ["y"])],
        c.floats(2, 19, 4, 5), {"w1": c.floats(6, 19, 1, 1), "b1": c.floats(6), "w2": c.floats(19, 6, 1, 1), "b2": c.floats(19)}, ["y"])
    c.graph("block/squeeze-excite-mean", [
        node("ReduceMean", ["x"], ["g"], axes=[2, 3], keepdims=1), node("Conv", ["g", "w1", "b1"], ["a"]),
        node("Sigmoid", ["a"], ["s1"]), node("Mul", ["a", "s1"], ["r"]), node("Conv", ["r", "w2", "b2"], ["s"]),
        node("Sigmoid", ["s"], ["h"]), node("Mul", ["x", "h"], ["y"])], c.floats(1, 19, 4, 5),
        {"w1": c.floats(6, 19, 1, 1), "b1": c.floats(6), "w2": c.floats(19, 6, 1, 1), "b2": c.floats(19)}, ["y"])
    c.graph("block/head", [
        node("GlobalAveragePool", ["x"], ["g"]), node("Flatten", ["g"], ["f"]), node("Gemm", ["f", "w", "b"], ["y"], transB=1)],
        c.floats(3, 17, 4, 4), {"w": c.floats(11, 17), "b": c.floats(11)}, ["f", "y"])
    c.graph("block/head-mean", [
        node("ReduceMean", ["x"], ["g"], axes=[-2, -1], keepdims=0), node("MatMul", ["g", "w"], ["m"]), node("Add", ["m", "b"], ["y"])],
        c.floats(3, 17, 4, 4), {"w": c.floats(17, 11), "b": c.floats(11)}, ["y"])
    c.graph("block/head-classifier", [
        node("AveragePool", ["x"], ["g"], kernel_shape=[4, 4]), node("Reshape", ["g", "s"], ["f"]), node("Dropout", ["f"], ["d"]),
        node("Gemm", ["d", "w", "b"], ["l"]), node("Softmax", ["l"], ["y"])], c.floats(1, 17, 4, 4),
        {"s": i64(0, -1), "w": c.floats(17, 11), "b": c.floats(11)}, ["y"])
    c.graph("block/shuffle", [
        node("Split", ["x", "halves"], ["a", "b"], axis=1), node("Conv", ["b", "w1", "b1"], ["p"]), node("Relu", ["p"], ["pr"]),
        node("Conv", ["pr", "w2"], ["d"], group=8, pads=[1, 1, 1, 1]), node("Concat", ["a", "d"], ["j"], axis=1),
        node("Reshape", ["j", "s1"], ["r"]), node("Transpose", ["r"], ["t"], perm=[0, 2, 1, 3, 4]), node("Reshape", ["t", "s2"], ["y"])],
        c.floats(1, 16, 5, 5), {"halves": i64(8, 8), "w1": c.floats(8, 8, 1, 1), "b1": c.floats(8), "w2": c.floats(8, 1, 3, 3),
                                "s1": i64(1, 2, 8, 5, 5), "s2": i64(1, 16, 5, 5)}, ["y"])
    c.graph("block/fire", [
        node("Conv", ["x", "w1", "b1"], ["s"]), node("Relu", ["s"], ["sr"]), node("Conv", ["sr", "w2", "b2"], ["e"]),
        node("Relu", ["e"], ["er"]), node("Conv", ["sr", "w3", "b3"], ["f"], pads=[1, 1, 1, 1]), node("Relu", ["f"], ["fr"]),
        node("Concat", ["er", "fr"], ["c"], axis=1), node("MaxPool", ["c"], ["y"], kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)],
        c.floats(1, 12, 6, 6), {"w1": c.floats(4, 12, 1, 1), "b1": c.floats(4), "w2": c.floats(8, 4, 1, 1), "b2": c.floats(8),
                                "w3": c.floats(8, 4, 3, 3), "b3": c.floats(8)}, ["y"])
    c.graph("block/dense", [
        bn_node("b", "x", "n"), node("Relu", ["n"], ["r"]), node("Conv", ["r", "w"], ["c"], pads=[1, 1, 1, 1]),
        node("Concat", ["x", "c"], ["j"], axis=1), bn_node("d", "j", "m"), node("Relu", ["m"], ["q"]),
        node("AveragePool", ["q"], ["y"], kernel_shape=[2, 2], strides=[2, 2])], c.floats(1, 6, 6, 6),
        {"w": c.floats(4, 6, 3, 3), **bn("b", 6), **bn("d", 10)}, ["y"])
    c.graph("block/repvgg", [
        node("Conv", ["x", "w3"], ["a"], pads=[1, 1, 1, 1]), bn_node("b", "a", "an"), node("Conv", ["x", "w1"], ["c"]),
        bn_node("d", "c", "cn"), bn_node("e", "x", "xn"), node("Add", ["an", "cn"], ["s"]), node("Add", ["s", "xn"], ["t"]),
        node("Relu", ["t"], ["y"])], c.floats(1, 8, 5, 5), {"w3": c.floats(8, 8, 3, 3), "w1": c.floats(8, 8, 1, 1), **bn("b", 8),
                                                           **bn("d", 8), **bn("e", 8)}, ["y"])
    c.graph("block/convnext", [
        node("Conv", ["x", "w", "wb"], ["c"], group=8, pads=[3, 3, 3, 3]), node("Transpose", ["c"], ["t"], perm=[0, 2, 3, 1]),
        node("LayerNormalization", ["t", "ls", "lb"], ["l"], epsilon=1e-6), node("MatMul", ["l", "m1"], ["a"]), node("Add", ["ab", "a"], ["ba"]),
        node("Gelu", ["ba"], ["g"]), node("MatMul", ["g", "m2"], ["d"]), node("Add", ["db", "d"], ["e"]),
        node("Transpose", ["e"], ["u"], perm=[0, 3, 1, 2]), node("Mul", ["u", "gamma"], ["v"]), node("Add", ["x", "v"], ["y"])],
        c.floats(1, 8, 5, 6), {"w": c.floats(8, 1, 7, 7), "wb": c.floats(8), "ls": c.floats(8), "lb": c.floats(8), "m1": c.floats(8, 20),
                               "ab": c.floats(20), "m2": c.floats(20, 8), "db": c.floats(8), "gamma": c.floats(8, 1, 1)}, ["y"], opset=20)
    c.graph("block/ghost", [
        node("Conv", ["x", "w1", "b1"], ["p"]), node("Relu", ["p"], ["pr"]),
        node("Conv", ["pr", "w2", "b2"], ["d"], group=6, pads=[1, 1, 1, 1]), node("Relu", ["d"], ["dr"]),
        node("Concat", ["pr", "dr"], ["j"], axis=1), node("Slice", ["j", "from", "to", "axis"], ["y"])], c.floats(1, 10, 5, 5),
        {"w1": c.floats(6, 10, 1, 1), "b1": c.floats(6), "w2": c.floats(6, 1, 3, 3), "b2": c.floats(6), "from": i64(0), "to": i64(11),
         "axis": i64(1)}, ["y"])
    c.graph("block/stem-normalized", [
        node("Sub", ["x", "mean"], ["a"]), node("Div", ["a", "std"], ["n"]), node("Conv", ["n", "w"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),
        bn_node("b", "c", "m"), node("Relu", ["m"], ["r"]), node("MaxPool", ["r"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])],
        c.floats(1, 3, 16, 15, low=0, high=255), {"mean": f32(123, 116, 103).reshape(1, 3, 1, 1), "std": f32(58, 57, 57).reshape(1, 3, 1, 1),
                                                  "w": c.floats(8, 3, 3, 3), **bn("b", 8)}, ["y"])
    c.graph("block/gem-pool", [
        node("Clip", ["x", "least"], ["a"]), node("Pow", ["a", "p"], ["b"]), node("GlobalAveragePool", ["b"], ["m"]),
        node("Pow", ["m", "q"], ["r"]), node("Flatten", ["r"], ["f"]), node("ReduceL2", ["f"], ["l"], axes=[1], keepdims=1), node("Div", ["f", "l"], ["y"])],
        c.floats(2, 9, 4, 4), {"least": scalar(1e-6), "p": f32(3), "q": f32(1 / 3)}, ["y"])
    c.graph("block/pyramid", [
        node("Conv", ["x", "w"], ["s"], strides=[2, 2], pads=[1, 1, 1, 1]), node("Resize", ["s", "", "scales"], ["u"], mode="nearest",
             coordinate_transformation_mode="asymmetric", nearest_mode="floor"), node("Conv", ["x", "v"], ["l"]), node("Add", ["u", "l"], ["y"])],
        c.floats(1, 4, 6, 8), {"w": c.floats(5, 4, 3, 3), "v": c.floats(5, 4, 1, 1), "scales": f32(1, 1, 2, 2)}, ["y"])
    c.graph("block/branches-of-one-value", [
        node("Conv", ["x", "w"], ["c"]), node("Relu", ["c"], ["r"]), node("Sigmoid", ["c"], ["s"]), node("Add", ["r", "s"], ["y"])],
        c.floats(1, 4, 3, 3), {"w": c.floats(4, 4, 1, 1)}, ["y", "c"])
    c.graph("block/scale-shift", [
        node("Conv", ["x", "w", "b"], ["c"]), node("Mul", ["c", "s"], ["m"]), node("Add", ["m", "t"], ["y"])], c.floats(1, 4, 3, 3),
        {"w": c.floats(6, 4, 1, 1), "b": c.floats(6), "s": c.floats(6, 1, 1), "t": c.floats(1, 6, 1, 1)}, ["y"])
    c.graph("block/linear-bn", [
        node("Gemm", ["x", "w", "b"], ["g"], transB=1), bn_node("n", "g", "y")], c.floats(2, 10),
        {"w": c.floats(7, 10), "b": c.floats(7), **bn("n", 7)}, ["y"])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "Tests/Fixtures/operators")
    cases = Cases(SEED)
    for family in (convolutions, pools, elementwise, binaries, matrices, normalizations, reductions, joining, reshaping, padding,
                   resizing, shapes_and_types, quantization, blocks):
        family(cases)
    packed = cases.pack()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "operators.cases").write_bytes(packed)
    print(f"{len(cases.cases)} cases, {len(packed)} bytes, seed {SEED}")
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {np.__version__}")
    print("by ONNX's reference evaluator:", ", ".join(cases.by_evaluator) or "none")
    print("ONNX Runtime and the evaluator differ:")
    for line in cases.disagreements:
        print("  ", line)


if __name__ == "__main__":
    main()
