/** @file Values of a report that wait for resamples: each says what to read and what to do with the samples. */
import { uniform } from "./binomial.ts";
import type { Given } from "./gaps.ts";
import { percentileInterval, quantile, definedSamples } from "./intervals.ts";
import type { Gap, Rate } from "./report.ts";
import { resample, type Kind, type Sampler } from "./resample.ts";

export interface Uncertainty {
  /** Of every interval, such as 0.95. */
  readonly level: number;
  /** Of the bootstrap and of the fair models; 0 for none. */
  readonly replicates: number;
  readonly seed: number | string;
}

interface Pending {
  readonly read: () => number;
  readonly settle: (samples: Float64Array) => void;
}

/** Collects what waits for one table, then resamples once for all of it. */
export class Resampling {
  readonly #waiting: Record<Kind, Pending[]> = {
    data: [],
    truth: [],
    prediction: [],
    nothing: [],
  };
  readonly #level: number;

  constructor(level: number) {
    this.#level = level;
  }

  /** Gives `target` its percentile interval, and a note when resamples had to be left out. */
  interval(target: Pick<Rate, "interval" | "note">, read: () => number): void {
    this.#waiting.data.push({
      read,
      settle: (samples) => {
        const defined = definedSamples(samples);
        const left = samples.length - defined.length;
        target.interval = percentileInterval(defined, this.#level);
        if (left > samples.length / 1000)
          target.note = `interval from ${defined.length} of ${samples.length} resamples: in the others it is undefined`;
      },
    });
  }

  /** Gives `gap` its place among fair models. */
  fair(gap: Gap, given: Given, better: "lower" | "higher", read: () => number): void {
    const value = gap.value;
    if (value === null) return;
    const sign = better === "lower" ? 1 : -1;
    this.#waiting[given].push({
      read,
      settle: (samples) => {
        const defined = definedSamples(samples);
        if (defined.length === 0) return;
        let sum = 0;
        let asUnfair = 0;
        for (const sample of defined) {
          sum += sample;
          if (sign * (sample - value) >= -1e-12) asUnfair++;
        }
        gap.fair = {
          expected: sum / defined.length,
          p95: quantile(defined, better === "lower" ? 0.95 : 0.05),
          // the measured value counts as one of the draws (Davison and Hinkley 1997, 4.2)
          pValue: (1 + asUnfair) / (1 + defined.length),
        };
      },
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
