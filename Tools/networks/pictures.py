"""The pictures that settle and probe the networks: which files, and how a model's description makes inputs of them."""

import os
import pathlib

import numpy as np
from PIL import Image, ImageOps

SETS = ("clothing", "grocery", "caltech50")


def photo_folder() -> pathlib.Path:
    """The photographs of LOOKALIKE_DATA, or of ../shared/data beside the repository."""
    root = pathlib.Path(__file__).resolve().parents[2]
    data = pathlib.Path(os.environ.get("LOOKALIKE_DATA", root.parent / "shared" / "data"))
    photos = data / "photos"
    if not photos.is_dir():
        raise SystemExit(f"no photographs at {photos}: set LOOKALIKE_DATA to the folder of the corpora")
    return photos


def spread(count: int, offset: int = 0) -> list[pathlib.Path]:
    """`count` photographs, evenly spaced over all sets and labels; another offset gives others."""
    root = photo_folder()
    files = sorted(path for name in SETS for path in (root / name).glob("*/*.jpg"))
    return [files[(index * len(files) // count + offset) % len(files)] for index in range(count)]


def prepare(path: pathlib.Path, description: dict) -> np.ndarray:
    """The network's input for one picture, float32 [3, size, size]: stretched, then (x - mean) / scale."""
    if description["resize"] != "stretch":
        raise SystemExit(f"{path}: only the resize mode stretch is known here, not {description['resize']}")
    size = description["input_size"]
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    return normalised(picture.resize((size, size), Image.Resampling.BILINEAR), description)


def noise(generator: np.random.Generator, description: dict) -> np.ndarray:
    """The input of a random picture: 8×8 colours enlarged. White noise would be further from photographs than any
    picture is, and an untrained network, whose norms know photographs alone, answers to it a hundred times as large."""
    colours = Image.fromarray(generator.integers(0, 256, (8, 8, 3), np.uint8))
    size = description["input_size"]
    return normalised(colours.resize((size, size), Image.Resampling.BICUBIC), description)


def normalised(picture: Image.Image, description: dict) -> np.ndarray:
    pixels = np.asarray(picture, np.float32)
    if description["colour_order"] == "BGR":
        pixels = pixels[:, :, ::-1]
    mean, scale = (np.array(description[key], np.float32) for key in ("mean", "scale"))
    return np.ascontiguousarray(((pixels - mean) / scale).transpose(2, 0, 1))
