/** @file Thresholds of each group for a black box's table of predictions (C001-48): parity on rows that they never saw. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fromJSON } from "../../src/debias/thresholds/json.ts";
import { Comparison } from "../../src/eval/report/comparison.ts";
import { random } from "../../src/run/random.ts";
import { equiclip, temporaryFolder } from "./equiclip.ts";

const temporary = temporaryFolder();
const run = (...args: readonly string[]) => equiclip(["eval", ...args], { cwd: temporary });

const draw = random("group-thresholds");
const lines = Array.from({ length: 8000 }, (_, i) => {
  const [y, sex] = [draw.int(2), ["f", "m"][draw.int(2)]!];
  // the model is kinder to m
  const score = 0.4 * y + 0.5 * draw.uniform() + (sex === "m" ? 0.15 : 0);
  return [`p${i}`, y, score.toFixed(6), score >= 0.5 ? 1 : 0, sex, i % 2 ? "test" : "validation"];
});
writeFileSync(
  join(temporary, "box.csv"),
  [["id", "y", "s", "yhat", "sex", "split"], ...lines].map((line) => line.join()).join("\n"),
);
const TABLE = [
  "--predictions",
  "box.csv",
  "--truth",
  "y",
  "--groups",
  "sex",
  "--id",
  "id",
  "--split",
  "split",
];
const LABELS = [...TABLE, "--predicted", "yhat"];

async function compared(...args: readonly string[]): Promise<Comparison> {
  const { code, stdout, stderr } = await run(...args, "--bootstrap", "50", "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return Comparison.parse(JSON.parse(stdout));
}

describe("a parity limit of 0.05 that the black box breaks holds on held-out rows", () => {
  test.each([
    ["demographic-parity", "dp.difference", "its scores", ["--score", "s"]],
    ["equal-opportunity", "eopp", "its scores", ["--score", "s"]],
    ["equalized-odds", "eo.max", "its scores", ["--score", "s"]],
    ["demographic-parity", "dp.difference", "its labels alone", []],
    ["equalized-odds", "eo.max", "its labels alone", []],
  ])("%s (%s) by %s", async (parity, metric, _of, more) => {
    const result = await compared(
      ...LABELS,
      ...more,
      "--group-thresholds",
      "sex",
      "--parity",
      parity,
    );
    const gap = (of: Comparison["before"]): number => of.attributes["sex"]!.gaps[metric]!.value!;
    const after = result.after["thresholds"]!;
    expect(result.before.n).toBe(4000);
    expect(gap(result.before)).toBeGreaterThan(0.15);
    expect(gap(after)).toBeLessThan(0.05);
    expect(after.overall.accuracy.value).toBeGreaterThan(0.6);
    const file = join(temporary, "eval-box", "thresholds.json");
    expect(fromJSON(JSON.parse(readFileSync(file, "utf8")))).toMatchObject({
      constraint: parity,
      groups: [{ group: "f" }, { group: "m" }],
    });
    expect(readFileSync(join(temporary, "eval-box", "predictions.thresholds.csv"), "utf8")).toMatch(
      /^id,truth/,
    );
  });
});

test("a wider limit costs less", async () => {
  const of = async (limit: string) => {
    const args = ["--score", "s", "--group-thresholds", "sex", "--parity-limit", limit];
    const { after } = await compared(...LABELS, ...args);
    const { overall, attributes } = after["thresholds"]!;
    return [overall.accuracy.value!, attributes["sex"]!.gaps["dp.difference"]!.value!] as const;
  };
  const [none, some] = [await of("0"), await of("0.1")];
  expect(some[1]).toBeLessThan(0.13);
  expect(some[1]).toBeGreaterThan(none[1]);
  expect(some[0]).toBeGreaterThanOrEqual(none[0] - 0.005);
});

test("a threshold that makes the labels goes with them", async () => {
  const args = [...TABLE, "--score", "s", "--threshold", "accuracy", "--group-thresholds", "sex"];
  const { after } = await compared(...args);
  expect(after["thresholds"]!.attributes["sex"]!.gaps["dp.difference"]!.value!).toBeLessThan(0.05);
});

test.each<[string[], RegExp]>([
  [["--group-thresholds", "race"], /--group-thresholds race: name the column with --groups/],
  [["--parity", "x"], /--parity is of thresholds/],
  [
    ["--group-thresholds", "sex", "--parity", "x"],
    /--parity x: expected one of equalized-odds, demographic-parity/,
  ],
  [["--group-thresholds", "sex", "--parity-limit", "2"], /--parity-limit 2: expected a share/],
  [
    ["--group-thresholds", "sex", "--threshold-split", "test"],
    /may not be fitted on the rows that are measured/,
  ],
  [["--group-thresholds", "sex", "--before", "yhat"], /--before both say/],
])("%j", async (args, message) => {
  const { code, stderr } = await run(...LABELS, ...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
