/** @file How far an embedding moves when its picture is shifted, mirrored or turned. */
import { type Movement, STILL, warp } from "../data/warp.ts";
import type { Raster } from "../data/raster.ts";
import type { Interval } from "../eval/uncertainty/intervals.ts";
import { spread } from "../eval/uncertainty/resampled.ts";
import { twoSidedQuantile } from "../eval/uncertainty/student-t.ts";
import { UsageError } from "../run/errors.ts";
import { type Embeddings, unitRows } from "../run/linalg/embeddings.ts";
import { productTransposed } from "../run/linalg/products.ts";
import { type Progress, silent } from "../run/progress.ts";
import { type Share, shareOf } from "./border/accuracy.ts";

export interface RobustnessOptions {
  /** Whole pixels of the pictures as they are. */
  readonly shifts: readonly number[];
  /** Degrees. */
  readonly rotations: readonly number[];
  /** Neighbours that may be kept; 10 by default. */
  readonly k?: number;
  /** Of intervals; 0.95 by default. */
  readonly level?: number;
  readonly progress?: Progress;
}

/** A mean cosine over pictures. */
export interface Mean {
  /** Null without pictures. */
  readonly value: number | null;
  /** Student's; null for fewer than two pictures. */
  readonly interval: Interval | null;
  readonly rows: number;
}

/** What one change does. */
export interface ChangeEffect {
  /** Such as "shift 4 px". */
  readonly name: string;
  /** Cosine of a picture and its changed self. */
  readonly cosine: Mean;
  /**
   * (1 - cosine) / (1 - mean cosine of different pictures): 0 is no change, 1 is as far as another picture. Encoders can
   * be compared by it, as pixels all lie within a small angle and others do not. Null where different pictures are alike.
   */
  readonly drop: number | null;
  /** Changed pictures that lie nearest to their own original among all of them; ties count in part. */
  readonly found: Share;
  /** Mean share of a picture's nearest other originals that are still among the nearest of its changed self. */
  readonly kept: number | null;
}

export interface Robustness {
  readonly pictures: number;
  /** Mean cosine of two different pictures; null for fewer than two. */
  readonly baseline: number | null;
  readonly k: number;
  readonly changes: readonly ChangeEffect[];
  /** One line each. */
  readonly notes: readonly string[];
}

/** A change of the i-th picture. */
type Change = (i: number) => Movement;

/** Pictures changed and embedded at a time. */
const BATCH = 64;

/**
 * Each change is applied to every picture (edge pixels repeated outwards) and its embedding held against the unchanged
 * one. Shifts go right, left, down and up in turn, rotations to either side, so that no direction counts more.
 *
 * @param embed one row a picture, in their order; not scaled, as only cosines are taken
 */
export async function robustness(
  pictures: readonly Raster[],
  embed: (pictures: readonly Raster[]) => Promise<Embeddings>,
  { shifts, rotations, k = 10, level = 0.95, progress = silent }: RobustnessOptions,
): Promise<Robustness> {
  const n = pictures.length;
  if (n === 0) throw new UsageError("robustness: expected pictures, received none");
  const changes = changesOf(shifts, rotations);
  progress.start("robustness", n * (changes.length + 1));
  let done = 0;
  const embedAll = async (change: Change | null): Promise<Unit> => {
    const rows: Embeddings[] = [];
    for (let from = 0; from < n; from += BATCH) {
      const batch = pictures.slice(from, from + BATCH);
      rows.push(await embed(change ? batch.map((of, i) => warp(of, change(from + i))) : batch));
      progress.update((done += batch.length));
    }
    return unit(rows);
  };

  const originals = await embedAll(null);
  const between = similarities(originals, originals);
  const baseline = baselineOf(between, n);
  const kept = Math.min(k, n - 1);
  const effects: ChangeEffect[] = [];
  for (const { name, change } of changes) {
    const changed = similarities(await embedAll(change), originals);
    effects.push({ name, ...effectOf(changed, between, n, baseline, kept, level) });
  }
  progress.stop();
  const undirected = originals.isZero.filter(Boolean).length;
  return {
    pictures: n,
    baseline,
    k: kept,
    changes: effects,
    notes:
      undirected > 0
        ? [`${undirected} pictures have an embedding of zeros and no cosine: left out of means`]
        : [],
  };
}

