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

/** The same network of other layers. */
const remade = (config: CnnConfig, made: (layer: Layer) => readonly Layer[]): CnnConfig => ({
  ...config,
  trunk: config.trunk.flatMap(made),
  heads: Object.fromEntries(
    Object.entries(config.heads).map(([name, head]) => [
      name,
      { ...head, layers: head.layers.flatMap(made) },
    ]),
  ),
});

/** What is compared: the network without its dropout, and a twin in which rounding decides nothing. */
export const FORMS = {
  undropped: (config: CnnConfig): CnnConfig =>
    remade(config, (layer) => (layer.kind === "dropout" ? [] : [layer])),
  /** No ReLU, and means in place of maxima: what is left is products, sums and batch norm. */
  smooth: (config: CnnConfig): CnnConfig => remade(config, smoothed),
} as const;
export type Form = keyof typeof FORMS;

function smoothed(layer: Layer): readonly Layer[] {
  switch (layer.kind) {
    case "dropout":
    case "relu":
      return [];
    case "maxPool":
      return [{ ...layer, kind: "avgPool" }];
    case "residual":
      return [
        {
          ...layer,
          body: layer.body.flatMap(smoothed),
          shortcut: layer.shortcut.flatMap(smoothed),
        },
      ];
    default:
      return [layer];
  }
}
