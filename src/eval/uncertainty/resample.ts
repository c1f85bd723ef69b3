/** @file Drawing again and again, from the data or from fair models. */
import type { Uniform } from "./binomial.ts";
import { bootstrap } from "./bootstrap.ts";
import type { CellIndex, Cells } from "../counts/cells.ts";
import { fairModel } from "./fair-model.ts";
import type { Given } from "../metrics/gaps.ts";

/** What is drawn: resamples of the data, or models that are fair given something. */
export type Kind = "data" | Given;

/** Prepares to draw; what it returns draws once more and brings up to date what is read. */
export type Sampler = (kind: Kind, next: Uniform) => () => void;

/**
 * Draws rows of cells.
 * @param update brings what is read up to date with the drawn weight of every cell, [M]
 */
export const cellSampler =
  (cells: Cells, update: (cells: CellIndex, mass: Float64Array) => void): Sampler =>
  (kind, next) => {
    if (kind === "score") throw new Error("cells hold no scores");
    const { cells: drawn, draw } = kind === "data" ? bootstrap(cells) : fairModel(cells, kind);
    const mass = new Float64Array(drawn.weight.length);
    return () => {
      draw(mass, next);
      update(drawn, mass);
    };
  };

/** Draws again and again; returns the samples of every statistic, [statistics][replicates]. */
export function resample(
  draw: () => void,
  replicates: number,
  statistics: readonly (() => number)[],
): Float64Array[] {
  const samples = statistics.map(() => new Float64Array(replicates));
  for (let r = 0; r < replicates; r++) {
    draw();
    for (let s = 0; s < statistics.length; s++) samples[s]![r] = statistics[s]!();
  }
  return samples;
}
