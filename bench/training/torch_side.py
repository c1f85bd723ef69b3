"""PyTorch's side of a training: `torch_side.py SPEC OPTIMIZER [STEPS]`, see spec.ts; OPTIMIZER is fused or default."""

import json
import math
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy, normalize
from transformers import CLIPConfig, CLIPModel, CLIPTextModelWithProjection, CLIPVisionModelWithProjection

from serve import serve
from timing import seconds_of

CLASSES, SCALE, LEARNING_RATE = 2, 10, 1e-5
spec = json.loads(sys.argv[1])
towers, trainable, batch = spec["towers"], spec["trainable"], spec["batch"]
torch.set_num_threads(2)

config = CLIPConfig.from_pretrained(spec["folder"])
if towers == "both":
    model = CLIPModel.from_pretrained(spec["folder"])
else:
    model = (
        CLIPVisionModelWithProjection(config.vision_config)
        if towers == "image"
        else CLIPTextModelWithProjection(config.text_config)
    )
    stored = load_file(spec["folder"] + "/model.safetensors")
    model.load_state_dict({name: stored[name] for name in model.state_dict()})
    if towers == "text":
        model.logit_scale = torch.nn.Parameter(stored["logit_scale"].clone())
    del stored
model.train()

if trainable["kind"] == "lora":
    from peft import LoraConfig, get_peft_model

    model = get_peft_model(
        model,
        LoraConfig(
            r=trainable["rank"], lora_alpha=trainable["alpha"], target_modules=trainable["modules"], lora_dropout=0.0
        ),
    )
    adapters = load_file(spec["adapters"])
elif trainable["kind"] == "blocks":
    depth = config.vision_config.num_hidden_layers
    first = depth - trainable["image"]
    last = [f"vision_model.encoder.layers.{i}." for i in range(first, depth)]
    last += ["vision_model.post_layernorm.", "visual_projection."]
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith(tuple(last)))


def plain(name):
    """A parameter's name as our side has it."""
    return name.removeprefix("base_model.model.").replace(".default.", ".")


trained = {plain(name): p for name, p in model.named_parameters() if p.requires_grad}
if trainable["kind"] == "lora":
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(adapters[name])
vision = model.base_model.model if trainable["kind"] == "lora" else model

rows = torch.from_numpy(np.fromfile(spec["rows"], dtype=np.float32))
size = config.vision_config.image_size
rows = rows.view(batch, config.projection_dim) if towers == "text" else rows.view(batch, 3, size, size)
labels = torch.arange(batch) % CLASSES
prompts = torch.tensor(spec["prompts"], dtype=torch.long)
width = config.projection_dim
directions = [math.sin(12.9 * (i + 1)) for i in range(CLASSES * width)]
directions = normalize(torch.tensor(directions, dtype=torch.float32).view(CLASSES, width))
averaging = torch.eye(CLASSES)
if spec.get("captions"):
    # one caption for every image, padded to all positions: what scripts do that tokenise captions
    length = config.text_config.max_position_embeddings
    padded = torch.full((CLASSES, length), config.text_config.pad_token_id)
    padded[:, : prompts.shape[1]] = prompts
    prompts = padded[labels]
    averaging = torch.nn.functional.one_hot(labels, CLASSES).T.float() / (batch // CLASSES)


def hidden_states(rows):
    """What the frozen blocks make of pixels."""
    tower = vision.vision_model
    hidden = tower.pre_layrnorm(tower.embeddings(rows))
    for layer in tower.encoder.layers[:first]:
        hidden = layer(hidden, None)
    return hidden


def head(hidden):
    """What the trained blocks make of it."""
    tower = vision.vision_model
    for layer in tower.encoder.layers[first:]:
        hidden = layer(hidden, None)
    return vision.visual_projection(tower.post_layernorm(hidden[:, 0, :]))


if spec.get("cached"):
    with torch.inference_mode():
        rows = hidden_states(rows)
    rows = rows.clone()


def loss_of():
    if spec.get("cached"):
        images = head(rows)
    elif towers == "image":
        images = model(pixel_values=rows).image_embeds
    elif towers == "text":
        images = rows
    else:
        images = model.get_image_features(pixel_values=rows)
    images = normalize(getattr(images, "pooler_output", images), dim=-1)
    if towers == "image":
        return cross_entropy(SCALE * images @ directions.T, labels)
    texts = (
        model(input_ids=prompts).text_embeds if towers == "text" else model.get_text_features(input_ids=prompts)
    )
    texts = normalize(averaging @ normalize(getattr(texts, "pooler_output", texts), dim=-1), dim=-1)
    return cross_entropy(model.logit_scale.exp() * images @ texts.T, labels)


def optimizer(fused):
    options = {"fused": True} if fused else {}
    return torch.optim.AdamW(trained.values(), lr=LEARNING_RATE, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2, **options)


optimizers = {}


def update(kind):
    if kind not in optimizers:
        optimizers[kind] = optimizer(kind == "fused")
    optimizers[kind].zero_grad()
    loss = loss_of()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
    optimizers[kind].step()
    if not math.isfinite(loss.item()):
        raise ValueError("the loss is not finite")


def agree(file, loss):
    """
    How far apart losses are, and gradients: of each tensor, in parts of its largest entry, or of a hundredth of the
    largest of all (what softmax cannot tell apart, such as a bias of the keys, has a gradient of rounding alone). The worst.
    """
    ours = load_file(file)
    own = loss_of()
    own.backward()
    if ours.keys() != trained.keys():
        raise ValueError(f"other parameters train: {sorted(ours.keys() ^ trained.keys())[:4]}")
    largest = max(p.grad.abs().max() for p in trained.values())
    apart = {
        name: ((p.grad - ours[name]).abs().max() / torch.maximum(p.grad.abs().max(), largest / 100)).item()
        for name, p in trained.items()
    }
    worst = max(apart, key=apart.get)
    for parameter in trained.values():
        parameter.grad = None
    return {"loss": abs(own.item() - loss), "gradients": apart[worst], "worst": worst}


@torch.inference_mode()
def embed():
    return normalize(model(pixel_values=rows).image_embeds, dim=-1)


def agree_embeddings(ours):
    return (embed().flatten() - torch.tensor(ours)).abs().max().item()


kind = sys.argv[2]
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 0
for _ in range(steps):
    update(kind)
if steps == 0:
    serve(
        {
            "agree": agree,
            "agree_embeddings": agree_embeddings,
            "step": lambda clock, fill, kind=kind: seconds_of(lambda: update(kind), clock, fill),
            "forward": lambda clock, fill: seconds_of(embed, clock, fill),
        }
    )
