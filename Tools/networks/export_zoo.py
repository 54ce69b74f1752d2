#!/usr/bin/python3
"""Export networks of the usual small families with seeded random weights as ONNX, the way PyTorch users do.

usage: export_zoo.py [--out .build/networks] [--only NAME,NAME] [--list]

For every network it writes NAME.onnx and NAME.json (the model's description: input_size, mean, scale, colour_order,
resize, output, licence). reference_outputs.py adds what ONNX Runtime makes of them. Nothing of it is committed: the
networks take about 400 MB, and a seed brings them back.

Random weights alone make a network that answers much the same to every picture. So gains and biases of the norms are
drawn too, and then every batch norm takes the mean and variance that it sees on 96 photographs (LOOKALIKE_DATA), layer
by layer, so that outputs differ between pictures as much as the architecture lets them.

The exports vary on purpose: opsets 7 to 17, batch norms folded by the exporter or left as nodes, constants folded or
left as nodes, a fixed or a free batch dimension, initializers listed as inputs as old exporters did, odd input sizes.

Runs with Debian 12's PyTorch 1.13 and torchvision 0.14 (apt-get install python3-torch python3-torchvision python3-pil),
and so with /usr/bin/python3."""

import argparse
import json
import pathlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.models.vgg import make_layers

import architectures as ours
import pictures

CLASSES = 100
SETTLING_PICTURES, SETTLING_BATCH = 96, 32
IMAGENET = {"mean": [123.675, 116.28, 103.53], "scale": [58.395, 57.12, 57.375], "colour_order": "RGB"}
SYMMETRIC = {"mean": [127.5] * 3, "scale": [127.5] * 3, "colour_order": "RGB"}
CAFFE = {"mean": [103.53, 116.28, 123.675], "scale": [57.375, 57.12, 58.395], "colour_order": "BGR"}


@dataclass(frozen=True)
class Export:
    """One network and how it is exported."""

    build: Callable[[], nn.Module]
    size: int
    opset: int
    norms_kept: bool = False
    constants_folded: bool = True
    free_batch: bool = False
    initializers_as_inputs: bool = False
    logits_only: bool = False
    colours: dict | None = None


def convnext() -> nn.Module:
    # The published layer scale of 1e-6 would leave an untrained network's blocks without any effect.
    stages = [(48, 96, 2), (96, 192, 2), (192, 320, 3), (320, None, 1)]
    return ConvNeXt([CNBlockConfig(*stage) for stage in stages], layer_scale=0.5, num_classes=CLASSES)


def vgg() -> nn.Module:
    features = make_layers([32, "M", 64, "M", 128, 128, "M", 192, 192, "M"], batch_norm=True)
    flat = 192 * 4 * 4
    head = nn.Sequential(nn.Linear(flat, 256), nn.ReLU(True), nn.Dropout(), nn.Linear(256, CLASSES))
    return nn.Sequential(features, nn.AdaptiveAvgPool2d((4, 4)), nn.Flatten(), head)


def resnext() -> nn.Module:
    return ResNet(Bottleneck, [1, 1, 1, 1], CLASSES, groups=32, width_per_group=4)


def torchvision(name: str, **more) -> Callable[[], nn.Module]:
    return lambda: getattr(models, name)(weights=None, num_classes=CLASSES, **more)


ZOO: dict[str, Export] = {
    "mobilenet_v1": Export(lambda: ours.MobileNetV1(0.5, CLASSES), 96, 9, colours=SYMMETRIC),
    "mobilenet_v2": Export(torchvision("mobilenet_v2"), 96, 13, free_batch=True),
    "mobilenet_v2_035": Export(
        torchvision("mobilenet_v2", width_mult=0.35), 96, 11, norms_kept=True, colours=SYMMETRIC),
    "mobilenet_v3_small": Export(torchvision("mobilenet_v3_small"), 96, 14),
    "mobilenet_v3_large": Export(torchvision("mobilenet_v3_large"), 96, 11, free_batch=True),
    "efficientnet_b0": Export(torchvision("efficientnet_b0"), 96, 16, norms_kept=True),
    "efficientnet_lite0": Export(lambda: ours.EfficientNetLite0(CLASSES), 96, 13, colours=SYMMETRIC),
    "resnet18": Export(torchvision("resnet18"), 97, 7, initializers_as_inputs=True, colours=CAFFE),
    "resnet50": Export(torchvision("resnet50"), 96, 13),
    "resnext": Export(resnext, 96, 9, norms_kept=True),
    "regnet_x_400mf": Export(torchvision("regnet_x_400mf"), 96, 14),
    "regnet_y_400mf": Export(torchvision("regnet_y_400mf"), 96, 17, free_batch=True),
    "shufflenet_v2_x0_5": Export(torchvision("shufflenet_v2_x0_5"), 96, 13),
    "shufflenet_v2_x1_0": Export(torchvision("shufflenet_v2_x1_0"), 96, 11, free_batch=True, constants_folded=False),
    "squeezenet1_1": Export(torchvision("squeezenet1_1"), 99, 9, logits_only=True, colours=CAFFE),
    "repvgg_train": Export(lambda: ours.RepVGG(CLASSES), 96, 11, norms_kept=True),
    "repvgg_deploy": Export(lambda: ours.RepVGG(CLASSES), 96, 13),
    "ghostnet": Export(lambda: ours.GhostNet(CLASSES), 96, 13, free_batch=True, constants_folded=False),
    "mnasnet0_5": Export(torchvision("mnasnet0_5"), 96, 16),
    "densenet121": Export(torchvision("densenet121"), 96, 13),
    "convnext": Export(convnext, 96, 13),
    "convnext_17": Export(convnext, 96, 17, free_batch=True),
    "vgg": Export(vgg, 64, 14, logits_only=True),
    "googlenet": Export(torchvision("googlenet", aux_logits=False, transform_input=True, init_weights=False), 97, 11),
    "inception": Export(lambda: ours.MiniInception(CLASSES), 91, 13, norms_kept=True),
    "control": Export(lambda: ours.Control(CLASSES), 90, 13),
    "control_11": Export(
        lambda: ours.Control(CLASSES), 75, 11, free_batch=True, constants_folded=False, logits_only=True),
}


