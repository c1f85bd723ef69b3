/** @file Vision models of transformers.js: tiny ones, made and run by PyTorch, say here what they say there. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onnxImages } from "../../src/embed/onnx-encoder.ts";
import type { Pool } from "../../src/embed/pool.ts";
import { transformersImages } from "../../src/embed/transformers-encoder.ts";
import { clipImageProcessor } from "../../src/model/image-processor.ts";
import { readSafetensors } from "../../src/model/safetensors.ts";
import type { StoredTensor } from "../../src/model/weights.ts";
import { flatImage, noiseImage } from "../data/images.ts";
import { python } from "../golden.ts";
import { farthest } from "../train/python.ts";

const SIDE = 32;
const MEAN = 0.5;
const STD = 0.25;

const SCRIPT = `
import json, onnx, os, re, sys, torch, transformers as hf
from safetensors.torch import load_file, save_file
root, side, mean, std = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
levels = load_file(root + "/levels.safetensors")
tiny = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=side, patch_size=8)
vit = hf.ViTConfig(intermediate_size=32, **tiny)
plain = dict(do_resize=True, size=dict(height=side, width=side), image_processor_type="ViTImageProcessor")
bit = dict(do_resize=True, size=dict(shortest_edge=side), do_center_crop=True, crop_size=dict(height=side, width=side), image_processor_type="BitImageProcessor")
convnext = dict(do_resize=True, size=dict(shortest_edge=side), crop_pct=0.875, image_processor_type="ConvNextImageProcessor")
BOTH = ["last_hidden_state", "pooler_output"]
MODELS = {
    "vit": (hf.ViTModel(vit), plain, BOTH),
    "dino": (hf.ViTModel(vit, add_pooling_layer=False), plain, BOTH[:1]),
    "dinov2": (hf.Dinov2Model(hf.Dinov2Config(mlp_ratio=2, **tiny)), bit, BOTH),
    "dinov2_registers": (hf.Dinov2WithRegistersModel(hf.Dinov2WithRegistersConfig(mlp_ratio=2, num_register_tokens=4, **tiny)), bit, BOTH),
    "resnet": (hf.ResNetModel(hf.ResNetConfig(embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic")), convnext, BOTH),
}
class Named(torch.nn.Module):
    def __init__(self, model, names):
        super().__init__()
        self.model, self.names = model, names
    def forward(self, pixel_values):
        out = self.model(pixel_values)
        return tuple(out[name] for name in self.names)
for name, (model, processor, names) in MODELS.items():
    torch.manual_seed(0)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    if "dinov2" in name:  # the export knows no antialiased bicubic, and at its own size there is nothing to interpolate
        model.embeddings.interpolate_pos_encoding = lambda e, h, w, at=model.embeddings: at.position_embeddings
    folder = os.path.join(root, name)
    os.makedirs(folder + "/onnx")
    model = Named(model, names).eval()
    pixels = (levels["flat" if name == "resnet" else "noise"].float() / 255 - mean) / std
    model.model.config.save_pretrained(folder)
    json.dump({**processor, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [mean] * 3, "image_std": [std] * 3, "resample": 3}, open(folder + "/preprocessor_config.json", "w"))
    axes = {key: {0: "batch"} for key in ["pixel_values", *names]}
    torch.onnx.export(model, (pixels,), folder + "/onnx/model.onnx", input_names=["pixel_values"], output_names=names, dynamic_axes=axes, dynamo=False, opset_version=17)
    with torch.no_grad():
        expected = dict(zip(names, model(pixels)))
        if name == "dino":  # the last sum of the first block, and what it is
            nodes = onnx.load(folder + "/onnx/model.onnx").graph.node
            open(folder + "/layer.txt", "w").write([o for n in nodes for o in n.output if re.match(r"/model/.*\\.0/Add", o)][-1])
            expected["layer"] = model.model(pixels, output_hidden_states=True).hidden_states[1]
    save_file({key: value.contiguous() for key, value in expected.items()}, folder + "/expected.safetensors")
`;

/** Images as [n, 3, SIDE, SIDE] bytes. */
function planes(images: readonly { readonly data: Uint8Array }[]): Uint8Array {
  const area = SIDE * SIDE;
  const out = new Uint8Array(images.length * 3 * area);
  for (const [i, { data }] of images.entries())
    for (let pixel = 0; pixel < area; pixel++)
      for (let c = 0; c < 3; c++) out[(i * 3 + c) * area + pixel] = data[pixel * 3 + c]!;
  return out;
}

