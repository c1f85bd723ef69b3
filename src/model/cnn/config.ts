/** @file The configuration of a convolutional network. */
import type { Compat } from "./compat.ts";
import type { Layer } from "./layers.ts";

/** How parameters start when nothing is loaded. */
export type InitScheme =
  /** Keras' default: Glorot uniform, biases 0. */
  | "keras"
  /** PyTorch's default: uniform in 1 / sqrt(inputs of a unit), biases too. */
  | "pytorch"
  /** torchvision's ResNets: Kaiming normal by outputs for convolutions, else PyTorch's. */
  | "torchvision";

/**
 * What a head's last dense layer means:
 * - `softmax`: one logit per class;
 * - `sigmoid`: one logit of the second of two classes;
 * - `sigmoid-each` (compat): a sigmoid per class, divided by their sum;
 * - `one-neuron-softmax` (compat): one number, whose softmax is 1 whatever it is: always the second of two classes;
 * - `linear`, `relu`: a number.
 */
export type Output = (typeof OUTPUTS)[number];
export const OUTPUTS = [
  "softmax",
  "sigmoid",
  "sigmoid-each",
  "one-neuron-softmax",
  "linear",
  "relu",
] as const;

/** How a number is learnt: divided by a constant, or as the study's age groups (age-groups.ts). */
export type NumberCode =
  | { readonly code: "divided"; readonly by: number }
  | { readonly code: "age-groups" };

export interface Head {
  /** They read what the trunk gives; the last one is dense. */
  readonly layers: readonly Layer[];
  readonly output: Output;
  /** Of outputs that are a number; null for classes. */
  readonly number: NumberCode | null;
}

/** The layers that read an image, alone: also those of a CLIP's image tower. */
export interface Trunk {
  /** Square images, grey or in colour. */
  readonly input: { readonly size: number; readonly channels: 1 | 3 };
  readonly trunk: readonly Layer[];
}
export interface CnnConfig extends Trunk {
  /** The name of the architecture that the layers were made by. */
  readonly architecture: string;
  readonly init: InitScheme;
  /** The published flaws that are reproduced; empty for the corrected form. */
  readonly compat: readonly Compat[];
  /** In the order of the outputs. */
  readonly heads: Readonly<Record<string, Head>>;
}
