/** @file Stopped at any moment and resumed, a run ends with the same bytes as one that was left alone. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../src/model/safetensors.ts";
import { readJsonLines } from "../../src/run/json-lines.ts";
import { random } from "../../src/run/random.ts";
import { type Stop, equiclip, stopped, temporaryFolder, writeConfig } from "./equiclip.ts";

const temporary = temporaryFolder();

/** Milliseconds; the machine may be busy. */
const LIMIT = 120_000;

const base = {
  name: "run",
  seed: 3,
  threads: 1,
  data: { source: "synthetic", count: 200, size: 32, folder: "faces", duplicates: "ignore" },
  model: { from: "preset:tiny" },
  evaluate: { bootstrap: 50 },
  debias: { methods: ["leace"] },
};

/** Kill -9 at a moment that the seed draws, once this file is there. */
const killed = (at: string, within = 0): Stop => ({
  at,
  after: Math.floor(random("kill", at, within).uniform(0, within)),
  signals: ["SIGKILL"],
});
const interrupted = (at: string, after = 0): Stop => ({ at, after, signals: ["SIGINT"] });

const runs: Record<string, { config: object; stops: readonly Stop[] }> = {
  "full training": {
    config: {
      ...base,
      augment: { flip: 0.5, shift: 0.1, brightness: 0.1, noise: 0.05, rotate: 5 },
      train: {
        epochs: 3,
        batchSize: 8,
        accumulate: 2,
        lr: 1e-3,
        warmupSteps: 2,
        saveSteps: 3,
        ema: 0.8,
        reweight: "cells",
      },
    },
    stops: [
      killed("config.yaml"), // while the data is prepared
      interrupted("data-plan.json"), // before training
      killed(".last.next", 20), // while the first checkpoint is written
      killed(".last.old"), // while a checkpoint takes the place of the one before
      killed(".best.next", 20), // while the selected weights are written, after a validation
      killed("best", 20), // while the checkpoint after them is written
      interrupted("log.jsonl", 50), // in the middle of an epoch
      killed("log.jsonl", 100), // anywhere
      killed("variants.json"), // after training, before the report
      killed("report.json"), // while the report is written
    ],
  },
  lora: {
    config: {
      ...base,
      debias: { methods: ["leace", "roboshot", "thresholds", "wise", "dfr"] },
      model: { from: "preset:tiny", trainable: { kind: "lora", rank: 2, alpha: 4 } },
      augment: { flip: 0.5 },
      train: {
        epochs: 2,
        batchSize: 16,
        lr: 1e-2,
        saveSteps: 2,
        patience: 1,
        sampling: "group-balanced",
      },
    },
    stops: [killed(".best.next"), killed("wise"), killed("variants.json")],
  },
  "a convolutional image tower": {
    config: {
      ...base,
      model: { from: "preset:tiny-conv" },
      train: { epochs: 2, batchSize: 16, lr: 1e-3, saveSteps: 2 },
    },
    stops: [killed(".last.next", 20), interrupted("log.jsonl", 20)],
  },
  probe: {
    config: {
      ...base,
      model: { from: "preset:tiny", trainable: { kind: "probe" } },
      train: { epochs: 2, batchSize: 16, lr: 1e-1, saveSteps: 2, optimizer: { name: "sgd" } },
    },
    stops: [killed(".last.next")],
  },
  "an adversary and weights of groups": {
    config: {
      ...base,
      model: { from: "preset:tiny", trainable: { kind: "probe" } },
      train: {
        epochs: 2,
        batchSize: 16,
        lr: 1e-2,
        saveSteps: 2,
        fairness: [{ penalty: "adversary", hidden: 4 }, { penalty: "equalized-odds" }],
        robust: { method: "group-dro", stepSize: 0.5 },
      },
    },
    stops: [killed(".last.next", 20), interrupted("log.jsonl", 20)],
  },
  "just train twice": {
    config: {
      ...base,
      train: {
        epochs: 2,
        batchSize: 16,
        lr: 1e-3,
        saveSteps: 2,
        robust: { method: "jtt", identification: 2, upweight: 3 },
      },
    },
    stops: [
      interrupted("identification"), // while rows that go wrong are looked for
      killed(".identification.next", 20),
      killed("identified.json"), // when they are known
      killed(".last.next", 20), // in the second training
    ],
  },
};

