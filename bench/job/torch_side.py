"""The study's job as a PyTorch script: `torch_side.py JOB`, see comparison.ts; leaves the best model and its own times."""

import json
import math
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Normalize, Resize, ToTensor
from transformers import CLIPModel, CLIPTokenizer

job = json.loads(sys.argv[1])
torch.set_num_threads(2)
torch.manual_seed(0)
size = json.load(open(job["model"] + "/preprocessor_config.json"))["crop_size"]["height"]
transform = Compose(
    [
        Resize(size, interpolation=InterpolationMode.BICUBIC),
        CenterCrop(size),
        ToTensor(),
        Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    ]
)


class Faces(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        path, label = self.rows[i]
        with Image.open(path) as image:
            return transform(image.convert("RGB")), label


def loader(rows, batch, shuffle):
    return DataLoader(Faces(rows), batch_size=batch, shuffle=shuffle, num_workers=2, persistent_workers=True)


train = loader(job["train"], job["batch"], True)
validation = loader(job["validation"], job["validationBatch"], False)
model = CLIPModel.from_pretrained(job["model"])
texts = CLIPTokenizer.from_pretrained(job["model"])(job["prompts"], padding=True, return_tensors="pt")


depths = {"vision_model": model.config.vision_config, "text_model": model.config.text_config}
last = ["vision_model.post_layernorm", "text_model.final_layer_norm"] + [
    f"{tower}.encoder.layers.{i}."
    for tower, config in depths.items()
    for i in range(config.num_hidden_layers - 2, config.num_hidden_layers)
]


def trains(name):
    if job["trainable"] == "full":
        return True
    if name in ("visual_projection.weight", "text_projection.weight", "logit_scale"):
        return True
    return job["trainable"] == "blocks" and any(name.startswith(part) for part in last)


for name, parameter in model.named_parameters():
    parameter.requires_grad_(trains(name))
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.Adam(trained, lr=1e-5, fused=True)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, job["epochs"] * len(train))


def features_of(result):
    result = getattr(result, "pooler_output", result)
    return result / result.norm(dim=-1, keepdim=True)


def logits_of(images):
    # each distinct prompt once a step
    words = features_of(model.get_text_features(**texts))
    return model.logit_scale.exp() * features_of(model.get_image_features(pixel_values=images)) @ words.T


def validate():
    model.eval()
    losses, truth, said = 0.0, [], []
    with torch.inference_mode():
        words = features_of(model.get_text_features(**texts))
        for images, labels in validation:
            logits = model.logit_scale.exp() * features_of(model.get_image_features(pixel_values=images)) @ words.T
            losses += torch.nn.functional.cross_entropy(logits, labels, reduction="sum").item()
            truth.append(labels.numpy())
            said.append(logits.argmax(1).numpy())
    truth, said = np.concatenate(truth), np.concatenate(said)
    rates = [[(said[truth == y] == c).mean() for y in (c, 1 - c)] for c in (0, 1)]
    gaps = [abs(rates[0][i] - rates[1][i]) for i in (0, 1)]
    return losses / len(truth), gaps


best = math.inf
for _ in range(job["epochs"]):
    begun = time.perf_counter()
    model.train()
    for images, labels in train:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits_of(images), labels)
        loss.backward()
        optimizer.step()
        schedule.step()
    loss, gaps = validate()
    seconds = time.perf_counter() - begun
    if loss < best:
        best = loss
        model.save_pretrained(job["out"] + "/best")
with open(job["out"] + "/epoch.json", "w") as file:
    json.dump(seconds, file)
