#!/usr/bin/env python3
"""Rewrite networks of the zoo in a later opset than PyTorch 1.13 can export, with ONNX's own converter.

usage: raise_opset.py FOLDER

Later opsets pass as inputs what were attributes (the axes of reductions), count what was implied (the outputs of a
split) and add attributes. For each pair of NETWORKS, FOLDER/NAME.onnx becomes FOLDER/NAME_opsetN.onnx, and its
description is copied. Needs onnx."""

import pathlib
import shutil
import sys

import onnx
from onnx import version_converter

NETWORKS = {"control": 21, "convnext": 18, "shufflenet_v2_x0_5": 18, "mnasnet0_5": 19, "repvgg_train": 20,
            "mobilenet_v3_small": 21, "googlenet": 16, "efficientnet_lite0": 20}


def main() -> None:
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1]).is_dir():
        raise SystemExit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    for name, opset in NETWORKS.items():
        target = folder / f"{name}_opset{opset}.onnx"
        model = version_converter.convert_version(onnx.load(folder / f"{name}.onnx"), opset)
        onnx.checker.check_model(model)
        onnx.save(model, target)
        shutil.copyfile(folder / f"{name}.json", target.with_suffix(".json"))
        print(target.name, flush=True)


if __name__ == "__main__":
    main()
