"""PyTorch's side of a convolutional network's training: `torch_side.py SPEC`, see spec.ts."""

import json
import math
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from serve import serve
from timing import seconds_of

LEARNING_RATE = 1e-4
spec = json.loads(sys.argv[1])
batch, size = spec["batch"], spec["size"]
torch.set_num_threads(2)


class Residual(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


named = []


def module(layer, channels, dropout):
    """A layer and the channels (or numbers) behind it; None where the first dense layer counts them."""
    kind = layer["kind"]
    if kind == "conv":
        padding = layer["padding"]
        made = nn.Conv2d(
            channels,
            layer["filters"],
            layer["kernel"],
            layer["stride"],
            0 if padding == "valid" else padding,
            layer["dilation"],
            layer["groups"],
            layer["bias"],
        )
        channels = layer["filters"]
    elif kind == "dense":
        made = nn.LazyLinear(layer["units"])
    elif kind == "batchNorm":
        made = nn.BatchNorm2d(channels, layer["eps"], layer["momentum"])
    elif kind == "residual":
        body, behind = modules(layer["body"], channels, dropout)
        shortcut, _ = modules(layer["shortcut"], channels, dropout)
        return Residual(body, shortcut), behind
    else:
        made = {
            "relu": lambda: nn.ReLU(),
            "flatten": lambda: nn.Flatten(),
            "dropout": lambda: nn.Dropout(layer["rate"] if dropout else 0),
            "maxPool": lambda: nn.MaxPool2d(
                layer["kernel"], layer["stride"], 0 if layer["padding"] == "valid" else layer["padding"]
            ),
            "avgPool": lambda: nn.AvgPool2d(
                layer["kernel"], layer["stride"], 0 if layer["padding"] == "valid" else layer["padding"]
            ),
            "globalAvgPool": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        }[kind]()
    named.append((layer, made))
    return made, channels


def modules(layers, channels, dropout):
    made = []
    for layer in layers:
        one, channels = module(layer, channels, dropout)
        made.append(one)
    return made, channels


model = parameters = pixels = penalties = None
labels = torch.arange(batch) % 2


def make(layers, weights):
    """The network, with our weights."""
    global model, parameters, pixels, penalties
    rows = torch.from_numpy(np.fromfile(spec["rows"], dtype=np.float32))
    pixels = rows.view(batch, -1, size, size)
    named.clear()
    model = nn.Sequential(*modules(layers, pixels.shape[1], True)[0]).train()
    model(pixels)
    parameters, penalties = {}, []
    stored = load_file(weights)
    with torch.no_grad():
        for layer, one in named:
            for part, value in one.state_dict().items():
                name = f"{layer['name']}.{part}"
                if name in stored:
                    value.copy_(stored[name])
            for part, value in one.named_parameters():
                parameters[f"{layer['name']}.{part}"] = value
            if layer.get("l2"):
                penalties.append((layer["l2"], one.weight))


def loss_of():
    z = model(pixels)
    if z.shape[1] == 1:
        loss = nn.functional.binary_cross_entropy_with_logits(z[:, 0], labels.to(z.dtype))
    else:
        loss = nn.functional.cross_entropy(z, labels)
    for l2, weight in penalties:
        loss = loss + l2 * weight.square().sum()
    return loss


def differentiated():
    loss = loss_of()
    loss.backward()
    return loss.item(), {name: p.grad.double() for name, p in parameters.items()}


def agree(layers, weights, gradients, loss):
    """
    How far our loss, our gradients and PyTorch's own are from float64, in layers without dropout: gradients in parts of a
    tensor's largest entry, or of a hundredth of the largest of all, and by the cosine of all of them with float64's.
    """
    global pixels
    make(layers, weights)
    _, own = differentiated()
    ours = {name: value.double() for name, value in load_file(gradients).items()}
    if ours.keys() != own.keys():
        raise ValueError(f"other parameters train: {sorted(ours.keys() ^ own.keys())[:4]}")
    model.double().zero_grad()
    pixels = pixels.double()
    exact_loss, exact = differentiated()
    largest = max(value.abs().max() for value in exact.values())
    whole = torch.cat([value.flatten() for value in exact.values()])

    def apart(of):
        return max(
            ((of[name] - value).abs().max() / torch.maximum(value.abs().max(), largest / 100)).item()
            for name, value in exact.items()
        )

    def cosine(of):
        return torch.cosine_similarity(torch.cat([of[name].flatten() for name in exact]), whole, dim=0).item()

    return {
        "loss": abs(exact_loss - loss),
        "gradients": apart(ours),
        "own": apart(own),
        "cosine": cosine(ours),
        "ownCosine": cosine(own),
    }


optimizers = {}


def update(last):
    global model, pixels
    if last not in optimizers:
        if last:
            model, pixels = model.to(memory_format=torch.channels_last), pixels.contiguous(memory_format=torch.channels_last)
        optimizers[last] = torch.optim.AdamW(parameters.values(), lr=LEARNING_RATE, weight_decay=0.01, fused=True)
    optimizers[last].zero_grad()
    loss = loss_of()
    loss.backward()
    optimizers[last].step()
    if not math.isfinite(loss.item()):
        raise ValueError("the loss is not finite")


serve(
    {
        "agree": agree,
        "make": make,
        "step": lambda clock, fill: seconds_of(lambda: update(sys.argv[2] == "channels-last"), clock, fill),
    }
)
