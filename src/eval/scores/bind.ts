/** @file The gaps between groups of a score sheet. */
import { binder, combineViews, type BoundGap } from "../groups/bound-gap.ts";
import {
  SCORE_GAP_NAMES,
  SCORE_GAPS,
  type GapDefinition,
  type ScoreGapName,
} from "../metrics/gaps.ts";
import { SCORE_RATES, type ScoreName } from "../metrics/scores.ts";
import type { Column } from "../counts/sheet.ts";
import type { ScoreColumns, ScoreSheet } from "./sheet.ts";

const definitionOf = (name: ScoreGapName): GapDefinition<ScoreName> => SCORE_GAPS[name];

/** Those of the metrics that there are, by name. */
export function bindScoreView(columns: ScoreColumns): Map<ScoreGapName, BoundGap> {
  const bind = binder(columns as Readonly<Record<ScoreName, Column>>);
  const names = SCORE_GAP_NAMES.filter((name) =>
    definitionOf(name).rates.every((rate) => columns[rate]),
  );
  return new Map(names.map((name) => [name, bind(definitionOf(name))]));
}

/** Binary: those of the one view. Multi-class: that of the confidence, and `.macro` and `.worst` of the others. */
export function bindScores(
  { byView, whole }: ScoreSheet,
  views: readonly ReadonlyMap<ScoreGapName, BoundGap>[] = byView.map(bindScoreView),
): ReadonlyMap<string, BoundGap> {
  const own = bindScoreView(whole);
  if (views.length === 1) return own;
  return new Map(
    SCORE_GAP_NAMES.flatMap((name): [string, BoundGap][] => {
      if (definitionOf(name).rates.every((rate) => SCORE_RATES[rate].overClasses === "own"))
        return [[name, own.get(name)!]];
      if (views.length === 0) return [];
      const bound = views.map((view) => view.get(name)!);
      return [
        [`${name}.macro`, combineViews(bound, "macro")],
        [`${name}.worst`, combineViews(bound, "worst")],
      ];
    }),
  );
}
