#!/usr/bin/env python3
"""The speed of a network, ours and the peers', in rounds, so that a noisy machine is as noisy for all of them.

usage: networks.py LOOKALIKE MODEL.onnx... [--threads 1,2] [--rounds 7] [--only ENGINE,ENGINE]

Of each MODEL (MODEL.json lies beside it) every engine runs the same part: what the output that MODEL.json names needs;
with --output another one. Engines: lookalike-f32 and lookalike-int8, through `lookalike model import` into a store of
its own and `lookalike bench embed`; onnxruntime-f32, openvino-f32 and openvino-bf16; onnxruntime-int8 and
openvino-int8, both on what ONNX Runtime's static quantization makes (QDQ, weights per channel, 32 photographs of
--photos); opencv-f32, left out unless named in --only.

A round measures each engine in turn, each in a process that waits otherwise: the median milliseconds of one picture
after another (the network alone, at least 20 runs and 0.4 s), and with two threads or more the pictures per second
of as many streams side by side, one thread each. Of ours these are `network_ms` and `images_per_s`, and the latter
includes the preparation of the picture. Printed are medians over the rounds; the speed-ups are medians of the ratios
within a round. load_ms is from the file to the first answer, once.

GMAC/s counts the multiply-adds of convolutions and matrix products. The peak is that of as many cores as threads,
measured by peak.c with cc, for arithmetic of the engine's precision.

One JSON line an engine, model and thread count, then a table on standard error. Needs the packages of
requirements.txt."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

import network_work

HERE = pathlib.Path(__file__).parent
OURS = {"lookalike-f32": "f32", "lookalike-int8": "int8"}
PEERS = ["onnxruntime-f32", "openvino-f32", "openvino-bf16", "onnxruntime-int8", "openvino-int8", "opencv-f32"]
CALIBRATION_PICTURES = 32
Run = Callable[[], object]


# Engines: each gives, for a number of threads, a function that runs the network on one picture.

def onnxruntime_run(model: str, picture, threads: int, precision: str) -> Run:
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: picture}
    return lambda: session.run(None, feed)


def openvino_run(model: str, picture, threads: int, precision: str) -> Run:
    import openvino
    # A quantized network says itself where it is int8; the rest of it stays float32.
    hint = "f32" if precision == "int8" else precision
    compiled = openvino.Core().compile_model(
        model, "CPU", {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": hint,
                       "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False})
    request = compiled.create_infer_request()
    return lambda: request.infer([picture], share_inputs=True)


def opencv_run(model: str, picture, threads: int, precision: str) -> Run:
    import cv2
    cv2.setNumThreads(threads)
    network = cv2.dnn.readNetFromONNX(model)

    def run():
        network.setInput(picture)
        return network.forward()
    return run


def milliseconds(run: Run) -> float:
    """The median of one run after another."""
    times: list[float] = []
    end = time.perf_counter() + 0.4
    while len(times) < 20 or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def pictures_per_second(runs: list[Run]) -> float:
    """Of all streams together."""
    counts = [0] * len(runs)
    start = time.perf_counter()
    end = start + 0.6

    def work(stream: int) -> None:
        while time.perf_counter() < end:
            runs[stream]()
            counts[stream] += 1
    workers = [threading.Thread(target=work, args=(stream,)) for stream in range(len(runs))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - start)


def serve(engine: str, model: str, size: int, threads: int) -> None:
    """The process of one peer: builds its network, says so, then measures at every line of its standard input."""
    import numpy as np
    library, precision = engine.split("-")
    make = {"onnxruntime": onnxruntime_run, "openvino": openvino_run, "opencv": opencv_run}[library]
    picture = np.random.default_rng(1).standard_normal((1, 3, size, size)).astype(np.float32)
    start = time.perf_counter()
    run = make(model, picture, threads, precision)
    run()
    print(json.dumps({"load_ms": (time.perf_counter() - start) * 1e3}), flush=True)
    # OpenCV keeps one number of threads for the whole process, so it has no streams side by side.
    streams = threads if threads > 1 and library != "opencv" else 0
    runs = [make(model, picture, 1, precision) for _ in range(streams)]
    for warm in [run, *runs]:
        for _ in range(8):
            warm()
    for _ in sys.stdin:
        line = {"ms": milliseconds(run)}
        if runs:
            line["images_per_s"] = pictures_per_second(runs)
        print(json.dumps(line), flush=True)


class Peer:
    """A peer in a process of its own."""

    def __init__(self, engine: str, model: pathlib.Path, size: int, threads: int) -> None:
        command = [sys.executable, __file__, "--serve", engine, str(model), str(size), str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.load_ms = self.answer()["load_ms"]

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError((self.process.stderr.read().strip().splitlines() or ["ended"])[-1])
        return json.loads(line)

    def measure(self) -> dict:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Ours:
    """The program, one process a measurement."""

    def __init__(self, program: str, store: str, name: str, precision: str, threads: int) -> None:
        self.command = [program, "bench", "embed", "--model", name, "--store", store, "--precision", precision,
                        "--threads", str(threads), "--json"]
        self.load_ms = self.measure().get("load_ms")

    def measure(self) -> dict:
        done = subprocess.run(self.command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError((done.stderr.strip().splitlines() or [str(done.returncode)])[-1])
        line = json.loads(done.stdout.splitlines()[-1])
        return {"ms": line["network_ms"], **{key: line[key] for key in ("images_per_s", "load_ms") if key in line}}

    def close(self) -> None:
        pass


def quantize(model: pathlib.Path, description: pathlib.Path, photos: pathlib.Path, target: pathlib.Path) -> None:
    """ONNX Runtime's static quantization with the range of activations from photographs."""
    from embed_pictures import Network
    from onnxruntime import quantization
    files = sorted(path for path in photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    network = Network(description.with_suffix(".onnx"), 1)
    chosen = files[:: max(1, len(files) // CALIBRATION_PICTURES)][:CALIBRATION_PICTURES]

    class Reader(quantization.CalibrationDataReader):
        left = [{network.input: network.prepare(path.read_bytes())[None]} for path in chosen]

        def get_next(self):
            return self.left.pop() if self.left else None
    prepared = target.with_suffix(".prepared.onnx")
    network_work.raise_opset(model, 13, prepared)
    quantization.shape_inference.quant_pre_process(str(prepared), str(prepared), skip_symbolic_shape=True)
    quantization.quantize_static(
        str(prepared), str(target), Reader(), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8)


def processor_peak(scratch: pathlib.Path) -> Callable[[], dict]:
    """Measures GMAC/s of one core for each precision; nothing without a C compiler."""
    program = scratch / "peak"
    try:
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", program, HERE / "peak.c"], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no peak: {error}", file=sys.stderr)
        return dict
    return lambda: json.loads(subprocess.run([program], capture_output=True, check=True).stdout)


def contenders(options: argparse.Namespace, file: pathlib.Path, scratch: pathlib.Path) -> dict[str, tuple]:
    """For each engine that can take part its file and, for ours, its store."""
    about = json.loads(file.with_suffix(".json").read_text())
    output, names = options.output or about["output"], options.only.split(",")
    part, quantized, store = scratch / f"{file.stem}.onnx", scratch / f"{file.stem}.int8.onnx", scratch / "store"
    network_work.only_output(file, output, part)
    found: dict[str, tuple] = {}
    if any(name in OURS for name in names):
        command = [options.lookalike, "model", "import", file, "--name", file.stem, "--store", store]
        command += ["--output", output]
        command += ["--calibrate", options.photos] if "lookalike-int8" in names and options.photos.is_dir() else []
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            found |= {name: (store, file.stem) for name in names if name in OURS}
        else:
            print(f"{file.name}: ours is left out: {done.stderr.strip()}", file=sys.stderr)
    if any(name in PEERS and name.endswith("int8") for name in names):
        try:
            quantize(part, file.with_suffix(".json"), options.photos, quantized)
        except Exception as error:  # Whatever the quantizer meets, the other engines are measured.
            print(f"{file.name}: no int8 peers: {error}", file=sys.stderr)
    for name in names:
        target = quantized if name.endswith("int8") else part
        if name in PEERS and target.exists():
            found[name] = (target, about["input_size"])
    return found


def measure(options: argparse.Namespace, file: pathlib.Path, threads: int, found: dict, work: int,
            peak: Callable[[], dict]) -> list[dict]:
    """The lines of one network, of `work` multiply-adds, and number of threads."""
    running: dict[str, Peer | Ours] = {}
    for name, (place, more) in found.items():
        try:
            running[name] = (Ours(options.lookalike, str(place), more, OURS[name], threads) if name in OURS
                             else Peer(name, place, more, threads))
        except (RuntimeError, KeyError) as error:
            print(f"{file.name}, {threads} threads: {name} is left out: {error}", file=sys.stderr)
    rounds, peaks = [], []
    for _ in range(options.rounds):
        peaks.append(peak())
        rounds.append({name: engine.measure() for name, engine in running.items()})
    for engine in running.values():
        engine.close()
    lines = []
    for name, engine in running.items():
        precision = name.split("-")[1]
        ms = statistics.median(seen[name]["ms"] for seen in rounds)
        line = {"engine": name, "model": file.stem, "threads": threads, "rounds": len(rounds), "ms": round(ms, 3)}
        if "images_per_s" in rounds[0][name]:
            line["images_per_s"] = round(statistics.median(seen[name]["images_per_s"] for seen in rounds), 1)
        line |= {"mmac": round(work / 1e6, 1), "gmac_per_s": round(work / ms / 1e6, 1)}
        most = max((seen.get(precision, 0) for seen in peaks), default=0) * threads
        line |= {"peak_gmac_per_s": most, "share_of_peak": round(work / ms / 1e6 / most, 3)} if most else {}
        for ours in running.keys() & OURS.keys() - {name}:
            line[f"{ours}_is_faster_by"] = round(
                statistics.median(seen[name]["ms"] / seen[ours]["ms"] for seen in rounds), 2)
        line |= {"load_ms": round(engine.load_ms, 1)} if engine.load_ms else {}
        lines.append(line)
    return lines


def table(lines: list[dict]) -> str:
    columns = {"engine": 18, "ms": 9, "images_per_s": 13, "gmac_per_s": 11, "share_of_peak": 14,
               "lookalike-f32_is_faster_by": 10, "lookalike-int8_is_faster_by": 10, "load_ms": 9}
    short = {"lookalike-f32_is_faster_by": "f32 ours", "lookalike-int8_is_faster_by": "int8 ours",
             "images_per_s": "images/s", "gmac_per_s": "GMAC/s", "share_of_peak": "of the peak", "load_ms": "load ms"}
    rows = ["".join(short.get(column, column).rjust(width) for column, width in columns.items())]
    rows += ["".join(str(line.get(column, "-")).rjust(width) for column, width in columns.items()) for line in lines]
    return "\n".join(rows)


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = pathlib.Path(os.environ.get("LOOKALIKE_DATA", HERE.parents[2] / "shared" / "data"))
    parser.add_argument("lookalike", help="the program")
    parser.add_argument("models", type=pathlib.Path, nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--threads", default="1,2", help="1,2 unless given")
    parser.add_argument("--rounds", type=int, default=7, help="7 unless given")
    parser.add_argument("--only", default=",".join([*OURS, *PEERS[:-1]]), help="engines, separated by commas")
    parser.add_argument("--output", help="the output to run to, that of MODEL.json unless given")
    parser.add_argument("--photos", type=pathlib.Path, default=data / "photos", help="pictures to calibrate int8 with")
    options = parser.parse_args()
    if unknown := set(options.only.split(",")) - {*OURS, *PEERS}:
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as scratch:
        peak = processor_peak(pathlib.Path(scratch))
        for file in options.models:
            found = contenders(options, file, pathlib.Path(scratch))
            size = json.loads(file.with_suffix(".json").read_text())["input_size"]
            work = network_work.multiply_adds(pathlib.Path(scratch) / f"{file.stem}.onnx", size)
            for threads in map(int, options.threads.split(",")):
                lines = measure(options, file, threads, found, work, peak)
                for line in lines:
                    print(json.dumps(line), flush=True)
                print(f"\n{file.stem}, {threads} threads, medians of {options.rounds} rounds; ours: how many times "
                      f"faster it is\n{table(lines)}\n", file=sys.stderr)


if __name__ == "__main__":
    main()
