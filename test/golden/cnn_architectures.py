"""What PyTorch says of thin versions of the convolutional architectures: `cnn_architectures.py OUT.safetensors`.

The modules are written as PyTorch users write them, with the names of the TypeScript side. Weights, pixels and dropout
masks follow from formulas that both sides compute (see `drawn`), so that only results are stored. Results are computed in
64 bits and stored in 32: outputs in evaluation and in training, running statistics after the step, and the gradient of
`sum(output * drawn)` over all heads with respect to every parameter, in training.
"""

import math
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

torch.set_num_threads(1)
BATCH = 3


def hashed(name):
    return sum((i + 1) * ord(c) for i, c in enumerate(name))


def drawn(name, count):
    """`count` numbers in [-0.5, 0.5): the same ones on the TypeScript side."""
    start = hashed(name)
    return [((i * 7919 + start * 53) % 1009) / 1009 - 0.5 for i in range(count)]


def tensor(name, shape, scale=1.0, offset=0.0):
    values = [offset + scale * v for v in drawn(name, math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).float().double().reshape(shape)


class Dropout(nn.Module):
    """Dropout whose mask follows from its name."""

    def __init__(self, rate):
        super().__init__()
        self.rate, self.name = rate, None

    def forward(self, x):
        if not self.training:
            return x
        kept = [0.0 if v + 0.5 < self.rate else 1 / (1 - self.rate) for v in drawn(self.name, x.numel())]
        return x * torch.tensor(kept, dtype=torch.float64).float().double().reshape(x.shape)


def stack(inputs, units, rate=0.0, last=1):
    layers = {}
    for i, count in enumerate(units, 1):
        layers[f"dense{i}"] = nn.Linear(inputs, count)
        layers[f"relu{i}"] = nn.ReLU()
        if rate:
            layers[f"dropout{i}"] = Dropout(rate)
        inputs = count
    layers["output"] = nn.Linear(inputs, last)
    module = nn.Sequential()
    for name, layer in layers.items():
        module.add_module(name, layer)
    return module


def thin(divisor):
    return lambda count: max(2, math.ceil(count / divisor))


class Ward(nn.Module):
    size, channels = 30, 3

    def __init__(self):
        super().__init__()
        a, b, c, d = map(thin(16), (32, 64, 128, 64))
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(3, a, 3), nn.Conv2d(a, b, 3), nn.Conv2d(b, c, 3)
        self.dense1, self.dropout1 = nn.Linear(c * 2 * 2, d), Dropout(0.5)
        self.gender = nn.ModuleDict({"output": nn.Linear(d, 1)})

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = self.dropout1(F.relu(self.dense1(x.flatten(1))))
        return {"gender": self.gender["output"](x)}


class Serawan(nn.Module):
    size, channels = 32, 3

    def __init__(self):
        super().__init__()
        layers, inputs = [], 3
        for block in [(64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3]:
            for count in map(thin(64), block):
                layers += [nn.Conv2d(inputs, count, 3, padding=1), nn.ReLU()]
                inputs = count
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        width = thin(64)
        self.age = stack(inputs, [width(256)] * 2)
        self.race = stack(inputs, [width(128), width(64)], last=5)
        self.gender = stack(inputs, [width(128), width(64)], last=2)

    def forward(self, x):
        x = self.features(x).flatten(1)
        return {"age": self.age(x), "race": self.race(x), "gender": self.gender(x)}


class Tripathi(nn.Module):
    size, channels = 17, 1

    def __init__(self):
        super().__init__()
        inputs, width = 1, thin(32)
        for i, count in enumerate(map(width, (32, 64, 128, 256)), 1):
            self.add_module(f"conv{i}", nn.Conv2d(inputs, count, 3, padding="same"))
            self.add_module(f"dropout{i}", Dropout(0.1))
            inputs = count
        self.dense1, self.dropout5 = nn.Linear(inputs, width(128)), Dropout(0.2)
        self.gender = nn.ModuleDict({"output": nn.Linear(width(128), 2)})

    def forward(self, x):
        for i in range(1, 5):
            conv, dropout = getattr(self, f"conv{i}"), getattr(self, f"dropout{i}")
            x = F.max_pool2d(F.relu(dropout(conv(x))), 2)
        x = self.dropout5(F.relu(self.dense1(x.flatten(1))))
        return {"gender": self.gender["output"](x)}

    def penalty(self):
        return sum(0.001 * (getattr(self, f"conv{i}").weight ** 2).sum() for i in range(1, 5))


class Aghav(nn.Module):
    size, channels = 18, 1

    def __init__(self):
        super().__init__()
        width = thin(8)
        a, b, c = map(width, (32, 64, 128))
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(1, a, 3), nn.Conv2d(a, b, 3), nn.Conv2d(b, c, 3)
        self.dropout1 = Dropout(0.25)
        # layers of eight units or fewer are not thinned
        self.age = stack(c * 2 * 2, [width(128), width(64), width(32)], 0.5)
        self.gender = stack(c * 2 * 2, [width(128), width(64), width(32), width(16), 8], 0.5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = self.dropout1(F.max_pool2d(F.relu(self.conv3(x)), 2)).flatten(1)
        return {"age": self.age(x), "gender": self.gender(x)}


class Plain48(nn.Module):
    size, channels = 16, 3

    def __init__(self):
        super().__init__()
        inputs, width = 3, thin(32)
        for i, count in enumerate(map(width, (32, 64, 128, 256)), 1):
            self.add_module(f"conv{i}", nn.Conv2d(inputs, count, 3, padding="same"))
            self.add_module(f"dropout{i}", Dropout(0.1))
            inputs = count
        self.gender, self.age = stack(inputs, [width(64)]), stack(inputs, [width(64)])

    def forward(self, x):
        for i in range(1, 5):
            conv, dropout = getattr(self, f"conv{i}"), getattr(self, f"dropout{i}")
            x = F.max_pool2d(F.relu(dropout(conv(x))), 2)
        x = x.flatten(1)
        return {"gender": self.gender(x), "age": self.age(x)}

    penalty = Tripathi.penalty


class Small(nn.Module):
    size, channels = 33, 3

    def __init__(self):
        super().__init__()
        inputs = 3
        for i, count in enumerate(map(thin(32), (32, 64, 128, 256, 256)), 1):
            self.add_module(f"conv{i}", nn.Conv2d(inputs, count, 3, padding=1, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(count))
            inputs = count
        self.gender = nn.ModuleDict({"output": nn.Linear(inputs, 2)})

    def forward(self, x):
        for i in range(1, 6):
            x = F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
            x = F.max_pool2d(x, 2) if i < 5 else F.adaptive_avg_pool2d(x, 1)
        return {"gender": self.gender["output"](x.flatten(1))}


class BasicBlock(nn.Module):
    def __init__(self, inputs, count, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, count, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(count)
        self.conv2 = nn.Conv2d(count, count, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(count)
        self.downsample = None
        if stride > 1:
            shortcut = nn.Conv2d(inputs, count, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(count))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class ResNet18(nn.Module):
    """torchvision's, thin."""

    size, channels, kernel = 40, 3, 7

    def __init__(self):
        super().__init__()
        widths = list(map(thin(64), (64, 128, 256, 512)))
        if self.kernel == 7:
            self.conv1 = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)
        else:
            self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1, inputs = nn.BatchNorm2d(widths[0]), widths[0]
        for i, count in enumerate(widths):
            blocks = [BasicBlock(inputs, count, 1 if i == 0 else 2), BasicBlock(count, count, 1)]
            self.add_module(f"layer{i + 1}", nn.Sequential(*blocks))
            inputs = count
        self.fc = nn.Linear(inputs, 2)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.kernel == 7:
            x = F.max_pool2d(x, 3, 2, 1)
        for i in range(1, 5):
            x = getattr(self, f"layer{i}")(x)
        return {"gender": self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))}


class ResNet18Small(ResNet18):
    size, kernel = 12, 3


ALL = {
    "ward": Ward,
    "serawan": Serawan,
    "tripathi": Tripathi,
    "aghav": Aghav,
    "plain48": Plain48,
    "small": Small,
    "resnet18": ResNet18,
    "resnet18-small": ResNet18Small,
}


def fill(name, value):
    if name.endswith("num_batches_tracked"):
        return
    if value.dim() > 1:
        new = tensor(name, value.shape, 4 / math.sqrt(value[0].numel()))
    elif name.endswith("running_var") or (name.endswith("weight") and value.dim() == 1):
        new = tensor(name, value.shape, 0.5, 1.0)
    else:
        new = tensor(name, value.shape, 0.5, 0.4)
    value.copy_(new)


results = {}
for architecture, Network in ALL.items():
    network = Network().double()
    for name, module in network.named_modules():
        if isinstance(module, Dropout):
            module.name = name
    with torch.no_grad():
        for name, value in network.state_dict().items():
            fill(name, value)
    pixels = tensor("pixels", (BATCH, Network.channels, Network.size, Network.size), 1.0, 0.5)
    found = {}
    network.eval()
    with torch.no_grad():
        for head, z in network(pixels).items():
            found[f"eval.{head}"] = z
    network.train()
    loss = 0.0
    for head, z in network(pixels).items():
        found[f"train.{head}"] = z.detach()
        loss = loss + (z * tensor(f"loss.{head}", z.shape)).sum()
    if hasattr(network, "penalty"):
        loss = loss + network.penalty()
    loss.backward()
    for name, value in network.named_parameters():
        found[f"grad.{name}"] = value.grad
    for name, value in network.named_buffers():
        if not name.endswith("num_batches_tracked"):
            found[f"state.{name}"] = value
    for name, value in found.items():
        results[f"{architecture}/{name}"] = value.float().contiguous()

save_file(results, sys.argv[1], metadata={"torch": torch.__version__.split("+")[0]})
