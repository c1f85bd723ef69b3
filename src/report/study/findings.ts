/** @file What a study comes to, in plain sentences. */
import { isGuess, saysOneClass } from "../../study/guess.ts";
import type { DoneRun } from "../../study/result.ts";
import { FORMS } from "../../study/strategies.ts";
import type { StrategySummary } from "../../study/summary.ts";
import { decimal, interval, signed } from "../format.ts";
import type { Tone } from "../tables/table.ts";
import { list } from "../words.ts";
import { type StudyReport, basisNotes, lineNumber } from "./model.ts";
import { changeTone } from "./corrections.ts";
import { problemsOf } from "./runs.ts";

export interface StudyFinding {
  readonly tone: Extract<Tone, "better" | "worse" | "unclear" | "muted">;
  readonly text: string;
}

/** Below this ratio, the study called it disparate impact. */
const LIMIT = 0.8;

/**
 * What stands before every number, which runs learnt nothing, what reproduces, what corrections changed, where the study's
 * formula misleads.
 */
export function studyFindings({ result, strategies }: StudyReport): StudyFinding[] {
  const by = (verdict: string): string[] =>
    strategies
      .filter(({ reproduction }) => reproduction.verdict === verdict)
      .map(({ strategy, reproduction }) => `${strategy.key} (${signed(reproduction.difference!)})`);
  const all = (items: readonly string[]): string => list(items, items.length);
  const [reproduced, missed] = [by("reproduced"), by("not reproduced")];
  return [
    ...basisNotes(result).map((text): StudyFinding => ({ tone: "unclear", text })),
    ...guesses(strategies),
    ...(reproduced.length > 0
      ? [{ tone: "better" as const, text: `Reproduced: ${all(reproduced)}.` }]
      : []),
    ...(missed.length > 0
      ? [{ tone: "worse" as const, text: `Not reproduced: ${all(missed)}.` }]
      : []),
    ...strategies.flatMap(({ strategy, changes }) =>
      changes
        .filter(
          (change) =>
            ["balanced_accuracy", "class.tpr_gap"].includes(change.metric) &&
            change.of === null &&
            changeTone(change) !== "unclear",
        )
        .map((change): StudyFinding => {
          const tone = changeTone(change) === "better" ? "better" : "worse";
          const what =
            change.metric === "balanced_accuracy" ? "balanced accuracy" : "the class gap";
          return {
            tone,
            text: `${strategy.key}: with its flaws mended, ${what} changes by ${signed(change.mean)} ${interval(change.interval, signed)}.`,
          };
        }),
    ),
    ...misleading(strategies),
    ...problemsOf(strategies).map((text): StudyFinding => ({
      tone: "worse",
      text: `Not measured: ${text}.`,
    })),
  ];
}

/** What reproduces and what does not, a sentence each: for a terminal, which has no room for the table. */
export const reproductionLines = ({ strategies }: StudyReport): StudyFinding[] =>
  strategies.map(({ strategy, reproduction: { verdict, text } }) => ({
    tone: verdict === "reproduced" ? "better" : verdict === "not reproduced" ? "worse" : "unclear",
    text: `${strategy.key}: ${verdict}${verdict === "nothing published" ? "" : `: ${text}`}.`,
  }));

/** Forms with runs that learnt nothing: their gaps are those of a guess. */
function guesses(strategies: readonly StrategySummary[]): StudyFinding[] {
  const formsWith = (isMeant: (run: DoneRun) => boolean): string[] =>
    strategies.flatMap(({ strategy, forms }) => {
      const told = FORMS.flatMap((form) => {
        const { runs } = forms[form];
        const { length } = runs.filter(isMeant);
        if (length === 0) return [];
        return [length < runs.length ? `${form} in ${length} of ${runs.length} seeds` : form];
      });
      return told.length === 0 ? [] : [`${strategy.key} (${told.join(", ")})`];
    });
  const [constant, chance] = [
    formsWith(saysOneClass),
    formsWith((run) => isGuess(run) && !saysOneClass(run)),
  ];
  const finding = (text: string): StudyFinding => ({ tone: "worse", text });
  return [
    ...(constant.length > 0
      ? [
          finding(
            `One class for every test row: ${list(constant, constant.length)}. Such a run tells nobody apart, and its gaps say nothing: an eo.max of 0 is no fairness.`,
          ),
        ]
      : []),
    ...(chance.length > 0
      ? [
          finding(
            `No better than guessing, by the interval of balanced accuracy: ${list(chance, chance.length)}.`,
          ),
        ]
      : []),
  ];
}

/** Strategies of which M-17 says the opposite of the recall ratio. */
function misleading(strategies: readonly StrategySummary[]): StudyFinding[] {
  const wrong = strategies.flatMap((summary) => {
    const [formula, ratio] = ["compat.di", "class.di"].map(
      (metric) => lineNumber(summary, "corrected", metric)?.mean,
    );
    if (formula == null || ratio == null || formula < LIMIT === ratio < LIMIT) return [];
    if (decimal(formula) === decimal(ratio)) return [];
    return [`${summary.strategy.key} (${decimal(formula)}, recall ratio ${decimal(ratio)})`];
  });
  return wrong.length === 0
    ? []
    : [
        {
          tone: "muted",
          text: `By the limit of ${LIMIT}, the study's formula M-17 says the opposite of the recall ratio on the same predictions: ${list(wrong, wrong.length)}.`,
        },
      ];
}
