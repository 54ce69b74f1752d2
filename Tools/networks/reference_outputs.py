#!/usr/bin/env python3
"""Golden files: what ONNX Runtime in float32 makes of a few real pictures and a few random ones.

usage: reference_outputs.py MODEL.onnx... [--out FOLDER] [--photos 8] [--noise 2] [--seed 1]

For each MODEL.onnx with a MODEL.json beside it, four kinds of files, beside it or in FOLDER:

    MODEL.inputs.f32   [n, 3, S, S] as fed to ONNX Runtime, raw little-endian float32: photographs of LOOKALIKE_DATA,
                       evenly spaced over sets and labels, prepared as MODEL.json says; then seeded random pictures
    MODEL.outputs.f32  [n, L] of the output that MODEL.json names, flattened for each picture
    MODEL.NAME.f32     [n, L] of each further output
    MODEL.golden.json  {"n", "photos", "input": [3, S, S], "output": NAME, "length": L, "reordering": E,
                       "more": [{"output", "length", "file", "reordering"}]}

The graph runs as it is written, without ONNX Runtime's rewriting, one picture at a time. `reordering` is the largest
difference from a run with all of its rewriting, as a share of the output's range: what float32 itself leaves open.

Needs numpy, onnxruntime and pillow (Benchmarks/peers/requirements.txt)."""

import argparse
import json
import pathlib

import numpy as np
import onnxruntime

import pictures


def session(model: pathlib.Path, rewriting: bool) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if rewriting else level.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def run(model: pathlib.Path, rewriting: bool, inputs: np.ndarray, names: list[str] | None) -> dict[str, np.ndarray]:
    """For each output one row a picture."""
    network = session(model, rewriting)
    names = names or [output.name for output in network.get_outputs()]
    feed = network.get_inputs()[0].name
    rows = [network.run(names, {feed: picture[None]}) for picture in inputs]
    return {name: np.stack([row[index].ravel() for row in rows]) for index, name in enumerate(names)}


def make(model: pathlib.Path, folder: pathlib.Path, photos: int, noise: int, seed: int) -> None:
    description = json.loads(model.with_suffix(".json").read_text())
    prepared = [pictures.prepare(path, description) for path in pictures.spread(photos, offset=7)]
    generator = np.random.default_rng(seed)
    prepared += [pictures.noise(generator, description) for _ in range(noise)]
    inputs = np.stack(prepared)
    reference, rewritten = (run(model, rewriting, inputs, None) for rewriting in (False, True))

    def golden(name: str, file: str) -> dict:
        rows = reference[name]
        if not np.isfinite(rows).all():
            raise SystemExit(f"{model}: output {name} is not finite")
        rows.astype("<f4").tofile(folder / file)
        gap = np.abs(rows - rewritten[name]).max() / np.ptp(rows)
        seen = rows[:photos].astype(np.float64)
        differs = np.linalg.norm(seen - seen.mean(0)) / np.linalg.norm(seen)
        print(f"{model.stem}: {name} {list(rows.shape)}, range {np.ptp(rows):.3g}, reordering {gap:.1e}, "
              f"differs between pictures by {differs:.2f} of its size", flush=True)
        return {"output": name, "length": rows.shape[1], "reordering": float(f"{gap:.2e}")}

    inputs.astype("<f4").tofile(folder / f"{model.stem}.inputs.f32")
    main_output = description["output"]
    about = {"n": len(inputs), "photos": photos, "input": list(inputs.shape[1:]),
             **golden(main_output, f"{model.stem}.outputs.f32"), "more": []}
    for name in reference:
        if name != main_output:
            file = f"{model.stem}.{name}.f32"
            about["more"].append({**golden(name, file), "file": file})
    (folder / f"{model.stem}.golden.json").write_text(json.dumps(about) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=pathlib.Path, nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--out", type=pathlib.Path, help="beside the model unless given")
    for name, value in {"photos": 8, "noise": 2, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"{value} unless given")
    options = parser.parse_args()
    for model in options.models:
        folder = options.out or model.parent
        folder.mkdir(parents=True, exist_ok=True)
        make(model, folder, options.photos, options.noise, options.seed)


if __name__ == "__main__":
    main()
