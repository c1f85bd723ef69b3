/** @file `configs/utkface-gender-clip.yaml`, whole: a CLIP of the Hub, fine-tuned, reused offline, and read back by Python. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPlan } from "../../src/cli/plan.ts";
import { createPixelStore } from "../../src/data/pixels.ts";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";
import { readUtkface } from "../../src/data/utkface.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { readPredictions } from "../../src/eval/predictions-csv.ts";
import { loadClip, saveClip } from "../../src/model/folder.ts";
import { readRunConfig, runFolder } from "../../src/run/folder.ts";
import { silent } from "../../src/run/progress.ts";
import { openTrained } from "../../src/train/families.ts";
import { embed } from "../../src/train/trained.ts";
import { loadBest } from "../../src/train/checkpoint.ts";
import { python } from "../golden.ts";
import { type HubServer, serveHub } from "../hub-server.ts";
import { embedInPython, farthest } from "./python.ts";

const id = "openai/clip-vit-base-patch32"; // as the config has it; what is served is a tiny one
const folder = mkdtempSync(join(tmpdir(), "equiclip-hub-run-"));
const faces = join(folder, "UTKFace");
const run = runFolder(join(folder, "run"));
const root = join(import.meta.dirname, "..", "..");
const config = join(root, "configs", "utkface-gender-clip.yaml");
let hub: HubServer;

/** Runs the command line; the Hub is served by this process, so it must not block. */
const equiclip = (
  endpoint: string,
  args: readonly string[],
): Promise<{ code: unknown; stderr: string }> =>
  new Promise((resolve) => {
    const main = join(root, "src", "cli", "main.ts");
    const hubEnv = {
      HF_ENDPOINT: endpoint,
      HF_HUB_CACHE: join(folder, "cache"),
      HF_HUB_OFFLINE: "",
    };
    execFile(
      process.execPath,
      ["--import", "tsx", main, ...args],
      { env: { ...process.env, ...hubEnv } },
      (error, _stdout, stderr) => resolve({ code: error?.code ?? 0, stderr }),
    );
  });

/** The config as it is, but for the size of things. */
function train(out: string, endpoint: string) {
  const values = {
    "data.path": faces,
    "split.sample.train": 40,
    "split.sample.validation": 12,
    "train.epochs": 2,
    "train.lr": 3e-4, // from random weights
    "evaluate.bootstrap": 200,
    "evaluate.batchSize": 16,
  };
  const set = Object.entries(values).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  return equiclip(endpoint, ["train", config, "--out", out, ...set]);
}

/** 260 faces under UTKFace names: JPEG, of several sizes, some of them grey. */
async function drawUtkface(): Promise<void> {
  const drawn = await makeSyntheticFaces(join(folder, "drawn"), {
    count: 260,
    size: 80,
    seed: 3,
    bias: 0,
  });
  const tones = [...new Set(drawn.rows.map((row) => row.labels["tone"]!))].toSorted();
  mkdirSync(faces);
  await Promise.all(
    drawn.rows.map(async ({ path, labels, numbers }, i) => {
      const gender = labels["style"] === "rounded" ? 1 : 0;
      const date = 20170116000000000 + i;
      const name = `${numbers["age"]}_${gender}_${tones.indexOf(labels["tone"]!)}_${date}.jpg.chip.jpg`;
      const image = sharp(path).resize([200, 80, 61][i % 3]!, [200, 95, 61][i % 3]!);
      await (i % 10 === 0 ? image.grayscale() : image)
        .jpeg({ quality: 92 })
        .toFile(join(faces, name));
    }),
  );
}

/** A model as openai's repositories have it: the old end-of-text rule, the old form of the image processor. */
async function tinyRepository(): Promise<string> {
  const repository = join(folder, "repository");
  await saveClip(repository, await loadClip("preset:tiny", { seed: 5 }));
  const edit = (
    name: string,
    change: (json: Record<string, Record<string, unknown>>) => unknown,
  ): void => {
    const file = join(repository, name);
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
  };
  edit("config.json", (json) => ({
    ...json,
    text_config: { ...json["text_config"], eos_token_id: 2, bos_token_id: 0, pad_token_id: 1 },
  }));
  edit("preprocessor_config.json", ({ image_mean, image_std }) => ({
    feature_extractor_type: "CLIPFeatureExtractor",
    do_resize: true,
    do_center_crop: true,
    do_normalize: true,
    size: 32,
    crop_size: 32,
    resample: 3,
    image_mean,
    image_std,
  }));
  return repository;
}

let first: Awaited<ReturnType<typeof train>>;
beforeAll(async () => {
  await drawUtkface();
  hub = await serveHub(id, await tinyRepository());
  first = await train(run.root, hub.url);
}, 120_000);
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

describe("configs/utkface-gender-clip.yaml", () => {
  it("fine-tunes the Hub's model and reports", async () => {
    expect(first.stderr).not.toMatch(/bug|error/);
    expect(first.code).toBe(0);
    const { splits } = await readPlan(run);
    expect(splits.train.ids).toHaveLength(2 * 40);
    expect(splits.validation.ids).toHaveLength(2 * 12);
    expect(json(run.reportJson).before.n).toBe(splits.test.ids.length);
    expect(json(run.manifest).steps).toBe((2 * 80) / 4);
    expect(hub.requests.some((request) => request.startsWith("GET /cdn/"))).toBe(true);
    const { text_config } = json(join(run.best, "config.json"));
    expect(text_config.eos_token_id).toBe(2);
  });

  it("needs no network the second time, and gives the same weights and predictions", async () => {
    const again = runFolder(join(folder, "again"));
    expect(await train(again.root, "http://127.0.0.1:9")).toMatchObject({ code: 0 });
    const bytes = (file: string): Buffer => readFileSync(file);
    expect(bytes(again.predictions).equals(bytes(run.predictions))).toBe(true);
    const weights = "model.safetensors";
    expect(bytes(join(again.best, weights)).equals(bytes(join(run.best, weights)))).toBe(true);
  });

  it.skipIf(!python)(
    "saves what Python's CLIPModel and CLIPProcessor embed and classify alike (EQUICLIP_PYTHON)",
    { timeout: 120_000 },
    async () => {
      const { task } = await readPlan(run);
      const predictions = await readPredictions(run.predictions);
      expect(predictions.classes).toEqual(task.classes);
      const settings = await readRunConfig(run);
      const theirs = await embedInPython(
        run.best,
        predictions.ids!.map((name) => join(faces, name)),
        task.classes.map((label) => settings.prompts![label] as string),
      );

      const { model, probe } = await loadBest(run.best);
      const rows = new Map((await readUtkface(faces)).rows.map((row) => [row.id, row]));
      const store = await createPixelStore({
        rows: predictions.ids!.map((name) => rows.get(name)!),
        preprocess: model.imageProcessor,
        augment: settings.augment,
        seed: settings.seed,
      });
      const own = onnxEngine({ threads: 1 });
      const trained = await openTrained(own, settings, task, model, probe, null);
      const { embeddings } = await embed(trained, store, "test", silent);
      await trained.dispose();

      // from the files to the end: one grey level more in one pixel of each image shows as 1e-4
      expect(farthest(embeddings, theirs.images)).toBeLessThan(2e-6);
      expect(farthest(trained.classifier.weight, theirs.texts)).toBeLessThan(2e-6);
      expect(farthest(predictions.scores!, theirs.scores)).toBeLessThan(1e-5);
    },
  );
});
