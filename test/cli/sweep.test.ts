/** @file `equiclip sweep`: on a config's model and on a trained run, and what it refuses. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SweepResult } from "../../src/debias/sweep/result.ts";
import { equiclip, temporaryFolder, writeConfig } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

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

test("captions stand for men and women in place of templates", async () => {
  await drawUtkface(join(temporary, "faces"), 160);
  const lines = Array.from({ length: 30 }, (_, i) => [
    `A man with ${i} apples\tTrue\tFalse`,
    `A woman with ${i} apples\tFalse\tTrue`,
    `A man and a woman count to ${i}\tTrue\tTrue`,
  ]).flat();
  writeFileSync(join(temporary, "captions.tsv"), ["caption\tmale\tfemale", ...lines].join("\n"));
  const gendered = config({
    name: "captions",
    data: {
      source: "utkface",
      path: "faces",
      target: "age_band",
      ageBands: [0, 30],
      positive: "30+",
      sensitive: ["gender"],
    },
  });
  writeConfig(join(temporary, "c.yaml"), gendered);
  const texts = ["sweep.texts.path=captions.tsv", "sweep.texts.perClass=25"];
  const found = await run("sweep", "c.yaml", "--json", ...texts.flatMap((of) => ["--set", of]));
  expect({ code: found.code, stderr: found.stderr }).toEqual({ code: 0, stderr: "" });
  const { rows, fits, notes } = JSON.parse(found.stdout) as SweepResult;
  expect(rows).toMatchObject({ texts: 50, textPairs: expect.any(Number) });
  expect(notes[0]).toMatch(/^Texts are 25 captions of captions\.tsv for each gender/);
  const [published, corrected] = (["class", "pairs"] as const).map(
    (centring) =>
      fits.find((fit) => fit.centring === centring && fit.modality === "separate")!.text!
        .signal![0]!,
  );
  expect(published).toBeLessThan(0.5);
  expect(corrected).toBeGreaterThan(0.9);

  const few = await run("sweep", "c.yaml", "--set", "sweep.texts.path=captions.tsv");
  expect(few).toMatchObject({ code: 2, stdout: "" });
  expect(few.stderr).toMatch(/expected 200 captions that are male alone, received 30/);
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
