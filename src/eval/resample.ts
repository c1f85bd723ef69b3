/** @file Resampling cells: the bootstrap, and the models that are fair by construction. */
import { multinomial, type Uniform } from "./binomial.ts";
import type { CellIndex, Cells } from "./cells.ts";
import type { Given } from "./gaps.ts";

/** What is drawn: resamples of the data, or models that are fair given something. */
export type Kind = "data" | Given;

/** Prepares to draw; what it returns draws once more and brings up to date what is read. */
export type Sampler = (kind: Kind, next: Uniform) => () => void;

/** Cells with a way to draw how many rows fall into each. */
interface Draw {
  readonly cells: CellIndex;
  /** Writes the drawn weight of every cell, [M]. */
  readonly draw: (mass: Float64Array, next: Uniform) => void;
}

/** The bootstrap: n rows drawn with replacement are one multinomial draw over the cells (Efron 1979). */
function bootstrap(cells: Cells): Draw {
  const n = cells.rows.reduce((a, b) => a + b, 0);
  const all = [0, cells.rows.length] as const;
  return {
    cells,
    draw: (mass, next) => {
      multinomial(n, cells.rows, all, mass, next);
      for (let m = 0; m < mass.length; m++) mass[m]! *= cells.weight[m]!;
    },
  };
}

interface Outcome {
  readonly truth: number;
  readonly predicted: number;
  mass: number;
}

/**
 * A model that ignores the group: its rows keep their group and what is `given`, and the rest is drawn from the pooled
 * distribution. Given the truth, TPR and FPR are equal in every group; given the prediction, PPV and NPV; given
 * nothing, all rates are.
 */
function fairModel(cells: Cells, given: Given): Draw {
  const [column] = cells.predicted;
  const predicted = column!;
  const key = (m: number): number =>
    given === "truth" ? cells.truth[m]! : given === "prediction" ? predicted[m]! : 0;

  const pooled = new Map<number, Map<number, Outcome>>(); // given -> outcome
  const strata = new Map<string, { group: number; weight: number; key: number; rows: number }>();
  for (let m = 0; m < cells.rows.length; m++) {
    const rows = cells.rows[m]!;
    const weight = cells.weight[m]!;
    const group = cells.group[m]!;
    const outcomes = pooled.get(key(m)) ?? new Map<number, Outcome>();
    pooled.set(key(m), outcomes);
    const id = cells.truth[m]! * cells.classes + predicted[m]!;
    const outcome = outcomes.get(id) ?? {
      truth: cells.truth[m]!,
      predicted: predicted[m]!,
      mass: 0,
    };
    outcomes.set(id, outcome);
    outcome.mass += rows * weight;
    const name = `${group} ${key(m)} ${weight}`;
    const stratum = strata.get(name) ?? { group, weight, key: key(m), rows: 0 };
    strata.set(name, stratum);
    stratum.rows += rows;
  }

  const blocks: { readonly rows: number; readonly range: readonly [number, number] }[] = [];
  const drawn: { group: number; weight: number; outcome: Outcome }[] = [];
  for (const { group, weight, key: value, rows } of strata.values()) {
    const outcomes = [...pooled.get(value)!.values()].filter((outcome) => outcome.mass > 0);
    blocks.push({ rows, range: [drawn.length, drawn.length + outcomes.length] });
    for (const outcome of outcomes) drawn.push({ group, weight, outcome });
  }
  const chances = Float64Array.from(drawn, ({ outcome }) => outcome.mass);
  const fair: CellIndex = {
    groups: cells.groups,
    classes: cells.classes,
    group: Int32Array.from(drawn, ({ group }) => group),
    truth: Int32Array.from(drawn, ({ outcome }) => outcome.truth),
    predicted: [Int32Array.from(drawn, ({ outcome }) => outcome.predicted)],
    weight: Float64Array.from(drawn, ({ weight }) => weight),
  };
  return {
    cells: fair,
    draw: (mass, next) => {
      for (const { rows, range } of blocks) multinomial(rows, chances, range, mass, next);
      for (let m = 0; m < mass.length; m++) mass[m]! *= fair.weight[m]!;
    },
  };
}

/**
 * Draws rows of cells.
 * @param update brings what is read up to date with the drawn weight of every cell, [M]
 */
export const cellSampler =
  (cells: Cells, update: (cells: CellIndex, mass: Float64Array) => void): Sampler =>
  (kind, next) => {
    const { cells: drawn, draw } = kind === "data" ? bootstrap(cells) : fairModel(cells, kind);
    const mass = new Float64Array(drawn.weight.length);
    return () => {
      draw(mass, next);
      update(drawn, mass);
    };
  };

/** Draws again and again; returns the samples of every statistic, [statistics][replicates]. */
export function resample(
  draw: () => void,
  replicates: number,
  statistics: readonly (() => number)[],
): Float64Array[] {
  const samples = statistics.map(() => new Float64Array(replicates));
  for (let r = 0; r < replicates; r++) {
    draw();
    for (let s = 0; s < statistics.length; s++) samples[s]![r] = statistics[s]!();
  }
  return samples;
}
