"""PyTorch's side of AdamW: `torch_side.py SHAPES`, the shape of every tensor by name as JSON."""

import json
import math
import sys

import torch

from serve import serve
from timing import seconds_of

torch.set_num_threads(2)
shapes = json.loads(sys.argv[1])
AFTER = 3


def tensors():
    """Every tensor starts at 0 and has gradients of k / 64, k from -32 to 31."""
    made = {}
    for name, shape in shapes.items():
        made[name] = torch.nn.Parameter(torch.zeros(shape))
        made[name].grad = (((torch.arange(math.prod(shape)) % 64) - 32) / 64).view(shape)
    return made


def optimizer(kind, parameters):
    return torch.optim.AdamW(
        parameters.values(), lr=1e-3, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2, **{kind: True}
    )


parameters = tensors()
optimizers = {kind: optimizer(kind, parameters) for kind in ("fused", "foreach")}


def agree(ours):
    """How far the first numbers of every tensor are from ours after as many updates."""
    fused = optimizer("fused", parameters)
    for _ in range(AFTER):
        fused.step()
    return max((p.detach().flatten()[:64] - torch.tensor(ours[name])).abs().max().item() for name, p in parameters.items())


serve(
    {
        "agree": agree,
        "update": lambda kind, clock, fill: seconds_of(optimizers[kind].step, clock, fill),
    }
)
