/**
 * @file Thresholds drawn by chance: every group at a point of its convex hull, or below it, within `epsilon` of the others.
 *
 * With epsilon 0 this is Hardt, Price and Srebro 2016 (arXiv:1610.02413) as fairlearn's ThresholdOptimizer computes it
 * (grid_size 1000, flip off). With a window of width epsilon in place of a point, each group's best place in the window
 * has a closed form, because the objective is linear and the hull concave.
 */
import { RATE_OF, type RateName, type Worth, worthOf } from "./constraint.ts";
import type { Curve } from "./curve.ts";
import { bestVertex, drawAt, firstReaching, type Hull, heightAt, upperHull } from "./hull.ts";
import { type Mixture, mixture, scaled } from "./mixture.ts";

/** Thresholds of each group, and the objective that they reach on the rows that the curves were made of. */
export interface Solution {
  readonly value: number;
  readonly rules: readonly Mixture[];
}

/** Windows tried along the first rate begin at 0, 1 / GRID, ..., 1. */
const GRID = 1000;
/** Of objectives that differ by less the first one is kept, as in fairlearn. */
export const ROUNDING = 1e-12;

const clamp = (value: number, low: number, high: number): number =>
  Math.max(low, Math.min(high, value));

/** A place for each group, and what they are worth together. */
interface Places<P> {
  readonly value: number;
  readonly at: readonly P[];
}

/** The best of `count` candidates by value; the first of equals. */
function bestOf<P>(count: number, candidate: (i: number) => Places<P> | null): Places<P> {
  let best: Places<P> | null = null;
  for (let i = 0; i < count; i++) {
    const next = candidate(i);
    if (next && (best === null || next.value > best.value + ROUNDING)) best = next;
  }
  return best!;
}

/** One rate of all groups within a window of width `epsilon`. */
export function withinWindow(
  curves: readonly Curve[],
  rate: RateName,
  worth: Worth,
  epsilon: number,
): Solution {
  const hulls = curves.map((curve) =>
    upperHull(RATE_OF[rate](curve), worthOf(curve, worth), curve.threshold),
  );
  const tops = hulls.map((hull) => bestVertex(hull, (_, y) => y));
  const { value, at } = bestOf(GRID + 1, (i) => {
    const low = i / GRID;
    const places = tops.map((top) => clamp(top, low, Math.min(1, low + epsilon)));
    return {
      value: hulls.reduce((sum, hull, g) => sum + heightAt(hull, places[g]!), 0),
      at: places,
    };
  });
  return { value, rules: hulls.map((hull, g) => drawAt(hull, at[g]!)) };
}

interface Point {
  readonly fpr: number;
  readonly tpr: number;
}

/** False positive rates of all groups within one window of width `epsilon`, true positive rates within another. */
export function withinWindows(curves: readonly Curve[], worth: Worth, epsilon: number): Solution {
  const groups = curves.map((curve) => {
    const hull = upperHull(RATE_OF.fpr(curve), RATE_OF.tpr(curve), curve.threshold);
    const value = (fpr: number, tpr: number): number =>
      worth.positive * curve.positives * tpr + worth.negative * curve.negatives * (1 - fpr);
    return { hull, value, top: bestVertex(hull, value) };
  });
  /** The best place of each group in the windows that begin at (low, floor). */
  const places = (low: number, floor: number): Places<Point> => {
    const [high, ceiling] = [Math.min(1, low + epsilon), Math.min(1, floor + epsilon)];
    let sum = 0;
    const at = groups.map(({ hull, value, top }): Point => {
      const least = clamp(firstReaching(hull, floor), low, high);
      const most = clamp(firstReaching(hull, ceiling), least, high); // beyond it, only false positives are gained
      const fpr = clamp(top, least, most);
      const tpr = Math.min(heightAt(hull, fpr), ceiling);
      sum += value(fpr, tpr);
      return { fpr, tpr };
    });
    return { value: sum, at };
  };
  const { value, at } = bestOf(GRID + 1, (i) => {
    const low = i / GRID;
    const high = Math.min(1, low + epsilon);
    const floor = Math.min(...groups.map(({ hull }) => heightAt(hull, high)));
    return highest(Math.max(0, low - epsilon), floor, (from) => places(low, from));
  });
  return { value, rules: groups.map(({ hull }, g) => drawBelow(hull, at[g]!)) };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Intervals shrink by 0.618 each time: to 4e-9 of the first. */
const SECTIONS = 40;

/** Largest value of a concave function over [low, high], by golden sections; the end at `high` if none is above it. */
function highest<P>(low: number, high: number, of: (at: number) => Places<P>): Places<P> {
  const end = of(high);
  if (high - low < ROUNDING) return end;
  let [from, to] = [low, high];
  let [a, b] = [of(to - GOLDEN * (to - from)), of(from + GOLDEN * (to - from))];
  for (let i = 0; i < SECTIONS; i++)
    if (a.value > b.value) {
      to = from + GOLDEN * (to - from);
      [b, a] = [a, of(to - GOLDEN * (to - from))];
    } else {
      from = to - GOLDEN * (to - from);
      [a, b] = [b, of(from + GOLDEN * (to - from))];
    }
  return [of(low), a, b].reduce(
    (best, next) => (next.value > best.value + ROUNDING ? next : best),
    end,
  );
}

/** Below the hull, the score is ignored for a share of the rows, who are then selected at the rate `fpr`. */
function drawBelow(hull: Hull, { fpr, tpr }: Point): Mixture {
  const height = heightAt(hull, fpr);
  const ignored = height > fpr ? (height - tpr) / (height - fpr) : 0;
  return mixture([
    ...scaled(drawAt(hull, fpr), 1 - ignored),
    { threshold: Infinity, weight: ignored * (1 - fpr) },
    { threshold: -Infinity, weight: ignored * fpr },
  ]);
}
