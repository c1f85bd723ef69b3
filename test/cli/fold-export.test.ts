/** @file `equiclip fold` and `equiclip export`: what they write is used by Python and by transformers.js with no code of ours. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as hf from "@huggingface/transformers";
import { beforeAll, describe, expect, test } from "vitest";
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import { debiaserToJSON } from "../../src/debias/debiaser-json.ts";
import { toJSON } from "../../src/debias/eraser-json.ts";
import { apply, type Eraser } from "../../src/debias/eraser.ts";
import { erasers } from "../../src/debias/erasers.ts";
import { clipImages, clipTexts } from "../../src/embed/clip-encoder.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { pixelNormalizer, resizeAndCrop } from "../../src/data/preprocess.ts";
import { type ClipModel, loadClip, saveClip } from "../../src/model/folder.ts";
import { hasSharedModels, python, sharedModels } from "../golden.ts";
import { trainedClip } from "../model/trained.ts";
import { embedInPython, farthest } from "../train/python.ts";
import { equiclip, temporaryFolder } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const run = (...args: readonly string[]) => equiclip(args, { cwd: temporary });
const engine = onnxEngine({ threads: 1 });
const TEXTS = ["a photo of a cat", "a dog", "something else, and rather longer than these"];
const CLOSE = 1e-4;
const LIMIT = 60_000;

hf.env.localModelPath = temporary;
hf.env.allowRemoteModels = false;

let model: ClipModel;
let paths: string[];
/** Raw embeddings of the images and of the texts. */
async function embeddings(of: ClipModel) {
  const encoder = await clipImages(engine, of, paths.length);
  const decoded = await Promise.all(paths.map((path) => decodeImage(path)));
  const images = await encoder.embed(
    decoded.map((image) => resizeAndCrop(image, of.imageProcessor)),
  );
  await encoder.dispose();
  const texts = await clipTexts(engine, of, TEXTS);
  return { images: { ...images, n: paths.length }, texts: { ...texts, n: TEXTS.length } };
}
const pixelValues = async (): Promise<hf.Tensor> => {
  const size = 3 * 32 * 32;
  const data = new Float32Array(paths.length * size);
  const normalize = pixelNormalizer(model.imageProcessor);
  for (const [i, path] of paths.entries())
    normalize(resizeAndCrop(await decodeImage(path), model.imageProcessor), data, i * size);
  return new hf.Tensor("float32", data, [paths.length, 3, 32, 32]);
};
const dataOf = (tensor: unknown): Float32Array => (tensor as hf.Tensor).data as Float32Array;
const gender = Int32Array.from({ length: 24 }, (_, i) => i % 2);
const save = (name: string, ...fitted: readonly Eraser[]) =>
  writeFileSync(at(name), JSON.stringify(fitted.map(toJSON)));

beforeAll(async () => {
  model = await trainedClip();
  await saveClip(at("clip"), model);
  paths = (await drawUtkface(at("faces"), 24)).map((name) => at("faces", name));
}, LIMIT);

