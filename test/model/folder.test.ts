/** @file CLIP folders: presets, references, what a save keeps, what a load refuses, and Python reading them. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { input, l2Normalize, param } from "../../src/graph/build.ts";
import { similarityLogits } from "../../src/model/clip/heads.ts";
import { plainLayers } from "../../src/model/clip/layers.ts";
import { clipParams } from "../../src/model/clip/params.ts";
import { eosRows, textTower } from "../../src/model/clip/text.ts";
import { imageTower } from "../../src/model/clip/vision.ts";
import { loadClip, saveClip, type ClipModel } from "../../src/model/folder.ts";
import { parseReference } from "../../src/model/reference.ts";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.ts";
import type { StoredTensor, Weights } from "../../src/model/weights.ts";
import { EquiclipError, UsageError } from "../../src/run/errors.ts";
import { random } from "../../src/run/random.ts";
import { hasSharedModels, python, sharedModels } from "../golden.ts";
import { serveHub } from "../hub-server.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-folder-"));
const saved = join(root, "saved");
let counter = 0;
/** A copy of the saved model, to be spoilt. */
function copy(): string {
  const folder = join(root, `copy-${counter++}`);
  cpSync(saved, folder, { recursive: true });
  return folder;
}
/** The JSON files' fields that tests reach into. */
interface Json extends Record<string, unknown> {
  text_config: Record<string, unknown>;
}
const json = (folder: string, name = "config.json"): Json =>
  JSON.parse(readFileSync(join(folder, name), "utf8"));
const edit = (folder: string, name: string, change: (value: Json) => void): void => {
  const value = json(folder, name);
  change(value);
  writeFileSync(join(folder, name), JSON.stringify(value));
};
const parameters = (weights: Weights): number =>
  [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);

/** The tiny preset with every number drawn anew, so that no bias is zero and no gain is one. */
let model: ClipModel;
beforeAll(async () => {
  const preset = await loadClip("preset:tiny");
  const stream = random(1, "weights");
  const weights: Weights = new Map(
    [...preset.weights].map(([name, { shape, data }]) => [
      name,
      { shape, data: name === "logit_scale" ? data : data.map((x) => x + 0.1 * stream.normal()) },
    ]),
  );
  model = { ...preset, weights };
  await saveClip(saved, model);
});

describe("presets", () => {
  it("have the stated sizes", async () => {
    expect(parameters((await loadClip("preset:tiny")).weights)).toBe(154_977);
    expect(parameters((await loadClip("preset:small")).weights)).toBe(973_249);
  });

  it("are seeded", async () => {
    const [a, b, c] = await Promise.all([0, 0, 1].map((seed) => loadClip("preset:tiny", { seed })));
    expect(a!.weights).toEqual(b!.weights);
    expect(a!.weights).not.toEqual(c!.weights);
  });

  it("read any text as bytes", async () => {
    const { tokenizer, config } = await loadClip("preset:tiny");
    expect(tokenizer.vocabSize).toBe(514);
    expect(config.text).toMatchObject({ vocabSize: 514, bosTokenId: 512, eosTokenId: 513 });
    expect(tokenizer.encode("é a", 77)).toEqual(
      Int32Array.of(512, 0xc3 - 0xae + 106, 256 + 0xa9 - 0xa1 + 94, 256 + 97 - 33, 513),
    );
  });

  it("names the ones there are", async () => {
    await expect(loadClip("preset:huge")).rejects.toThrow(
      'preset:huge: expected one of tiny, small, tiny-conv, small-conv, base-patch32, received "huge"',
    );
  });

  it.skipIf(!hasSharedModels)("take a tokenizer from a folder", async () => {
    const tokenizer = sharedModels("clip-vit-base-patch32-tokenizer");
    const { config, weights } = await loadClip("preset:tiny", { tokenizer });
    expect(config.text).toMatchObject({ vocabSize: 49_408, eosTokenId: 49_407 });
    expect(weights.get("text_model.embeddings.token_embedding.weight")!.shape).toEqual([
      49_408, 32,
    ]);
  });
});

describe("references", () => {
  it("tell presets, folders and ids apart", () => {
    expect(parseReference("preset:tiny")).toEqual({ kind: "preset", name: "tiny" });
    expect(parseReference(saved)).toEqual({ kind: "folder", path: saved });
    expect(parseReference("~/")).toEqual({ kind: "folder", path: `${homedir()}/` });
    expect(parseReference("src")).toEqual({ kind: "folder", path: "src" });
    for (const id of ["openai/clip-vit-base-patch32", "gpt2"])
      expect(parseReference(id)).toEqual({ kind: "hub", id });
  });

  it.each([
    "./models/mine",
    "/no/such/folder",
    "~/absent-model",
    "models/mine/",
    "a/b/c",
    "C:\\clip",
    "",
    "two words",
  ])("%s is no id and no folder", (reference) => {
    expect(() => parseReference(reference)).toThrow(UsageError);
    expect(() => parseReference(reference)).toThrow(/there is no folder .*check the path/);
  });

  it("ask for the folder of a file", () => {
    expect(() => parseReference(join(saved, "model.safetensors"))).toThrow(/received a file/);
  });
});

