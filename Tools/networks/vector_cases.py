"""Builds one-operator ONNX models, runs them with ONNX Runtime and packs what came out. Used by operator_vectors.py."""

import struct

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

# What the packed file says of a tensor's elements: ONNX's own numbers.
CODES = {
    np.dtype(t): c
    for t, c in [
        ("float32", 1),
        ("uint8", 2),
        ("int8", 3),
        ("uint16", 4),
        ("int16", 5),
        ("int32", 6),
        ("int64", 7),
        ("bool", 9),
    ]
}

node = helper.make_node


def i64(*values):
    """A list of whole numbers."""
    return np.array(values, np.int64)


def f32(*values):
    """A list of floats."""
    return np.array(values, np.float32)


def scalar(value):
    """One float, without dimensions."""
    return np.array(value, np.float32)


class Cases:
    """Cases, each a model with one float input `x`, what it was fed with and what it made."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.cases = []
        self.by_evaluator = []
        self.disagreements = []

    def floats(self, *shape, low=-1.0, high=1.0):
        return self.random.uniform(low, high, shape).astype(np.float32)

    def one(
        self, name, op, x, others=(), *, opset=13, outputs=1, tolerance=1e-5, first=True, trust="ort", **attributes
    ):
        """A model of one node. `others` are its further inputs, as constants; None for one left out."""
        inputs, constants = ["x"], {}
        for index, other in enumerate(others):
            key = f"c{index}" if other is not None else ""
            inputs.append(key)
            if other is not None:
                constants[key] = np.asarray(other)
        if not first:
            inputs = inputs[1:] + inputs[:1]
        names = [f"y{index}" for index in range(outputs)]
        node = helper.make_node(op, inputs, names, name=f"{op}_0", **attributes)
        self.graph(name, [node], x, constants, names, opset=opset, tolerance=tolerance, trust=trust)

    def graph(self, name, nodes, x, constants, outputs, *, opset=13, tolerance=1e-5, trust="ort"):
        """A model of several nodes; `outputs` names the values to compare."""
        x = np.asarray(x, dtype=np.float32)
        graph = helper.make_graph(
            nodes,
            name,
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
            [helper.make_empty_tensor_value_info(output) for output in outputs],
            [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10 if opset > 19 else 8
        )
        # ONNX Runtime asks for the outputs' types, which inference adds where it can.
        typed = onnx.shape_inference.infer_shapes(model)
        for output in typed.graph.output:
            if not output.type.WhichOneof("value"):
                output.type.tensor_type.elem_type = TensorProto.FLOAT
        made = {}
        for reference in ("ort", "onnx"):
            try:
                made[reference] = run(reference, typed, x)
            except Exception as error:  # noqa: BLE001: one of both may lack an operator's form
                made[reference] = error
        chosen = made[trust] if not isinstance(made[trust], Exception) else made["onnx"]
        if isinstance(chosen, Exception):
            raise SystemExit(f"{name}: neither reference runs it: {made['ort']}; {made['onnx']}")
        if chosen is made["onnx"]:
            self.by_evaluator.append(name)
        elif isinstance(made["onnx"], list):
            self.compare(name, made["ort"], made["onnx"], tolerance)
        if any(case["name"] == name for case in self.cases):
            raise SystemExit(f"two cases are called {name}")
        self.cases.append(
            {
                "name": name,
                "tolerance": tolerance,
                "model": typed.SerializeToString(),
                "x": x,
                "outputs": [np.asarray(value) for value in chosen],
            }
        )

    def compare(self, name, a, b, tolerance):
        """Notes where ONNX Runtime and ONNX's own evaluator differ: such a case tests an opinion."""
        for left, right in zip(a, b):
            left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
            if left.shape != right.shape:
                self.disagreements.append(f"{name}: shapes {left.shape} and {right.shape}")
            elif left.size and not np.allclose(left, right, rtol=0, atol=10 * tolerance * max(1, np.ptp(left))):
                self.disagreements.append(f"{name}: by {np.abs(left - right).max():.3g}")

    def pack(self):
        """The layout that Tests/Fixtures/operators/README.md describes."""
        out = bytearray(b"OPCASES1" + struct.pack("<I", len(self.cases)))
        for case in self.cases:
            for field in (case["name"].encode(), case["model"]):
                out += struct.pack("<I", len(field)) + field
            out += struct.pack("<f", case["tolerance"])
            out += struct.pack("<I", 1 + len(case["outputs"]))
            for tensor in [case["x"], *case["outputs"]]:
                out += struct.pack("<BB", CODES[tensor.dtype], tensor.ndim)
                out += struct.pack(f"<{tensor.ndim}I", *tensor.shape)
                out += tensor.astype("<f4" if tensor.dtype == np.float32 else "<i8").tobytes()
        return bytes(out)


def run(reference, model, x):
    if reference == "onnx":
        return ReferenceEvaluator(model).run(None, {"x": x})
    options = onnxruntime.SessionOptions()
    # As written: no fusing, one thread, so that a repeat gives the same bytes.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})