describe("export", () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await run("export", "clip", "--out", "web");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^web\/onnx\/model.onnx 0\.7 MB\nweb\/onnx\/vision_model.onnx .*\n.*\n$/,
    );
  }, LIMIT);

  test(
    "transformers.js' towers say what ours say, at any batch size",
    async () => {
      const { images, texts } = await embeddings(model);
      const vision = await hf.CLIPVisionModelWithProjection.from_pretrained("web");
      const pixels = await pixelValues();
      const all = await vision({ pixel_values: pixels });
      expect(all["image_embeds"].dims).toEqual([24, 32]);
      expect(farthest(dataOf(all["image_embeds"]), images.x)).toBeLessThan(CLOSE);
      const one = await vision({ pixel_values: pixels.slice([3, 4]) });
      expect(farthest(dataOf(one["image_embeds"]), images.x.subarray(96, 128))).toBeLessThan(CLOSE);

      const tokenizer = await hf.AutoTokenizer.from_pretrained("web");
      const text = await hf.CLIPTextModelWithProjection.from_pretrained("web");
      const tokens = tokenizer(TEXTS, { padding: true, truncation: true });
      const { text_embeds: embeds } = await text(tokens);
      expect(farthest(dataOf(embeds), texts.x)).toBeLessThan(CLOSE);
      const short = await text(tokenizer(TEXTS.slice(0, 1), { padding: true, truncation: true }));
      expect(farthest(dataOf(short.text_embeds), texts.x.subarray(0, 32))).toBeLessThan(CLOSE);
    },
    LIMIT,
  );

  test(
    "and its whole model, with similarities",
    async () => {
      const { images, texts } = await embeddings(model);
      const tokenizer = await hf.AutoTokenizer.from_pretrained("web");
      const clip = await hf.CLIPModel.from_pretrained("web");
      const out = await clip({
        ...tokenizer(TEXTS, { padding: true, truncation: true }),
        pixel_values: await pixelValues(),
      });
      const [unitImages, unitTexts] = [unitRows(images).x, unitRows(texts).x];
      expect(farthest(dataOf(out.image_embeds), unitImages)).toBeLessThan(CLOSE);
      expect(farthest(dataOf(out.text_embeds), unitTexts)).toBeLessThan(CLOSE);
      const scale = Math.exp(model.weights.get("logit_scale")!.data[0]!);
      const logits = paths.flatMap((_path, i) =>
        TEXTS.map((_text, t) => {
          let sum = 0;
          for (let c = 0; c < 32; c++) sum += unitImages[i * 32 + c]! * unitTexts[t * 32 + c]!;
          return scale * sum;
        }),
      );
      expect(out.logits_per_image.dims).toEqual([24, 3]);
      expect(out.logits_per_text.dims).toEqual([3, 24]);
      expect(farthest(dataOf(out.logits_per_image), logits)).toBeLessThan(20 * CLOSE);
      const transposed = dataOf(out.logits_per_text.transpose(1, 0));
      expect(farthest(transposed, logits)).toBeLessThan(20 * CLOSE);
    },
    LIMIT,
  );

  test(
    "with the published tokenizer, its old end-of-text id, and no tokenizer.json",
    async () => {
      if (!hasSharedModels) return;
      const folder = sharedModels("clip-vit-base-patch32-tokenizer");
      const preset = await loadClip("preset:tiny", { tokenizer: folder });
      const config = { ...preset.config, text: { ...preset.config.text, eosTokenId: 2 } };
      const old = { ...preset, config };
      await saveClip(at("old"), old);
      rmSync(at("old", "tokenizer.json"));
      expect(await run("export", "old", "--onnx", "towers", "--out", "old-web")).toMatchObject({
        code: 0,
      });
      expect(existsSync(at("old-web", "onnx", "model.onnx"))).toBe(false);
      const tokenizer = await hf.AutoTokenizer.from_pretrained("old-web");
      const text = await hf.CLIPTextModelWithProjection.from_pretrained("old-web");
      const { text_embeds: embeds } = await text(
        tokenizer(TEXTS, { padding: true, truncation: true }),
      );
      const ours = await clipTexts(engine, old, TEXTS);
      expect(farthest(dataOf(embeds), ours.x)).toBeLessThan(CLOSE);
    },
    LIMIT,
  );

  test.skipIf(!python)("ONNX's own checker finds standard operators and open sizes", () => {
    const script = `
import sys, onnx
for name in ("model", "vision_model", "text_model"):
    model = onnx.load(f"{sys.argv[1]}/{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    assert {node.domain for node in model.graph.node} == {""}
    for value in (*model.graph.input, *model.graph.output):
        assert value.type.tensor_type.shape.dim[0].dim_param.endswith("_batch_size"), value
`;
    execFileSync(python!, ["-c", script, at("web", "onnx")]);
  });

  test("says what is no model", async () => {
    const { code, stderr } = await run("export", "./nothing", "--out", "x");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^equiclip: model \.\/nothing: .*\n$/);
  });
});

