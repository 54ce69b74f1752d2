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

import vector_blocks
import vector_elementwise
import vector_hazards
import vector_moving
import vector_sums
import vector_windows
from vector_cases import Cases

SEED = 20251125


def main():
    folder = pathlib.Path(
        sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "Tests/Fixtures/operators"
    )
    cases = Cases(SEED)
    families = [
        vector_windows.convolutions,
        vector_windows.pools,
        vector_elementwise.elementwise,
        vector_elementwise.binaries,
        vector_sums.matrices,
        vector_sums.normalizations,
        vector_sums.reductions,
        vector_moving.joining,
        vector_moving.reshaping,
        vector_windows.padding,
        vector_windows.resizing,
        vector_moving.shapes_and_types,
        vector_moving.quantization,
        vector_blocks.blocks,
        vector_hazards.hazards,
    ]
    for family in families:
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
