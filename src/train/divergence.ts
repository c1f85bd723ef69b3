/** @file Training that has left the finite numbers: found before it is saved, and told with where and why. */
import type { Weights } from "../model/weights.ts";
import { EquiclipError } from "../run/errors.ts";
import { globalNorm } from "./update/clip-gradients.ts";

/** Where training stands; steps and epochs count from 1. */
export interface Place {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly lr: number;
}

/** Throws EquiclipError that names the first of `values` that is NaN or infinite. */
export function requireFinite(
  values: Readonly<Record<string, number>>,
  { step, steps, epoch, epochs, lr }: Place,
): void {
  const bad = Object.entries(values).find(([, value]) => !Number.isFinite(value));
  if (bad)
    throw new EquiclipError(
      `training: the ${bad[0]} is ${bad[1]} in step ${step} of ${steps} (epoch ${epoch} of ${epochs}, lr ${lr}), expected a finite number; the last checkpoint is as it was: lower train.lr, lengthen train.warmupSteps or set train.clipNorm, and start again with --fresh`,
    );
}

/** Norm of all weights: NaN or infinite when one of them is. */
export const weightNorm = (weights: Weights): number =>
  globalNorm([...weights.values()].map(({ data }) => data));