describe("fold", () => {
  let fitted: Eraser;
  beforeAll(async () => {
    const { images } = await embeddings(model);
    fitted = erasers.leace.fit({ ...images, labels: gender });
    save("raw.json", fitted);
    const flat = erasers["mean-difference"].fit(
      { ...unitRows(images), labels: gender },
      { centred: false },
    );
    save("two.json", flat, erasers.leace.fit({ ...unitRows(images), labels: gender }));
  });

  test(
    "the folder's plain use is debiased: here, in transformers.js and in Python",
    async () => {
      const arguments_ = ["--erasers", "raw.json", "--fitted-on", "raw", "--out", "fair"];
      const { code, stdout, stderr } = await run("fold", "clip", ...arguments_);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toBe(
        "leace: 1 of 1 directions at alpha 1, with its constant, folded into image embeddings\nmodel: fair\n",
      );
      const before = await embeddings(model);
      const expected = apply(fitted, before.images);
      const after = await embeddings(await loadClip(at("fair")));
      expect(farthest(after.images.x, expected.x)).toBeLessThan(CLOSE);
      expect(farthest(before.images.x, expected.x)).toBeGreaterThan(100 * CLOSE);
      expect(after.texts.x).toEqual(before.texts.x);

      expect(await run("export", "fair", "--onnx", "towers", "--out", "fair-web")).toMatchObject({
        code: 0,
      });
      const vision = await hf.CLIPVisionModelWithProjection.from_pretrained("fair-web");
      const { image_embeds: embeds } = await vision({ pixel_values: await pixelValues() });
      expect(farthest(dataOf(embeds), expected.x)).toBeLessThan(CLOSE);

      if (!python) return;
      const theirs = await embedInPython(at("fair"), paths, TEXTS);
      expect(farthest(theirs.images, unitRows(expected).x)).toBeLessThan(CLOSE);
    },
    LIMIT,
  );

  test(
    "both sides, one method of several",
    async () => {
      const method = ["--method", "mean-difference", "--sides", "both"];
      const { code } = await run(
        "fold",
        "clip",
        "--erasers",
        "two.json",
        ...method,
        "--out",
        "both",
      );
      expect(code).toBe(0);
      const [eraser] = JSON.parse(readFileSync(at("two.json"), "utf8")) as { read: number[][] }[];
      const after = await embeddings(await loadClip(at("both")));
      for (const { x, n } of Object.values(after))
        for (let row = 0; row < n; row++) {
          const along = eraser!.read[0]!.reduce((sum, r, i) => sum + r * x[row * 32 + i]!, 0);
          expect(Math.abs(along)).toBeLessThan(CLOSE);
        }
    },
    LIMIT,
  );

  test.each([
    [
      ["--erasers", "two.json"],
      "two.json: expected one eraser, received mean-difference, leace; choose one with --method",
    ],
    [
      ["--erasers", "two.json", "--method", "leace"],
      "leace adds a constant to unit embeddings, which no projection can hold",
    ],
    [["--erasers", "two.json", "--method", "inlp"], "expected an eraser of method inlp, received"],
    [["--erasers", "no.json"], "no.json: expected a file of erasers"],
    [[], "clip is no run with erasers of its own; name a file with --erasers"],
  ])("%j", async (args, message) => {
    const { code, stderr } = await run("fold", "clip", ...args, "--out", "never");
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(at("never"))).toBe(false);
  });

  test("a method of several erasers, for the sides that it was fitted for", async () => {
    const { images } = await embeddings(model);
    const labels = Int32Array.from(gender, (_, i) => Math.floor(i / 2) % 3);
    const first = erasers["mean-difference"].fit({ ...images, labels: gender }, { centred: false });
    const rest = apply(first, images);
    const second = erasers["mean-difference"].fit({ ...rest, labels }, { centred: false });
    const debiaser = {
      method: "both",
      image: [first, second],
      text: [],
      classText: null,
      renormalise: true,
    };
    writeFileSync(at("method.json"), JSON.stringify(debiaserToJSON(debiaser)));
    const { code, stdout } = await run("fold", "clip", "--erasers", "method.json", "--out", "two");
    expect(code).toBe(0);
    expect(stdout).toBe(
      "both: 1 of 1 directions at alpha 1, then 2 of 2 directions at alpha 1, linear, folded into image embeddings\nmodel: two\n",
    );
    const after = await embeddings(await loadClip(at("two")));
    expect(farthest(after.images.x, apply(second, rest).x)).toBeLessThan(CLOSE);

    const side = await run(
      "fold",
      "clip",
      "--erasers",
      "method.json",
      "--sides",
      "text",
      "--out",
      "never",
    );
    expect(side).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("both changes no text embeddings"),
    });
    const each = { ...debiaserToJSON(debiaser), method: "each", classText: [[]] };
    writeFileSync(at("each.json"), JSON.stringify(each));
    const classes = await run("fold", "clip", "--erasers", "each.json", "--out", "never");
    expect(classes).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("each is a map for each class's text"),
    });
  });

  test("the linear part of one that was fitted on unit embeddings", async () => {
    const args = ["--erasers", "two.json", "--method", "leace", "--linear", "--out", "linear"];
    const { code, stdout } = await run("fold", "clip", ...args);
    expect(code).toBe(0);
    expect(stdout).toContain("leace: 1 of 1 directions at alpha 1, linear, folded");
  });
});
