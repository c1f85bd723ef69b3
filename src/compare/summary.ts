/** @file What a comparison comes to: every number over seeds, its change against the baseline, corrected, with a verdict. */
import { holm } from "../eval/uncertainty/holm.ts";
import { spread } from "../eval/uncertainty/resampled.ts";
import { type NumberKey, type NumberName, numberKeys } from "./numbers.ts";
import { type Outcome, type Verdict, outcomeOf } from "./outcome.ts";
import { type MeanChange, type SeedChange, overSeeds } from "./over-seeds.ts";
import { BASE, type CompareResult, type DoneCell } from "./result.ts";

export interface Change extends MeanChange {
  /** Corrected for the methods that were compared in this number (Holm 1979). */
  readonly pHolm: number | null;
  readonly verdict: Verdict;
}

/** One number of one method on the test rows of all seeds. */
export interface SeedNumbers {
  readonly metric: NumberName;
  readonly attribute: string | null;
  readonly better: "higher" | "lower";
  /** Null when no seed has it, with a reason when it is undefined there. */
  readonly mean: number | null;
  /** Over seeds (n - 1); null for fewer than two. */
  readonly sd: number | null;
  /** Seeds in which it is defined. */
  readonly n: number;
  readonly reason?: string | undefined;
  /** Of leakage and utility: what a probe that reads nothing shows. */
  readonly chance: number | null;
  /** Against the method's baseline in the same seeds; null for `base` itself, and where no seed has both. */
  readonly change: Change | null;
}

export interface MethodSummary {
  readonly method: string;
  /** Seeds that ended. */
  readonly seeds: number;
  /** Of those, seeds whose chosen setting met every constraint on validation. */
  readonly feasible: number;
  /** Why seeds did not end, each reason once. */
  readonly problems: readonly string[];
  readonly numbers: readonly SeedNumbers[];
  /** Means over seeds. */
  readonly cost: DoneCell["cost"] | null;
  /** Null for `base`, and where nothing ended. */
  readonly outcome: Outcome | null;
}

export interface TaskSummary {
  readonly task: string;
  readonly methods: readonly MethodSummary[];
}

/**
 * Means, deviations and changes over seeds. `better` and `worse` are told at 1 - level after Holm's correction over the
 * methods of a task, within each number; intervals are not corrected.
 */
export function summarise(result: CompareResult): TaskSummary[] {
  const ratio = spread(result.splits.map(({ test, train }) => test / train)).mean;
  return result.tasks.map((task) => {
    const keys = numberKeys(task);
    const cellsOf = (name: string) =>
      result.cells.filter((cell) => cell.task === task.id && cell.method === name);
    const rows = result.methods.map(({ name, baseline }) => ({
      name,
      cells: cellsOf(name),
      base:
        name === BASE ? null : new Map(doneOf(cellsOf(baseline)).map((cell) => [cell.seed, cell])),
    }));
    const numbers = keys.map((key) => {
      const of = rows.map(({ cells, base }) =>
        numbersOf(key, doneOf(cells), base, ratio, result.level),
      );
      return corrected(of, 1 - result.level);
    });
    return {
      task: task.id,
      methods: rows.map(({ name, cells }, m) => {
        const done = doneOf(cells);
        const mine = numbers.map((of) => of[m]!);
        return {
          method: name,
          seeds: done.length,
          feasible: done.filter(({ trials, chosen }) => trials[chosen]!.feasible).length,
          problems: [...new Set(cells.flatMap((of) => (of.status === "done" ? [] : of.reason)))],
          numbers: mine,
          cost: done.length === 0 ? null : costOf(done),
          outcome: name === BASE || done.length === 0 ? null : outcomeOf(mine),
        };
      }),
    };
  });
}

const doneOf = (cells: CompareResult["cells"]): DoneCell[] =>
  cells.flatMap((cell) => (cell.status === "done" ? cell : []));

const costOf = (cells: readonly DoneCell[]): DoneCell["cost"] => ({
  fitSeconds: spread(cells.map(({ cost }) => cost.fitSeconds)).mean,
  microsecondsPerRow: spread(cells.map(({ cost }) => cost.microsecondsPerRow)).mean,
});

type Uncorrected = Omit<SeedNumbers, "change"> & { readonly change: MeanChange | null };

function numbersOf(
  key: NumberKey,
  cells: readonly DoneCell[],
  base: ReadonlyMap<number, DoneCell> | null,
  ratio: number,
  level: number,
): Uncorrected {
  const { metric, attribute, better } = key;
  const found = cells.flatMap((cell) => {
    const before = base?.get(cell.seed);
    // embeddings that a method leaves as they are hold what those of its baseline hold
    const read = key.value(cell) === undefined && before ? before : cell;
    return { cell, before, read, of: key.value(read) };
  });
  const values = found.flatMap(({ of }) => of?.value ?? []);
  const changes = found.flatMap(({ cell, before, of }): SeedChange[] => {
    const was = before && key.value(before)?.value;
    return was == null || of?.value == null
      ? []
      : [{ value: of.value - was, interval: key.interval(cell) }];
  });
  const { mean, sd } = spread(values);
  const chances = found.flatMap(({ read }) => key.chance(read) ?? []);
  return {
    metric,
    attribute,
    better,
    mean: values.length === 0 ? null : mean,
    sd,
    n: values.length,
    reason: values.length > 0 ? undefined : found.flatMap(({ of }) => of?.reason ?? [])[0],
    chance: chances[0] ?? null,
    change: changes.length === 0 ? null : overSeeds(changes, ratio, level),
  };
}

/** Adds Holm's p-values over the methods, and verdicts by them. */
function corrected(of: readonly Uncorrected[], alpha: number): SeedNumbers[] {
  const tested = of.flatMap(({ change }, i) =>
    change?.pValue == null ? [] : [{ i, p: change.pValue }],
  );
  const adjusted = holm(tested.map(({ p }) => p));
  const pHolm = new Map(tested.map(({ i }, t) => [i, adjusted[t]!]));
  return of.map((numbers, i) => {
    const { change, better } = numbers;
    if (change === null) return { ...numbers, change };
    const p = pHolm.get(i) ?? null;
    const isGood = better === "higher" ? change.mean > 0 : change.mean < 0;
    const verdict = p === null || p >= alpha ? "no evidence" : isGood ? "better" : "worse";
    return { ...numbers, change: { ...change, pHolm: p, verdict } };
  });
}
