/** @file Where a training run stands, and what it tells of its steps and epochs. Plain data, but for the tensors. */
import type { Weights } from "../model/weights.ts";
import type { LossScale } from "./update/loss-scale.ts";
import type { OptimizerState } from "./update/optimizer.ts";

/** What an epoch cost, for finding where time goes. Seconds. */
interface Timings {
  readonly data: number;
  readonly step: number;
  readonly optimizer: number;
  readonly validation: number;
}
/** One epoch: `V` is what validation said of it. */
export interface EpochRecord<V> {
  readonly epoch: number;
  /** Optimizer steps done. */
  readonly step: number;
  readonly lr: number;
  readonly trainLoss: number;
  /** Steps that changed nothing, because gradients overflowed float16. */
  readonly skipped: number;
  readonly imagesPerSecond: number;
  readonly seconds: Timings;
  readonly validation: V;
}
export interface StepRecord {
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  readonly gradNorm: number;
  readonly skipped: boolean;
}

/** Where a run stands: with the weights and the optimizer's tensors, all that resuming needs. */
export interface LoopState<V> {
  readonly step: number;
  readonly epoch: number;
  /** Steps done in the running epoch, their summed loss, and how many of them were skipped. */
  readonly stepInEpoch: number;
  readonly lossInEpoch: number;
  readonly skippedInEpoch: number;
  readonly trajectory: readonly EpochRecord<V>[];
  /** Index of the selected epoch in the trajectory. */
  readonly selected: number | null;
}
export const initialState: LoopState<never> = {
  step: 0,
  epoch: 0,
  stepInEpoch: 0,
  lossInEpoch: 0,
  skippedInEpoch: 0,
  trajectory: [],
  selected: null,
};

/** Everything a checkpoint keeps. */
export interface Snapshot<V> {
  readonly state: LoopState<V>;
  readonly optimizer: OptimizerState;
  /** Averaged weights of what trains, when they are kept. */
  readonly ema: Weights | null;
  /** Where loss scaling stands, when the engine computes in float16. */
  readonly lossScale: LossScale | null;
}
