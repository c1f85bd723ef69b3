/** @file The study's flaws that can be asked for, to reproduce what it published; never a default. */
import type { CNN_COMPAT } from "../../run/config/cnn.ts";

export type Compat = (typeof CNN_COMPAT)[number];

/** What each one does, and what is done without it, for reports. */
export const COMPAT: { readonly [C in Compat]: string } = {
  "sigmoid-each":
    "one sigmoid per class, trained with a categorical loss (corrected: softmax over the classes)",
  "raw-pixels": "pixels of 0 to 255 in training and prediction (corrected: divided by 255)",
  "raw-pixels-at-prediction":
    "trained on pixels divided by 255, predicted on pixels of 0 to 255 (corrected: divided in both)",
  "one-neuron-softmax":
    "softmax over one neuron, which is 1 for every image (corrected: a neuron per class)",
  "raw-age": "ages learnt in years, so that they rule the summed loss (corrected: divided by 116)",
};
