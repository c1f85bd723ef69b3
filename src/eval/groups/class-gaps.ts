/** @file The study's gaps: between the target's own classes, each against the rest. */
import { binder, type BoundGap } from "./bound-gap.ts";
import type { SpreadOf } from "./extent.ts";
import type { Cells } from "../counts/cells.ts";
import { CLASS_GAP_NAMES, CLASS_GAPS } from "../metrics/gaps.ts";
import { contrastInterval } from "./grouping.ts";
import { describe } from "./waiting-gaps.ts";
import { GroupRates } from "./group-rates.ts";
import { Ledger } from "../counts/ledger.ts";
import { Resampling } from "../uncertainty/pending.ts";
import type { ClassGaps } from "../report.ts";
import type { Gap } from "../report/values.ts";
import { cellSampler } from "../uncertainty/resample.ts";
import type { Plan } from "./plan.ts";
import { RATE_NAMES } from "../metrics/rates.ts";
import type { Columns } from "../counts/sheet.ts";

/** The gaps between all classes, or between some of them, by name. @param rates of every class */
export function bindClasses(rates: Columns, among?: readonly number[]): Map<string, BoundGap> {
  const bind = binder(rates, among);
  return new Map(CLASS_GAP_NAMES.map((name) => [name, bind(CLASS_GAPS[name])]));
}

/** @param excluded classes that the second set of gaps leaves out; their rows still count against the others */
export function measureClassGaps(cells: Cells, plan: Plan, excluded: readonly string[]): ClassGaps {
  const { classes, uncertainty } = plan;
  const ledger = new Ledger(cells, [...classes.keys()]);
  const rates = ledger.sheet.byClass();
  const [tpr, fpr] = [rates.tpr.read(), rates.fpr.read()];
  const resampling = new Resampling(uncertainty.level);
  const spreadOf = classSpreads(cells, ledger, rates, plan);
  const gapsOf = (among?: readonly number[]): Record<string, Gap> =>
    Object.fromEntries(
      [...bindClasses(rates, among)].map(([name, bound]) => {
        const gap = describe(bound, classes, classes);
        if (gap.value === null) return [name, gap];
        if (uncertainty.gaps === "percentile") resampling.interval(gap, bound.read);
        else contrastInterval(gap, bound, spreadOf, uncertainty);
        return [name, gap];
      }),
    );
  const kept = [...classes.keys()].filter((c) => !excluded.includes(classes[c]!));
  const result: ClassGaps = {
    gaps: gapsOf(),
    pairs: [...classes.keys()].flatMap((a) =>
      [...classes.keys()].slice(a + 1).map((b) => pair({ tpr, fpr }, classes, a, b)),
    ),
    excluding: excluded.length === 0 ? null : { classes: [...excluded], gaps: gapsOf(kept) },
  };
  resampling.settle(cellSampler(cells, ledger.update), uncertainty, "classes");
  return result;
}

/**
 * The intervals of the classes' shares. TPRs of two classes rest on different rows; their FPRs share some, which are
 * never false positives of both: what that correlates is too little to matter.
 */
function classSpreads(cells: Cells, ledger: Ledger, rates: Columns, plan: Plan): SpreadOf {
  const views = [...plan.classes.keys()];
  const resampling = new Resampling(plan.uncertainty.level); // never settled: shares need none
  const groups = new GroupRates(cells, ledger, { ...plan, views }, resampling);
  for (const v of views) groups.view(v, 0);
  const nameOf = new Map(RATE_NAMES.map((name) => [rates[name], name]));
  return (column, c) => groups.spreadOf(ledger.sheet.byView[c]![nameOf.get(column)!], 0);
}

function pair(
  rates: Readonly<Record<"tpr" | "fpr", Float64Array>>,
  classes: readonly string[],
  a: number,
  b: number,
): ClassGaps["pairs"][number] {
  const gap = (name: "tpr" | "fpr", better: "higher" | "lower") => {
    const difference = rates[name][a]! - rates[name][b]!;
    const first = better === "higher" ? difference > 0 : difference < 0;
    return {
      gap: orNull(Math.abs(difference)),
      privileged: difference === 0 || Number.isNaN(difference) ? null : classes[first ? a : b]!,
    };
  };
  const [low, high] = [rates.tpr[a]!, rates.tpr[b]!].toSorted((x, y) => x - y);
  return {
    classes: [classes[a]!, classes[b]!],
    tpr: gap("tpr", "higher"),
    fpr: gap("fpr", "lower"),
    recallRatio: orNull(low! / high!),
  };
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
