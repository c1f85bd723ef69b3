/** @file What a study runs: strategies and their configs, scale, pace. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/run/config/load.ts";
import { secondsFor } from "../../src/study/pace.ts";
import { scaled } from "../../src/study/scale.ts";
import { STRATEGIES, jobsOf, strategiesOf } from "../../src/study/strategies.ts";

const configs = join(import.meta.dirname, "..", "..", "configs");

test("every config of study 001 that is a strategy is run, and every strategy has its configs", () => {
  const there = readdirSync(configs)
    .filter((name) => name.startsWith("001-") && !name.startsWith("001-balance"))
    .map((name) => name.replace(/\.yaml$/, ""));
  const run = jobsOf(STRATEGIES, [0]).map(({ config }) => config);
  expect(run.toSorted()).toEqual(there.toSorted());
});

test("strategies are asked for by name or by how they begin", () => {
  const keys = (only: string[]) => {
    const found = strategiesOf(only);
    return "unknown" in found ? found : found.strategies.map(({ key }) => key);
  };
  expect(keys(["ward", "clip-zeroshot"])).toEqual([
    "ward-original",
    "ward-curated",
    "clip-zeroshot",
    "clip-zeroshot-race",
  ]);
  expect(keys(["war"])).toEqual({ unknown: "war" });
});

test("one run fills several rows; all strategies come with one seed before the next", () => {
  const { strategies } = strategiesOf(["clip-zeroshot"]) as { strategies: typeof STRATEGIES };
  expect(jobsOf(strategies, [4, 5]).map(({ config, seed }) => [config, seed])).toEqual([
    ["001-clip-zeroshot-compat", 4],
    ["001-clip-zeroshot", 4],
    ["001-clip-zeroshot-compat", 5],
    ["001-clip-zeroshot", 5],
  ]);
});

test("scale is a share of rows, of fixed numbers of rows, and of epochs", async () => {
  const constrained = await loadConfig(join(configs, "001-clip-constrained.yaml"));
  expect(scaled(constrained, 1)).toBe(constrained);
  const tenth = scaled(constrained, 0.1);
  expect(tenth.data.share).toBeCloseTo(0.1, 12);
  expect(tenth.split.sample).toEqual({ by: "gender", train: 100, validation: 20 });
  expect(tenth.train.epochs).toBe(1);
  const ward = scaled(await loadConfig(join(configs, "001-ward-original-compat.yaml")), 0.1);
  expect(ward.data.select.first).toBe(800);
  expect(ward.train.epochs).toBe(5);
  // 2% of few rows would lack a class
  expect(ward.split.validation / ward.split.train).toBeCloseTo(0.1, 12);
});

test("the rest takes what was timed says: its own kind's pace, else that of all", () => {
  const [a, b] = [
    { kind: "a", units: 10 },
    { kind: "b", units: 20 },
  ];
  expect(secondsFor([a], [])).toBeNull();
  expect(secondsFor([], [])).toBe(0);
  const spent = [{ load: a, share: 0.5, seconds: 10 }];
  expect(secondsFor([a, b], spent)).toBe(2 * 10 + 2 * 20);
  expect(secondsFor([b], [...spent, { load: b, share: 1, seconds: 5 }])).toBe(5);
});
