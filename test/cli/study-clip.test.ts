/** @file The configs of study 001's CLIP strategies, whole, on drawn faces under UTKFace's names (C001-46). */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { ReportFile } from "../../src/eval/report-file.ts";
import { Report } from "../../src/eval/report.ts";
import { equiclip, temporaryFolder } from "./equiclip.ts";
import { drawUtkface } from "./faces.ts";

const LIMIT = 180_000;
const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const read = (...parts: readonly string[]): string => readFileSync(at(...parts), "utf8");
const config = (name: string): string =>
  join(import.meta.dirname, "..", "..", "configs", `001-${name}.yaml`);
const rowsOf = (...parts: readonly string[]): Record<string, string>[] =>
  parse(read(...parts), { columns: true });

/** What makes a config small; all else is as it is shipped. */
const SMALL = {
  "data.path": "faces",
  "model.from": "preset:tiny",
  "evaluate.bootstrap": "50",
  threads: "1",
};
const settings = (of: Readonly<Record<string, string>>): string[] =>
  Object.entries(of).flatMap(([key, value]) => ["--set", `${key}=${value}`]);

/** Runs a command on a config, and returns its report. */
async function run(command: string, name: string, more: Readonly<Record<string, string>> = {}) {
  const args = [command, config(name), ...settings({ ...SMALL, ...more }), "--json"];
  const { code, stdout, stderr } = await equiclip(args, { cwd: temporary });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as unknown;
}
const reportAt = (...parts: readonly string[]): Report =>
  Report.parse(JSON.parse(read(...parts, "report.json")));

beforeAll(async () => {
  const names = await drawUtkface(at("faces"), 240, 1);
  // drawn faces have four tones: some of them stand for the fifth race
  names.forEach((name, i) => {
    if (i % 7 !== 0) return;
    const [age, gender, , date] = name.split("_");
    renameSync(at("faces", name), at("faces", [age, gender, 4, date].join("_")));
  });
}, LIMIT);

