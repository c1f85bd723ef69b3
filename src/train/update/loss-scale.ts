/** @file Dynamic loss scaling: keeps gradients within what float16 can hold, as PyTorch's GradScaler does. */
import type { Precision } from "../../engine/engine.ts";

/** Plain data: a checkpoint keeps it. */
export interface LossScale {
  /** What the loss is multiplied by before it is differentiated; a power of two, so that nothing is rounded. */
  readonly scale: number;
  /** Steps with finite gradients since it last changed. */
  readonly good: number;
}

const START: LossScale = { scale: 2 ** 16, good: 0 };
/** Good steps after which the scale is doubled. */
const INTERVAL = 2000;

export interface LossScaler {
  /** Null where the precision needs no scaling: the scale is 1. */
  readonly state: () => LossScale | null;
  readonly scale: () => number;
  /**
   * Takes note of a step's loss and gradient norm, and says whether the step is to be skipped: its gradients have
   * overflowed, and half the scale, which is used from now on, may hold them. Never when the loss itself has, nor below
   * a scale of 1: those no scale can mend.
   */
  readonly skips: (loss: number, gradNorm: number) => boolean;
}

/** @param saved where scaling stood. */
export function createLossScaler(
  precision: Precision,
  saved: LossScale | null | undefined,
): LossScaler {
  // bfloat16 has the range of float32
  let state = precision === "float16" ? (saved ?? START) : null;
  return {
    state: () => state,
    scale: () => state?.scale ?? 1,
    skips(loss, gradNorm) {
      if (!state) return false;
      const { scale, good } = state;
      if (Number.isFinite(gradNorm)) {
        state = good + 1 < INTERVAL ? { scale, good: good + 1 } : { scale: scale * 2, good: 0 };
        return false;
      }
      state = { scale: scale / 2, good: 0 };
      return Number.isFinite(loss) && state.scale >= 1;
    },
  };
}
