"""Families that torchvision 0.14 lacks, after their papers, as their authors' PyTorch code writes them."""

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models.inception import BasicConv2d, InceptionA, InceptionB, InceptionC


def conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, activation=nn.ReLU):
    """Convolution, batch norm and, unless None, an activation."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))


class MobileNetV1(nn.Module):
    """Howard et al. 2017: depthwise 3×3 and pointwise in turn."""

    LAYERS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]

    def __init__(self, width: float, classes: int) -> None:
        super().__init__()
        channels = int(32 * width)
        layers = [conv_norm(3, channels, 3, 2)]
        for outputs, stride in self.LAYERS:
            outputs = int(outputs * width)
            layers += [conv_norm(channels, channels, 3, stride, channels), conv_norm(channels, outputs, 1)]
            channels = outputs
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.features(x).mean(3).mean(2))


class SamePad(nn.Module):
    """TensorFlow's SAME padding before a convolution of stride 2: one row and column more at the far side."""

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.near, self.far = (kernel - 2) // 2, (kernel - 1) // 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pad(x, (self.near, self.far, self.near, self.far))


class LiteBlock(nn.Module):
    """EfficientNet-Lite's inverted bottleneck: no squeeze-and-excitation, ReLU6."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        layers = [conv_norm(inputs, hidden, 1, activation=nn.ReLU6)] if expansion > 1 else []
        depthwise = conv_norm(hidden, hidden, kernel, stride, hidden, nn.ReLU6)
        if stride == 2:
            depthwise[0].padding = (0, 0)
            layers.append(SamePad(kernel))
        self.layers = nn.Sequential(*layers, depthwise, conv_norm(hidden, outputs, 1, activation=None))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.layers(x) if self.residual else self.layers(x)


class EfficientNetLite0(nn.Module):
    """EfficientNet-B0 without squeeze-and-excitation and with ReLU6, padded as its TensorFlow original is (even
    input sizes)."""

    STAGES = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
              (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]

    def __init__(self, classes: int) -> None:
        super().__init__()
        stem = conv_norm(3, 32, 3, 2, activation=nn.ReLU6)
        stem[0].padding = (0, 0)
        layers, channels = [SamePad(3), stem], 32
        for expansion, outputs, count, stride, kernel in self.STAGES:
            for index in range(count):
                layers.append(LiteBlock(channels, outputs, expansion, kernel, stride if index == 0 else 1))
                channels = outputs
        self.features = nn.Sequential(*layers, conv_norm(channels, 1280, 1, activation=nn.ReLU6))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


class RepVGGBlock(nn.Module):
    """Ding et al. 2021: a 3×3, a 1×1 and, where shapes agree, an identity branch, each with its batch norm; `deploy`
    gives the one convolution that they add up to."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.wide = conv_norm(inputs, outputs, 3, stride, activation=None)
        self.narrow = conv_norm(inputs, outputs, 1, stride, activation=None)
        self.identity = nn.BatchNorm2d(inputs) if inputs == outputs and stride == 1 else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = self.wide(x) + self.narrow(x)
        return F.relu(total if self.identity is None else total + self.identity(x))

    def deploy(self) -> nn.Sequential:
        kernel, bias = self.folded(self.wide[0].weight, self.wide[1])
        more, shift = self.folded(F.pad(self.narrow[0].weight, (1, 1, 1, 1)), self.narrow[1])
        kernel, bias = kernel + more, bias + shift
        if self.identity is not None:
            unit = torch.zeros_like(kernel)
            unit[range(len(unit)), range(len(unit)), 1, 1] = 1
            more, shift = self.folded(unit, self.identity)
            kernel, bias = kernel + more, bias + shift
        conv = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, self.wide[0].stride, 1)
        conv.weight, conv.bias = nn.Parameter(kernel), nn.Parameter(bias)
        return nn.Sequential(conv, nn.ReLU(inplace=True))

    @staticmethod
    def folded(weight: torch.Tensor, norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
        gain = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach()
        return weight.detach() * gain[:, None, None, None], (norm.bias - norm.running_mean * gain).detach()


class RepVGG(nn.Module):
    """A short RepVGG with branches; `deploy` gives the plain form with the same outputs."""

    def __init__(self, classes: int, widths=(32, 32, 64, 96, 256), counts=(1, 2, 3, 4, 1)) -> None:
        super().__init__()
        layers, channels = [], 3
        for width, count in zip(widths, counts):
            for index in range(count):
                layers.append(RepVGGBlock(channels, width, 2 if index == 0 else 1))
                channels = width
        self.blocks = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.blocks(x))
        return self.classifier(x.view(x.size(0), -1))

    def deploy(self) -> "RepVGG":
        for index, block in enumerate(self.blocks):
            self.blocks[index] = block.deploy()
        return self


class GhostModule(nn.Module):
    """Half of the channels from a convolution, the other half cheaply from these by a depthwise one."""

    def __init__(self, inputs: int, outputs: int, activation=nn.ReLU) -> None:
        super().__init__()
        self.outputs, half = outputs, (outputs + 1) // 2
        self.primary = conv_norm(inputs, half, 1, activation=activation)
        self.cheap = conv_norm(half, half, 3, groups=half, activation=activation)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.primary(x)
        return torch.cat([x, self.cheap(x)], dim=1)[:, : self.outputs, :, :]


