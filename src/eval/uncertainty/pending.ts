/** @file Values of a report that wait for resamples: each says what to read and what to do with the samples. */
import { uniform } from "./binomial.ts";
import type { Spread } from "./gap-interval.ts";
import type { Given } from "../metrics/gaps.ts";
import { percentileInterval, quantile, definedSamples } from "./intervals.ts";
import type { Gap, Rate } from "../report/values.ts";
import { resample, type Kind, type Sampler } from "./resample.ts";

export interface Uncertainty {
  /** Of every interval, such as 0.95. */
  readonly level: number;
  /** Of the bootstrap and of the fair models; 0 for none. */
  readonly replicates: number;
  readonly seed: number | string;
  /**
   * Intervals of gaps: `contrast` (see `gapInterval`), the default; or `percentile`, that of the resampled gaps, as
   * fairlearn has it, which is biased away from fairness.
   */
  readonly gaps?: "contrast" | "percentile";
}

/** An end may be infinite, as of a ratio whose denominator is 0 in some resamples: then there is no interval. */
export function setInterval(
  target: Pick<Rate, "interval" | "note">,
  interval: Rate["interval"],
): void {
  const bounded = interval?.every(Number.isFinite) ?? true;
  target.interval = bounded ? interval : null;
  if (!bounded) addNote(target, "no interval: its upper end is infinite");
}

export function addNote(target: Pick<Rate, "note">, note: string): void {
  target.note = target.note === undefined ? note : `${target.note}; ${note}`;
}

/** Says when an interval was made of fewer resamples than were drawn. */
export function noteUndefined(target: Pick<Rate, "note">, defined: number, drawn: number): void {
  if (drawn - defined > drawn / 1000)
    addNote(
      target,
      `interval from ${defined} of ${drawn} resamples: in the others it is undefined`,
    );
}

interface Pending {
  readonly read: () => number;
  readonly settle: (samples: Float64Array) => void;
}

/**
 * The p-value of a value among draws. The value counts as one of them (Davison and Hinkley 1997, 4.2). Where it is
 * beyond all of many, the p-value is not their number but goes on as it falls off over the largest tenth of them:
 * exponentially, which is slower than what is about normal does (peaks over a threshold; Knijnenburg et al. 2009).
 * Correction for many tests would leave nothing of a few hundred draws otherwise.
 */
function shareBeyond(samples: Float64Array, value: number): number {
  let beyond = 1;
  for (const sample of samples) if (sample - value >= -1e-9) beyond++;
  const share = beyond / (1 + samples.length);
  if (beyond > 1 || samples.length < MANY) return share;
  const threshold = quantile(samples, 0.9);
  const tail = samples.filter((sample) => sample > threshold);
  const excess = tail.reduce((sum, sample) => sum + sample - threshold, 0) / tail.length;
  const fallen = (tail.length / samples.length) * Math.exp((threshold - value) / excess);
  return tail.length > 0 ? Math.min(share, Math.max(LEAST_P, fallen)) : share;
}
const MANY = 200;
const LEAST_P = 1e-9;

/** Collects what waits for one table, then resamples once for all of it. */
export class Resampling {
  readonly #waiting: Record<Kind, Pending[]> = {
    data: [],
    truth: [],
    prediction: [],
    nothing: [],
    score: [],
  };
  readonly #level: number;

  constructor(level: number) {
    this.#level = level;
  }

  /** Has `settle` called with what `read` is for every draw of a kind. */
  collect(kind: Kind, read: () => number, settle: (samples: Float64Array) => void): void {
    this.#waiting[kind].push({ read, settle });
  }

  /**
   * Gives `target` its percentile interval, and a note when resamples had to be left out.
   * @returns the same at other levels, once settled
   */
  interval(target: Pick<Rate, "interval" | "note">, read: () => number): Spread {
    let defined: Float64Array = new Float64Array(0);
    this.collect("data", read, (samples) => {
      defined = definedSamples(samples);
      setInterval(target, percentileInterval(defined, this.#level));
      noteUndefined(target, defined.length, samples.length);
    });
    return (level) => percentileInterval(defined, level);
  }

  /**
   * Gives `gap` its place among fair models.
   * @param standard what the test is made by, higher for more unfair; by default the gap itself
   */
  fair(
    gap: Pick<Gap, "value" | "fair">,
    given: Given,
    better: "lower" | "higher",
    read: () => number,
    standard?: () => number,
  ): void {
    if (gap.value === null) return;
    const sign = better === "lower" ? 1 : -1;
    const value = standard ? standard() : sign * gap.value;
    this.collect(given, read, (samples) => {
      const defined = definedSamples(samples);
      if (defined.length === 0) return;
      gap.fair = {
        expected: defined.reduce((sum, sample) => sum + sample, 0) / defined.length,
        p95: quantile(defined, better === "lower" ? 0.95 : 0.05),
        pValue: standard
          ? 1
          : shareBeyond(
              defined.map((sample) => sign * sample),
              value,
            ),
      };
    });
    if (standard)
      this.collect(given, standard, (samples) => {
        if (gap.fair) gap.fair.pValue = shareBeyond(definedSamples(samples), value);
      });
  }

  /**
   * Resamples and settles everything.
   * @param stream keys of the random stream: no table's numbers depend on which others are evaluated
   */
  settle(sampler: Sampler, { replicates, seed }: Uncertainty, ...stream: readonly string[]): void {
    if (replicates === 0) return;
    for (const [kind, waiting] of Object.entries(this.#waiting) as [Kind, Pending[]][]) {
      if (waiting.length === 0) continue;
      const draw = sampler(kind, uniform(seed, ...stream, kind));
      const reads = waiting.map(({ read }) => read);
      const samples = resample(draw, replicates, reads);
      waiting.forEach((pending, index) => pending.settle(samples[index]!));
    }
  }
}
