/** @file What Python's transformers says of a saved model. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { readSafetensors } from "../../src/model/safetensors.ts";
import { python } from "../golden.ts";

const SCRIPT = `
import json, sys, torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPImageProcessorPil, CLIPModel, CLIPProcessor, CLIPTokenizer
ask = json.load(open(sys.argv[1]))
model, info = CLIPModel.from_pretrained(ask["model"], output_loading_info=True)
assert not any(info[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
processor = CLIPProcessor(
    CLIPImageProcessorPil.from_pretrained(ask["model"]), CLIPTokenizer.from_pretrained(ask["model"])
)
images = [Image.open(path) for path in ask["paths"]]
with torch.no_grad():
    out = model.eval()(**processor(text=ask["prompts"], images=images, padding=True, return_tensors="pt"))
scores = out.logits_per_image.softmax(dim=-1)
save_file({"images": out.image_embeds, "texts": out.text_embeds, "scores": scores}, ask["out"])
`;

/** Unit embeddings of image files and of one prompt a class, and the classes' probabilities. Needs `python`. */
export async function embedInPython(
  model: string,
  paths: readonly string[],
  prompts: readonly string[],
) {
  const folder = await mkdtemp(join(tmpdir(), "equiclip-python-"));
  const [request, out] = [join(folder, "request.json"), join(folder, "out.safetensors")];
  await writeFile(request, JSON.stringify({ model, paths, prompts, out }));
  await promisify(execFile)(python!, ["-c", SCRIPT, request], {
    env: { ...process.env, HF_HUB_OFFLINE: "1" },
  });
  const tensors = await readSafetensors(out);
  await rm(folder, { recursive: true });
  const [images, texts, scores] = ["images", "texts", "scores"].map((n) => tensors.get(n)!.data);
  return { images: images!, texts: texts!, scores: scores! };
}

/** The largest difference of two equally long lists. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
}
