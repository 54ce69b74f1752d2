"""Cases of operator_vectors.py: products of matrices, normalization, reductions."""

from vector_cases import f32, i64, node, scalar


def matrices(c):
    products = {
        "2x2": ((3, 5), (5, 7)),
        "wide": ((2, 37), (37, 41)),
        "stack-matrix": ((2, 3, 4, 5), (5, 6)),
        "stacks": ((2, 3, 4, 5), (2, 3, 5, 2)),
        "stacks-broadcast": ((2, 1, 4, 5), (3, 5, 2)),
        "vector-matrix": ((5,), (5, 3)),
        "matrix-vector": ((4, 5), (5,)),
        "vectors": ((5,), (5,)),
        "stack-vector": ((2, 4, 5), (5,)),
        "vector-stack": ((5,), (2, 5, 3)),
    }
    for name, (a, b) in products.items():
        c.one(f"matmul/{name}", "MatMul", c.floats(*a), [c.floats(*b)], opset=9 if len(name) % 2 else 13)
    c.one("matmul/constant-first", "MatMul", c.floats(5, 3), [c.floats(4, 5)], first=False)
    c.graph(
        "matmul/attention",
        [
            node("Transpose", ["x"], ["t"], perm=[0, 2, 1]),
            node("MatMul", ["x", "t"], ["s"]),
            node("Softmax", ["s"], ["p"], axis=-1),
            node("MatMul", ["p", "x"], ["y"]),
        ],
        c.floats(2, 5, 6),
        {},
        ["y"],
    )
    forms = {
        "plain": ((3, 5), (5, 7), (7,), {}),
        "wide": ((1, 40), (35, 40), (35,), dict(transB=1)),
        "transposed-a": ((5, 3), (5, 7), (3, 7), dict(transA=1)),
        "both": ((5, 3), (7, 5), (1, 7), dict(transA=1, transB=1)),
        "column": ((3, 5), (5, 7), (3, 1), {}),
        "scalar": ((3, 5), (5, 7), (), {}),
        "alpha-beta": ((3, 5), (5, 7), (7,), dict(alpha=0.5, beta=-2.0)),
        "beta0": ((3, 5), (5, 7), (7,), dict(beta=0.0)),
        "batch4": ((4, 18), (10, 18), (10,), dict(transB=1)),
    }
    for name, (a, b, bias, attributes) in forms.items():
        c.one(
            f"gemm/{name}",
            "Gemm",
            c.floats(*a),
            [c.floats(*b), c.floats(*bias)],
            opset=7 if len(name) % 2 else 13,
            **attributes,
        )
    c.one("gemm/no-bias", "Gemm", c.floats(3, 5), [c.floats(5, 7)], opset=11)
    c.one("gemm/opset9", "Gemm", c.floats(3, 5), [c.floats(5, 7), c.floats(7)], opset=9)


def normalizations(c):
    for name, shape, opset in [
        ("picture", (2, 5, 3, 4), 9),
        ("opset7", (1, 5, 3, 4), 7),
        ("opset14", (1, 5, 3, 4), 14),
        ("opset15", (1, 5, 3, 4), 15),
        ("line", (1, 5, 6), 9),
        ("flat", (4, 5), 9),
    ]:
        others = [c.floats(5), c.floats(5), c.floats(5), c.floats(5, low=0.1, high=2)]
        c.one(
            f"batchnormalization/{name}",
            "BatchNormalization",
            c.floats(*shape),
            others,
            opset=opset,
            **({"epsilon": 1e-3} if name == "picture" else {}),
        )
    c.one("layernormalization/last", "LayerNormalization", c.floats(2, 3, 16), [c.floats(16), c.floats(16)], opset=17)
    c.one(
        "layernormalization/axis1",
        "LayerNormalization",
        c.floats(2, 3, 4, 5),
        [c.floats(3, 4, 5), c.floats(3, 4, 5)],
        opset=17,
        axis=1,
        epsilon=1e-2,
    )
    c.one("layernormalization/no-bias", "LayerNormalization", c.floats(2, 3, 9), [c.floats(9)], opset=17, axis=-1)
    c.graph(
        "layernormalization/channels",
        [
            node("Transpose", ["x"], ["t"], perm=[0, 2, 3, 1]),
            node("LayerNormalization", ["t", "s", "b"], ["n"], epsilon=1e-6),
            node("Transpose", ["n"], ["y"], perm=[0, 3, 1, 2]),
        ],
        c.floats(1, 7, 4, 5),
        {"s": c.floats(7), "b": c.floats(7)},
        ["y"],
        opset=17,
    )
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
    c.graph(
        "reducel2/normalize",
        [
            node("ReduceL2", ["x"], ["n"], axes=[1], keepdims=1),
            node("Clip", ["n", "least"], ["m"]),
            node("Shape", ["x"], ["s"]),
            node("Expand", ["m", "s"], ["e"]),
            node("Div", ["x", "e"], ["y"]),
        ],
        c.floats(3, 16),
        {"least": scalar(1e-12)},
        ["y"],
    )
