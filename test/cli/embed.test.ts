/** @file `equiclip embed`: files that can be read back, their manifest, and a command that is stopped and given again. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../src/data/csv.ts";
import { decodeImage } from "../../src/data/decode.ts";
import { resizeAndCrop } from "../../src/data/preprocess.ts";
import { clipImages, clipTexts } from "../../src/embed/clip-encoder.ts";
import { readEmbeddings } from "../../src/embed/embedding-file.ts";
import { joinManifest } from "../../src/embed/join.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { type ClipModel, saveClip } from "../../src/model/folder.ts";
import { unitRows } from "../../src/run/linalg/embeddings.ts";
import { trainedClip } from "../model/trained.ts";
import { farthest } from "../train/python.ts";
import { equiclip, stopped, temporaryFolder, writeConfig } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const run = (...args: readonly string[]) => equiclip(["embed", ...args], { cwd: temporary });
const engine = onnxEngine({ threads: 1 });
const LIMIT = 60_000;
const CLOSE = 1e-5;

let model: ClipModel;
let names: string[];
beforeAll(async () => {
  model = await trainedClip();
  await saveClip(at("clip"), model);
  names = (await drawUtkface(at("faces"), 40)).toSorted();
}, LIMIT);

const COLUMNS = { image: "image", attributes: ["gender", "race"], numeric: ["age"] };

test(
  "a folder by a CLIP: embeddings, manifest, prompts",
  async () => {
    writeFileSync(at("prompts.yaml"), "cat: [a cat, a photo of a cat]\ndog: a dog\n");
    const args = [
      "faces",
      "--model",
      "clip",
      "--texts",
      "prompts.yaml",
      "--out",
      "out/e.safetensors",
    ];
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      "embeddings: out/e.safetensors [40, 32]\nmanifest: out/e.rows.csv\ntexts: out/e.texts.safetensors [3, 32]\nprompts: out/e.texts.csv\n",
    );
    expect(readdirSync(at("out")).toSorted()).toEqual([
      "e.rows.csv",
      "e.safetensors",
      "e.texts.csv",
      "e.texts.safetensors",
    ]);
    const file = await readEmbeddings(at("out", "e.safetensors"));
    expect(file).toMatchObject({
      ids: names,
      metadata: {
        model: "clip",
        normalised: "true",
        weights_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        preprocessing: expect.stringContaining('"mean"'),
      },
    });
    const encoder = await clipImages(engine, model, 40);
    const images = await Promise.all(names.map((name) => decodeImage(at("faces", name))));
    const { x, d } = await encoder.embed(
      images.map((image) => resizeAndCrop(image, model.imageProcessor)),
    );
    await encoder.dispose();
    expect(farthest(file.x, unitRows({ x, n: 40, d }).x)).toBeLessThan(CLOSE);

    const manifest = await readCsv(at("out", "e.rows.csv"), COLUMNS);
    const joined = joinManifest(file, manifest);
    expect(joined.x).toEqual(file.x);
    expect(joined.rows.map(({ labels }) => labels["gender"] === "female")).toEqual(
      names.map((name) => name.split("_")[1] === "1"),
    );

    const texts = await readEmbeddings(at("out", "e.texts.safetensors"));
    const prompts = ["a cat", "a photo of a cat", "a dog"];
    expect(texts.ids).toEqual(prompts);
    const ours = await clipTexts(engine, model, prompts);
    expect(farthest(texts.x, unitRows({ ...ours, n: 3 }).x)).toBeLessThan(CLOSE);
    expect(readFileSync(at("out", "e.texts.csv"), "utf8")).toBe(
      "text,label\na cat,cat\na photo of a cat,cat\na dog,dog\n",
    );
  },
  LIMIT,
);

test(
  "a table, past a bad file, through transformers.js and through ONNX",
  async () => {
    expect(
      await equiclip(["export", "clip", "--onnx", "towers", "--out", "web"], { cwd: temporary }),
    ).toMatchObject({ code: 0 });
    writeFileSync(at("faces", "broken.jpg"), "no image");
    const lines = [...names.slice(0, 9), "broken.jpg"].map(
      (name, i) => `faces/${name},${i % 2 ? "b" : "a"}`,
    );
    writeFileSync(at("table.csv"), `image,label\n${lines.join("\n")}\n`);
    const bad = await run("table.csv", "--transformers", "web", "--out", "t.parquet");
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(
      /^equiclip: 1 of 10 images cannot be read, expected at most 0 \(--max-bad 0\)/,
    );

    const common = ["--labels", "label", "--max-bad", "0.1", "--no-normalise", "--json"];
    const done = await run("table.csv", "--transformers", "web", ...common, "--out", "t2.parquet");
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(done.stdout)).toEqual({
      embeddings: "t2.parquet",
      manifest: "t2.rows.csv",
      rows: 9,
      dimensions: 32,
      unreadable: [{ id: "faces/broken.jpg", reason: expect.stringContaining("not an image") }],
      texts: null,
    });
    const onnx = ["--onnx", "web/onnx/vision_model.onnx"];
    expect(await run("table.csv", ...onnx, ...common, "--out", "t.npy")).toMatchObject({
      code: 0,
      stderr: "",
    });
    const [a, b] = [await readEmbeddings(at("t2.parquet")), await readEmbeddings(at("t.npy"))];
    expect(a.ids).toEqual(names.slice(0, 9).map((name) => `faces/${name}`));
    expect(farthest(a.x, b.x)).toBeLessThan(1e-4);
    expect(a.metadata).toMatchObject({ model: "web", normalised: "false" });
    expect(b.metadata).toMatchObject({
      model: "web/onnx/vision_model.onnx",
      output: "image_embeds",
    });
    expect(readFileSync(at("table.csv"), "utf8")).toContain("broken.jpg");
  },
  LIMIT,
);

test(
  "a config, with its splits",
  async () => {
    writeConfig(at("faces.yaml"), {
      name: "faces",
      data: { source: "utkface", path: "faces", sensitive: ["race"], maxBad: 0.1 },
      model: { from: "preset:tiny" },
    });
    const { code, stderr } = await run("faces.yaml", "--model", "clip", "--out", "c.npy");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { rows } = await readCsv(at("c.rows.csv"), { ...COLUMNS, split: "split" });
    expect(new Set(rows.map(({ split }) => split))).toEqual(
      new Set(["train", "validation", "test"]),
    );
    expect((await readEmbeddings(at("c.npy"))).n).toBe(rows.length);
  },
  LIMIT,
);

describe("stopped", () => {
  const signals = { kill: ["SIGKILL"], interrupt: ["SIGINT"] } as const;
  test.each(["kill", "interrupt"] as const)(
    "by a %s, the same command gives the same bytes",
    async (how) => {
      await drawUtkface(at("many"), 600);
      const args = (out: string) => ["many", "--model", "clip", "--batch-size", "2", "--out", out];
      const whole = await run(...args(`${how}-whole.npy`));
      expect(whole.code).toBe(0);
      const cut = at(`${how}.npy`);
      const ended = await stopped(
        ["embed", ...args(cut)],
        `${cut}.partial`,
        { at: "rows.f32", signals: signals[how] },
        { cwd: temporary },
      );
      if (how === "interrupt") {
        expect(ended.code).toBe(130);
        expect(ended.stderr).toMatch(
          /^equiclip: \d+ of 600 images are embedded; the same command goes on from there\n$/,
        );
      } else expect(ended.signal).toBe("SIGKILL");
      expect(existsSync(cut)).toBe(false);
      expect(await run(...args(cut))).toMatchObject({ code: 0, stderr: "" });
      expect(readFileSync(cut).equals(readFileSync(at(`${how}-whole.npy`)))).toBe(true);
      expect(existsSync(`${cut}.partial`)).toBe(false);
    },
    2 * LIMIT,
  );
});

test.each([
  [["faces", "--model", "clip", "--pool", "mean", "--out", "x.npy"], "--pool belongs to"],
  [["faces", "--model", "clip", "--labels", "a", "--out", "x.npy"], "--labels belongs to a table"],
  [["faces", "--model", "clip", "--set", "seed=1", "--out", "x.npy"], "--set belongs to a config"],
  [
    ["faces", "--out", "x.npy"],
    "expected one model, --model, --transformers, --onnx, received none",
  ],
  [
    ["faces", "--model", "clip", "--onnx", "m.onnx", "--out", "x.npy"],
    "received --model and --onnx",
  ],
  [
    ["faces", "--model", "clip", "--size", "3", "--out", "x.npy"],
    "--size belongs to --onnx, not to --model",
  ],
  [
    ["faces", "--model", "clip", "--out", "x.txt"],
    "x.txt: expected embeddings in a file that ends in",
  ],
  [["faces", "--model", "clip", "--out", "a.npy", "--out", "b.npy"], "--out is given twice"],
  [
    ["nowhere", "--model", "clip", "--out", "x.npy"],
    "nowhere: expected a config (.yaml), a folder of images, or a table",
  ],
  [
    ["faces", "--model", "clip", "--batch-size", "1", "--out", "x.npy"],
    "--batch-size 1: expected a whole number of at least 2",
  ],
  [
    ["faces", "--onnx", "m.onnx", "--texts", "prompts.yaml", "--out", "x.npy"],
    "--texts needs a model with a text side",
  ],
])("%j", async (args, message) => {
  const { code, stderr } = await run(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
