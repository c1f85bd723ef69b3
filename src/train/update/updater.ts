/** @file One update of the trained parameters: gradients summed over batches, clipped, stepped, averaged. */
import type { Snapshot } from "../loop-state.ts";
import type { Trainee } from "../network.ts";
import type { Batch } from "../step.ts";
import type { OptimizerConfig } from "./optimizer.ts";

export interface UpdateSettings {
  readonly batchSize: number;
  /** Batches whose gradients are summed. */
  readonly accumulate: number;
  readonly optimizer: OptimizerConfig;
  /** Largest global gradient norm, or null. */
  readonly clipNorm: number | null;
  /** Largest exp(logit_scale), or null. */
  readonly maxLogitScale: number | null;
  /** Decay of the averaged weights that are validated and kept, or null. */
  readonly ema: number | null;
}

/** What an update found and what it took, in seconds. */
export interface Update {
  /** Mean over the rows of all batches, by weight. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
  /** Weights and moments are as they were: gradients overflowed float16, and the next are of a loss on a smaller scale. */
  readonly skipped: boolean;
  readonly seconds: { readonly step: number; readonly optimizer: number };
}

/** What an updater remembers, for a checkpoint. */
export type UpdaterState = Pick<Snapshot<unknown>, "optimizer" | "ema" | "lossScale">;

export interface Updater<N extends Trainee> {
  /** The network that is validated and kept: the live weights, or their average. */
  readonly kept: N;
  readonly state: () => UpdaterState;
  /**
   * Computes loss and gradients of `batches`, lets `check` look at them, then changes the weights. Only what is skipped
   * is not checked.
   * @param lr learning rate. @param check throws to leave the weights as they are.
   */
  readonly update: (
    batches: readonly Batch[],
    lr: number,
    check: (found: Pick<Update, "loss" | "gradNorm">) => void,
  ) => Promise<Update>;
  /** Brings `kept`, the network's weights and `state` up to date; until then they may be those of an earlier update. */
  readonly settle: () => Promise<void>;
  readonly dispose: () => Promise<void>;
}
