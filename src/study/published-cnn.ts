/** @file What study 001 published of its convolutional networks. */
import type { PublishedRun } from "./printed.ts";

const NO_COUNTS = "no confusion matrix was published";

export const PUBLISHED_CNN: readonly PublishedRun[] = [
  {
    strategy: "ward-original",
    section: "2.5",
    target: "gender",
    n: 1241,
    matrix: [
      [475, 66],
      [158, 542],
    ],
    printed: [
      { metric: "accuracy", code: "0.8195" },
      { metric: "balanced_accuracy", report: "0.826", code: "0.8261447" },
      { metric: "macro_f1", report: "0.819", code: "0.8189727" },
      { metric: "recall", of: "male", code: "0.8780" },
      { metric: "recall", of: "female", code: "0.7743" },
      { metric: "class.tpr_gap", report: "0.103", code: "0.1037180" },
      { metric: "compat.fpr_b", of: ["male", "female"], code: "0.1037180" },
      { metric: "class.di", code: "0.8819" },
      { metric: "compat.di", of: ["male", "female"], report: "0.681", code: "0.6815601" },
    ],
  },
  {
    strategy: "ward-original",
    run: "earlier run",
    section: "2.5",
    target: "gender",
    n: 1301,
    matrix: [
      [557, 13],
      [221, 510],
    ],
    printed: [{ metric: "class.tpr_gap", code: "0.2795" }],
  },
  {
    strategy: "ward-curated",
    section: "2.5",
    target: "gender",
    n: null,
    matrix: null,
    printed: [
      { metric: "balanced_accuracy", report: "0.824", unlike: NO_COUNTS },
      { metric: "macro_f1", report: "0.818", unlike: NO_COUNTS },
      { metric: "class.tpr_gap", report: "0.105", unlike: NO_COUNTS },
      { metric: "compat.di", of: ["male", "female"], report: "0.719", unlike: NO_COUNTS },
    ],
  },
  {
    strategy: "serawan",
    section: "2.6",
    target: "gender",
    n: 1000,
    matrix: null,
    printed: [{ metric: "accuracy", code: "0.860", unlike: NO_COUNTS }],
  },
  {
    strategy: "serawan",
    section: "2.6",
    target: "race",
    n: 1000,
    matrix: null,
    printed: [{ metric: "accuracy", code: "0.757", unlike: NO_COUNTS }],
  },
  {
    strategy: "tripathi",
    section: "2.7",
    target: "gender",
    n: 5927,
    matrix: [
      [2719, 391],
      [289, 2528],
    ],
    printed: [
      { metric: "accuracy", code: "0.8853" },
      { metric: "precision", of: "male", report: "0.9", code: "0.9039" },
      { metric: "f1", of: "male", code: "0.8889" },
      { metric: "recall", of: "male", code: "0.8743" },
      { metric: "recall", of: "female", code: "0.8974" },
      { metric: "class.tpr_gap", report: "0.023", code: "0.0231" },
    ],
  },
  {
    strategy: "aghav-original",
    section: "2.8",
    target: "gender",
    n: null,
    matrix: null,
    printed: [{ metric: "class.tpr_gap", report: "0.11", unlike: NO_COUNTS }],
  },
  {
    strategy: "aghav-original",
    run: "later run",
    section: "2.8",
    target: "gender",
    n: 4742,
    matrix: [
      [2350, 120],
      [204, 2068],
    ],
    printed: [
      { metric: "balanced_accuracy", code: "0.9308" },
      { metric: "recall", of: "male", code: "0.9514" },
      { metric: "recall", of: "female", code: "0.9102" },
      { metric: "fpr", of: "male", code: "0.0898" },
      { metric: "fpr", of: "female", code: "0.0486" },
      { metric: "class.tpr_gap", code: "0.0412" },
    ],
  },
  {
    strategy: "aghav-curated",
    section: "2.8",
    target: "gender",
    n: null,
    matrix: null,
    printed: [{ metric: "class.tpr_gap", report: "0.10", unlike: NO_COUNTS }],
  },
  {
    strategy: "plain48",
    section: "2.14",
    target: "gender",
    n: 5927,
    matrix: [
      [2932, 185],
      [214, 2596],
    ],
    printed: [
      { metric: "balanced_accuracy", code: "0.9322" },
      { metric: "macro_f1", code: "0.9325" },
    ],
  },
];
