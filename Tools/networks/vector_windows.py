"""Cases of operator_vectors.py: windows over pictures, padding and resizing."""

import numpy as np
import onnx

from vector_cases import f32, i64, node, scalar


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
    c.one(
        "conv/opset7",
        "Conv",
        c.floats(1, 3, 4, 4),
        [c.floats(2, 3, 3, 3), c.floats(2)],
        opset=7,
        kernel_shape=[3, 3],
        pads=[1, 1, 1, 1],
    )
    c.one(
        "conv/opset21",
        "Conv",
        c.floats(1, 3, 4, 4),
        [c.floats(2, 3, 3, 3), c.floats(2)],
        opset=21,
        auto_pad="NOTSET",
        dilations=[1, 1],
        group=1,
        kernel_shape=[3, 3],
        strides=[1, 1],
    )
    c.graph(
        "conv/bias-as-constant-nodes",
        [
            node("Constant", [], ["w"], value=onnx.numpy_helper.from_array(c.floats(2, 3, 1, 1))),
            node("Constant", [], ["b"], value=onnx.numpy_helper.from_array(c.floats(2))),
            node("Conv", ["x", "w", "b"], ["y"]),
        ],
        c.floats(1, 3, 4, 4),
        {},
        ["y"],
    )


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
            c.one(
                f"averagepool/{name}-counted", "AveragePool", c.floats(*x), opset=11, count_include_pad=1, **attributes
            )
    for name, (x, attributes) in ceiling.items():
        c.one(f"maxpool/{name}", "MaxPool", c.floats(*x), opset=12, ceil_mode=1, **attributes)
        c.one(f"averagepool/{name}", "AveragePool", c.floats(*x), opset=19, ceil_mode=1, **attributes)
        # ONNX Runtime and the evaluator have both been at odds with PyTorch here; the newest opset agrees with it.
        c.one(
            f"averagepool/{name}-counted",
            "AveragePool",
            c.floats(*x),
            opset=19,
            ceil_mode=1,
            count_include_pad=1,
            **attributes,
        )
    c.one(
        "maxpool/negative-values",
        "MaxPool",
        c.floats(1, 2, 4, 4, low=-3, high=-1),
        opset=11,
        kernel_shape=[3, 3],
        pads=[1, 1, 1, 1],
    )
    c.one(
        "maxpool/dilated",
        "MaxPool",
        c.floats(1, 2, 8, 9),
        opset=11,
        kernel_shape=[3, 2],
        dilations=[2, 3],
        pads=[1, 1, 1, 0],
    )
    c.one(
        "maxpool/dilated-ceil",
        "MaxPool",
        c.floats(1, 2, 9, 8),
        opset=12,
        kernel_shape=[2, 2],
        dilations=[2, 2],
        strides=[2, 2],
        ceil_mode=1,
    )
    c.one(
        "averagepool/dilated",
        "AveragePool",
        c.floats(1, 2, 8, 9),
        opset=19,
        kernel_shape=[3, 2],
        dilations=[2, 3],
        pads=[1, 1, 1, 0],
    )
    c.one(
        "averagepool/dilated-counted",
        "AveragePool",
        c.floats(1, 2, 8, 9),
        opset=19,
        kernel_shape=[3, 2],
        dilations=[2, 3],
        pads=[1, 1, 1, 0],
        count_include_pad=1,
    )
    for opset in (7, 8, 10):
        c.one(
            f"maxpool/opset{opset}",
            "MaxPool",
            c.floats(1, 2, 5, 5),
            opset=opset,
            kernel_shape=[3, 3],
            strides=[2, 2],
            pads=[1, 1, 1, 1],
        )
    for opset in (7, 10):
        c.one(
            f"averagepool/opset{opset}",
            "AveragePool",
            c.floats(1, 2, 5, 5),
            opset=opset,
            kernel_shape=[3, 3],
            strides=[2, 2],
            pads=[1, 1, 1, 1],
        )
    for op, prefix in (("GlobalAveragePool", "globalaverage"), ("GlobalMaxPool", "globalmax")):
        c.one(f"{prefix}/picture", op, c.floats(2, 19, 5, 7))
        c.one(f"{prefix}/one-pixel", op, c.floats(1, 5, 1, 1))
        c.one(f"{prefix}/line", op, c.floats(1, 5, 9), opset=7)


