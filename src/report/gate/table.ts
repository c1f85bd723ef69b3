/** @file Checks of a gate as a table, and in words. */
import type { GateCheck, GateResult } from "../../eval/gate/result.ts";
import { VERDICTS, type Verdict } from "../../eval/gate/verdict.ts";
import { count, decimal, interval, limit, percent, signed } from "../format.ts";
import { type Cell, cell, left, right, type Table, type Tone } from "../tables/table.ts";

const VERDICT_TONES: Readonly<Record<Verdict, Tone>> = {
  PASS: "met",
  FAIL: "broken",
  INSUFFICIENT: "unclear",
};

/** "<= 0.10", ">= 0.80", "0.40 to 0.60"; of a change "<= +0.02". */
export function limitOf({ of, min, max }: GateCheck): string {
  const write = (value: number): string =>
    of === "change" && value > 0 ? `+${limit(value)}` : limit(value);
  if (min === null) return max === null ? "" : `<= ${write(max)}`;
  return max === null ? `>= ${write(min)}` : `${write(min)} to ${write(max)}`;
}

/** "eo.max by race", with the rule's own name before it if there is one. */
export const subjectOf = ({ name, title }: GateCheck): string =>
  name === null ? title : `${name}: ${title}`;

export function valueCell({ of, value, interval: ends, baseline }: GateCheck): Cell {
  if (value === null) return cell("undefined", undefined, "muted");
  const write = of === "change" ? signed : decimal;
  const from = baseline?.value ?? null;
  return cell(
    write(value),
    [interval(ends, write), from === null ? "" : `from ${decimal(from)}`].filter(Boolean).join(" "),
  );
}

/** Columns of a table of checks, by what each says of one. */
const COLUMNS = {
  verdict: {
    column: left("verdict"),
    cell: ({ verdict }: GateCheck) => cell(verdict, undefined, VERDICT_TONES[verdict]),
  },
  check: { column: left("check"), cell: (check: GateCheck) => cell(subjectOf(check)) },
  value: { column: right("value"), cell: valueCell },
  limit: {
    column: right("limit"),
    cell: (check: GateCheck) => cell(limitOf(check), check.bound),
  },
  reason: { column: left("why"), cell: ({ reason }: GateCheck) => cell(reason ?? "") },
} as const;

export const checkTable = (
  title: string,
  checks: readonly GateCheck[],
  columns: readonly (keyof typeof COLUMNS)[],
): Table => ({
  title,
  columns: columns.map((name) => COLUMNS[name].column),
  rows: checks.map((check) => columns.map((name) => COLUMNS[name].cell(check))),
  notes: [],
});

const SAID: Readonly<Record<Verdict, readonly [one: string, many: string]>> = {
  FAIL: ["fails", "fail"],
  INSUFFICIENT: ["has too little evidence", "have too little evidence"],
  PASS: ["passes", "pass"],
};

/** "1 of 14 checks fails, 2 have too little evidence, 11 pass". */
export function summaryOf({ counts, checks }: GateResult): string {
  const parts = (["FAIL", "INSUFFICIENT", "PASS"] as const)
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => ({
      n: counts[verdict],
      words: SAID[verdict][counts[verdict] === 1 ? 0 : 1],
    }));
  const total = checks.length;
  const of = `${total} check${total === 1 ? "" : "s"}`;
  return parts
    .map(({ n, words }, i) =>
      i > 0
        ? `${count(n)} ${words}`
        : n === total && n > 1
          ? `all ${of} ${words}`
          : `${count(n)} of ${of} ${words}`,
    )
    .join(", ");
}

/** "4,664 rows, 95% intervals". */
export const basisOf = ({ rows, level }: GateResult): string =>
  `${count(rows)} rows, ${percent(level).replace(".0%", "%")} intervals`;

/** Why changes are not paired with the baseline, each reason once. */
export function pairingNotes(checks: readonly GateCheck[]): string[] {
  const reasons = new Set(checks.flatMap(({ baseline }) => baseline?.unpaired ?? []));
  return [...reasons].map(
    (reason) => `Not paired with the baseline, so these intervals are wider: ${reason}.`,
  );
}

/** Those of one verdict, in the order of the rules. */
export const byVerdict = (checks: readonly GateCheck[]): Readonly<Record<Verdict, GateCheck[]>> =>
  Object.fromEntries(
    VERDICTS.map((wanted) => [wanted, checks.filter(({ verdict }) => verdict === wanted)]),
  ) as Record<Verdict, GateCheck[]>;
