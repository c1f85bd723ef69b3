/** @file A convolutional network in training that both sides do: the same layers, weights, pixels, loss and update. */
import type { CnnConfig } from "../../src/model/cnn/config.ts";
import type { Layer } from "../../src/model/cnn/layers.ts";

export interface CnnSpec {
  readonly architecture: string;
  readonly size: number;
  readonly batch: number;
  /** float32 pixels [batch, channels, size, size]. */
  readonly rows: string;
}

export const HEAD = "gender";
export const THREADS = 2;
export const LEARNING_RATE = 1e-4;
/** Of row b. */
export const labelOf = (row: number): number => row % 2;

const still = (layers: readonly Layer[]): readonly Layer[] =>
  layers.filter(({ kind }) => kind !== "dropout");
/** The same without its dropout. */
export const undropped = (config: CnnConfig): CnnConfig => ({
  ...config,
  trunk: still(config.trunk),
  heads: Object.fromEntries(
    Object.entries(config.heads).map(([name, head]) => [
      name,
      { ...head, layers: still(head.layers) },
    ]),
  ),
});