describe("zero-shot", () => {
  test(
    "gender and race at once; other is left out, or as published is a race",
    { timeout: LIMIT },
    async () => {
      const gender = Report.parse(await run("eval", "clip-zeroshot"));
      const folder = "eval-001-clip-zeroshot";
      expect(gender.classes).toEqual(["male", "female"]);
      expect(gender).not.toHaveProperty("compat");
      const race = reportAt(folder, "prompts-race");
      expect(race.classes).toEqual(["black", "white", "asian", "indian"]);
      const test = rowsOf(folder, "predictions.csv");
      expect(race.n).toBe(test.filter(({ race: of }) => of !== "other").length);
      expect(race.n).toBeLessThan(gender.n);
      expect(Object.keys(race.attributes)).toEqual(["gender", "age_band"]);
      expect(read(folder, "report.md")).toMatch(/### Other prompts[^#]*\| .*race \| race \| /);

      const compat = Report.parse(await run("eval", "clip-zeroshot-compat"));
      expect(Object.keys(compat.compat!.rates)).toEqual(["compat.fpr_a", "compat.fpr_b"]);
      const five = reportAt("eval-001-clip-zeroshot-compat", "prompts-race");
      expect([five.n, five.classes.length]).toEqual([compat.n, 5]);
      expect(five.classGaps.excluding!.classes).toEqual(["other"]);
      expect(five.compat!.pairs).toHaveLength(10);
    },
  );

  test(
    "a set of the same texts and attribute says the same as the config's own prompts",
    { timeout: LIMIT },
    async () => {
      const prompts =
        "{male: A photo of a person of sex male, female: A photo of a person of sex female}";
      await run("eval", "clip-zeroshot", { promptSets: `{again: {prompts: ${prompts}}}` });
      const folder = "eval-001-clip-zeroshot";
      expect(rowsOf(folder, "prompts-again", "predictions.csv")).toEqual(
        rowsOf(folder, "predictions.csv"),
      );
    },
  );

  test.each([
    [
      "promptSets={x: {target: hair, prompts: {a: a, b: b}}}",
      /promptSets\.x\.target: .* has no attribute "hair"; expected one of gender, race/,
    ],
    [
      "promptSets={x: {target: race, prompts: {white: a, black: b}}}",
      /promptSets\.x\.prompts: race is \w+ in .*, and no text is of it; .*exclude/,
    ],
    [
      "promptSets={x: {prompts: {man: a, female: b}}}",
      /promptSets\.x\.prompts\.man: "man" is not a class of gender; expected male, female/,
    ],
    [
      "promptSets={x: {target: race, exclude: [white, black, asian, indian], prompts: {other: a}}}",
      /expected two classes of race or more/,
    ],
  ])("%s is refused", async (set, message) => {
    const args = ["eval", config("clip-zeroshot"), ...settings(SMALL), "--set", set];
    const { code, stderr } = await equiclip(args, { cwd: temporary });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

/** One hash of the weights in a folder. */
const weightsOf = (...parts: readonly string[]): string =>
  createHash("sha256")
    .update(readFileSync(at(...parts, "model.safetensors")))
    .digest("hex");

describe("fine-tuning", () => {
  const SHORT = { "train.epochs": "2", "train.batchSize": "16", "train.lr": "1e-3" };

  test.each(["clip-contrastive-original", "clip-contrastive-curated"])(
    "%s",
    { timeout: LIMIT },
    async (name) => {
      await run("train", name, SHORT);
      const race = reportAt("checkpoints", `001-${name}`, "prompts-race");
      expect(race.classes).toEqual(["white", "black", "asian", "indian", "other"]);
      // of so few images none is 500 more than another kind
      const cut = { "balance.tolerances": "[2, 1e6, 1e6]" };
      const curated = name.endsWith("curated");
      const compat = await run("train", `${name}-compat`, { ...SHORT, ...(curated && cut) });
      expect(Report.parse(compat).compat).toBeDefined();
      const folder = ["checkpoints", `001-${name}-compat`];
      expect(weightsOf(...folder, "best")).toBe(weightsOf(...folder, "last"));
      // balanced before the split, test is cut too
      const n = (of: string): number =>
        rowsOf("checkpoints", `001-${of}`, "predictions.csv").length;
      if (curated) {
        expect(Math.abs(n(name) - 240 / 5)).toBeLessThanOrEqual(3);
        expect(n(`${name}-compat`)).toBeLessThan(n(name));
      }
    },
  );

  const SAMPLED = { ...SHORT, "split.sample.train": "40", "split.sample.validation": "10" };

  test(
    "clip-constrained: every text of the study, and a best that is a copy",
    { timeout: LIMIT },
    async () => {
      await run("train", "clip-constrained", SAMPLED);
      const folder = ["checkpoints", "001-clip-constrained"] as const;
      const sets = readdirSync(at(...folder)).filter((entry) => entry.startsWith("prompts-"));
      expect(sets).toEqual(["prompts-evaluation", "prompts-spanish"]);
      const own = rowsOf(...folder, "predictions.csv");
      for (const set of sets) {
        const report = reportAt(...folder, set);
        expect(report.n).toBe(own.length);
        expect(report.overall.accuracy.value).not.toBeNull();
      }
      // the selected model is asked again, by the run's own texts
      const again = await equiclip(["eval", at(...folder), "--json"], { cwd: temporary });
      expect(again.code).toBe(0);
      expect(ReportFile.parse(JSON.parse(again.stdout))).toEqual(
        ReportFile.parse(JSON.parse(read(...folder, "report.json"))),
      );
      for (const set of sets)
        expect(reportAt(...folder, "eval-test", set)).toEqual(reportAt(...folder, set));
    },
  );

  test(
    "clip-constrained-compat: the best is the last, and it is said",
    { timeout: LIMIT },
    async () => {
      // too small a rate to change an answer: the first epoch is the best
      await run("train", "clip-constrained-compat", {
        ...SAMPLED,
        "train.lr": "1e-6",
        "select.objective": "accuracy",
      });
      const folder = ["checkpoints", "001-clip-constrained-compat"] as const;
      expect(weightsOf(...folder, "best")).toBe(weightsOf(...folder, "last"));
      expect(read(...folder, "report.md")).toContain("select.stores is live (compat)");
      expect(existsSync(at(...folder, "prompts-evaluation-as-run", "report.html"))).toBe(true);
      expect(read(...folder, "report.md")).toContain("compat.fpr_a");
    },
  );

  test("clip-constrained by SGD, the report's reading", { timeout: LIMIT }, async () => {
    await run("train", "clip-constrained", {
      ...SAMPLED,
      name: "sgd",
      "train.optimizer": "{name: sgd, momentum: 0}",
      "train.schedule": "constant",
    });
    expect(read("checkpoints", "sgd", "report.md")).toContain("sgd");
  });
});

test.each(["clip-subspace", "clip-subspace-compat"])("%s", { timeout: LIMIT }, async (name) => {
  const few = { "sweep.perClass": "40", "sweep.alpha": "[0, 1]", "sweep.k": "[1, 2]" };
  const result = (await run("sweep", name, few)) as { target: string; rows: { images: number } };
  expect(result).toMatchObject({
    target: name === "clip-subspace" ? "age_band" : "gender",
    rows: { images: 80 },
  });
});