describe.skipIf(!python)("models made by Python (EQUICLIP_PYTHON)", () => {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-vision-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const noise = [1, 2, 3].map((seed) => noiseImage(SIDE, SIDE, seed));
  // resizing, which ResNet's processor always does, leaves them as they are
  const flat = [0, 100, 250].map((level) => flatImage(SIDE, SIDE, level));

  beforeAll(async () => {
    writeFileSync(join(folder, "levels.safetensors"), levelsFile());
    await promisify(execFile)(python!, ["-c", SCRIPT, folder, ...[SIDE, MEAN, STD].map(String)], {
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
  });

  /** Two tensors of bytes, as safetensors. */
  function levelsFile(): Buffer {
    const tensors = [planes(noise), planes(flat)] as const;
    const size = tensors[0].length;
    const entry = (from: number) => ({
      dtype: "U8",
      shape: [3, 3, SIDE, SIDE],
      data_offsets: [from, from + size],
    });
    const header = Buffer.from(JSON.stringify({ noise: entry(0), flat: entry(size) }));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, header, ...tensors]);
  }

  const expected = async (name: string, output: string): Promise<StoredTensor> =>
    (await readSafetensors(join(folder, name, "expected.safetensors"))).get(output)!;
  const LIMIT = 2e-4;

  test.each([
    ["vit", undefined, "pooler_output"],
    ["dinov2", undefined, "pooler_output"],
    ["dinov2_registers", undefined, "pooler_output"],
    ["resnet", undefined, "pooler_output"],
    ["dino", "first", "last_hidden_state"],
    ["dino", "mean", "last_hidden_state"],
    ["resnet", "mean", "last_hidden_state"],
  ] as const)("%s, pool %s: %s", async (name, pool, output) => {
    const images = name === "resnet" ? flat : noise;
    const encoder = await transformersImages(join(folder, name), pool, 2);
    const { x, d } = await encoder.embed(images);
    const { shape, data } = await expected(name, output);
    expect(farthest(x, pooledRows(shape, data, pool))).toBeLessThan(LIMIT);
    expect(d).toBe(x.length / images.length);
    expect(encoder).toMatchObject({
      hasTexts: false,
      about: { weights_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    await encoder.dispose();
  });

  test.each([
    ["dino", 1],
    ["vit", 1],
    ["dinov2", 1],
    ["dinov2_registers", 5],
  ])("%s: rows of each image, %d of them for no patch", async (name, leading) => {
    const encoder = await transformersImages(join(folder, name), "mean", 2);
    const found = await encoder.tokens(noise);
    const { shape, data } = await expected(name, "last_hidden_state");
    expect(found).toMatchObject({ tokens: 16 + leading, d: 16, leading });
    expect(shape).toEqual([3, 16 + leading, 16]);
    expect(farthest(found.x, data as Float32Array)).toBeLessThan(LIMIT);
    await encoder.dispose();
  });

  test("without a pooled output, how to pool is asked for; a feature map has no tokens", async () => {
    const dino = await transformersImages(join(folder, "dino"), undefined, 2);
    await expect(dino.embed(noise)).rejects.toThrow(
      "more than one row an image; say how to pool: first (the class token), mean, or flatten",
    );
    const resnet = await transformersImages(join(folder, "resnet"), "mean", 2);
    await expect(resnet.tokens(flat)).rejects.toThrow("it has no rows of parts of an image");
    await dino.dispose();
    await resnet.dispose();
  });

  test("PyTorch's file as plain ONNX: an output, and a tensor inside", async () => {
    const file = join(folder, "dino", "onnx", "model.onnx");
    const preprocess = () => ({
      ...clipImageProcessor(SIDE),
      mean: [MEAN, MEAN, MEAN] as const,
      std: [STD, STD, STD] as const,
    });
    const whole = await onnxImages(file, { preprocess }, 2);
    const { x } = await whole.tokens(noise);
    const { data } = await expected("dino", "last_hidden_state");
    expect(farthest(x, data as Float32Array)).toBeLessThan(LIMIT);
    const output = readFileSync(join(folder, "dino", "layer.txt"), "utf8");
    const inside = await onnxImages(file, { preprocess, output, pool: "first" }, 2);
    const layer = await expected("dino", "layer");
    const { x: found } = await inside.embed(noise);
    expect(farthest(found, pooledRows(layer.shape, layer.data, "first"))).toBeLessThan(LIMIT);
    await whole.dispose();
    await inside.dispose();
  });
});

/** Rows [n, D] of tokens [n, T, D], of a map [n, D, H, W] or of what is pooled already. */
function pooledRows(
  shape: readonly number[],
  data: ArrayLike<number>,
  pool: Pool | undefined,
): Float64Array {
  const [n, a, b = 1, c = 1] = shape as [number, number, number?, number?];
  if (pool === undefined) return Float64Array.from(data);
  const isMap = shape.length === 4;
  const [d, parts] = isMap ? [a, b * c] : [b, a];
  return Float64Array.from({ length: n * d }, (_, i) => {
    const [image, j] = [Math.floor(i / d), i % d];
    const at = (part: number): number =>
      data[isMap ? (image * d + j) * parts + part : (image * parts + part) * d + j]!;
    if (pool === "first") return at(0);
    return Array.from({ length: parts }, (__, part) => at(part)).reduce((s, v) => s + v) / parts;
  });
}
