/** @file What changed between two models that judged the same rows, with paired intervals. */
import type { BoundGap } from "./bound-gap.ts";
import type { Cells } from "./cells.ts";
import { Ledger } from "./grouping.ts";
import { Resampling, type Uncertainty } from "./pending.ts";
import { needsOf, RATE_NAMES, RATES, type RateDefinition } from "./rates.ts";
import type { Change } from "./report.ts";
import type { RateSheet } from "./sheet.ts";

type Better = RateDefinition["better"];

/** Collects the changes of one table of cells; `settle` resamples the rows for both models at once. */
export class PairedChanges {
  readonly #cells: Cells;
  readonly #before: Ledger;
  readonly #after: Ledger;
  readonly #resampling: Resampling;
  readonly #uncertainty: Uncertainty;
  readonly #collected: { readonly change: Change; readonly better: Better }[] = [];

  /** @param cells with two columns of predictions, before and after */
  constructor(cells: Cells, views: readonly number[], uncertainty: Uncertainty) {
    this.#cells = cells;
    this.#before = new Ledger(cells, views, 0);
    this.#after = new Ledger(cells, views, 1);
    this.#resampling = new Resampling(uncertainty.level);
    this.#uncertainty = uncertainty;
  }

  /** Changes of the rates of one group; the model has no part in the base rate. */
  rates(group: number): Record<string, Change> {
    const [before, after] = [this.#before.sheet.whole, this.#after.sheet.whole];
    return Object.fromEntries(
      RATE_NAMES.filter((name) => name !== "baseRate").map((name) => [
        name,
        this.#change(
          () => before[name].read()[group]!,
          () => after[name].read()[group]!,
          RATES[name].better,
          `no ${needsOf(name)}`,
        ),
      ]),
    );
  }

  /** Changes of the gaps that `bind` reads off a sheet. */
  gaps(bind: (sheet: RateSheet) => ReadonlyMap<string, BoundGap>): Record<string, Change> {
    const after = bind(this.#after.sheet);
    return Object.fromEntries(
      [...bind(this.#before.sheet)].map(([name, from]) => {
        const to = after.get(name)!;
        const reason = from.reason ?? to.reason ?? "";
        return [name, this.#change(from.read, to.read, from.metric.better, reason)];
      }),
    );
  }

  #change(before: () => number, after: () => number, better: Better, reason: string): Change {
    const read = (): number => after() - before();
    const value = read();
    if (Number.isNaN(value)) return { value: null, interval: null, verdict: "undefined", reason };
    const change: Change = { value, interval: null, verdict: "unclear" };
    this.#collected.push({ change, better });
    this.#resampling.interval(change, read);
    return change;
  }

  /** Builds changes, then gives all of them their intervals and verdicts. */
  settle<T>(build: (pair: this) => T, ...stream: readonly string[]): T {
    const built = build(this);
    const update: Ledger["update"] = (cells, mass) => {
      this.#before.update(cells, mass);
      this.#after.update(cells, mass);
    };
    this.#resampling.settle(this.#cells, update, this.#uncertainty, ...stream);
    for (const { change, better } of this.#collected)
      change.verdict = verdictOf(change.interval, better);
    return built;
  }
}

function verdictOf(interval: Change["interval"], better: Better): Change["verdict"] {
  if (interval === null || better === "neither") return "unclear";
  const [low, high] = interval;
  if (low <= 0 && high >= 0) return "unclear";
  return low > 0 === (better === "higher") ? "better" : "worse";
}
