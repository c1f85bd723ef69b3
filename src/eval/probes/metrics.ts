/** @file Every metric of a probe, one entry each. */

export interface ProbeDefinition {
  readonly label: string;
  readonly formula: string;
  readonly range: readonly [number, number];
  readonly better: "higher" | "lower";
  readonly undefinedWhen: string;
  /** Where it comes from. */
  readonly source: string;
}

const LEAKAGE = {
  range: [0, 1],
  better: "lower",
  undefinedWhen: "fewer than two classes have rows in several folds",
} as const;

/** K is the number of classes of the attribute; chance is 1/K. */
export const PROBE_METRICS = {
  "leakage.linear": {
    ...LEAKAGE,
    label: "leakage to a linear probe",
    formula: "mean recall of a logistic regression for the attribute on held-out folds; chance 1/K",
    source: "Alain and Bengio 2016; what LEACE brings to chance (Belrose et al. 2023)",
  },
  "leakage.nonlinear": {
    ...LEAKAGE,
    label: "leakage to a non-linear probe",
    formula:
      "mean recall of a quadratic discriminant analysis of the leading components on held-out folds; chance 1/K",
    source: "Friedman 1989",
  },
  utility: {
    range: [0, 1],
    better: "higher",
    label: "use for another task",
    formula:
      "mean recall of a logistic regression for an attribute that should be left alone, on rows that it was not fitted on; chance 1/K",
    undefinedWhen: "it has fewer than two classes to be fitted on, or no rows to be tried on",
    source: "as leakage.linear",
  },
} as const satisfies Readonly<Record<string, ProbeDefinition>>;
