/** @file Finds the intersections of attribute values with the worst, well-supported rates. */
import { UsageError } from "../../run/errors.ts";
import type { Column } from "../counts/cells.ts";
import { holm } from "../uncertainty/holm.ts";
import type { Plan } from "../groups/plan.ts";
import type { Predictions } from "../predictions.ts";
import type { RateName } from "../metrics/rates.ts";
import type { Slices } from "../report/slices.ts";
import { distinct, isPart } from "./distinct.ts";
import { jointCells, outcomesOf, SLICE_RATES, type SliceRate } from "./outcomes.ts";
import { type Candidate, search } from "./search.ts";
import { type Found, leastWorse, tell } from "./tell.ts";

export interface SliceOptions {
  /** Most attributes in one slice: 1, 2 or 3. By default 3, or what keeps it to 500 sets of attributes. */
  readonly depth?: number | undefined;
  /** Fewest rows in a rate's denominator, in the slice and in the rest; the report's `minSupport` by default. */
  readonly minSupport?: number | undefined;
  /** Shares with a good direction; accuracy, TPR and FPR by default. */
  readonly rates?: readonly RateName[] | undefined;
  /** Most slices that are listed; 20 by default. */
  readonly maxFound?: number | undefined;
}

const DEEPEST = 3;
const MOST_SETS = 500; // some seconds for 100,000 rows
const DEFAULT_RATES: readonly RateName[] = ["accuracy", "tpr", "fpr"];

/**
 * Tests, for every conjunction of up to three attribute values and every rate, whether the rate is worse than that of all
 * other rows (`logWorse`); corrects for the number of tests (Holm); and lists the slices that say something of their
 * own (`distinct`), by how much worse they are at least. Time grows with rows times sets of attributes.
 * @param attributes names of single columns
 * @throws UsageError for an attribute that is not there, and for options out of range
 */
export function findSlices(
  predictions: Predictions,
  attributes: readonly string[],
  plan: Plan,
  options: SliceOptions = {},
): Slices {
  const columns = attributes.map((name) => columnOf(predictions, name));
  const { depth, minSupport, rates, maxFound } = checked(options, plan, attributes.length);
  const { level } = plan.uncertainty;
  const alpha = 1 - level;
  const joint = jointCells(predictions, columns);
  const outcomes = (of: SliceRate) => outcomesOf(joint, plan.classes.length, of);
  const searches = ratesOf(rates, plan).map((of) => ({
    of,
    ...search(outcomes(of), { depth, minSupport, most: alpha }),
  }));
  const tested = searches.reduce((sum, each) => sum + each.tested, 0);

  const worse = afterCorrection(
    searches.flatMap(({ candidates }) => candidates),
    tested,
    alpha,
  );
  let cut = Math.log(alpha / tested);
  for (const { logP } of worse.keys()) cut = Math.max(cut, logP + 1e-9); // beyond rounding
  const found = searches.flatMap(({ of, candidates }): Found[] => {
    const significant = candidates.filter((candidate) => worse.has(candidate));
    if (significant.length === 0) return [];
    const slices = distinct(outcomes(of), significant, cut);
    return slices.map((slice) => ({
      of,
      slice,
      pHolm: worse.get(slice)!,
      within: slices.filter((wider) => isPart(slice, wider)),
    }));
  });

  // intervals of what was selected hold the truth too seldom, unless they are wider (Benjamini and Yekutieli 2005)
  const listed = Math.min(found.length, maxFound);
  const selected = 1 - (alpha * listed) / Math.max(1, tested);
  const names = {
    attributes,
    values: columns.map(({ values }) => values),
    classes: plan.views.length > 1 ? plan.classes : null,
  };
  return {
    attributes: [...attributes],
    depth,
    minSupport,
    rates: [...rates],
    tested,
    skipped: conjunctions(joint.sizes, depth) * searches.length - tested,
    found: found
      .map((each) => ({ each, least: leastWorse(each, selected) }))
      .toSorted((a, b) => b.least - a.least)
      .slice(0, listed)
      .map(({ each }) => tell(each, names, level, selected)),
    unlisted: found.length - listed,
    explained: worse.size - found.length,
  };
}

/** Those that are significant among so many tests, with their corrected p-values. */
function afterCorrection(
  candidates: readonly Candidate[],
  tested: number,
  alpha: number,
): Map<Candidate, number> {
  const corrected = holm(
    candidates.map(({ logP }) => Math.exp(logP)),
    tested,
  );
  return new Map(
    candidates
      .map((candidate, i) => [candidate, corrected[i]!] as const)
      .filter(([, p]) => p <= alpha),
  );
}

/** The rates to test; of a multi-class target accuracy is over all classes, the others are of each. */
const ratesOf = (rates: readonly RateName[], { views }: Plan): SliceRate[] =>
  rates.flatMap((rate): SliceRate[] =>
    rate === "accuracy" && views.length > 1
      ? [{ rate, class: null }]
      : views.map((c) => ({ rate, class: c })),
  );

/** How many conjunctions of values there could be: elementary symmetric polynomials of the numbers of values. */
function conjunctions(sizes: readonly number[], depth: number): number {
  const byDepth = [1, ...Array<number>(depth).fill(0)];
  for (const size of sizes) for (let d = depth; d > 0; d--) byDepth[d]! += size * byDepth[d - 1]!;
  return byDepth.slice(1).reduce((sum, n) => sum + n, 0);
}

function columnOf({ groups }: Predictions, name: string): Column {
  const column = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (column) return column;
  const known = Object.keys(groups).join(", ") || "none";
  throw new UsageError(`slices: there is no column "${name}"; there are: ${known}`);
}

/** The deepest that is not too much work. */
function depthFor(attributes: number): number {
  const sizes = Array<number>(attributes).fill(1);
  let depth = DEEPEST;
  while (depth > 1 && conjunctions(sizes, depth) > MOST_SETS) depth--;
  return depth;
}

function checked(options: SliceOptions, plan: Plan, attributes: number) {
  const {
    depth = depthFor(attributes),
    minSupport,
    rates = DEFAULT_RATES,
    maxFound = 20,
  } = options;
  const least = minSupport ?? Math.max(1, plan.minSupport);
  const numbers = [
    ["depth", depth, DEEPEST],
    ["minSupport", least, Number.POSITIVE_INFINITY],
    ["maxFound", maxFound, Number.POSITIVE_INFINITY],
  ] as const;
  for (const [name, value, most] of numbers)
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw new UsageError(
        `slices.${name}: expected a whole number ${most === DEEPEST ? `from 1 to ${most}` : "of at least 1"}, received ${value}`,
      );
  const stray = rates.find((rate) => !SLICE_RATES.includes(rate));
  if (stray !== undefined || rates.length === 0)
    throw new UsageError(
      `slices.rates: expected some of ${SLICE_RATES.join(", ")}, received ${stray ?? "none"}`,
    );
  return { depth, minSupport: least, rates: [...new Set(rates)], maxFound };
}