function changesOf(
  shifts: readonly number[],
  rotations: readonly number[],
): { readonly name: string; readonly change: Change }[] {
  const directions = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const;
  return [
    ...shifts.map((by) => ({
      name: `shift ${by} px`,
      change: (i: number): Movement => {
        const [x, y] = directions[i % 4]!;
        return { ...STILL, shift: [by * x, by * y] };
      },
    })),
    { name: "flip", change: (): Movement => ({ ...STILL, flip: true }) },
    ...rotations.map((degrees) => ({
      name: `rotate ${degrees}°`,
      change: (i: number): Movement => ({ ...STILL, degrees: i % 2 === 0 ? degrees : -degrees }),
    })),
  ];
}

/** Rows of unit length. */
interface Unit {
  readonly x: Float64Array;
  readonly n: number;
  readonly d: number;
  readonly isZero: readonly boolean[];
}

function unit(parts: readonly Embeddings[]): Unit {
  const d = parts[0]!.d;
  const all = Float64Array.from(parts.flatMap(({ x }) => Array.from(x)));
  const { x, n } = unitRows({ x: all, n: all.length / d, d });
  const isZero = Array.from({ length: n }, (_, i) =>
    x.subarray(i * d, (i + 1) * d).every((value) => value === 0),
  );
  return { x, n, d, isZero };
}

/** Cosines of rows of `a` and rows of `b`, [n, n]; NaN where one has none. */
function similarities(a: Unit, b: Unit): Float64Array {
  const { n, d } = a;
  const out = new Float64Array(n * n);
  productTransposed(a.x, n, b.x, n, d, out);
  return out.map((value, at) =>
    a.isZero[Math.floor(at / n)] || b.isZero[at % n] ? Number.NaN : value,
  );
}

function baselineOf(between: Float64Array, n: number): number | null {
  const { value } = meanOf(
    between.filter((_, at) => Math.floor(at / n) < at % n),
    0.95,
  );
  return value;
}

function meanOf(values: Float64Array, level: number): Mean {
  const defined = Array.from(values.filter((value) => !Number.isNaN(value)));
  const rows = defined.length;
  if (rows === 0) return { value: null, interval: null, rows };
  const { mean, sd } = spread(defined);
  const half = sd === null ? null : (twoSidedQuantile(level, rows - 1) * sd) / Math.sqrt(rows);
  return {
    value: mean,
    interval: half === null ? null : [Math.max(-1, mean - half), Math.min(1, mean + half)],
    rows,
  };
}

/** Cosines nearer than this are equal. */
const EQUAL = 1e-12;

/**
 * @param changed cosines of changed pictures and originals [n, n]
 * @param between those of originals and originals [n, n]
 */
function effectOf(
  changed: Float64Array,
  between: Float64Array,
  n: number,
  baseline: number | null,
  k: number,
  level: number,
): Omit<ChangeEffect, "name"> {
  const own = Float64Array.from({ length: n }, (_, i) => changed[i * n + i]!);
  const cosine = meanOf(own, level);
  let [found, keptSum] = [0, 0];
  own.forEach((similarity, i) => {
    if (Number.isNaN(similarity)) return;
    const row = changed.subarray(i * n, (i + 1) * n);
    const nearer = row.filter((value) => value > similarity + EQUAL).length;
    const equal = row.filter((value) => Math.abs(value - similarity) <= EQUAL).length;
    if (nearer === 0) found += 1 / equal;
    const before = new Set(nearestOthers(between.subarray(i * n, (i + 1) * n), i, k));
    keptSum += nearestOthers(row, i, k).filter((j) => before.has(j)).length / Math.max(1, k);
  });
  const room = baseline === null ? 0 : 1 - baseline;
  return {
    cosine,
    drop: cosine.value === null || room <= EQUAL ? null : (1 - cosine.value) / room,
    found: shareOf(found, cosine.rows, level),
    kept: k === 0 || cosine.rows === 0 ? null : keptSum / cosine.rows,
  };
}

/** The k rows of the largest cosine, without the row itself; ties by row. */
const nearestOthers = (cosines: Float64Array, self: number, k: number): number[] =>
  [...cosines.keys()]
    .filter((j) => j !== self && !Number.isNaN(cosines[j]!))
    .sort((a, b) => cosines[b]! - cosines[a]! || a - b)
    .slice(0, k);