describe("save and load", () => {
  it("gives back the same model, and the same bytes when saved again", async () => {
    const back = await loadClip(saved);
    expect(back.config).toEqual(model.config);
    expect(back.weights).toEqual(model.weights);
    expect(back.imageProcessor).toEqual(model.imageProcessor);
    expect(back.tokenizer.files).toEqual(model.tokenizer.files);
    const again = join(root, "again");
    await saveClip(again, back);
    for (const name of readdirSync(saved))
      expect(readFileSync(join(again, name)).equals(readFileSync(join(saved, name))), name).toBe(
        true,
      );
  });

  it("keeps the fields and files that it does not use, and says float32", async () => {
    const old = copy();
    edit(old, "config.json", (config) => {
      Object.assign(config, {
        torch_dtype: "float16",
        text_config_dict: null,
        my_field: [1, { a: 2 }],
      });
      delete config["dtype"];
      Object.assign(config.text_config, {
        eos_token_id: 2,
        id2label: { 0: "x" },
        torch_dtype: "float16",
      });
    });
    edit(old, "preprocessor_config.json", (processor) => {
      processor["feature_extractor_type"] = "CLIPFeatureExtractor";
    });
    writeFileSync(join(old, "merges.txt"), "#version: 0.2 - kept as it is\r\n");
    const target = join(root, "kept");
    await saveClip(target, await loadClip(old));
    const config = json(target);
    expect(config).toMatchObject({
      my_field: [1, { a: 2 }],
      dtype: "float32",
      text_config: { eos_token_id: 2, id2label: { 0: "x" } },
    });
    expect(JSON.stringify(config)).not.toMatch(/torch_dtype|config_dict/);
    expect(json(target, "preprocessor_config.json")["feature_extractor_type"]).toBe(
      "CLIPFeatureExtractor",
    );
    expect(readFileSync(join(target, "merges.txt"), "utf8")).toBe(
      "#version: 0.2 - kept as it is\r\n",
    );
  });

  it("ignores position_ids and widens doubles", async () => {
    const folder = copy();
    const tensors = await readSafetensors(join(folder, "model.safetensors"));
    const scale = tensors.get("logit_scale")!;
    tensors.set("logit_scale", { shape: [], data: Float64Array.from(scale.data) });
    tensors.set("text_model.embeddings.position_ids", { shape: [1, 2], data: Int32Array.of(0, 1) });
    await writeSafetensors(join(folder, "model.safetensors"), tensors);
    expect((await loadClip(folder)).weights).toEqual(model.weights);
  });

  it("loads from a Hub by id, and from its cache when the Hub is gone", async () => {
    const hub = await serveHub("someone/tiny", saved);
    const options = { hub: { cacheDir: join(root, "cache"), hubUrl: hub.url } };
    expect((await loadClip("someone/tiny", options)).weights).toEqual(model.weights);
    await hub.close();
    expect((await loadClip("someone/tiny", options)).weights).toEqual(model.weights);
  });
});

