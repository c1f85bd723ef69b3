/** @file Models that are fair by construction: what they would predict for the same rows. */
import { multinomial, type Uniform } from "./binomial.ts";
import type { Draw } from "./bootstrap.ts";
import type { CellIndex, Cells } from "../counts/cells.ts";
import type { Given } from "../metrics/gaps.ts";

/** Rows of one unit that lie in one cell. */
interface Part {
  readonly truth: number;
  readonly predicted: number;
  readonly weight: number;
  readonly rows: number;
}

/** A row, or the rows of a cluster that are in one group; and how often there is such a one. */
interface Unit {
  readonly group: number;
  readonly count: number;
  readonly parts: readonly Part[];
}

function* unitsOf(cells: Cells): Generator<Unit> {
  const partOf = (m: number, rows: number): Part => ({
    truth: cells.truth[m]!,
    predicted: cells.predicted[0]![m]!,
    weight: cells.weight[m]!,
    rows,
  });
  if (!cells.units) {
    for (let m = 0; m < cells.rows.length; m++)
      yield { group: cells.group[m]!, count: cells.rows[m]!, parts: [partOf(m, 1)] };
    return;
  }
  const { count, start, cell, rows } = cells.units;
  for (let t = 0; t < count.length; t++) {
    const byGroup = new Map<number, Part[]>();
    for (let i = start[t]!; i < start[t + 1]!; i++) {
      const m = cell[i]!;
      const parts = byGroup.get(cells.group[m]!) ?? [];
      byGroup.set(cells.group[m]!, parts);
      parts.push(partOf(m, rows[i]!));
    }
    for (const [group, parts] of byGroup) yield { group, count: count[t]!, parts };
  }
}

const isRow = ({ parts }: Pick<Unit, "parts">): boolean =>
  parts.length === 1 && parts[0]!.rows === 1;

/** What a unit could have been instead, and how likely. */
interface Outcome {
  readonly parts: readonly Part[];
  mass: number;
}

/**
 * A model that ignores the group: its rows keep their group and what is `given`, and the rest is drawn from the pooled
 * distribution. Given the truth, TPR and FPR are equal in every group; given the prediction, PPV and NPV; given
 * nothing, all rates are. The rows of a cluster are drawn together, from clusters with as many rows of what is given.
 */
export function fairModel(cells: Cells, given: Exclude<Given, "score">): Draw {
  const givenOf = ({ truth, predicted }: Part): number =>
    given === "truth" ? truth : given === "prediction" ? predicted : 0;
  // a row may become any other, whatever they weigh; the rows of a cluster keep their weights
  const keyOf = (unit: Unit): string =>
    isRow(unit)
      ? `${givenOf(unit.parts[0]!)}`
      : counted(unit.parts, (part) => `${givenOf(part)}/${part.weight}`);
  const outcomeOf = (unit: Unit): string =>
    counted(unit.parts, ({ truth, predicted, weight }) =>
      isRow(unit) ? `${truth}/${predicted}` : `${truth}/${predicted}/${weight}`,
    );

  const pooled = new Map<string, Map<string, Outcome>>(); // given -> outcome
  const strata = new Map<string, { group: number; weight: number; key: string; count: number }>();
  for (const unit of unitsOf(cells)) {
    const { group, count, parts } = unit;
    const [key, outcome] = [keyOf(unit), outcomeOf(unit)];
    const weight = isRow(unit) ? parts[0]!.weight : Number.NaN;
    const outcomes = pooled.get(key) ?? new Map<string, Outcome>();
    pooled.set(key, outcomes);
    const known = outcomes.get(outcome) ?? { parts, mass: 0 };
    outcomes.set(outcome, known);
    known.mass += isRow(unit) ? count * weight : count;
    const name = `${group} ${key} ${weight}`;
    const stratum = strata.get(name) ?? { group, weight, key, count: 0 };
    strata.set(name, stratum);
    stratum.count += count;
  }
  return drawOf(
    cells,
    [...strata.values()].map(({ key, ...stratum }) => ({
      ...stratum,
      outcomes: [...pooled.get(key)!.values()].filter(({ mass }) => mass > 0),
    })),
  );
}

/** The parts by name with their rows, in an order that does not depend on theirs. */
function counted(parts: readonly Part[], name: (part: Part) => string): string {
  const rows = new Map<string, number>();
  for (const part of parts) rows.set(name(part), (rows.get(name(part)) ?? 0) + part.rows);
  return [...rows]
    .map(([key, n]) => `${key}*${n}`)
    .sort()
    .join();
}

/** @param strata units of one group that have the same outcomes; their weight where they are single rows */
function drawOf(
  { groups, classes }: Cells,
  strata: readonly {
    readonly group: number;
    readonly weight: number;
    readonly count: number;
    readonly outcomes: readonly Outcome[];
  }[],
): Draw {
  const drawn: { readonly group: number; readonly part: Part }[] = []; // the cells
  const blocks: { readonly count: number; readonly range: readonly [number, number] }[] = [];
  const chances: number[] = [];
  const start = [0];
  for (const { group, weight, count, outcomes } of strata) {
    blocks.push({ count, range: [chances.length, chances.length + outcomes.length] });
    for (const { parts, mass } of outcomes) {
      chances.push(mass);
      for (const part of parts)
        drawn.push({ group, part: Number.isNaN(weight) ? part : { ...part, weight } });
      start.push(drawn.length);
    }
  }
  const column = (read: (part: Part) => number): Int32Array =>
    Int32Array.from(drawn, ({ part }) => read(part));
  const fair: CellIndex = {
    groups,
    classes,
    group: Int32Array.from(drawn, ({ group }) => group),
    truth: column(({ truth }) => truth),
    predicted: [column(({ predicted }) => predicted)],
    weight: Float64Array.from(drawn, ({ part }) => part.weight),
  };
  const worth = Float64Array.from(drawn, ({ part }) => part.rows * part.weight);
  const weights = Float64Array.from(chances);
  const units = new Float64Array(chances.length);
  return {
    cells: fair,
    draw: (mass: Float64Array, next: Uniform) => {
      for (const { count, range } of blocks) multinomial(count, weights, range, units, next);
      for (let o = 0; o < units.length; o++)
        for (let i = start[o]!; i < start[o + 1]!; i++) mass[i] = units[o]! * worth[i]!;
    },
  };
}
