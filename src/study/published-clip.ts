/** @file What study 001 published of its CLIP runs. */
import type { PublishedRun } from "./printed.ts";

const OTHER_FOLD =
  "of another fold than the fairness numbers, whose rates have another mean (2.9, item 6)";
const SWAPPED = "printed for the other class (2.11, item 11)";

export const PUBLISHED_CLIP: readonly PublishedRun[] = [
  {
    strategy: "clip-zeroshot",
    section: "2.9",
    target: "gender",
    n: 4742,
    matrix: [
      [2358, 120],
      [85, 2179],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.9581212526266386", unlike: OTHER_FOLD },
      { metric: "macro_f1", report: "0.9579553326742262", unlike: OTHER_FOLD },
      { metric: "recall", of: "male", report: "0.9515738498789347" },
      { metric: "recall", of: "female", report: "0.9624558303886925" },
      { metric: "compat.fpr_a", of: "male", report: "0.4146341463414634" },
      { metric: "compat.fpr_a", of: "female", report: "0.5853658536585366" },
      { metric: "compat.fpr_a", of: ["male", "female"], report: "0.17" },
      {
        metric: "class.tpr_gap",
        report: "0.108819805097578",
        unlike: "a slip of the decimal point: the rates differ by 0.0109 (2.9, item 7)",
      },
    ],
  },
  {
    strategy: "clip-zeroshot",
    section: "2.9",
    target: "race",
    n: 4742,
    // hits, misses and false alarms of each class were published: one of the matrices that have them
    matrix: [
      [1760, 1, 0, 0, 254],
      [65, 692, 94, 55, 0],
      [0, 0, 648, 39, 0],
      [174, 0, 0, 621, 0],
      [139, 89, 55, 28, 28],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.6803203012378448", unlike: OTHER_FOLD },
      { metric: "macro_f1", report: "0.6768578431973549", unlike: OTHER_FOLD },
      { metric: "recall", of: "white", report: "0.8734491315136477" },
      { metric: "recall", of: "black", report: "0.7637969094922737" },
      { metric: "recall", of: "asian", report: "0.9432314410480349" },
      { metric: "recall", of: "indian", report: "0.7811320754716982" },
      { metric: "recall", of: "other", report: "0.08259587020648967" },
      { metric: "compat.fpr_a", of: "white", code: "0.5971564" },
      { metric: "compat.fpr_a", of: "black", code: "0.2960526" },
      { metric: "compat.fpr_a", of: "asian", code: "0.7925532" },
      { metric: "compat.fpr_a", of: "indian", code: "0.4121622" },
      { metric: "compat.fpr_a", of: "other", code: "0.4495575" },
      { metric: "class.di", of: ["white", "black"], report: "0.8744606662653021" },
      { metric: "class.di", of: ["white", "indian"], report: "0.8943074614065181" },
      { metric: "class.di", of: ["white", "asian"], report: "0.926017829243636" },
    ],
  },
  {
    strategy: "clip-contrastive-original",
    section: "2.10",
    target: "gender",
    n: 4741,
    matrix: [
      [2286, 192],
      [7, 2256],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.959", code: "0.9597125" },
      { metric: "macro_f1", report: "0.958", code: "0.9580241" },
    ],
  },
  {
    strategy: "clip-contrastive-original",
    section: "2.10",
    target: "race",
    n: 4741,
    matrix: [
      [1546, 9, 2, 16, 442],
      [2, 806, 1, 2, 95],
      [0, 0, 679, 4, 4],
      [3, 2, 0, 755, 35],
      [2, 3, 1, 12, 320],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.908", code: "0.9083313" },
      { metric: "macro_f1", report: "0.852", code: "0.8527411" },
      { metric: "class.tpr_gap", of: ["white", "black"], report: "0.122", code: "0.12238" },
      { metric: "class.tpr_gap", of: ["white", "asian"], report: "0.221", code: "0.22111" },
      { metric: "class.tpr_gap", of: ["white", "indian"], report: "0.182", code: "0.18244" },
      { metric: "compat.di", of: ["white", "black"], report: "0.387", code: "0.38778" },
      { metric: "compat.di", of: ["white", "asian"], report: "0.264", code: "0.26467" },
      { metric: "compat.di", of: ["white", "indian"], report: "0.318", code: "0.31875" },
      { metric: "compat.di", of: ["white", "other"], code: "0.13594" },
      { metric: "compat.di", of: ["black", "asian"], report: "0.682", code: "0.68253" },
      { metric: "compat.di", of: ["black", "indian"], code: "0.8220" },
      { metric: "compat.di", of: ["black", "other"], code: "0.35056" },
      { metric: "compat.di", of: ["asian", "indian"], code: "0.8303" },
      { metric: "compat.di", of: ["asian", "other"], code: "0.51362" },
      { metric: "compat.di", of: ["indian", "other"], code: "0.42648" },
    ],
  },
  {
    strategy: "clip-contrastive-curated",
    section: "2.10",
    target: "gender",
    n: 3753,
    matrix: [
      [1781, 116],
      [209, 1647],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.913", code: "0.9131215" },
      { metric: "macro_f1", report: "0.913", code: "0.9132921" },
    ],
  },
  {
    strategy: "clip-contrastive-curated",
    section: "2.10",
    target: "race",
    n: 3753,
    matrix: [
      [827, 26, 19, 47, 109],
      [7, 813, 3, 52, 30],
      [23, 16, 557, 34, 57],
      [10, 35, 11, 683, 56],
      [42, 38, 14, 74, 170],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.775", code: "0.7751334" },
      { metric: "macro_f1", report: "0.772", code: "0.7723832" },
      { metric: "compat.di", of: ["white", "black"], report: "0.788", code: "0.78836" },
      { metric: "compat.di", of: ["white", "asian"], report: "0.663", code: "0.66310" },
      { metric: "compat.di", of: ["white", "indian"], report: "0.724", code: "0.72416" },
      { metric: "compat.di", of: ["white", "other"], code: "0.52590" },
      { metric: "compat.di", of: ["black", "asian"], code: "0.8411" },
      { metric: "compat.di", of: ["black", "indian"], code: "0.9186" },
      { metric: "compat.di", of: ["black", "other"], code: "0.66708" },
      { metric: "compat.di", of: ["asian", "indian"], code: "0.9157" },
      { metric: "compat.di", of: ["asian", "other"], code: "0.79310" },
      { metric: "compat.di", of: ["indian", "other"], code: "0.72622" },
    ],
  },
  {
    strategy: "clip-constrained",
    section: "2.11",
    target: "gender",
    n: 4745,
    matrix: [
      [2286, 195],
      [143, 2121],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.93", code: "0.9291" },
      { metric: "macro_f1", report: "0.93", code: "0.9287" },
      { metric: "recall", of: "male", code: "0.9214" },
      { metric: "recall", of: "female", code: "0.9368" },
      { metric: "fpr", of: "male", code: "0.0632" },
      { metric: "fpr", of: "female", code: "0.0786" },
      { metric: "recall", of: "male", report: "0.94", unlike: SWAPPED },
      { metric: "recall", of: "female", report: "0.92", unlike: SWAPPED },
      { metric: "fpr", of: "male", report: "0.079", unlike: SWAPPED },
      { metric: "fpr", of: "female", report: "0.063", unlike: SWAPPED },
      { metric: "class.tpr_gap", report: "0.015", code: "0.0154" },
      { metric: "compat.di", of: ["male", "female"], report: "0.9", code: "0.8975" },
    ],
  },
  {
    strategy: "clip-subspace",
    section: "2.12",
    target: "gender",
    n: 4741,
    matrix: [
      [2024, 455],
      [587, 1675],
    ],
    printed: [
      { metric: "balanced_accuracy", report: "0.778", code: "0.7784767" },
      { metric: "macro_f1", report: "0.779", code: "0.7790" },
      { metric: "recall", of: "male", code: "0.8165" },
      { metric: "recall", of: "female", code: "0.7405" },
      { metric: "class.tpr_gap", report: "0.07596311224720897" },
      { metric: "class.fpr_gap", report: "0.07596311224720909" },
      { metric: "compat.di", of: ["male", "female"], report: "0.9939674340077338" },
    ],
  },
];

