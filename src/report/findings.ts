/** @file What a report comes to, in plain sentences, most important first. */
import type { Report } from "../eval/report.ts";
import { type Finding, KINDS } from "./findings/finding.ts";
import { evidence } from "./findings/evidence.ts";
import { slices } from "./findings/slices.ts";
import { support } from "./findings/support.ts";
import { open } from "./findings/open.ts";

export type { Finding } from "./findings/finding.ts";

export interface Findings {
  /** The few that a reader must know. */
  readonly main: readonly Finding[];
  readonly more: readonly Finding[];
}

/** So many of each kind are main ones: what is wrong does not crowd out what is not known, nor one attribute the others. */
const MAIN: Readonly<Record<Finding["kind"], number>> = {
  lost: 1,
  errors: 2,
  accuracy: 1,
  selection: 1,
  slice: 1,
  scores: 1,
  intersection: 1,
  open: 2,
  support: 1,
  detail: 0,
};
const MOST = 7;
/** Of those, places that evidence leaves to what is not known. */
const KEPT = 2;
const LEAST = 3;

/**
 * Every finding of a report, each a sentence or a few. What is not known is never called fair: it is said with what the
 * rows do not rule out.
 */
export function findings(report: Report): Findings {
  const all = [evidence, slices, open, support]
    .flatMap((rule) => rule(report))
    .toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || b.size - a.size);
  const first = all.filter(
    (of) => all.filter(({ kind }) => kind === of.kind).indexOf(of) < MAIN[of.kind],
  );
  const unknown = first.filter(({ tone }) => tone !== "worse");
  const known = first
    .filter(({ tone }) => tone === "worse")
    .slice(0, MOST - Math.min(KEPT, unknown.length));
  const main = [...known, ...unknown.slice(0, MOST - known.length)].toSorted(
    (a, b) => all.indexOf(a) - all.indexOf(b),
  );
  for (const of of all) if (main.length < LEAST && !main.includes(of)) main.push(of);
  return { main, more: all.filter((of) => !main.includes(of)) };
}