def padding(c):
    c.one("pad/opset7", "Pad", c.floats(1, 2, 3, 4), opset=7, pads=[0, 0, 1, 2, 0, 0, 3, 0], value=0.5, tolerance=0)
    c.one(
        "pad/opset7-reflect",
        "Pad",
        c.floats(1, 2, 4, 4),
        opset=7,
        mode="reflect",
        pads=[0, 0, 1, 2, 0, 0, 3, 0],
        tolerance=0,
    )
    c.one(
        "pad/opset7-edge", "Pad", c.floats(1, 2, 3, 4), opset=7, mode="edge", pads=[0, 0, 1, 2, 0, 0, 3, 0], tolerance=0
    )
    for opset in (11, 13, 18):
        c.one(
            f"pad/opset{opset}",
            "Pad",
            c.floats(2, 3, 4),
            [i64(1, 0, 2, 0, 1, 3), scalar(-1.5)],
            opset=opset,
            tolerance=0,
        )
        c.one(f"pad/opset{opset}-zero", "Pad", c.floats(2, 3, 4), [i64(0, 0, 2, 0, 0, 3)], opset=opset, tolerance=0)
        c.one(
            f"pad/opset{opset}-reflect",
            "Pad",
            c.floats(1, 3, 4),
            [i64(0, 2, 3, 0, 1, 3)],
            opset=opset,
            mode="reflect",
            tolerance=0,
        )
        c.one(
            f"pad/opset{opset}-edge",
            "Pad",
            c.floats(2, 3, 4),
            [i64(0, 2, 3, 1, 5, 0)],
            opset=opset,
            mode="edge",
            tolerance=0,
        )
    c.one("pad/axes", "Pad", c.floats(1, 2, 3, 4), [i64(1, 2, 3, 0), None, i64(-1, 2)], opset=18, tolerance=0)
    c.one("pad/cut", "Pad", c.floats(2, 4, 5), [i64(0, -1, 1, 0, -2, -3)], opset=13, tolerance=0)
    c.graph(
        "pad/before-conv",
        [node("Pad", ["x", "p"], ["a"]), node("Conv", ["a", "w"], ["y"], strides=[2, 2])],
        c.floats(1, 3, 6, 7),
        {"p": i64(0, 0, 0, 1, 0, 0, 1, 2), "w": c.floats(4, 3, 3, 3)},
        ["y"],
    )


def resizing(c):
    x = lambda: c.floats(1, 2, 4, 5)
    empty = np.zeros(0, np.float32)
    for mode in ("nearest", "linear"):
        for coordinates in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"):
            for name, extra in {
                "up2": [empty, f32(1, 1, 2, 2)],
                "up": [empty, f32(1, 1, 1.5, 2.6)],
                "down": [empty, f32(1, 1, 0.6, 0.5)],
                "sizes": [None, None, i64(1, 2, 7, 3)],
                "one": [None, None, i64(1, 2, 1, 1)],
            }.items():
                trust = "ort"
                c.one(
                    f"resize/{mode}-{coordinates}-{name}",
                    "Resize",
                    x(),
                    extra,
                    opset=13,
                    mode=mode,
                    trust=trust,
                    coordinate_transformation_mode=coordinates,
                    tolerance=0 if mode == "nearest" else 1e-5,
                )
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for coordinates in ("half_pixel", "asymmetric", "align_corners"):
            c.one(
                f"resize/{rounding}-{coordinates}",
                "Resize",
                x(),
                [None, None, i64(1, 2, 9, 8)],
                opset=13,
                mode="nearest",
                nearest_mode=rounding,
                coordinate_transformation_mode=coordinates,
                tolerance=0,
            )
    c.one("resize/opset10-up", "Resize", x(), [f32(1, 1, 2, 3)], opset=10, mode="nearest", tolerance=0)
    c.one("resize/opset10-down", "Resize", x(), [f32(1, 1, 0.5, 0.6)], opset=10, mode="nearest", tolerance=0)
    c.one("resize/opset10-linear", "Resize", x(), [f32(1, 1, 2, 1.5)], opset=10, mode="linear")
    for opset in (11, 18, 19):
        c.one(
            f"resize/opset{opset}-nearest",
            "Resize",
            x(),
            [empty if opset == 11 else None, f32(1, 1, 2, 2)],
            opset=opset,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
            tolerance=0,
        )
        c.one(
            f"resize/opset{opset}-linear",
            "Resize",
            x(),
            [empty if opset == 11 else None, f32(1, 1, 2, 2)],
            opset=opset,
            mode="linear",
        )
    c.one("resize/line", "Resize", c.floats(1, 2, 5), [None, f32(1, 1, 2)], mode="nearest", tolerance=0)
    c.one("upsample/opset7", "Upsample", x(), opset=7, mode="nearest", scales=[1.0, 1.0, 2.0, 3.0], tolerance=0)
    c.one("upsample/opset9", "Upsample", x(), [f32(1, 1, 2, 3)], opset=9, mode="nearest", tolerance=0)
    c.one("upsample/opset9-linear", "Upsample", x(), [f32(1, 1, 2, 3)], opset=9, mode="linear")
