/** @file Predictions drawn with known rates, for gates to judge. */
import { evaluate, type EvaluateOptions } from "../../../src/eval/evaluate.ts";
import { compare } from "../../../src/eval/compare.ts";
import type { Predictions } from "../../../src/eval/predictions.ts";
import type { Report } from "../../../src/eval/report.ts";
import type { GateCheck, GateResult } from "../../../src/eval/gate/result.ts";
import { random } from "../../../src/run/random.ts";

const SHAPES = ["round", "square", "long"] as const;
const RACES = ["asian", "black", "white"] as const;
const BANDS = ["old", "young"] as const;

export interface Recipe {
  readonly rows: number;
  /** Share of positives found, by race. */
  readonly tpr?: readonly [number, number, number];
  readonly fpr?: number;
  /** Of the errors; the people stay the same. */
  readonly seed?: number;
  /** Ids begin with this, so that other people have others. */
  readonly town?: string;
}

/** Hired or not, by race and age band. A person keeps race, band and truth, whoever predicts. */
export function people({
  rows,
  tpr = [0.8, 0.8, 0.8],
  fpr = 0.2,
  seed = 0,
  town = "a",
}: Recipe): Predictions {
  const draw = random(town, "people");
  const errors = random(seed, town, "errors");
  const race = new Int32Array(rows);
  const band = new Int32Array(rows);
  const truth = new Int32Array(rows);
  const predicted = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    race[i] = draw.int(3);
    band[i] = draw.int(2);
    truth[i] = draw.int(2);
    predicted[i] = errors.uniform() < (truth[i] === 1 ? tpr[race[i]!]! : fpr) ? 1 : 0;
  }
  return {
    ids: Array.from({ length: rows }, (_, i) => `${town}${i}`),
    classes: ["no", "yes"],
    truth,
    predicted,
    groups: { race: { values: RACES, codes: race }, band: { values: BANDS, codes: band } },
  };
}

/** People with a score: larger for positives, and for what is predicted positive. */
export function scored(of: Recipe & { readonly blur?: number }): Predictions {
  const { blur = 0.2, ...recipe } = of;
  const all = people(recipe);
  const draw = random(recipe.town ?? "a", "scores"); // the same for every model
  const score = Float64Array.from(all.truth, (truth, i) => {
    const noise = blur * draw.normal();
    return Math.min(0.99, Math.max(0.01, 0.3 + 0.25 * truth + 0.15 * all.predicted[i]! + noise));
  });
  return { ...all, score };
}

/** Three shapes of a face, right with this probability. */
export function shapes(rows: number, accuracy = 0.8, seed = 0): Predictions {
  const draw = random("shapes");
  const errors = random(seed, "shapes", "errors");
  const race = new Int32Array(rows);
  const truth = new Int32Array(rows);
  const predicted = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    race[i] = draw.int(3);
    truth[i] = draw.int(3);
    predicted[i] = errors.uniform() < accuracy ? truth[i]! : errors.int(3);
  }
  return {
    ids: Array.from({ length: rows }, (_, i) => `${i}`),
    classes: SHAPES,
    truth,
    predicted,
    groups: { race: { values: RACES, codes: race } },
  };
}

const REPLICATES = { uncertainty: { replicates: 400 } };

export const measured = (of: Recipe, options: EvaluateOptions = {}): Report =>
  evaluate(people(of), { positive: "yes", ...REPLICATES, ...options });

export const measuredShapes = (rows = 900, options: EvaluateOptions = {}): Report =>
  evaluate(shapes(rows), { ...REPLICATES, ...options });

export const comparison = (rows: number) =>
  compare(
    people({ rows, tpr: [0.6, 0.8, 0.9] }),
    { leace: people({ rows, seed: 1 }), "mean-difference": people({ rows, seed: 2 }) },
    { positive: "yes", ...REPLICATES },
  );

export const titles = ({ checks }: GateResult): string[] => checks.map(({ title }) => title);

/** The one check there is. */
export function only({ checks }: GateResult): GateCheck {
  if (checks.length !== 1) throw new Error(`${checks.length} checks`);
  return checks[0]!;
}
