#!/usr/bin/env python3
"""Retrieval quality of a network as ONNX Runtime runs it in float32, the reference for `lookalike evaluate`.

usage: embedding_quality.py --model MODEL.onnx SET... [--ours LOOKALIKE --store DIR --name NAME [--precision P]]

MODEL.json beside the network names its input and the output that is the embedding. Each SET is a folder of
label/file. Every picture queries its own set: cosine, exact, leave-one-out, ranked over the whole set; a picture
without another of its label is left out of the means and counted. One JSON line a set, and one of their means, with
the fields of `lookalike evaluate --json`: n, map, recall_at_1 (the first is a match), precision_at_10 (of 10),
ndcg_at_10 (gain 1 a match, against the best order), mrr.

With --ours the same pictures also go through `lookalike embed`, from file to vector, and each set gets a second line
of ours with how the vectors agree: the mean cosine; that after the mean over the set's pictures is taken off both;
and the largest difference as a share of the range, both at unit length. That includes decoding and resizing, which
differ from Pillow's by a little.

Needs numpy, onnxruntime and pillow (requirements.txt)."""

import argparse
import json
import pathlib
import subprocess

import numpy as np
from embed_pictures import Network

FIELDS = ("map", "recall_at_1", "precision_at_10", "ndcg_at_10", "mrr")


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def quality(vectors: np.ndarray, labels: np.ndarray) -> dict:
    """The means over all queries that have a match; equal scores rank in the order of the files."""
    scores = unit(vectors.astype(np.float64))
    scores = scores @ scores.T
    discounts = 1 / np.log2(np.arange(2, 12))
    rows = []
    for query, row in enumerate(scores):
        order = np.argsort(-row, kind="stable")
        order = order[order != query]
        hits = labels[order] == labels[query]
        if not hits.any():
            continue
        ranks = np.flatnonzero(hits) + 1
        top = hits[:10]
        rows.append((
            np.mean(np.arange(1, len(ranks) + 1) / ranks),
            hits[0],
            top.sum() / 10,
            (top * discounts[: len(top)]).sum() / discounts[: len(ranks)].sum(),
            1 / ranks[0]))
    means = np.mean(rows, axis=0)
    return {"n": len(labels), "without_match": len(labels) - len(rows)} | dict(zip(FIELDS, map(float, means)))


def agreement(reference: np.ndarray, ours: np.ndarray) -> dict:
    a, b = unit(reference), unit(ours)
    centred = unit(a - a.mean(0)) * unit(b - b.mean(0))
    return {"cosine": float((a * b).sum(1).mean()), "centred_cosine": float(centred.sum(1).mean()),
            "worst_cosine": float((a * b).sum(1).min()), "largest_error": float(np.abs(a - b).max() / np.ptp(a))}


def our_vectors(options: argparse.Namespace, files: list[pathlib.Path]) -> np.ndarray:
    command = [options.ours, "embed", "-", "--model", options.name, "--store", options.store, "--json"]
    command += ["--precision", options.precision] if options.precision else []
    done = subprocess.run(command, input="\n".join(map(str, files)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
    found = {line["path"]: line["vector"] for line in map(json.loads, done.stdout.splitlines())}
    return np.array([found[str(file)] for file in files], np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="ONNX file with a .json of the same name")
    parser.add_argument("sets", type=pathlib.Path, nargs="+", metavar="SET")
    parser.add_argument("--threads", type=int, default=1, help="of ONNX Runtime, 1 unless given")
    parser.add_argument("--ours", metavar="LOOKALIKE", help="the program")
    parser.add_argument("--store", help="where the program finds the model")
    parser.add_argument("--name", help="the model's name there")
    parser.add_argument("--precision", help="f32 or int8")
    options = parser.parse_args()
    if options.ours and not (options.store and options.name):
        parser.error("--ours needs --store and --name")
    network = Network(options.model, options.threads)
    lines: dict[str, list[dict]] = {}

    def report(engine: str, name: str, figures: dict) -> None:
        rounded = {key: round(value, 6) if isinstance(value, float) else value for key, value in figures.items()}
        print(json.dumps({"engine": engine, "set": name, **rounded}), flush=True)
        lines.setdefault(engine, []).append(figures)

    for folder in options.sets:
        files = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
        labels = np.array([path.parent.name for path in files])
        vectors = network.features([path.read_bytes() for path in files], batch=1)
        report("onnxruntime", folder.name, quality(vectors, labels))
        if options.ours:
            ours = our_vectors(options, files)
            report("lookalike", folder.name, quality(ours, labels) | agreement(vectors.astype(np.float64), ours))
    for engine, figures in list(lines.items()):
        report(engine, "mean", {"n": sum(f["n"] for f in figures)} | {
            key: float(np.mean([f[key] for f in figures])) for key in figures[0] if key not in ("n", "without_match")})


if __name__ == "__main__":
    main()
