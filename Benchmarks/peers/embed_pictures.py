#!/usr/bin/env python3
"""Make a nearest-neighbour benchmark from real pictures: their embeddings, some queries and the exact answers.

usage: embed_pictures.py --model MODEL.onnx --pictures SOURCE --out PREFIX [--count 60000] [--queries 1000] ...

Random vectors, and even SIFT descriptors, are not spread the way the vectors of a picture search are, and both the
recall and the speed of an approximate index depend on that. So this runs a network over pictures and writes

    PREFIX-base.fvecs     count - queries unit vectors
    PREFIX-queries.fvecs  the queries: vectors of other pictures, none of which is in the base
    PREFIX-truth.ivecs    for each query its 100 nearest base rows (from 0) by L2, nearest first, by exhaustive search

in the TEXMEX format: each row is a little-endian int32 dimension, then float32 (.fvecs) or int32 (.ivecs) values.

1. SOURCE is a folder, a tar (gzip or not) or a git directory (bare or not; its HEAD). Files ending in .jpg, .jpeg or
   .png whose path starts with --under and has none of the --leave-out folders are read, into memory.
2. In the order of their paths, files with the bytes of an earlier one are dropped; a seeded shuffle of the rest mixes
   the labels; the first --count are used, the last --queries of these as queries.
3. Each picture is stretched (bilinear) to the network's input, and the output that MODEL.json names, for MobileNetV2
   the 1280 values of the global average pool, is its feature. MODEL.json lies beside MODEL.onnx and has input_size,
   mean, scale, colour_order, resize ("stretch") and output.
4. PCA (mean-centred, fitted on the base alone) reduces the features to --dimensions; each vector is scaled to length 1.

Features are kept in PREFIX-features (or --features), a file a 1,000 pictures, named by what it was made from: an
interrupted run resumes, and another --count with the same seed shares them. With Tiny-ImageNet in a git repository:

    embed_pictures.py --model mobilenet_v2_1.0_224.onnx --pictures repository.git --under tiny-imagenet-200/train \\
        --leave-out n02480855 --leave-out n10148035 --count 60000 --queries 1000 --out images

Needs numpy, onnxruntime and pillow. --threads is for the network; OPENBLAS_NUM_THREADS limits the rest."""

import argparse
import hashlib
import io
import json
import pathlib
import random
import subprocess
import tarfile
import time
from collections.abc import Iterator

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

CHUNK = 1000
NEIGHBOURS = 100
SUFFIXES = {".jpg", ".jpeg", ".png"}


def members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each picture of a tar that is read as a stream."""
    for member in archive:
        if member.isfile() and pathlib.PurePosixPath(member.name).suffix.lower() in SUFFIXES:
            yield member.name.removeprefix("./"), archive.extractfile(member).read()


def pictures(source: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """Path, relative to the source, and bytes of each picture of a tar, a git directory or a folder."""
    if source.is_file():
        with tarfile.open(source, "r|*") as archive:
            yield from members(archive)
    elif (source / ".git").exists() or (source / "HEAD").is_file():
        command = ["git", "-C", str(source), "archive", "--format=tar", "HEAD"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                yield from members(archive)
        if process.returncode:
            raise SystemExit(f"git archive failed on {source}")
    else:
        for path in source.rglob("*"):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                yield path.relative_to(source).as_posix(), path.read_bytes()


def select(source: pathlib.Path, under: str, leave_out: set[str], seed: int, count: int) -> list[tuple[str, bytes]]:
    """Digest and bytes of `count` distinct pictures in a seeded order."""
    found = (file for file in pictures(source) if file[0].startswith(under))
    wanted = sorted(file for file in found if leave_out.isdisjoint(file[0].split("/")))
    distinct: dict[str, bytes] = {}
    for _, data in wanted:
        distinct.setdefault(hashlib.sha256(data).hexdigest(), data)
    print(f"{len(wanted)} pictures, {len(distinct)} distinct, {count} used", flush=True)
    if len(distinct) < count:
        raise SystemExit("not enough pictures")
    order = list(distinct.items())
    random.Random(seed).shuffle(order)
    return order[:count]


class Network:
    """A network and what its description says of its input."""

    def __init__(self, model: pathlib.Path, threads: int) -> None:
        about = json.loads(model.with_suffix(".json").read_text())
        if about["resize"] != "stretch":
            raise SystemExit("only the resize mode stretch is known")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.output: str = about["output"]
        self.size: int = about["input_size"]
        self.step = -1 if about["colour_order"] == "BGR" else 1
        self.mean = np.array(about["mean"], np.float32)
        self.scale = np.array(about["scale"], np.float32)
        self.digest = hashlib.sha256(model.read_bytes() + json.dumps(about, sort_keys=True).encode()).hexdigest()

    def prepare(self, data: bytes) -> np.ndarray:
        """The network's input for one picture file: channels, rows, columns."""
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        pixels = np.asarray(picture.resize((self.size, self.size), Image.Resampling.BILINEAR), np.float32)
        return ((pixels[:, :, :: self.step] - self.mean) / self.scale).transpose(2, 0, 1)

    def features(self, files: list[bytes], batch: int) -> np.ndarray:
        """One row a picture."""
        rows = []
        for start in range(0, len(files), batch):
            inputs = np.stack([self.prepare(data) for data in files[start : start + batch]])
            rows += self.session.run([self.output], {self.input: inputs})
        return np.concatenate(rows).reshape(len(files), -1)


