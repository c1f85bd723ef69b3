/** @file `equiclip sweep`: on a config's model and on a trained run, and what it refuses. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SweepResult } from "../../src/debias/sweep/result.ts";
import { equiclip, temporaryFolder, writeConfig } from "./equiclip.ts";

const temporary = temporaryFolder();
const run = (...args: readonly string[]) => equiclip(args, { cwd: temporary });
const config = (more: object = {}) => ({
  name: "sweep",
  threads: 1,
  data: {
    source: "synthetic",
    count: 160,
    target: "style",
    positive: "rounded",
    sensitive: ["tone"],
  },
  model: { from: "preset:tiny" },
  train: { epochs: 1, batchSize: 32 },
  evaluate: { bootstrap: 50 },
  sweep: {
    perClass: 20,
    alpha: [0, 1],
    k: [1, 2],
    templates: ["a {value} face", "one {value}", "{value}"],
  },
  ...more,
});

test("a config's model is swept as it is, and a trained run by its folder", async () => {
  writeConfig(join(temporary, "a.yaml"), config());
  const first = await run("sweep", "a.yaml", "--json");
  expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: "" });
  const untrained = JSON.parse(first.stdout) as SweepResult;
  expect(untrained).toMatchObject({
    schema: "equiclip.sweep/1",
    attribute: "tone",
    target: "style",
  });
  const tones = 4;
  expect(untrained.rows).toMatchObject({ images: 20 * tones, texts: 3 * tones });
  for (const name of [
    "report.html",
    "report.json",
    "report.md",
    "predictions.the-study-as-published.csv",
    "predictions.corrected-chosen-on-validation.csv",
  ])
    expect(existsSync(join(temporary, "sweep-sweep", name))).toBe(true);

  expect((await run("train", "a.yaml", "--json")).code).toBe(0);
  const second = await run("sweep", join("checkpoints", "sweep"), "--set", "sweep.attribute=style");
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: "" });
  expect(second.stdout).toContain("whatever removes it removes the task");
  expect(existsSync(join(temporary, "checkpoints", "sweep", "sweep", "report.html"))).toBe(true);
}, 120_000);

test("an attribute that is not there, and no such subject, are usage errors", async () => {
  writeConfig(join(temporary, "b.yaml"), config({ name: "b" }));
  const attribute = await run("sweep", "b.yaml", "--set", "sweep.attribute=height");
  expect(attribute).toMatchObject({ code: 2, stdout: "" });
  expect(attribute.stderr).toMatch(
    /sweep\.attribute height: expected rows of at least two classes/,
  );
  expect((await run("sweep", "nowhere.yaml")).code).toBe(2);
}, 60_000);
