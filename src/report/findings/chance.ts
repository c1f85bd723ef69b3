/** @file What chance alone explains: gaps beside those of fair models, and what the rows do not rule out. */
import type { Gap } from "../../eval/report/values.ts";
import type { Report } from "../../eval/report.ts";
import { isRate } from "../words.ts";

/** A gap with a value. */
export type Valued = Gap & { readonly value: number };

/** A gap beside those that fair models show. */
export type Judged = Valued & { readonly fair: NonNullable<Gap["fair"]> };

export const isValued = (gap: Gap | undefined): gap is Valued => gap != null && gap.value !== null;
export const isJudged = (gap: Gap | undefined): gap is Judged => isValued(gap) && gap.fair !== null;

/** From this p-value on, chance is not ruled out. */
export const alphaOf = ({ uncertainty }: Report): number => 1 - uncertainty.level;

/** Corrected for all gaps of the report where it can be. */
const pOf = ({ fair }: Judged): number => fair.pHolm ?? fair.pValue;

/** Whether a fair model would hardly show as much. */
export const isBeyondChance = (gap: Judged, report: Report): boolean =>
  pOf(gap) <= alphaOf(report) + 1e-12;

/** How far a gap is from what fair models show on average. */
export const excessOf = ({ value, fair }: Judged): number => Math.abs(value - fair.expected);

/** How many fair models a gap was compared with: scores are dealt out anew less often where rows are many. */
export const replicatesOf = ({ rate }: Gap, { uncertainty }: Report): number =>
  rate !== null && !isRate(rate)
    ? (uncertainty.scoreReplicates ?? uncertainty.replicates)
    : uncertainty.replicates;

/** The largest true gap that the rows do not rule out. */
export const largestLeft = ({ value, interval }: Valued): number =>
  Math.max(value, interval?.[1] ?? value);