export interface LoggedEpoch {
  readonly trainLoss: number;
  readonly validationLoss: number;
  /** Which is the true FPR gap too. */
  readonly tprGap: number;
  readonly fprAGap: number;
}

/** The log of constrained fine-tuning (2.11, item 6), epochs from 0, on 200 images of each gender. */
export const CONSTRAINED_LOG: readonly LoggedEpoch[] = [
  { trainLoss: 0.2739, validationLoss: 0.51476, tprGap: 0.475, fprAGap: 0.8716 },
  { trainLoss: 0.21582, validationLoss: 0.17383, tprGap: 0.035, fprAGap: 0.28 },
  { trainLoss: 0.11489, validationLoss: 0.34737, tprGap: 0.225, fprAGap: 0.7895 },
  { trainLoss: 0.04642, validationLoss: 0.18855, tprGap: 0.06, fprAGap: 0.4286 },
  { trainLoss: 0.06654, validationLoss: 0.26896, tprGap: 0.02, fprAGap: 0.125 },
  { trainLoss: 0.0361, validationLoss: 0.29615, tprGap: 0.115, fprAGap: 0.7419 },
  { trainLoss: 0.01301, validationLoss: 0.22164, tprGap: 0.035, fprAGap: 0.3043 },
  { trainLoss: 0.00831, validationLoss: 0.22671, tprGap: 0.035, fprAGap: 0.3043 },
  { trainLoss: 0.0076, validationLoss: 0.22747, tprGap: 0.035, fprAGap: 0.3043 },
  { trainLoss: 0.00751, validationLoss: 0.22759, tprGap: 0.035, fprAGap: 0.3043 },
];
