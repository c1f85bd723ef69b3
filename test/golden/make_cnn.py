"""PyTorch's numbers for convolutional networks, in float64: `make_cnn.py > cnn.json` (torch 2; a few seconds).

Inputs are multiples of 1/16, so that most results are exact. Each entry has its inputs, its results, and the gradients
of the sum of results times `d<result>`.
"""

import json
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def tensor(value):
    return {"shape": list(value.shape), "data": value.detach().flatten().tolist()}


def multiples(seed, *shape):
    """Multiples of 1/16 in [-2, 2]; neighbours differ, and some values are equal."""
    count = torch.Size(shape).numel()
    at = torch.arange(count)
    return (((at * 37 + at * at * 11 + seed * 29) % 65 - 32) / 16).reshape(shape)


def entry(attrs, inputs, result):
    """Inputs and gradients by name, of `result(**inputs)`."""
    leaves = {name: value.clone().requires_grad_() for name, value in inputs.items()}
    y = result(**leaves)
    dy = multiples(99, *y.shape)
    (y * dy).sum().backward()
    return {
        **attrs,
        "inputs": {name: tensor(value) for name, value in inputs.items()},
        "y": tensor(y),
        "dy": tensor(dy),
        "gradients": {name: tensor(value.grad) for name, value in leaves.items()},
    }


def around(x, padding, value=0.0):
    top, left, bottom, right = padding
    return F.pad(x, (left, right, top, bottom), value=value)


def conv2d(x, w, stride, padding, dilation=(1, 1), groups=1):
    attrs = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    inputs = {"x": multiples(1, *x), "w": multiples(2, *w), "bias": multiples(3, w[0])}
    return entry(
        {"attrs": attrs},
        inputs,
        lambda x, w, bias: F.conv2d(
            around(x, padding), w, bias, stride, 0, dilation, groups
        ),
    )


def pool(kind, x, kernel, stride, padding, shift=0.0):
    attrs = {"kernel": kernel, "stride": stride, "padding": padding}
    pooled = {
        "max": lambda x: F.max_pool2d(around(x, padding, float("-inf")), kernel, stride),
        "mean": lambda x: F.avg_pool2d(around(x, padding), kernel, stride),
    }[kind]
    return entry({"kind": kind, "attrs": attrs}, {"x": multiples(4, *x) + shift}, pooled)


def batch_norm(x, training, eps, momentum):
    channels = x[1]
    running = {"mean": multiples(5, channels), "variance": multiples(6, channels).abs() + 0.5}
    after = {name: value.clone() for name, value in running.items()}
    inputs = {"x": multiples(7, *x), "gamma": multiples(8, channels), "beta": multiples(9, channels)}
    made = entry(
        {"training": training, "eps": eps, "momentum": momentum},
        inputs,
        lambda x, gamma, beta: F.batch_norm(
            x, after["mean"], after["variance"], gamma, beta, training, momentum, eps
        ),
    )
    made["running"] = {name: tensor(value) for name, value in running.items()}
    made["after"] = {name: tensor(value) for name, value in after.items()}
    return made


def losses():
    values, numbers = multiples(10, 6), multiples(11, 6)
    logits, classes = multiples(12, 5, 3), torch.tensor([0, 2, 1, 1, 0])
    z, yes = multiples(13, 6), torch.tensor([1, 0, 0, 1, 1, 0])
    return {
        "numbers": tensor(numbers),
        "classes": classes.tolist(),
        "yes": yes.tolist(),
        "mse": entry({}, {"values": values}, lambda values: F.mse_loss(values, numbers)),
        "l1": entry({}, {"values": values}, lambda values: F.l1_loss(values, numbers)),
        "bce": entry({}, {"z": z}, lambda z: F.binary_cross_entropy(z.sigmoid(), yes.double())),
        "crossEntropy": entry({}, {"logits": logits}, lambda logits: F.cross_entropy(logits, classes)),
    }


