#!/usr/bin/env python3
"""Recall against speed, ours and the peers', in rounds, so that a noisy machine is as noisy for all of them.

    compare_recall.py LOOKALIKE --base base.bvecs --queries queries.bvecs --truth truth.ivecs --rounds 5

A round measures each contender in a process of its own: it builds an index (M 16, efConstruction 200, two threads),
then searches with one thread at a range of widths, the best of three passes each. For every round the speed at a fixed
recall is interpolated, on the logarithm, between the two nearest widths; what is printed is the median over rounds of
that, and of the ratio of ours to each peer's in the same round. Peers' own search takes all queries in one call, ours
one query a call.

Contenders: lookalike (int8), lookalike-f32, and the libraries of requirements.txt; --only takes some.
"""
import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

WIDTHS = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256]
COUNT, M, EF_CONSTRUCTION, THREADS = 10, 16, 200, 2
TARGETS = [0.9, 0.95, 0.99]
OURS = {"lookalike": "int8", "lookalike-f32": "f32"}
Searcher = Callable[[int], "object"]


def vectors(path: str):
    """The rows of a TEXMEX file: for each an int32 dimension, then its values."""
    import numpy as np
    kind = {".bvecs": np.uint8, ".fvecs": np.float32, ".ivecs": np.int32}[Path(path).suffix]
    raw = np.fromfile(path, np.uint8)
    size = 4 + int(raw[:4].view(np.int32)[0]) * np.dtype(kind).itemsize
    return np.ascontiguousarray(raw.reshape(-1, size)[:, 4:]).view(kind)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def hnswlib_index(base, queries) -> Searcher:
    import hnswlib
    index = hnswlib.Index("l2", base.shape[1])
    index.init_index(len(base), M=M, ef_construction=EF_CONSTRUCTION)
    index.add_items(base, num_threads=THREADS)

    def search(width: int):
        index.set_ef(width)
        return index.knn_query(queries, COUNT, num_threads=1)[0]
    return search


def faiss_index(base, queries) -> Searcher:
    import faiss
    faiss.omp_set_num_threads(THREADS)
    index = faiss.IndexHNSWFlat(base.shape[1], M)
    index.hnsw.efConstruction = EF_CONSTRUCTION
    index.add(base)
    faiss.omp_set_num_threads(1)

    def search(width: int):
        index.hnsw.efSearch = width
        return index.search(queries, COUNT)[1]
    return search


def usearch_index(base, queries) -> Searcher:
    import numpy as np
    from usearch.index import Index
    index = Index(ndim=base.shape[1], metric="l2sq", dtype="f32", connectivity=M, expansion_add=EF_CONSTRUCTION)
    index.add(np.arange(len(base)), base, threads=THREADS)

    def search(width: int):
        index.expansion_search = width
        return np.asarray(index.search(queries, COUNT, threads=1).keys)
    return search


def svs_index(base, queries) -> Searcher:
    import svs
    parameters = svs.VamanaBuildParameters(alpha=1.2, graph_max_degree=2 * M, window_size=EF_CONSTRUCTION)
    index = svs.Vamana.build(parameters, base, svs.DistanceType.L2, num_threads=THREADS)
    index.num_threads = 1

    def search(width: int):
        index.search_window_size = width
        return index.search(queries, COUNT)[0]
    return search


def symphonyqg_index(base, queries) -> Searcher:
    import numpy as np
    import rabitqlib
    index = rabitqlib.SymqgIndex(base.shape[1], 2 * M, "l2", 0)
    index.build(base, EF_CONSTRUCTION, THREADS)

    def search(width: int):
        found = index.search(queries, COUNT, width, 1)[:2]
        numbers = next(part for part in found if np.asarray(part).dtype.kind in "iu")
        return np.asarray(numbers).reshape(len(queries), -1)
    return search


