/** @file What changed between two models that judged the same rows, with paired intervals. */
import type { BoundGap } from "./bound-gap.ts";
import type { Cells } from "../counts/cells.ts";
import { type GapPair, independentInterval, settleGapChanges } from "../uncertainty/gap-change.ts";
import type { Interval } from "../uncertainty/intervals.ts";
import { Ledger } from "../counts/ledger.ts";
import { makersOfChange } from "../uncertainty/makers.ts";
import { Resampling, type Uncertainty } from "../uncertainty/pending.ts";
import {
  needsOf,
  RATE_NAMES,
  RATES,
  type RateDefinition,
  type RateName,
} from "../metrics/rates.ts";
import type { Change } from "../report/comparison.ts";
import type { Estimate } from "../report/values.ts";
import { cellSampler } from "../uncertainty/resample.ts";
import type { RateSheet } from "../counts/sheet.ts";

type Better = RateDefinition["better"];

/** Gaps of the same rows by name, as each of two models has them. */
export type MeasuredGaps = Readonly<Record<"before" | "after", Readonly<Record<string, Estimate>>>>;

/** Collects the changes of one table of cells; `settle` resamples the rows for both models at once. */
export class PairedChanges {
  readonly #cells: Cells;
  /** Of the classes measured against the rest. */
  readonly #views: readonly string[];
  readonly #before: Ledger;
  readonly #after: Ledger;
  readonly #resampling: Resampling;
  readonly #uncertainty: Uncertainty;
  readonly #gaps: GapPair[] = [];
  readonly #collected: { readonly change: Change; readonly better: Better }[] = [];

  /**
   * @param cells with two columns of predictions, before and after
   * @param classes names of all of them
   */
  constructor(
    cells: Cells,
    views: readonly number[],
    classes: readonly string[],
    uncertainty: Uncertainty,
  ) {
    this.#cells = cells;
    this.#views = views.map((c) => classes[c]!);
    this.#before = new Ledger(cells, views, 0);
    this.#after = new Ledger(cells, views, 1);
    this.#resampling = new Resampling(uncertainty.level);
    this.#uncertainty = uncertainty;
  }

  /** Changes of the rates of one group; the model has no part in the base rate. */
  rates(group: number): Record<string, Change> {
    const [before, after] = [this.#before.sheet, this.#after.sheet];
    const without = ({ byView }: RateSheet, name: RateName): string[] =>
      this.#views.filter((_, v) => Number.isNaN(byView[v]![name].read()[group]));
    const reason = (name: RateName): string | null => {
      if ([before, after].some(({ whole }) => Number.isNaN(whole[name].read()[group])))
        return `no ${needsOf(name)}`;
      const [from, to] = [without(before, name), without(after, name)];
      return from.join() === to.join() ? null : notAlike(from, to);
    };
    return Object.fromEntries(
      RATE_NAMES.filter((name) => name !== "baseRate").map((name) => [
        name,
        this.#change(
          () => before.whole[name].read()[group]!,
          () => after.whole[name].read()[group]!,
          RATES[name].better,
          reason(name),
        ),
      ]),
    );
  }

  /**
   * Changes of the gaps that `bind` reads off a sheet. A gap that loses a group with the model, as PPV does where
   * nobody is predicted positive any more, has not changed but become another one.
   * @param groups their names
   * @param measured the same gaps of each model, with their intervals
   */
  gaps(
    bind: (sheet: RateSheet) => ReadonlyMap<string, BoundGap>,
    groups: readonly string[],
    measured: MeasuredGaps,
  ): Record<string, Change> {
    const without = (gap: BoundGap): string[] => [
      ...gap.undefinedGroups.map((g) => groups[g]!),
      ...(gap.undefinedViews ?? []).map((v) => this.#views[v]!),
    ];
    const after = bind(this.#after.sheet);
    return Object.fromEntries(
      [...bind(this.#before.sheet)].map(([name, from]) => {
        const to = after.get(name)!;
        const same = JSON.stringify(from.over) === JSON.stringify(to.over);
        const reason =
          from.reason ?? to.reason ?? (same ? null : notAlike(without(from), without(to)));
        const known = [measured.before[name], measured.after[name]] as const;
        const independent = known[0] && known[1] ? independentInterval(known[0], known[1]) : null;
        return [name, this.#gapChange(from, to, independent, reason)];
      }),
    );
  }

  /** @param reason why it is undefined, or null */
  #change(
    before: () => number,
    after: () => number,
    better: Better,
    reason: string | null,
  ): Change {
    if (reason !== null) return none(reason);
    const read = (): number => after() - before();
    const change: Change = { value: read(), interval: null, verdict: "unclear" };
    this.#collected.push({ change, better });
    this.#resampling.interval(change, read);
    return change;
  }

  #gapChange(
    before: BoundGap,
    after: BoundGap,
    independent: Interval | null,
    reason: string | null,
  ): Change {
    if (reason !== null) return none(reason);
    const makers = makersOfChange(before, after);
    const change: Change = { value: makers.read(), interval: null, verdict: "unclear" };
    this.#collected.push({ change, better: before.metric.better });
    this.#gaps.push({ change, before, after, makers, independent });
    return change;
  }

  /** Builds changes, then gives all of them their intervals and verdicts. */
  settle<T>(build: (pair: this) => T, ...stream: readonly string[]): T {
    const built = build(this);
    const update: Ledger["update"] = (cells, mass) => {
      this.#before.update(cells, mass);
      this.#after.update(cells, mass);
    };
    const sampler = cellSampler(this.#cells, update);
    this.#resampling.settle(sampler, this.#uncertainty, ...stream);
    settleGapChanges(this.#gaps, sampler, this.#uncertainty, ...stream);
    for (const { change, better } of this.#collected)
      change.verdict = verdictOf(change.interval, better);
    return built;
  }
}

export const none = (reason: string): Change => ({
  value: null,
  interval: null,
  verdict: "undefined",
  reason,
});

const notAlike = (before: readonly string[], after: readonly string[]): string =>
  `not the same groups or classes: it leaves out ${listed(before)} before and ${listed(after)} after`;

const listed = (names: readonly string[]): string => names.join(", ") || "none";

export function verdictOf(interval: Change["interval"], better: Better): Change["verdict"] {
  if (interval === null || better === "neither") return "unclear";
  const [low, high] = interval;
  if (low <= 0 && high >= 0) return "unclear";
  return low > 0 === (better === "higher") ? "better" : "worse";
}
