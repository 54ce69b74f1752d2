"""What a network has to do: its multiply-adds for one picture, and the part of it that one output needs."""

import math
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import shape_inference, utils, version_converter


def picture_input(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    initialized = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in initialized]
    if len(inputs) != 1:
        raise SystemExit(f"the network has {len(inputs)} inputs, one is expected")
    return inputs[0]


def only_output(model: pathlib.Path, output: str, target: pathlib.Path) -> None:
    """Writes the network without what `output` does not need, for one picture at a time."""
    whole = onnx.load(model)
    picture = picture_input(whole)
    picture.type.tensor_type.shape.dim[0].dim_value = 1
    inferred = shape_inference.infer_shapes(whole)
    part = utils.Extractor(inferred).extract_model([picture.name], [output])
    part.ir_version = max(part.ir_version, 4)  # Before 4 initializers had to be inputs, which the part leaves out.
    onnx.save(part, target)


def raise_opset(model: pathlib.Path, least: int, target: pathlib.Path) -> None:
    """Writes the network in opset `least` or its own if that is later: quantization per channel needs 13."""
    network = onnx.load(model)
    own = next(entry.version for entry in network.opset_import if entry.domain in ("", "ai.onnx"))
    onnx.save(network if own >= least else version_converter.convert_version(network, least), target)


def multiply_adds(model: pathlib.Path, size: int) -> int:
    """Of convolutions and matrix products; what the rest does is not counted, as is usual. Shapes are those of a run,
    since a file need not have them."""
    network = onnx.load(model)
    nodes = [node for node in network.graph.node if node.op_type in ("Conv", "MatMul", "Gemm")]
    # The product over one output element runs over a convolution's weights, or the last dimension of the left matrix.
    names = {node.output[0] for node in nodes} | {node.input[node.op_type == "Conv"] for node in nodes}
    made = {name for node in network.graph.node for name in node.output}
    known = {tensor.name: tuple(tensor.dims) for tensor in network.graph.initializer}
    asked = sorted(names & made)
    del network.graph.output[:]
    network.graph.output.extend(onnx.ValueInfoProto(name=name) for name in asked)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(network.SerializeToString(), options, providers=["CPUExecutionProvider"])
    picture = picture_input(network).name
    values = session.run(asked, {picture: np.zeros((1, 3, size, size), np.float32)})
    shapes = known | {name: value.shape for name, value in zip(asked, values)}
    total = 0
    for node in nodes:
        first = node.input[node.op_type == "Conv"]
        shape = shapes.get(first, (1, 3, size, size))
        transposed = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
        products = math.prod(shape[1:]) if node.op_type == "Conv" else shape[0 if transposed else -1]
        total += math.prod(shapes[node.output[0]]) * products
    return total
