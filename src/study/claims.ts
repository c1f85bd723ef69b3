/** @file What study 001 says of one run, to be held against itself: its numbers by the names that it gives them. */
import { type ClassClaim, type Claims, inconsistencies } from "../eval/consistency.ts";
import { CLASSES, type PublishedRun, type StudyMetric } from "./printed.ts";

/** What the study calls its own formulas. */
const CALLED: Partial<Readonly<Record<StudyMetric, "fpr">>> = {
  "compat.fpr_a": "fpr",
  fpr: "fpr",
};

/** Its numbers as printed, the more exact ones where there are two. */
function claimsOf({ target, printed, matrix }: PublishedRun): Claims {
  const value = (metric: StudyMetric, of?: string): number | undefined => {
    const found = printed.find(
      (each) => (CALLED[each.metric] ?? each.metric) === metric && each.of === of,
    );
    const text = found?.code ?? found?.report;
    return text === undefined ? undefined : Number(text);
  };
  const claim = (label: string, i: number): ClassClaim => ({
    recall: value("recall", label),
    fpr: value("fpr", label),
    rows: matrix?.[i]?.reduce((a, b) => a + b, 0),
  });
  return {
    classes: Object.fromEntries(CLASSES[target].map((label, i) => [label, claim(label, i)])),
    accuracy: value("accuracy"),
    balancedAccuracy: value("balanced_accuracy"),
    tprGap: value("class.tpr_gap"),
    fprGap: value("class.fpr_gap"),
  };
}

/** What the study says of a run that cannot all be true, one line each. */
export const publishedWarnings = (run: PublishedRun): string[] => inconsistencies(claimsOf(run));
