/** @file Whether a strategy reproduces what was published, by the rules of the study's specification (6.4). */
import type { FormSummary } from "./forms.ts";
import type { PublishedNumbers } from "./published-numbers.ts";
import { type StudyResult, numberIn } from "./result.ts";
import { type Form, STUDY_FILES, type Strategy } from "./strategies.ts";

/** `no rule`: nothing says how near is near enough, so the difference alone is told. */
export type ReproductionVerdict =
  | "reproduced"
  | "not reproduced"
  | "not comparable"
  | "no rule"
  | "nothing published";

export interface Reproduction {
  readonly verdict: ReproductionVerdict;
  /** What was compared, or why nothing was. */
  readonly text: string;
  /** Of the study's form over seeds minus the published value, where both are there. */
  readonly difference: number | null;
}

/** How near the mean over seeds must come. */
const RULES: Readonly<
  Record<"cnn" | "zero-shot", { readonly within: number; readonly seeds: number }>
> = {
  cnn: { within: 0.03, seeds: 3 },
  "zero-shot": { within: 0.02, seeds: 1 },
};

/** Data of like size: at least so large a part of the study's files. */
const LIKE_SIZE = 0.75;

/**
 * The form that the study published against what was published, by balanced accuracy, or by the first measure that both have.
 */
export function reproductionOf(
  { data, clip }: Pick<StudyResult, "data" | "clip">,
  strategy: Strategy,
  forms: Readonly<Record<Form, FormSummary>>,
  published: readonly PublishedNumbers[],
): Reproduction {
  const form = strategy.publishedForm ?? "compat";
  const compared = comparedOf(forms[form], published);
  if (compared === null)
    return published.length === 0
      ? { verdict: "nothing published", text: "the study has no number of it", difference: null }
      : { verdict: "not comparable", text: missing(forms[form]), difference: null };
  const { metric, value, was, seeds } = compared;
  const difference = value - was;
  const told = `${JUDGED[metric]} ${value.toFixed(4)} over ${seeds} seed${seeds === 1 ? "" : "s"}, published ${was.toFixed(4)}`;
  const verdict = (of: ReproductionVerdict, why = ""): Reproduction => ({
    verdict: of,
    text: why === "" ? told : `${told}: ${why}`,
    difference,
  });
  if (data.synthetic)
    return verdict("not comparable", "published values do not apply to drawn faces");
  if (strategy.family === "clip" && !clip.released)
    return verdict(
      "not comparable",
      `published values do not apply to ${clip.from ?? "another model"}: the study took the released weights`,
    );
  const rule =
    strategy.family === "cnn"
      ? RULES.cnn
      : strategy.forms.compat?.how === "zero-shot"
        ? RULES["zero-shot"]
        : null;
  if (rule === null || metric === "class.tpr_gap") return verdict("no rule");
  const size = data.files * data.scale;
  if (strategy.family === "cnn" && (data.scale < 1 || size < LIKE_SIZE * STUDY_FILES))
    return verdict(
      "not comparable",
      `the rule is for data of like size, and ${Math.round(size)} of the study's ${STUDY_FILES} files were used${data.scale < 1 ? ", with as few of the epochs" : ""}`,
    );
  if (data.scale < 1) return verdict("not comparable", `at scale ${data.scale}`);
  if (seeds < rule.seeds) return verdict("not comparable", `the rule wants ${rule.seeds} seeds`);
  return verdict(
    Math.abs(difference) <= rule.within ? "reproduced" : "not reproduced",
    `the rule is within ${rule.within}`,
  );
}

const missing = ({ problems }: FormSummary): string =>
  problems.length > 0 ? problems.join("; ") : "the measures that were published were not taken";

/** What is judged by, most telling first; the last is no accuracy, but all that some runs have. */
const JUDGED = {
  balanced_accuracy: "balanced accuracy",
  accuracy: "accuracy",
  "class.tpr_gap": "class gap",
} as const;

function comparedOf({ numbers }: FormSummary, published: readonly PublishedNumbers[]) {
  for (const metric of Object.keys(JUDGED) as (keyof typeof JUDGED)[]) {
    const of = numbers.find((number) => number.metric === metric && number.of === null);
    const was = published.flatMap(({ numbers: all }) => numberIn(all, metric)?.value ?? [])[0];
    if (of?.mean != null && was !== undefined)
      return { metric, value: of.mean, was, seeds: of.values.length };
  }
  return null;
}