/** What is the same in every run of a config: all but speeds. */
async function log(folder: string): Promise<object[]> {
  const lines = await readJsonLines(join(folder, "log.jsonl"));
  return lines.map(({ imagesPerSecond: _speed, seconds: _seconds, ...same }) => same);
}

describe.each(Object.entries(runs))("%s", (name, { config, stops }) => {
  const place = (kind: string): string => join(temporary, name.replaceAll(" ", "-"), kind);
  const [whole, broken] = [place("whole"), place("broken")];
  const args = (cwd: string): string[] => [
    "train",
    writeConfig(join(cwd, "config.yaml"), config),
    "--out",
    join(cwd, "run"),
    "--resume",
  ];

  beforeAll(async () => {
    for (const cwd of [whole, broken]) await mkdir(cwd, { recursive: true });
    const { code, stderr } = await equiclip(args(whole), { cwd: whole });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  }, LIMIT);

  test("ends with the same bytes", { timeout: 3 * LIMIT }, async () => {
    const run = join(broken, "run");
    for (const stop of stops) {
      const ended = await stopped(args(broken), run, stop, { cwd: broken });
      const where = JSON.stringify(stop);
      if (stop.signals[0] === "SIGKILL") expect(ended, where).toMatchObject({ signal: "SIGKILL" });
      else {
        expect(ended, where).toMatchObject({ code: 130, stdout: "" });
        expect(ended.stderr, where).toMatch(/^equiclip: interrupted.* --resume\n$/);
      }
      expect(readdirSync(run), where).not.toContain("manifest.json");
    }
    const { code, stderr } = await equiclip(args(broken), { cwd: broken });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });

    const reference = join(whole, "run");
    expect(readdirSync(run).toSorted()).toEqual(readdirSync(reference).toSorted());
    for (const folder of ["best", "last", ...(existsSync(join(reference, "wise")) ? ["wise"] : [])])
      for (const file of readdirSync(join(reference, folder)))
        if (file !== "training.json") same(join(folder, file));
    for (const file of ["predictions.csv", "report.json", "variants.json", "config.yaml"])
      same(file);
    expect(await log(run)).toEqual(await log(reference));

    function same(file: string): void {
      const equal = readFileSync(join(run, file)).equals(readFileSync(join(reference, file)));
      expect(equal, `${file} is the same`).toBe(true);
    }
  });

  test("that is complete says so, and changes nothing", async () => {
    const run = join(whole, "run");
    const before = readFileSync(join(run, "manifest.json"), "utf8");
    const { code, stdout, stderr } = await equiclip([...args(whole), "--json"], { cwd: whole });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `equiclip: ${run} is complete; its report is ${join(run, "report.html")}\n`,
    });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(run, "report.json"), "utf8")));
    expect(readFileSync(join(run, "manifest.json"), "utf8")).toBe(before);
  });
});

test("the second Ctrl-C does not wait for the step to be saved", async () => {
  const config = writeConfig(join(temporary, "slow.yaml"), {
    ...base,
    engine: "reference",
    data: { ...base.data, count: 80 },
    train: { epochs: 1, batchSize: 4 },
  });
  const run = join(temporary, "slow");
  const stop: Stop = { at: "log.jsonl", after: 200, signals: ["SIGINT", "SIGTERM"] };
  const ended = await stopped(["train", config, "--out", run], run, stop, { cwd: temporary });
  expect(ended).toMatchObject({ code: 130, stdout: "" });
  expect(ended.stderr).toMatch(/^equiclip: interrupted; .*--resume\n$/);
  expect(readdirSync(run)).not.toContain("last");
});

test("two batches of 16 make the step of one batch of 32", async () => {
  const weights = async (batchSize: number, accumulate: number) => {
    const config = writeConfig(join(temporary, `batch${batchSize}.yaml`), {
      ...base,
      train: { epochs: 1, batchSize, accumulate, lr: 0.05, optimizer: { name: "sgd" } },
    });
    const run = join(temporary, `batch${batchSize}`);
    const { stderr } = await equiclip(["train", config, "--out", run], { cwd: temporary });
    expect(stderr).toBe("");
    return readSafetensors(join(run, "last", "model.safetensors"));
  };
  const [once, twice] = [await weights(32, 1), await weights(16, 2)];
  let furthest = 0;
  for (const [name, { data }] of once)
    data.forEach((value, i) => {
      furthest = Math.max(furthest, Math.abs(value - twice.get(name)!.data[i]!));
    });
  expect(furthest).toBeLessThan(2e-5);
  expect(furthest).toBeGreaterThan(0); // they are not one run
});