PEERS = {"symphonyqg": symphonyqg_index, "svs": svs_index, "faiss": faiss_index, "hnswlib": hnswlib_index,
         "usearch": usearch_index}


def measure_peer(name: str, options: argparse.Namespace) -> None:
    """Prints the lines of one peer: those of `lookalike bench recall --json`, with the field "lib"."""
    import numpy as np
    base, queries = (np.ascontiguousarray(vectors(path), np.float32) for path in (options.base, options.queries))
    truth = vectors(options.truth)[:, :COUNT]
    before, start = resident_bytes(), time.perf_counter()
    search = PEERS[name](base, queries)
    lines = [{"phase": "build", "seconds": round(time.perf_counter() - start, 2)}]
    for width in WIDTHS:
        best = math.inf
        for _ in range(3):
            start = time.perf_counter()
            found = search(width)
            best = min(best, time.perf_counter() - start)
        right = sum(len(set(f) & set(t)) for f, t in zip(np.asarray(found)[:, :COUNT].tolist(), truth.tolist()))
        lines.append({"phase": "search", "ef": width, "recall": right / truth.size, "qps": len(queries) / best})
    lines[0]["bytes_per_vector"] = (resident_bytes() - before) // len(base)
    for line in lines:
        print(json.dumps({"lib": name, **line}), flush=True)


def round_of(name: str, options: argparse.Namespace) -> list[dict]:
    if name in OURS:
        command = [options.lookalike, "bench", "recall", "--metric", "l2", "--json", "--quantization", OURS[name],
                   "--build-threads", str(THREADS), "--ef", ",".join(map(str, WIDTHS))]
    else:
        command = [sys.executable, __file__, options.lookalike, "--measure", name]
    command += ["--base", options.base, "--queries", options.queries, "--truth", options.truth]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{name} is left out: {done.stderr.strip().splitlines()[-1:] or done.returncode}", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def speed_at(lines: list[dict], target: float) -> float:
    points = sorted((line["recall"], line["qps"]) for line in lines if line["phase"] == "search")
    best = max((qps for recall, qps in points if recall >= target), default=0.0)
    for (r0, q0), (r1, q1) in zip(points, points[1:]):
        if r0 <= target <= r1 and r1 > r0:
            share = (target - r0) / (r1 - r0)
            best = max(best, math.exp(math.log(q0) * (1 - share) + math.log(q1) * share))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lookalike", help="the program")
    for file in ("--base", "--queries", "--truth"):
        parser.add_argument(file, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join([*OURS, *PEERS]), help="contenders, separated by commas")
    parser.add_argument("--lines", help="where the last round's lines go: one file a contender, NAME.jsonl")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return measure_peer(options.measure, options)
    names = options.only.split(",")
    rounds: list[dict[str, list[dict]]] = []
    for number in range(options.rounds):
        rounds.append({})
        for name in names:
            lines = round_of(name, options)
            if lines:
                rounds[-1][name] = lines
            print(f"round {number + 1}: {name}", file=sys.stderr)
    for name in names:
        seen = [r for r in rounds if name in r]
        if not seen:
            continue
        builds = [next(line for line in r[name] if line["phase"] == "build") for r in seen]
        row = {"name": name, "rounds": len(seen), "build_s": median(b["seconds"] for b in builds),
               "bytes_per_vector": median(b["bytes_per_vector"] for b in builds)}
        for target in TARGETS:
            row[f"qps@{target}"] = round(median(speed_at(r[name], target) for r in seen))
        if name != "lookalike":
            for target in TARGETS:
                ratios = [speed_at(r["lookalike"], target) / speed_at(r[name], target)
                          for r in seen if "lookalike" in r and speed_at(r[name], target)]
                row[f"lookalike/{name}@{target}"] = round(median(ratios), 2) if ratios else None
        print(json.dumps(row))
        if options.lines:
            folder = Path(options.lines)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in seen[-1][name]))


if __name__ == "__main__":
    main()
