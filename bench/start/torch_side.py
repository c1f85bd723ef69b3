"""PyTorch's side of a start: `torch_side.py MODEL`, one step of both towers and the end."""

import sys

import torch
from transformers import CLIPModel, CLIPTokenizer

BATCH = 8
torch.set_num_threads(2)
model = CLIPModel.from_pretrained(sys.argv[1])
tokenizer = CLIPTokenizer.from_pretrained(sys.argv[1])
model.train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2, fused=True)
texts = tokenizer(["man", "woman"], padding=True, return_tensors="pt")
size = model.config.vision_config.image_size
pixels = (torch.arange(BATCH * 3 * size * size) % 7 - 3).float().view(BATCH, 3, size, size)
logits = model(**texts, pixel_values=pixels).logits_per_image
torch.nn.functional.cross_entropy(logits, torch.arange(BATCH) % 2).backward()
torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
optimizer.step()
