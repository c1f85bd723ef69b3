/** @file Damaged models, no network, full disks, diverging training: one line each, and the last checkpoint stays good. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadClip, saveClip } from "../../src/model/folder.ts";
import { writeSafetensors } from "../../src/model/safetensors.ts";
import { zip } from "../zip.ts";
import { type Surroundings, equiclip, stopped, temporaryFolder, writeConfig } from "./equiclip.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const train = (args: readonly string[], surroundings: Surroundings = {}) =>
  equiclip(["train", "run.yaml", ...args], { cwd: temporary, ...surroundings });
const config = {
  name: "run",
  threads: 1,
  data: { source: "synthetic", count: 120, size: 32, folder: "faces", duplicates: "ignore" },
  model: { from: "preset:tiny" },
  train: { epochs: 3, batchSize: 16, lr: 1e-3, saveSteps: 2 },
  evaluate: { bootstrap: 20 },
  debias: { methods: [] },
};

/** Every file of a folder with its bytes. */
const contents = (folder: string): Map<string, string> =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "base64")]));

beforeAll(() => void writeConfig(at("run.yaml"), config));

describe("models", () => {
  beforeAll(async () => saveClip(at("model"), await loadClip("preset:tiny")));
  const weights = "model.safetensors";
  const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

  test.each<[string, (folder: string) => unknown, RegExp, number]>([
    [
      "truncated",
      (folder) => {
        const bytes = readFileSync(join(folder, weights));
        writeFileSync(join(folder, weights), bytes.subarray(0, bytes.length - 100));
      },
      /truncated\/model\.safetensors: not a whole safetensors file: .*; download or save it again/,
      1,
    ],
    [
      "boastful", // its header claims more than the file
      (folder) => {
        const bytes = readFileSync(join(folder, weights));
        bytes.writeBigUInt64LE(10n ** 7n);
        writeFileSync(join(folder, weights), bytes);
      },
      /expected a header of 10000000 bytes, received only \d+ bytes/,
      1,
    ],
    [
      "misshapen",
      async (folder) => {
        const { weights: tensors } = await loadClip("preset:tiny");
        const name = "visual_projection.weight";
        tensors.set(name, { shape: [3, 3], data: new Float32Array(9) });
        await writeSafetensors(join(folder, weights), tensors);
      },
      /visual_projection\.weight.*expected.*32.*64.*received.*3.*3/,
      2,
    ],
    [
      "malicious", // a pickle that calls os.system
      (folder) => {
        rmSync(join(folder, weights));
        const pickle = latin1(`\x80\x02cposix\nsystem\n(X\x0c\0\0\0touch pwned.t\x85R.`);
        writeFileSync(join(folder, "pytorch_model.bin"), zip({ "m/data.pkl": pickle }));
      },
      /malicious\/pytorch_model\.bin: .*posix.*system/,
      1,
    ],
    ["weightless", (folder) => rmSync(join(folder, weights)), /weightless holds no weights/, 1],
  ])("%s", async (name, damage, line, exit) => {
    await cp(at("model"), at(name), { recursive: true });
    await damage(at(name));
    const { code, stdout, stderr } = await train([
      "--set",
      `model.from=./${name}`,
      "--out",
      `of-${name}`,
    ]);
    expect(stderr).toMatch(new RegExp(`^equiclip: .*${line.source}.*\n$`));
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
    expect(existsSync(at("pwned"))).toBe(false);
  });

  test("unknown preset", async () => {
    const { code, stderr } = await train(["--set", "model.from=preset:huge", "--out", "of-preset"]);
    expect(stderr).toMatch(/^equiclip: preset:huge: expected one of tiny, small.*\n$/);
    expect(code).toBe(2);
  });

  test("no network", async () => {
    const env = {
      HF_ENDPOINT: "http://127.0.0.1:9",
      HF_HOME: at("cache"),
      HF_HUB_CACHE: at("cache"),
    };
    const args = ["--set", "model.from=openai/clip-vit-base-patch32", "--out", "of-hub"];
    const { code, stderr } = await train(args, { env });
    expect(stderr).toMatch(
      /^equiclip: model openai\/clip-vit-base-patch32 .*127\.0\.0\.1:9.*cache.*local model folder.*\n$/,
    );
    expect(code).toBe(1);
  });
});

describe("disks", () => {
  test("full while a checkpoint is written: the one before is whole, and the run goes on from it", async () => {
    const run = at("full");
    const args = ["train", "run.yaml", "--out", "full", "--resume"];
    const stop = { at: "last", signals: ["SIGKILL"] } as const;
    await stopped(args, run, stop, { cwd: temporary });
    const before = contents(join(run, "last"));
    // weights fit, the optimizer's state does not
    const { code, stdout, stderr } = await equiclip(args, { cwd: temporary, fileLimit: 1000 });
    expect(stderr).toMatch(
      /^equiclip: cannot write full\/.*training\.safetensors: EFBIG.*unchanged\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(contents(join(run, "last"))).toEqual(before);
    expect(await equiclip(args, { cwd: temporary })).toMatchObject({ code: 0, stderr: "" });
  }, 120_000);

  test("a file where a folder should be", async () => {
    writeFileSync(at("taken"), "");
    const { code, stderr } = await train(["--out", "taken/run"]);
    expect(stderr).toMatch(
      /^equiclip: cannot use taken\/run as run folder: .*; choose another with --out\n$/,
    );
    expect(code).toBe(1);
  });

  test("a folder that holds something else is left alone, even with --fresh", async () => {
    mkdirSync(at("photos"));
    writeFileSync(at("photos", "me.jpg"), "");
    for (const flag of ["--fresh", "--resume"]) {
      const { code, stderr } = await train(["--out", "photos", flag]);
      expect(stderr).toMatch(/^equiclip: photos is no run, but holds me\.jpg: .*--out\n$/);
      expect(code).toBe(2);
    }
    expect(readdirSync(at("photos"))).toEqual(["me.jpg"]);
  });
});

describe("training that diverges", () => {
  const wild = ["train.clipNorm=null", "train.saveSteps=1"].flatMap((pair) => ["--set", pair]);

  test("stops with step, epoch and learning rate", async () => {
    const { code, stdout, stderr } = await train([
      ...wild,
      "--set",
      "train.lr=1e6",
      "--out",
      "wild",
    ]);
    expect(stderr).toMatch(
      /^equiclip: training: the (loss|gradient norm|norm of the weights) is (NaN|Infinity) in step \d+ of 15 \(epoch 1 of 3, lr \d+(\.\d+)?\), expected a finite number; .*train\.lr.*\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  });

  test("saves no weight that is not a number", async () => {
    // beyond 32-bit numbers: loss and gradient of the first step are fine, the weights after it are not
    const { code, stderr } = await train([...wild, "--set", "train.lr=1e39", "--out", "wilder"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^equiclip: training: the norm of the weights is \S+ in step 1 of 15 .*\n$/,
    );
    expect(readdirSync(at("wilder"))).not.toContain("last");
  });
});
