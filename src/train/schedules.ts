/** @file Learning rates over the steps of a run: a warm-up, then a decay. */

export interface Schedule {
  readonly decay: keyof typeof decays | "one-cycle";
  /** `hf` warms up as step / warmupSteps, so the first rate is 0; `openclip` as (step + 1) / warmupSteps. */
  readonly warmup: "hf" | "openclip";
  /** The peak learning rate. */
  readonly lr: number;
  readonly warmupSteps: number;
  /** All steps, warm-up included. */
  readonly totalSteps: number;
}

/** Share of the peak rate at `progress` in [0, 1] of the steps after the warm-up. */
const decays = {
  cosine: (progress: number) => 0.5 * (1 + Math.cos(Math.PI * progress)),
  linear: (progress: number) => 1 - progress,
  constant: () => 1,
} as const satisfies Record<string, (progress: number) => number>;
const warmUps = {
  hf: (step: number, steps: number) => step / steps,
  openclip: (step: number, steps: number) => (step + 1) / steps,
} as const satisfies Record<Schedule["warmup"], (step: number, steps: number) => number>;

const ONE_CYCLE = { rising: 0.3, start: 1 / 25, end: 1 / 25 / 1e4 } as const;
/**
 * Share of the peak rate: Smith and Topin 2017 in the form and with the constants of PyTorch's `OneCycleLR`, without its
 * cycle of momentum.
 */
function oneCycle(step: number, totalSteps: number): number {
  const { rising, start, end } = ONE_CYCLE;
  const [peak, last] = [rising * totalSteps - 1, totalSteps - 1];
  const along = (from: number, to: number, progress: number): number =>
    to + (from - to) * decays.cosine(progress);
  if (step <= peak) return along(start, 1, step / peak);
  return along(1, end, last > peak ? Math.min(1, (step - peak) / (last - peak)) : 1);
}

/**
 * The learning rate of a step, counted from 0. The forms are transformers' `get_*_schedule_with_warmup` (`hf`) and
 * open_clip's `cosine_lr` (`openclip`). Steps past the last keep its decayed rate.
 */
export function learningRate(schedule: Schedule, step: number): number {
  const { decay, warmup, lr, warmupSteps, totalSteps } = schedule;
  if (decay === "one-cycle") return lr * oneCycle(step, totalSteps);
  if (step < warmupSteps) return lr * warmUps[warmup](step, warmupSteps);
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  return lr * decays[decay](Math.min(1, progress));
}