describe("what does not fit", () => {
  const write = (folder: string, weights: ReadonlyMap<string, StoredTensor>): Promise<void> =>
    writeSafetensors(join(folder, "model.safetensors"), weights);
  const logit = { shape: [], data: Float32Array.of(1) };
  const bad: Record<string, [(folder: string) => unknown, RegExp]> = {
    "an empty folder": [
      (folder) => (rmSync(folder, { recursive: true }), mkdirSync(folder)),
      /is no model: expected a config\.json/,
    ],
    "config.json that is not JSON": [
      (folder) => writeFileSync(join(folder, "config.json"), "{"),
      /config\.json: expected a JSON object/,
    ],
    "config.json of another model": [
      (folder) => writeFileSync(join(folder, "config.json"), '{"model_type":"bert"}'),
      /expected "clip"/,
    ],
    "no weights": [
      (folder) => rmSync(join(folder, "model.safetensors")),
      /holds no weights: expected one of model\.safetensors, .*pytorch_model\.bin/,
    ],
    "no tokenizer": [
      (folder) => ["tokenizer.json", "vocab.json"].forEach((name) => rmSync(join(folder, name))),
      /expected tokenizer\.json, or vocab\.json and merges\.txt/,
    ],
    "no image processor": [
      (folder) => rmSync(join(folder, "preprocessor_config.json")),
      /expected preprocessor_config\.json/,
    ],
    "truncated weights": [
      (folder) => {
        const path = join(folder, "model.safetensors");
        writeFileSync(path, readFileSync(path).subarray(0, 100_000));
      },
      /not a whole safetensors file/,
    ],
    "missing and unknown tensors": [
      (folder) =>
        write(
          folder,
          new Map([
            ["logit_scale", logit],
            ["vision.x", logit],
          ]),
        ),
      /of 78 tensors, 77 missing \(text_model\.[^;]*, \.\.\.\); 1 unknown \(vision\.x\)/,
    ],
    "wrong shapes": [
      (folder) => {
        const turned = new Map(model.weights);
        const { data } = turned.get("text_projection.weight")!;
        turned.set("text_projection.weight", { shape: [64, 16], data });
        return write(folder, turned);
      },
      /1 of another kind \(text_projection\.weight: expected \[32, 32\], received \[64, 16\]\)/,
    ],
    integers: [
      (folder) =>
        write(
          folder,
          new Map<string, StoredTensor>([
            ...model.weights,
            ["logit_scale", { shape: [], data: Int32Array.of(1) }],
          ]),
        ),
      /logit_scale: expected floating-point numbers, received integers/,
    ],
    "a larger tokenizer": [
      (folder) =>
        edit(folder, "config.json", (config) => {
          config.text_config["vocab_size"] = 500;
        }),
      /the tokenizer has 514 tokens, expected at most the model's 500/,
    ],
    "another end of text": [
      (folder) =>
        edit(folder, "config.json", (config) => {
          config.text_config["eos_token_id"] = 7;
        }),
      /ends texts with id 513, expected the model's eos_token_id 7/,
    ],
    "another image size": [
      (folder) =>
        edit(folder, "preprocessor_config.json", (processor) => {
          processor["crop_size"] = { width: 224, height: 224 };
        }),
      /gives 224 x 224 pixels, expected the model's 32 x 32/,
    ],
    "an index that points elsewhere": [
      (folder) => {
        rmSync(join(folder, "model.safetensors"));
        writeFileSync(
          join(folder, "model.safetensors.index.json"),
          '{"weight_map":{"w":"../x.safetensors"}}',
        );
      },
      /expected weight_map to name files beside it, received \.\.\/x\.safetensors/,
    ],
    "a shard that is not there": [
      (folder) => {
        rmSync(join(folder, "model.safetensors"));
        writeFileSync(
          join(folder, "model.safetensors.index.json"),
          '{"weight_map":{"w":"x.safetensors"}}',
        );
      },
      /cannot read .*x\.safetensors: ENOENT/,
    ],
  };
  it.each(Object.entries(bad))("%s", async (_, [spoil, message]) => {
    const folder = copy();
    await spoil(folder);
    const error = await loadClip(folder).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EquiclipError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(folder);
    expect(String(error)).not.toContain("\n");
  });

  it("a target that cannot be written", async () => {
    const file = join(root, "a-file");
    writeFileSync(file, "");
    await expect(saveClip(join(file, "model"), model)).rejects.toThrow(/^cannot write .*a-file/);
  });
});

