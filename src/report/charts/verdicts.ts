/** @file The inks of verdicts on methods. */
import type { Verdict } from "../../compare/outcome.ts";
import { INK, type Legend } from "./svg.ts";

export const VERDICT_INK: Readonly<Record<Verdict, string>> = {
  better: INK.better,
  worse: INK.worse,
  "no evidence": INK.unclear,
};

/** @param words for better, no evidence and worse */
export const verdictLegend = (
  words: readonly [string, string, string] = ["better", "no evidence", "worse"],
): Legend[] =>
  (["better", "no evidence", "worse"] as const).map((verdict, i) => ({
    label: words[i]!,
    color: VERDICT_INK[verdict],
    shape: "dot",
  }));
