/** @file Folders of convolutional networks: what is kept, and what a load refuses. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ARCHITECTURE_NAMES } from "../../../src/model/cnn/architectures.ts";
import { parseCnnConfig, toCnnJson } from "../../../src/model/cnn/config-json.ts";
import { loadCnn, saveCnn } from "../../../src/model/cnn/folder.ts";
import { type CnnModel, cnnConfig } from "../../../src/model/cnn/model.ts";
import { loadClip, saveClip } from "../../../src/model/folder.ts";
import { modelType } from "../../../src/model/json-files.ts";
import { parseReference } from "../../../src/model/reference.ts";
import { UsageError } from "../../../src/run/errors.ts";
import { thinModel } from "./tiny.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-cnn-"));
afterAll(() => rmSync(root, { recursive: true }));
const at = (name: string): string => join(root, name);

let small: CnnModel;
let tripathi: CnnModel;
beforeAll(async () => {
  small = thinModel({ architecture: "small", size: 16 }, 16);
  tripathi = thinModel({ architecture: "tripathi", size: 16, compat: ["sigmoid-each"] }, 16);
  await saveCnn(at("small"), small);
  await saveCnn(at("tripathi"), tripathi);
  await saveClip(at("clip"), await loadClip("preset:tiny"));
});

let copies = 0;
/** A copy of a saved model, one of its JSON files changed. */
function spoilt(
  name: string,
  file: string,
  change: (json: Record<string, unknown>) => void,
): string {
  const folder = at(`copy-${copies++}`);
  cpSync(at(name), folder, { recursive: true });
  const json = JSON.parse(readFileSync(join(folder, file), "utf8"));
  change(json);
  writeFileSync(join(folder, file), JSON.stringify(json));
  return folder;
}
async function refused(work: Promise<unknown>, message: RegExp): Promise<void> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UsageError);
  expect((thrown as Error).message).toMatch(message);
  expect((thrown as Error).message).not.toContain("\n");
}

test("what is saved is loaded: layers, flaws, weights, running statistics, preprocessing", async () => {
  expect(await loadCnn(at("small"))).toEqual(small);
  const loaded = await loadCnn(at("tripathi"));
  expect(loaded).toEqual(tripathi);
  expect(loaded.config.compat).toEqual(["sigmoid-each"]);
  expect(loaded.imageProcessor.channels).toBe(1);
  expect([...loaded.weights.keys()]).toEqual([...tripathi.weights.keys()]);
});

test.each(ARCHITECTURE_NAMES)("%s: its config.json is read as the same", (architecture) => {
  const config = cnnConfig({ architecture });
  const json: unknown = JSON.parse(JSON.stringify(toCnnJson(config)));
  expect(parseCnnConfig(json, "config.json")).toEqual(config);
});

describe("another model than expected is named", () => {
  test("a CLIP where a network is expected", () =>
    refused(
      loadCnn(at("clip")),
      /clip.config\.json: model_type is "clip", expected "equiclip-cnn"; pass the folder/,
    ));

  test("a network where a CLIP is expected", async () => {
    await refused(
      loadClip(at("small")),
      /small.config\.json: this is a convolutional network \(cnn:small\), expected a CLIP/,
    );
    await refused(loadClip("cnn:small"), /^cnn:small: this is a convolutional network, expected a/);
    expect(await modelType(at("small"))).toBe("equiclip-cnn");
    expect(await modelType(at("clip"))).toBe("clip");
    expect(await modelType(root)).toBeNull();
  });

  test("weights of another architecture", async () => {
    const folder = at("mixed");
    cpSync(at("small"), folder, { recursive: true });
    cpSync(join(at("tripathi"), "model.safetensors"), join(folder, "model.safetensors"));
    await refused(
      loadCnn(folder),
      /mixed: the weights do not fit config\.json: of 27 tensors, .* missing \(bn1\.weight.* from the same small network$/,
    );
  });

  test("no folder of a model", () => refused(loadCnn(root), /is no model: expected a config.json/));
});

describe("spoilt files", () => {
  test.each<[string, string, (json: Record<string, unknown>) => void, RegExp]>([
    [
      "a layer of no known kind",
      "config.json",
      (json) => (json["trunk"] = [{ kind: "x" }]),
      /trunk\.0/,
    ],
    [
      "layers that do not fit",
      "config.json",
      (json) => (json["trunk"] = [{ kind: "dense", name: "d", units: 3 }]),
      /config\.json, images of 16 x 16: dense "d": expected a vector/,
    ],
    [
      "images too small for layers that fit each other at no size",
      "config.json",
      (json) => {
        const [first] = json["trunk"] as [object];
        const conv = { ...first, kernel: 17, padding: "valid" };
        const body = [{ ...first, name: "inner", filters: 7 }];
        json["trunk"] = [conv, { kind: "residual", name: "sum", body, shortcut: [] }];
      },
      /images of 16 x 16: conv "conv1": a window of 17 x 17 leaves nothing of 16 x 16; correct its/,
    ],
    [
      "a processor of another size",
      "preprocessor_config.json",
      (json) => {
        json["size"] = { height: 20, width: 20 };
        json["crop_size"] = { height: 20, width: 20 };
      },
      /gives 20 x 20 pixels of 3 channels, expected the network's 16 x 16 of 3/,
    ],
    [
      "a processor of grey images",
      "preprocessor_config.json",
      (json) => (json["num_channels"] = 1),
      /16 x 16 pixels of 1 channel, expected the network's 16 x 16 of 3/,
    ],
  ])("%s", (_, file, change, message) => refused(loadCnn(spoilt("small", file, change)), message));
});

test("PyTorch's count of batches may be there", async () => {
  const counted = { ...small, weights: new Map(small.weights) };
  counted.weights.set("bn1.num_batches_tracked", { shape: [], data: Float32Array.of(3) });
  await saveCnn(at("counted"), counted);
  expect(await loadCnn(at("counted"))).toEqual(small);
});

test("cnn:NAME is a reference", () => {
  expect(parseReference("cnn:ward")).toEqual({ kind: "cnn", name: "ward" });
});