describe.skipIf(!python)("Python's transformers (EQUICLIP_PYTHON)", () => {
  const script = `
import json, os, shutil, sys, torch
from safetensors.torch import load_file, save_file
from transformers import AutoProcessor, CLIPModel, CLIPTokenizer
root, folders = sys.argv[1], sys.argv[2:]
inputs = load_file(f"{root}/inputs.safetensors")
texts = json.load(open(f"{root}/texts.json"))
for folder in folders:
    model, info = CLIPModel.from_pretrained(folder, output_loading_info=True)
    assert not any(info[k] for k in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
    assert model.dtype == torch.float32
    with torch.no_grad():
        out = model.eval()(input_ids=inputs["input_ids"], pixel_values=inputs["pixel_values"])
    save_file({k: out[k].contiguous() for k in ("image_embeds", "text_embeds", "logits_per_image")}, f"{folder}.out.safetensors")
tokenizer = CLIPTokenizer.from_pretrained(folders[0])
processor = AutoProcessor.from_pretrained(folders[0])
json.dump({
    "ids": [tokenizer(t, truncation=True)["input_ids"] for t in texts],
    "processor_ids": processor(text=texts, padding=True, truncation=True)["input_ids"],
    "class": type(processor.image_processor).__name__.removesuffix("Fast").removesuffix("Pil"),
    "size": dict(processor.image_processor.size), "crop": dict(processor.image_processor.crop_size),
    "mean": list(processor.image_processor.image_mean), "resample": int(processor.image_processor.resample),
}, open(f"{root}/parts.json", "w"))
# what Python writes, in every form
processor.save_pretrained(f"{root}/py")
model.save_pretrained(f"{root}/py")
for form in ("sharded", "bin", "half"):
    shutil.copytree(f"{root}/py", f"{root}/py-{form}")
    os.remove(f"{root}/py-{form}/model.safetensors")
model.save_pretrained(f"{root}/py-sharded", max_shard_size="100KB")
torch.save(model.state_dict(), f"{root}/py-bin/pytorch_model.bin")
model.half().save_pretrained(f"{root}/py-half")
`;
  const texts = [
    "a photo of a face",
    "Ünïcode, 3 ÇAPS & ½ 🙂!",
    "",
    "it's  a\tman\u0085 <|endoftext|> after",
    "long ".repeat(40),
  ];

  it(
    "loads what was saved to the same outputs; what it writes loads here",
    { timeout: 120_000 },
    async () => {
      const legacy = join(root, "legacy-eos");
      cpSync(saved, legacy, { recursive: true });
      edit(legacy, "config.json", (config) => {
        config.text_config["eos_token_id"] = 2;
      });
      const resaved = join(root, "legacy-resaved");
      await saveClip(resaved, await loadClip(legacy));

      const { config, tokenizer, weights } = model;
      const ids = tokenizer.encodeBatch(texts, 77);
      const stream = random(2, "pixels");
      const pixels = Float32Array.from({ length: 4 * 3 * 32 * 32 }, () => stream.normal());
      const batch = new Map([
        ["pixel_values", { shape: [4, 3, 32, 32], data: pixels }],
        ["input_ids", { shape: ids.shape, data: ids.data }],
      ]);
      await writeSafetensors(join(root, "inputs.safetensors"), batch);
      writeFileSync(join(root, "texts.json"), JSON.stringify(texts));
      execFileSync(python!, ["-c", script, root, saved, resaved], {
        stdio: "pipe",
        env: { ...process.env, HF_HUB_OFFLINE: "1" },
      });

      const shapes = new Map(clipParams(config).map(({ name, shape }) => [name, shape]));
      const layers = plainLayers((name) => param(name, shapes.get(name)!));
      const image = imageTower(config, layers, input("pixels", [4, 3, 32, 32]));
      const inputIds = input("ids", ids.shape, "int");
      const text = textTower(config, layers, inputIds, input("rows", [texts.length], "int"));
      const image_embeds = l2Normalize(image.embeds);
      const text_embeds = l2Normalize(text.embeds);
      const logits_per_image = similarityLogits(
        image_embeds,
        text_embeds,
        layers.param("logit_scale"),
      );
      const program = await onnxEngine({ threads: 1 }).compile({
        image_embeds,
        text_embeds,
        logits_per_image,
      });
      const rowsOf = texts.map((_, i) =>
        ids.data.subarray(i * ids.shape[1], (i + 1) * ids.shape[1]),
      );
      const ours = await program.run({
        ...Object.fromEntries(weights),
        pixels: batch.get("pixel_values")!,
        ids: batch.get("input_ids")!,
        rows: { shape: [texts.length], data: eosRows(config, rowsOf) },
      });
      await program.dispose();
      for (const folder of [saved, resaved]) {
        const theirs = await readSafetensors(`${folder}.out.safetensors`);
        for (const [name, { shape, data }] of theirs) {
          expect(ours[name]!.shape).toEqual(shape);
          const worst = Math.max(...Array.from(data, (x, i) => Math.abs(x - ours[name]!.data[i]!)));
          expect(worst, `${folder} ${name}`).toBeLessThan(2e-5);
        }
      }

      const parts = json(root, "parts.json");
      expect(parts["ids"]).toEqual(texts.map((t) => [...tokenizer.encode(t, 77)]));
      expect(parts["processor_ids"]).toEqual(rowsOf.map((row) => [...row]));
      expect(parts).toMatchObject({
        class: "CLIPImageProcessor",
        size: { shortest_edge: 32 },
        crop: { height: 32, width: 32 },
        mean: [0.48145466, 0.4578275, 0.40821073],
        resample: 3,
      });

      for (const form of ["py", "py-sharded", "py-bin"]) {
        const back = await loadClip(join(root, form));
        expect(back.weights, form).toEqual(model.weights);
        expect(back.imageProcessor).toEqual(model.imageProcessor);
        expect(back.tokenizer.encode(texts[1]!, 77)).toEqual(tokenizer.encode(texts[1]!, 77));
      }
      expect(
        readdirSync(join(root, "py-sharded")).filter((name) => name.startsWith("model-")).length,
      ).toBeGreaterThan(1);
      const half = await loadClip(join(root, "py-half"));
      for (const [name, { data }] of half.weights)
        expect(
          data.every(
            (x, i) =>
              Math.abs(x - weights.get(name)!.data[i]!) <= 2 ** -11 * Math.max(1, Math.abs(x)),
          ),
        ).toBe(true);
    },
  );
});
