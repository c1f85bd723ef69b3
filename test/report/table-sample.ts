/** @file Reports of tables of predictions: one with everything a report may hold, one of 200 groups, random ones. */
import fc from "fast-check";
import { random } from "../../src/run/random.ts";
import { evaluate, planOf } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { Report } from "../../src/eval/report.ts";
import type { Source } from "../../src/eval/report/source.ts";
import { findSlices } from "../../src/eval/slices/find.ts";
import type { RunReport } from "../../src/report/model.ts";
import { genderPredictions, runReport } from "./sample.ts";

/** Of a table. */
const tableReport = (result: Report): RunReport => {
  const report = runReport("faces.csv", "gender", {
    data: "table faces.csv",
    result,
    erased: null,
    methods: {},
  });
  return { ...report, run: { ...report.run, summary: [], imagesPerSecond: null, config: null } };
};

export const source = (rows: number): Source => ({
  file: "faces.csv",
  format: "csv",
  rows: rows + 212,
  columns: { truth: "gender", score: "p_female", race: "race", age_band: "age" },
  threshold: { value: 0.47, rule: "balancedAccuracy", split: "validation", rows: 1200 },
  noGroup: [{ column: "age", reason: "missing", rows: 3, first: ["7", "8", "9"] }],
  leftOut: [
    { column: "gender", reason: "missing", rows: 200, first: ["12", "88"] },
    { column: "p_female", reason: "not a number", rows: 12, first: ["901"] },
  ],
});

/** Scores of the second class that its predictions follow from, at a threshold of 0.47. */
function scored(predictions: Predictions): Predictions {
  const draw = random(3, "scores");
  const score = Float64Array.from(predictions.predicted, (label, row) => {
    const sure = predictions.truth[row] === label ? draw.uniform() ** 0.4 : draw.uniform() ** 1.5;
    return label === 1 ? 0.47 + 0.53 * sure : 0.47 * (1 - sure);
  });
  return { ...predictions, score };
}

const OPTIONS = { positive: "female", uncertainty: { replicates: 2_000 } };

/** A table with scores, intersections, slices, a reference group, and rows left out. */
export function fullTable(): RunReport {
  const predictions = scored(genderPredictions(4664, 0));
  const measured = evaluate(predictions, {
    ...OPTIONS,
    attributes: ["race", "age_band", "race*age_band"],
    reference: { race: "white" },
  });
  const slices = findSlices(predictions, ["race", "age_band"], planOf(predictions, OPTIONS));
  return tableReport({ ...measured, slices, source: source(4664) });
}

/** Groups whose names do all that names may do, and 200 of them. */
export function manyGroups(): RunReport {
  const rows = 12_000;
  const draw = random(5, "many");
  const sites = Array.from({ length: 200 }, (_, i) =>
    i === 0 ? `<b>Zürich</b>, "Höngg"\n& ${"x".repeat(40)}` : `site ${i}`,
  );
  const site = Int32Array.from({ length: rows }, (_, i) => (i < 190 ? i : draw.int(190)));
  const truth = Int32Array.from({ length: rows }, () => draw.int(2));
  const predicted = truth.map((label) => (draw.uniform() < 0.9 ? label : 1 - label));
  const predictions: Predictions = {
    classes: ["no", "yes"],
    truth,
    predicted,
    groups: {
      site: { values: sites, codes: site },
      shift: { values: ["day", "night"], codes: Int32Array.from(site, (s) => s % 2) },
    },
  };
  const measured = evaluate(scored(predictions), {
    positive: "yes",
    attributes: ["site", "shift", "site*shift"],
    uncertainty: { replicates: 0 },
  });
  return tableReport({ ...measured, source: source(rows) });
}

/** What a small random table is made from. */
export interface Recipe {
  readonly rows: number;
  readonly classes: readonly string[];
  /** Of two attributes, and the groups of the first. */
  readonly names: readonly string[];
  readonly replicates: number;
  readonly seed: number;
  readonly scored: boolean;
  readonly weighted: boolean;
}

/** Names that tests could not tell from holes or claims in a text of ours. */
const CONFUSING = /nan|null|undefined|infinity|fair|alike|equally|pass|bias/i;

const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((text) => !text.includes("*") && text !== "__proto__" && !CONFUSING.test(text));

export const anyRecipe: fc.Arbitrary<Recipe> = fc.record({
  rows: fc.integer({ min: 1, max: 80 }),
  classes: fc.uniqueArray(name, { minLength: 2, maxLength: 4 }),
  names: fc.uniqueArray(name, { minLength: 3, maxLength: 8 }),
  replicates: fc.constantFrom(0, 20),
  seed: fc.integer(),
  scored: fc.boolean(),
  weighted: fc.boolean(),
});

/** Two attributes and their intersection, drawn at random, with values missing. */
export function tableOf({ rows, classes, names, replicates, ...of }: Recipe): RunReport {
  const draw = random(of.seed, "any");
  const column = (size: number, least: number) =>
    Int32Array.from({ length: rows }, () => least + draw.int(size - least));
  const [first = "", second = "", ...values] = names;
  const binary = classes.length === 2;
  const score = Float64Array.from({ length: rows }, () => draw.uniform());
  const measured = evaluate(
    {
      classes,
      ...(of.scored && { score }),
      truth: column(classes.length, 0),
      predicted: column(classes.length, 0),
      groups: {
        [first]: { values, codes: column(values.length, -1) },
        [second]: { values: ["x", "y*z"], codes: column(2, -1) },
      },
      ...(of.weighted && { weights: Float64Array.from({ length: rows }, () => draw.uniform()) }),
    },
    {
      ...(binary && { positive: classes[0]! }),
      attributes: [first, second, `${first}*${second}`],
      minSupport: 5,
      uncertainty: { replicates },
    },
  );
  return tableReport({ ...measured, source: source(rows) });
}
