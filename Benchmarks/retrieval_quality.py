#!/usr/bin/env python3
"""How well a model's vectors put pictures of one label together: leave-one-out mean average precision.

usage: retrieval_quality.py LOOKALIKE PHOTOS [--model NAME] [--parts]

PHOTOS holds one folder a set, in it one folder a label. Vectors come from `lookalike embed`; every picture queries its
own set, exactly, ranked over the whole set; pictures without another of their label are left out of the mean. With
--parts, the three views of baseline-v1 are also rated one by one. Needs numpy."""

import argparse
import json
import pathlib
import subprocess

import numpy as np


def average_precisions(vectors, labels):
    """One value a query that has a match: the mean, over its matches, of the precision at the match's rank."""
    scores = vectors @ vectors.T
    values = []
    for query, row in enumerate(scores):
        order = np.argsort(-row, kind="stable")
        order = order[order != query]
        hits = labels[order] == labels[query]
        if hits.any():
            ranks = np.flatnonzero(hits) + 1
            values.append(np.mean(np.arange(1, len(ranks) + 1) / ranks))
    return np.array(values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lookalike")
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("--model", default="baseline-v1")
    parser.add_argument("--parts", action="store_true")
    options = parser.parse_args()
    means = {}
    for folder in sorted(p for p in options.photos.iterdir() if p.is_dir()):
        files = sorted(p for p in folder.glob("*/*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
        labels = np.array([p.parent.name for p in files])
        if len(set(labels)) < 2:
            continue
        lines = subprocess.run(
            [options.lookalike, "embed", "-", "--model", options.model], input="\n".join(map(str, files)),
            capture_output=True, text=True, check=True).stdout.splitlines()
        vectors = np.array([json.loads(line)["vector"] for line in lines], dtype=np.float32)
        assert len(vectors) == len(files)
        views = {"all": vectors}
        if options.parts:
            views |= {"gradients": vectors[:, :128], "layout": vectors[:, 128:176], "histogram": vectors[:, 176:]}
        for name, view in views.items():
            view = view / np.maximum(np.linalg.norm(view, axis=1, keepdims=True), 1e-12)
            value = float(average_precisions(view, labels).mean())
            means.setdefault(name, []).append(value)
            print(json.dumps({"set": folder.name, "n": len(files), "view": name, "map": round(value, 4)}))
    for name, values in means.items():
        print(json.dumps({"set": "mean", "view": name, "map": round(float(np.mean(values)), 4)}))


if __name__ == "__main__":
    main()
