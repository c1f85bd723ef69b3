/** @file Support vector machines for any number of classes: who is where in an embedding space or on a map. */
import { checkEmbeddings, type Embeddings } from "../../run/linalg/embeddings.ts";
import { UsageError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import { decider, type Decider, type Pair } from "./decide.ts";
import { type Kernel, scaleGamma } from "./kernel.ts";
import { solve } from "./smo.ts";

export interface SvmOptions {
  readonly kernel: "rbf" | "linear";
  /** Cost of an error, above 0. */
  readonly C: number;
  /** Of the RBF kernel; "scale" is 1 / (d x variance of all numbers of the rows it is fitted on). */
  readonly gamma: number | "scale";
  /** How far from optimal it may stop; 0.001 by default, as LIBSVM's and scikit-learn's. */
  readonly tolerance?: number;
  /** A machine at a time. */
  readonly progress?: Progress;
}

export interface Svm {
  /** Codes that it was fitted on, ascending. */
  readonly classes: readonly number[];
  /** Every two of them, the smaller first. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Null for a linear kernel. */
  readonly gamma: number | null;
  readonly rows: number;
  /** Rows that support a border. */
  readonly supports: number;
  /**
   * The code of each point [m]: the class with most votes, each pair of classes giving one; ties go to the smaller code,
   * as in scikit-learn.
   */
  readonly predict: (points: Embeddings) => Int32Array;
  /** Of each point and pair [m, pairs]: above 0 speaks for the pair's first class. */
  readonly decision: (points: Embeddings) => Float64Array;
  /** What was not done as asked, one line each. */
  readonly notes: readonly string[];
}

/** A machine, or why there is none. */
export type SvmFit =
  | { readonly svm: Svm; readonly reason: null }
  | { readonly svm: null; readonly reason: string };

/**
 * Fits C-SVC to the rows that have a code: one machine for every two classes, by SMO (LIBSVM's problem and stopping rule).
 * There is none for fewer than two classes with rows. Memory is bounded: rows of the kernel matrix are computed when
 * needed, and 128 MB of them kept.
 *
 * @param codes of each row, 0 to `classes` - 1; -1 for rows to leave out [n]
 * @throws {UsageError} when an option is out of range or a code is not one of the classes
 * @throws {EquiclipError} when a number is NaN or infinite
 */
export function fitSvm(
  x: Embeddings,
  codes: Int32Array,
  classes: number,
  options: SvmOptions,
): SvmFit {
  check(x, codes, classes, options);
  const rowsOf = Array.from({ length: classes }, () => [] as number[]);
  codes.forEach((code, row) => code >= 0 && rowsOf[code]!.push(row));
  const present = rowsOf.flatMap((rows, code) => (rows.length > 0 ? [{ code, rows }] : []));
  if (present.length < 2)
    return {
      svm: null,
      reason:
        present.length === 0
          ? "no row has a label"
          : `a border needs two labels, and all ${present[0]!.rows.length} rows have the same one`,
    };

  const { d } = x;
  const points = present.map(({ rows }) => rowsAt(x, rows));
  const all = concat(points);
  const gamma = options.gamma === "scale" ? scaleGamma({ x: all, d }) : options.gamma;
  const kernel: Kernel =
    options.kernel === "rbf" ? { kind: "rbf", gamma } : { kind: options.kernel };
  const codesOf = present.map(({ code }) => code);
  const machines: Pair[] = [];
  options.progress?.start("borders", (present.length * (present.length - 1)) / 2);
  for (let a = 0; a < present.length; a++)
    for (let b = a + 1; b < present.length; b++) {
      const positive = present[a]!.rows.length;
      const both = { x: concat([points[a]!, points[b]!]), d, positive };
      const machine = solve(both, kernel, options.C, options.tolerance ?? 1e-3);
      machines.push({ a, b, positive, machine });
      options.progress?.update(machines.length);
    }

  const unfinished = machines.filter(({ machine }) => !machine.converged);
  const decides = decider(kernel, points, d, machines);
  return {
    svm: {
      classes: codesOf,
      pairs: machines.map(({ a, b }) => [codesOf[a]!, codesOf[b]!] as const),
      gamma: kernel.kind === "rbf" ? kernel.gamma : null,
      rows: all.length / d,
      supports: decides.supports,
      notes: unfinished.map(
        ({ a, b, machine }) =>
          `the border between ${codesOf[a]} and ${codesOf[b]} is not exact: it stopped after ${machine.steps} steps`,
      ),
      ...predictors(decides, machines, codesOf, d),
    },
    reason: null,
  };
}

function check(
  x: Embeddings,
  codes: Int32Array,
  classes: number,
  { C, gamma, tolerance = 1e-3 }: SvmOptions,
): void {
  checkEmbeddings(x);
  const wrong = codes.find((code) => code < -1 || code >= classes);
  if (codes.length !== x.n || wrong !== undefined)
    throw new UsageError(
      `svm: expected ${x.n} codes from -1 to ${classes - 1}, received ${codes.length}${wrong === undefined ? "" : `, among them ${wrong}`}`,
    );
  const positive = { C, tolerance, ...(gamma === "scale" ? {} : { gamma }) };
  for (const [name, value] of Object.entries(positive))
    if (!(value > 0 && Number.isFinite(value)))
      throw new UsageError(`svm: expected ${name} above 0, received ${value}`);
}

/** Points decided at a time. */
const BATCH = 256;

function predictors(
  { decide }: Decider,
  machines: readonly Pair[],
  codes: readonly number[],
  d: number,
): Pick<Svm, "predict" | "decision"> {
  /** Calls `visit` with decisions [count, machines] of points from `first` on. */
  const inBatches = (
    points: Embeddings,
    visit: (decisions: Float64Array, first: number, count: number) => void,
  ): void => {
    checkEmbeddings(points);
    if (points.d !== d)
      throw new UsageError(`svm: expected points of ${d} numbers, received ${points.d}`);
    const x = points.x instanceof Float64Array ? points.x : Float64Array.from(points.x);
    const decisions = new Float64Array(Math.min(BATCH, points.n) * machines.length);
    for (let first = 0; first < points.n; first += BATCH) {
      const count = Math.min(BATCH, points.n - first);
      decide(x.subarray(first * d, (first + count) * d), count, decisions);
      visit(decisions, first, count);
    }
  };
  return {
    decision(points) {
      const out = new Float64Array(points.n * machines.length);
      inBatches(points, (decisions, first, count) =>
        out.set(decisions.subarray(0, count * machines.length), first * machines.length),
      );
      return out;
    },
    predict(points) {
      const out = new Int32Array(points.n);
      const votes = new Int32Array(codes.length);
      inBatches(points, (decisions, first, count) => {
        for (let i = 0, at = 0; i < count; i++) {
          votes.fill(0);
          for (const { a, b } of machines) votes[decisions[at++]! > 0 ? a : b]!++;
          let best = 0;
          for (let c = 1; c < votes.length; c++) if (votes[c]! > votes[best]!) best = c;
          out[first + i] = codes[best]!;
        }
      });
      return out;
    },
  };
}

/** Rows of a matrix by their numbers, as float64. */
function rowsAt({ x, d }: Embeddings, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * d);
  rows.forEach((from, to) => out.set(x.subarray(from * d, (from + 1) * d), to * d));
  return out;
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
