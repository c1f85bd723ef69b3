/** @file Which epoch is kept: the best one among those that meet the constraints. */
import { EquiclipError, UsageError } from "../run/errors.ts";
import { COMPAT, compatGap, isCompat } from "./metrics/compat.ts";
import { gapDefinition } from "./metrics/gaps.ts";
import type { Gap } from "./report/values.ts";
import type { Report } from "./report.ts";

/** A limit on a gap: the most allowed, or the least where higher is better (`di`, `worst_group.accuracy`). */
export interface Constraint {
  /** As in the report: `eo.max`, `eo.max.worst` (multi-class), `class.tpr_gap`; for reproduction alone, `compat.fpr_a`. */
  readonly metric: string;
  /** The attribute or intersection; absent for `class.*`, which compares the target's own classes. */
  readonly attribute?: string | undefined;
  readonly limit: number;
  /** Whether the measured value must keep to the limit, or the unfavourable end of its interval too. */
  readonly bound: "point" | "upper";
}

/** One constraint at one epoch. */
export interface Check {
  readonly constraint: Constraint;
  /** What was compared with the limit; null when undefined. */
  readonly value: number | null;
  /** How far beyond the limit, 0 when it holds; null when undefined, which is worse than any number. */
  readonly violation: number | null;
  readonly reason?: string;
}

export interface EpochRecord {
  readonly epoch: number;
  readonly objective: number;
  readonly checks: readonly Check[];
}

export interface Selection {
  readonly epoch: number;
  readonly feasible: boolean;
}

/** The study's rule: every pairwise TPR and FPR gap between classes keeps to the limit (0.10 in its text). */
export const betweenClasses = (limit: number): Constraint[] =>
  (["class.tpr_gap", "class.fpr_gap"] as const).map((metric) => ({
    metric,
    limit,
    bound: "point",
  }));

/**
 * Checks a report. Class gaps leave out the classes that the report excludes, if any.
 * @throws UsageError for a metric or attribute that the report does not have
 */
export const checkConstraints = (report: Report, constraints: readonly Constraint[]): Check[] =>
  constraints.map((constraint) => {
    const gap = gapOf(report, constraint);
    const better = betterOf(constraint.metric);
    if (gap.value === null) return check(constraint, null, better, gap.reason);
    if (constraint.bound === "point") return check(constraint, gap.value, better);
    const end = gap.interval?.[better === "lower" ? 1 : 0];
    return end === undefined
      ? check(constraint, null, better, "it has no interval; ask for bootstrap replicates")
      : check(constraint, end, better);
  });

/** Shares carry float error: 0.8 - 0.7 is above 0.1. */
const ROUNDING = 1e-9;

/** How far a value is beyond its limit; 0 when it keeps to it. */
export function excess(value: number, limit: number, better: "lower" | "higher"): number {
  const beyond = better === "lower" ? value - limit : limit - value;
  return beyond <= ROUNDING ? 0 : beyond;
}

/** Compares a value with a limit. */
export function check(
  constraint: Constraint,
  value: number | null,
  better: "lower" | "higher" = "lower",
  reason = "undefined",
): Check {
  if (value === null) return { constraint, value, violation: null, reason };
  return { constraint, value, violation: excess(value, constraint.limit, better) };
}

function gapOf(report: Report, { metric, attribute }: Constraint): Gap {
  if (attribute === undefined) {
    const compat = compatGap(report, metric);
    if (compat) return compat;
    return known(judgedClassGaps(report), metric, `metric without an attribute`);
  }
  const { gaps } = known(report.attributes, attribute, "attribute");
  return known(gaps, metric, `metric of ${attribute}`);
}

/** The gaps between classes that limits are about: without the classes that the report excludes, if any. */
export const judgedClassGaps = ({ classGaps }: Report): Readonly<Record<string, Gap>> =>
  classGaps.excluding?.gaps ?? classGaps.gaps;

function known<T>(entries: Readonly<Record<string, T>>, name: string, what: string): T {
  const found = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (found !== undefined) return found;
  throw new UsageError(
    `constraint: "${name}" is no ${what}; there are: ${Object.keys(entries).join(", ")}`,
  );
}

/** Which way is better for a gap of GAPS, CLASS_GAPS or COMPAT, also with the suffix `.macro` or `.worst` of multi-class. */
export const betterOf = (metric: string): "lower" | "higher" =>
  isCompat(metric)
    ? COMPAT[metric].pair === "ratio"
      ? "higher"
      : "lower"
    : (gapDefinition(metric)?.better ?? "lower");

const undefinedOf = (checks: readonly Check[]): number =>
  checks.filter(({ violation }) => violation === null).length;

const largestOf = (checks: readonly Check[]): number =>
  Math.max(0, ...checks.map(({ violation }) => violation ?? 0));

/** The largest violation of an epoch; undefined ones count as infinite. 0 means feasible. */
export const violationOf = (checks: readonly Check[]): number =>
  undefinedOf(checks) > 0 ? Number.POSITIVE_INFINITY : largestOf(checks);

/**
 * The epoch with the best objective among the feasible ones. With none, the one of fewest undefined checks, among those
 * the one whose largest defined violation is smallest, and among equals the better objective. An epoch whose objective
 * is not a number is taken only when there is no other.
 * @param better direction of the objective: `lower` for a loss
 */
export function selectEpoch(
  trajectory: readonly EpochRecord[],
  better: "lower" | "higher" = "lower",
): Selection {
  const cost = ({ objective }: EpochRecord): number =>
    Number.isNaN(objective)
      ? Number.POSITIVE_INFINITY
      : better === "lower"
        ? objective
        : -objective;
  const ranks = (record: EpochRecord): number[] => [
    undefinedOf(record.checks),
    largestOf(record.checks),
    cost(record),
  ];
  const best = trajectory.reduce<EpochRecord | null>((a, b) => {
    if (a === null) return b;
    const [left, right] = [ranks(a), ranks(b)];
    const decides = left.findIndex((rank, i) => rank !== right[i]);
    return decides < 0 || left[decides]! < right[decides]! ? a : b; // the earlier one of equals
  }, null);
  if (best === null) throw new EquiclipError("no epoch has been evaluated, so none can be kept");
  return { epoch: best.epoch, feasible: violationOf(best.checks) === 0 };
}