class Net(torch.nn.Module):
    """A trunk with batch norm and two heads: three classes and a number."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(3, eps=1e-3, momentum=0.1)
        self.conv2 = torch.nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.kind = torch.nn.Linear(16, 3)
        self.age = torch.nn.Linear(16, 1)
        with torch.no_grad():
            for seed, (name, value) in enumerate(self.named_parameters()):
                value.copy_(multiples(20 + seed, *value.shape) / 4)
                if name == "bn1.weight":
                    value.copy_(1 + value / 2)

    def forward(self, x):
        h = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        h = F.relu(self.conv2(h)).flatten(1)
        return self.kind(h), self.age(h)


BATCH, STEPS = 5, 3
OPTIMIZERS = {
    "adam": (torch.optim.Adam, {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8}),
    "sgd": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
}


def state(net):
    """Parameters and running statistics, without the count of batches."""
    return {name: tensor(v) for name, v in net.state_dict().items() if v.is_floating_point()}


def training(name):
    """
    The number's loss counts half. The second convolution has a penalty in the loss, as Keras adds it, and all weights
    of two or more axes have one in the optimizer.
    """
    make, options = OPTIMIZERS[name]
    penalty = 0.01
    net = Net()
    matrices = [p for p in net.parameters() if p.dim() >= 2]
    vectors = [p for p in net.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": penalty}, {"params": vectors, "weight_decay": 0}]
    optimizer = make(groups, **options)
    made = {"options": options, "penalty": penalty, "start": state(net), "steps": []}
    for step in range(STEPS):
        pixels = multiples(40 + step, BATCH, 3, 8, 8)
        kinds, ages = torch.arange(BATCH) * (step + 1) % 3, multiples(50 + step, BATCH)
        kind, age = net.train()(pixels)
        loss = F.cross_entropy(kind, kinds) + 0.5 * F.mse_loss(age[:, 0], ages)
        loss = loss + penalty * net.conv2.weight.square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        made["steps"].append(
            {
                "pixels": tensor(pixels),
                "kinds": kinds.tolist(),
                "ages": tensor(ages),
                "loss": loss.item(),
                "gradients": {n: tensor(p.grad) for n, p in net.named_parameters()},
                "after": state(net),
            }
        )
    with torch.no_grad():
        kind, age = net.eval()(multiples(60, 2, 3, 8, 8))
    made["eval"] = {"pixels": tensor(multiples(60, 2, 3, 8, 8)), "kind": tensor(kind), "age": tensor(age)}
    return made


ONE, NONE = (1, 1), (0, 0, 0, 0)
GOLDEN = {
    "torch": torch.__version__.split("+")[0],
    "conv2d": [
        conv2d((2, 3, 5, 6), (4, 3, 3, 3), ONE, (1, 1, 1, 1)),
        conv2d((1, 3, 7, 5), (2, 3, 3, 3), (2, 2), (1, 1, 1, 1)),
        conv2d((1, 2, 6, 6), (2, 2, 5, 5), (1, 2), (2, 0, 1, 3)),
        conv2d((2, 2, 7, 8), (2, 2, 3, 3), ONE, (0, 1, 2, 0), dilation=(2, 2)),
        conv2d((1, 4, 5, 5), (6, 2, 3, 3), (2, 2), (1, 1, 1, 1), groups=2),
        conv2d((2, 3, 5, 4), (6, 1, 3, 3), ONE, (1, 1, 1, 1), groups=3),
        conv2d((2, 3, 4, 4), (4, 3, 1, 1), ONE, NONE),
    ],
    "pools": [
        pool("max", (2, 2, 6, 5), (2, 2), (2, 2), NONE),
        pool("max", (1, 2, 7, 6), (3, 3), (2, 2), (1, 1, 1, 1)),
        pool("max", (1, 2, 5, 6), (3, 2), ONE, (0, 1, 1, 0), shift=-8.0),
        pool("mean", (2, 2, 6, 5), (2, 2), (2, 2), NONE),
        pool("mean", (1, 2, 7, 6), (3, 3), (2, 2), (1, 1, 1, 1)),
    ],
    "batchNorm": [
        batch_norm((3, 2, 4, 3), True, 1e-5, 0.1),
        batch_norm((5, 3), True, 1e-3, 0.01),
        batch_norm((2, 2, 3, 3), False, 1e-5, 0.1),
    ],
    "losses": losses(),
    "training": {name: training(name) for name in OPTIMIZERS},
}

json.dump(GOLDEN, sys.stdout, separators=(",", ":"))
print()