class WithEmbedding(nn.Module):
    """A classifier that also returns what its last linear layer is given."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model, self.seen = model, []
        last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
        last.register_forward_pre_hook(lambda module, inputs: self.seen.append(inputs[0]))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits = self.model(x)
        embedding = self.seen[-1]
        self.seen.clear()
        return embedding, logits


def enliven(model: nn.Module) -> None:
    """Gains around 1 and biases around 0 where the initialisation leaves all of them alike."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)):
            nn.init.uniform_(module.weight, 0.7, 1.3)
            nn.init.normal_(module.bias, 0, 0.2)
        elif isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None and not module.bias.any():
            nn.init.normal_(module.bias, 0, float(module.weight.std()))
        elif isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.05, 0.4)


@torch.no_grad()
def settle(model: nn.Module, inputs: torch.Tensor) -> None:
    """Gives every batch norm the mean and variance it sees; the rest of the network stays as when it is used."""
    model.eval()
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for batch in inputs.split(SETTLING_BATCH) if norms else ():
        model(batch)
    model.eval()


def difference(outputs: torch.Tensor) -> float:
    """How far outputs lie from their mean over pictures, as a share of their size."""
    return float((outputs - outputs.mean(0)).norm() / outputs.norm())


@torch.no_grad()
def export(name: str, folder: pathlib.Path, seed: int) -> None:
    how = ZOO[name]
    torch.manual_seed(seed)
    outputs = ["logits"] if how.logits_only else ["embedding", "logits"]
    description = {"input_size": how.size, **(how.colours or IMAGENET), "resize": "stretch", "output": outputs[0],
                   "licence": "none: random weights"}
    photos = [pictures.prepare(path, description) for path in pictures.spread(SETTLING_PICTURES)]
    inputs = torch.stack([torch.from_numpy(photo) for photo in photos])
    model = how.build()
    enliven(model)
    settle(model, inputs)
    if name == "repvgg_deploy":
        before = model(inputs[:4])
        error = float((model.deploy().eval()(inputs[:4]) - before).abs().max() / before.abs().max())
        assert error < 1e-4, f"{name}: the deployed form differs by {error}"
    if not how.logits_only:
        model = WithEmbedding(model).eval()
    result = model(inputs[:16])
    axes = {tensor: {0: "batch"} for tensor in ["input", *outputs]} if how.free_batch else None
    mode = torch.onnx.TrainingMode.PRESERVE if how.norms_kept else torch.onnx.TrainingMode.EVAL
    path = folder / f"{name}.onnx"
    torch.onnx.export(
        model, inputs[:1], str(path), input_names=["input"], output_names=outputs, opset_version=how.opset,
        training=mode, do_constant_folding=how.constants_folded, dynamic_axes=axes,
        keep_initializers_as_inputs=how.initializers_as_inputs)
    (folder / f"{name}.json").write_text(json.dumps(description, indent=1) + "\n")
    first = result if how.logits_only else result[0]
    print(f"{name}: opset {how.opset}, {how.size} px, {path.stat().st_size / 1e6:.1f} MB, {outputs[0]} of "
          f"{first.shape[1]}, differs between pictures by {difference(first):.2f} of its size", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / ".build" / "networks")
    parser.add_argument("--only", default=",".join(ZOO), help="names, separated by commas; all unless given")
    parser.add_argument("--seed", type=int, default=1, help="1 unless given")
    parser.add_argument("--list", action="store_true", help="prints the names and ends")
    options = parser.parse_args()
    if options.list:
        print("\n".join(ZOO))
        return
    names = options.only.split(",")
    if unknown := [name for name in names if name not in ZOO]:
        parser.error(f"no such network: {', '.join(unknown)}")
    warnings.filterwarnings("ignore")  # Tracing warns of every shape that it takes as constant; that is meant.
    options.out.mkdir(parents=True, exist_ok=True)
    for name in names:
        export(name, options.out, options.seed)


if __name__ == "__main__":
    main()