def embed(network: Network, chosen: list[tuple[str, bytes]], store: pathlib.Path, batch: int) -> np.ndarray:
    """The features of all pictures, each chunk computed unless the store has it."""
    store.mkdir(parents=True, exist_ok=True)
    started, chunks = time.monotonic(), []
    for start in range(0, len(chosen), CHUNK):
        part = chosen[start : start + CHUNK]
        key = hashlib.sha256("\n".join([network.digest, *(digest for digest, _ in part)]).encode()).hexdigest()
        path = store / f"{key[:32]}.npy"
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            with unfinished.open("wb") as file:
                np.save(file, network.features([data for _, data in part], batch))
            unfinished.replace(path)
        chunks.append(np.load(path))
        print(f"{start + len(part)} embedded, {time.monotonic() - started:.0f} s", flush=True)
    return np.concatenate(chunks)


def reduce(features: np.ndarray, base: int, dimensions: int) -> np.ndarray:
    """Unit vectors from the leading principal components of the first `base` rows."""
    mean = features[:base].mean(axis=0, dtype=np.float64)
    centred = features - mean
    values, axes = np.linalg.eigh(centred[:base].T @ centred[:base])
    leading = axes[:, ::-1][:, :dimensions]
    leading = leading * np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(dimensions)])
    print(f"{dimensions} dimensions keep {values[-dimensions:].sum() / values.sum():.1%} of the variance", flush=True)
    reduced = centred @ leading
    return (reduced / np.linalg.norm(reduced, axis=1, keepdims=True)).astype(np.float32)


def nearest(base: np.ndarray, queries: np.ndarray, block: int = 50) -> np.ndarray:
    """The nearest base rows of each query by L2, in float64, equal distances by row number."""
    wide = base.astype(np.float64)
    squares = np.einsum("ij,ij->i", wide, wide)
    found = []
    for start in range(0, len(queries), block):
        distances = squares - 2 * (queries[start : start + block].astype(np.float64) @ wide.T)
        found.append(np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBOURS])
    return np.concatenate(found).astype(np.int32)


def write(path: str, rows: np.ndarray) -> None:
    """A TEXMEX file of float32 or int32 rows."""
    lengths = np.full((len(rows), 1), rows.shape[1], "<i4")
    np.hstack([lengths, rows.astype(rows.dtype.newbyteorder("<")).view("<i4")]).tofile(path)
    print(f"{path}: {rows.shape[0]} x {rows.shape[1]}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True, help="ONNX file with a .json of the same name")
    parser.add_argument("--pictures", type=pathlib.Path, required=True, help="folder, tar or git directory")
    parser.add_argument("--under", default="", help="what the paths of the pictures start with")
    parser.add_argument("--leave-out", action="append", default=[], metavar="FOLDER", help="folder name to leave out")
    parser.add_argument("--count", type=int, default=60_000, help="pictures, queries included")
    for name, value in {"queries": 1_000, "dimensions": 256, "seed": 1, "threads": 1, "batch": 16}.items():
        parser.add_argument(f"--{name}", type=int, default=value, help=f"{value} unless given")
    parser.add_argument("--features", type=pathlib.Path, help="folder of the features, default PREFIX-features")
    parser.add_argument("--out", required=True, metavar="PREFIX")
    options = parser.parse_args()
    base = options.count - options.queries
    if options.queries < 1 or base < NEIGHBOURS:
        parser.error(f"--count must be at least {NEIGHBOURS} more than --queries, and --queries at least 1")
    chosen = select(options.pictures, options.under, set(options.leave_out), options.seed, options.count)
    network = Network(options.model, options.threads)
    features = embed(network, chosen, options.features or pathlib.Path(f"{options.out}-features"), options.batch)
    vectors = reduce(features, base, options.dimensions)
    write(f"{options.out}-base.fvecs", vectors[:base])
    write(f"{options.out}-queries.fvecs", vectors[base:])
    write(f"{options.out}-truth.ivecs", nearest(vectors[:base], vectors[base:]))


if __name__ == "__main__":
    main()
