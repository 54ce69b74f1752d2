"""Cases of operator_vectors.py: functions of one element or of two."""

import numpy as np

from vector_cases import f32, node, scalar


def elementwise(c):
    plain = {
        "Relu": (7, 13, 14),
        "Sigmoid": (7, 13),
        "Tanh": (7, 13),
        "Erf": (9, 13),
        "HardSwish": (14,),
        "Abs": (7, 13),
        "Neg": (7, 13),
        "Exp": (7, 13),
        "Floor": (7, 13),
        "Ceil": (7, 13),
        "Softplus": (7,),
        "Identity": (7, 14),
    }
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
    c.graph(
        "swish/composed",
        [node("Sigmoid", ["x"], ["s"]), node("Mul", ["x", "s"], ["y"])],
        c.floats(1, 5, 3, 4, low=-6, high=6),
        {},
        ["y"],
    )
    c.graph(
        "hardswish/composed",
        [
            node("Add", ["x", "three"], ["a"]),
            node("Clip", ["a", "zero", "six"], ["b"]),
            node("Mul", ["x", "b"], ["m"]),
            node("Div", ["m", "six"], ["y"]),
        ],
        c.floats(1, 5, 3, 4, low=-6, high=6),
        {"three": scalar(3), "zero": scalar(0), "six": scalar(6)},
        ["y"],
    )
    c.graph(
        "hardswish/from-hardsigmoid",
        [node("HardSigmoid", ["x"], ["s"], alpha=1 / 6, beta=0.5), node("Mul", ["x", "s"], ["y"])],
        c.floats(1, 5, 3, 4, low=-6, high=6),
        {},
        ["y"],
    )
    c.graph(
        "gelu/composed",
        [
            node("Div", ["x", "root"], ["d"]),
            node("Erf", ["d"], ["e"]),
            node("Add", ["e", "one"], ["a"]),
            node("Mul", ["x", "a"], ["m"]),
            node("Mul", ["m", "half"], ["y"]),
        ],
        c.floats(1, 5, 3, 4, low=-4, high=4),
        {"root": scalar(np.sqrt(2)), "one": scalar(1), "half": scalar(0.5)},
        ["y"],
    )
    c.one("mish/opset18", "Mish", c.floats(1, 3, 4, 5, low=-5, high=5), opset=18)


def binaries(c):
    shapes = {
        "same": ((1, 3, 4, 5), (1, 3, 4, 5)),
        "scalar": ((1, 3, 4, 5), ()),
        "one": ((1, 3, 4, 5), (1,)),
        "channels": ((2, 3, 4, 5), (3, 1, 1)),
        "columns": ((1, 3, 4, 5), (5,)),
        "rows": ((1, 3, 4, 5), (4, 1)),
        "both": ((2, 3, 1, 5), (1, 4, 1)),
        "longer": ((4, 5), (2, 3, 4, 5)),
        "widened": ((1, 6, 1, 1), (1, 6, 3, 4)),
    }
    for op in ("Add", "Sub", "Mul", "Div", "Pow"):
        for name, (a, b) in shapes.items():
            low = 0.2 if op in ("Div", "Pow") else -1.0
            c.one(
                f"{op.lower()}/{name}",
                op,
                c.floats(*a, low=low, high=2),
                [c.floats(*b, low=low, high=2)],
                opset=13 if len(name) % 2 else 7,
            )
        c.one(
            f"{op.lower()}/constant-first",
            op,
            c.floats(2, 3, 4, low=0.2, high=2),
            [c.floats(3, 1, low=0.2, high=2)],
            first=False,
        )
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
    c.graph(
        "mul/gate",
        [node("GlobalAveragePool", ["x"], ["g"]), node("Sigmoid", ["g"], ["s"]), node("Mul", ["s", "x"], ["y"])],
        c.floats(2, 19, 4, 5),
        {},
        ["y"],
    )