class GhostGate(nn.Module):
    """Squeeze-and-excitation with the hard sigmoid written as ReLU6, as GhostNet's authors do."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        reduced = (channels // 4 + 3) // 4 * 4
        self.reduce, self.expand = nn.Conv2d(channels, reduced, 1), nn.Conv2d(reduced, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate = self.expand(F.relu(self.reduce(F.adaptive_avg_pool2d(x, 1))))
        return x * (F.relu6(gate + 3.0) / 6.0)


class GhostBottleneck(nn.Module):
    def __init__(self, inputs: int, hidden: int, outputs: int, kernel: int, stride: int, gate: bool) -> None:
        super().__init__()
        layers = [GhostModule(inputs, hidden)]
        if stride == 2:
            layers.append(conv_norm(hidden, hidden, kernel, stride, hidden, None))
        if gate:
            layers.append(GhostGate(hidden))
        self.layers = nn.Sequential(*layers, GhostModule(hidden, outputs, None))
        self.shortcut = nn.Sequential()
        if stride == 2 or inputs != outputs:
            depthwise = conv_norm(inputs, inputs, kernel, stride, inputs, None)
            self.shortcut = nn.Sequential(depthwise, conv_norm(inputs, outputs, 1, activation=None))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x) + self.shortcut(x)


class GhostNet(nn.Module):
    """Han et al. 2020, width 1."""

    BLOCKS = [(3, 16, 16, 0, 1), (3, 48, 24, 0, 2), (3, 72, 24, 0, 1), (5, 72, 40, 1, 2), (5, 120, 40, 1, 1),
              (3, 240, 80, 0, 2), (3, 200, 80, 0, 1), (3, 184, 80, 0, 1), (3, 184, 80, 0, 1), (3, 480, 112, 1, 1),
              (3, 672, 112, 1, 1), (5, 672, 160, 1, 2), (5, 960, 160, 0, 1), (5, 960, 160, 1, 1),
              (5, 960, 160, 0, 1), (5, 960, 160, 1, 1)]

    def __init__(self, classes: int) -> None:
        super().__init__()
        layers, channels = [conv_norm(3, 16, 3, 2)], 16
        for kernel, hidden, outputs, gate, stride in self.BLOCKS:
            layers.append(GhostBottleneck(channels, hidden, outputs, kernel, stride, bool(gate)))
            channels = outputs
        self.features = nn.Sequential(*layers, conv_norm(channels, 960, 1))
        self.head = nn.Conv2d(960, 1280, 1)
        self.classifier = nn.Linear(1280, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.head(F.adaptive_avg_pool2d(self.features(x), 1)))
        return self.classifier(F.dropout(x.view(x.size(0), -1), 0.2, self.training))


class MiniInception(nn.Module):
    """Inception-v3's blocks A, B and C once each: padded average pools, 5×5, 1×7 and 7×1 kernels, long
    concatenations."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            BasicConv2d(3, 32, kernel_size=3, stride=2), BasicConv2d(32, 64, kernel_size=3, padding=1),
            nn.MaxPool2d(3, 2), InceptionA(64, 32), InceptionB(256), InceptionC(736, 64))
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.classifier = nn.Linear(768, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(torch.flatten(self.pool(self.features(x)), 1))


class Control(nn.Module):
    """A plain network with the operators that the families above leave out: dilation, PReLU, LeakyReLU, Tanh, both
    kinds of resizing, average pools with and without their padding counted, layer norm over tokens, GELU, Softmax,
    sums, powers and quotients."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 24, 5, 2, 2), nn.PReLU(24), nn.Conv2d(24, 32, 3, 1, 2, dilation=2))
        self.down = nn.Sequential(nn.AvgPool2d(3, 2, 1), nn.Conv2d(32, 48, 3, padding=1, groups=4), nn.LeakyReLU(0.1))
        self.deep = nn.Sequential(nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.Conv2d(48, 48, 3, padding=1))
        self.deepest = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(48, 64, (3, 1), padding=(1, 0)), nn.PReLU(1))
        self.merge = nn.Conv2d(160, 96, 1)
        self.norm = nn.LayerNorm(96)
        self.mix = nn.Linear(96, 96, bias=False)
        self.classifier = nn.Linear(192, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.stem(x), 0.2)
        middle = self.down(x)
        deep = torch.tanh(self.deep(middle))
        deepest = self.deepest(deep)
        size = middle.shape[2:]
        up = F.interpolate(deep, size=size, mode="nearest")
        upper = F.interpolate(deepest, size=size, mode="bilinear", align_corners=False)
        x = self.merge(torch.cat([middle, up, upper], 1))
        tokens = self.norm(x.flatten(2).transpose(1, 2))
        tokens = tokens + F.gelu(self.mix(tokens))
        weights = torch.softmax(tokens.mean(-1, keepdim=True) * 4 - 1, dim=1)
        pooled = torch.cat([(tokens * weights).sum(1), tokens.pow(2).mean(1).sqrt()], 1)
        first, second = torch.chunk(pooled, 2, 1)
        return self.classifier(torch.cat([first - second, second / (1 + first.abs())], 1))
