/** @file The first rows of one ranking: values that wait for resamples and random rankings, and what settles them. */
import { Resampling, type Uncertainty } from "../uncertainty/pending.ts";
import type { Estimate, Gap } from "../report/values.ts";
import { divergenceInterval, type Settle, skewInterval } from "./intervals.ts";
import type { Named } from "./metrics.ts";
import { Prefixes } from "./prefixes.ts";
import { membersOf, resampled, shuffled } from "./ranking.ts";
import type { RetrievalMetric } from "./report.ts";

/** Rows that the bootstrap, and the random rankings, may draw for one look: some three seconds together. */
const MOST_DRAWN = 3e7;
const FEWEST_REPLICATES = 100;

export class Look {
  /** Of the bootstrap and of the random rankings. */
  readonly replicates: number;
  readonly #list: Int32Array;
  readonly #names: readonly string[];
  readonly #prefixes: Prefixes;
  readonly #uncertainty: Uncertainty;
  readonly #resampling: Resampling;
  readonly #several: boolean;

  /**
   * @param list codes of the groups of the ranked rows, best row first, [N]; N is at least the last k
   * @param names of the groups
   * @param ks ascending
   */
  constructor(
    list: Int32Array,
    names: readonly string[],
    ks: readonly number[],
    uncertainty: Uncertainty,
  ) {
    const members = membersOf(list, names.length);
    const affordable = Math.max(FEWEST_REPLICATES, Math.floor(MOST_DRAWN / ks.at(-1)!));
    this.replicates = Math.min(uncertainty.replicates, affordable);
    this.#list = list;
    this.#names = names;
    this.#prefixes = new Prefixes(ks, names.length);
    this.#prefixes.measure({ first: list, members });
    this.#uncertainty = uncertainty;
    this.#resampling = new Resampling(uncertainty.level);
    this.#several = members.filter((of) => of > 0).length > 1;
  }

  /** Rows of a group among the first k. @param at index of k */
  count(at: number, g: number): number {
    return this.#prefixes.counts[at * this.#names.length + g]!;
  }

  /** `skew@k` of a group. @param why there is none */
  skew(at: number, g: number, why: string): Estimate {
    return this.#estimate(() => this.#skew(at, g), skewInterval, why);
  }

  /** A metric over groups; filled in once settled. */
  metric({ at, definition: { read, better, extreme } }: Named): () => RetrievalMetric {
    const now = (): number => read(this.#prefixes, at);
    const value = now();
    const groups = this.#names.filter((_, g) => extreme && this.#skew(at, g) === value);
    const why = `none of ${listed(groups)} among the first ${this.#prefixes.ks[at]}`;
    const of = this.#estimate(now, extreme ? skewInterval : divergenceInterval, why);
    const judged: Pick<Gap, "value" | "fair"> = { value: of.value, fair: null };
    this.#resampling.fair(judged, "nothing", better, now);
    return () => ({ ...of, groups, fair: judged.fair && finite(judged.fair) });
  }

  /** Draws, and gives everything its interval and its place among random rankings. */
  settle(...stream: readonly string[]): void {
    const depth = this.#prefixes.ks.at(-1)!;
    this.#resampling.settle(
      (kind, next) => {
        const draw = (kind === "data" ? resampled : shuffled)(
          this.#list,
          this.#names.length,
          depth,
          next,
        );
        return () => this.#prefixes.measure(draw());
      },
      { ...this.#uncertainty, replicates: this.replicates },
      ...stream,
    );
  }

  #skew(at: number, g: number): number {
    return this.#prefixes.skews[at * this.#names.length + g]!;
  }

  #estimate(read: () => number, settle: Settle, why: string): Estimate {
    const value = read();
    if (!this.#several || !Number.isFinite(value))
      return {
        value: null,
        interval: null,
        reason: this.#several ? why : "all rows are of one group",
      };
    const target: Estimate = { value, interval: null };
    this.#resampling.collect("data", read, (samples) =>
      settle(target, samples, this.#uncertainty.level),
    );
    return target;
  }
}

const MOST_LISTED = 4;

const listed = (groups: readonly string[]): string =>
  groups.length > MOST_LISTED
    ? `${groups.slice(0, MOST_LISTED).join(", ")} and ${groups.length - MOST_LISTED} more groups`
    : groups.join(", ");

/** Random rankings may have none of a group among the first k, and then there is no mean of their skews. */
const finite = (fair: NonNullable<Gap["fair"]>): RetrievalMetric["fair"] => ({
  expected: Number.isFinite(fair.expected) ? fair.expected : null,
  p95: Number.isFinite(fair.p95) ? fair.p95 : null,
  pValue: fair.pValue,
});
