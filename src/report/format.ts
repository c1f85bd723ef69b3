/** @file How numbers are written, the same in every form of a report. */
import type { Constraint, Measured } from "./model.ts";

const counts = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

/** A rate, gap or loss: three decimals. Never "-0.000". */
export const decimal = (value: number): string => value.toFixed(3).replace(/^-(0\.000)$/, "$1");

/** A change: three decimals with its sign. */
export const signed = (value: number): string => {
  const text = decimal(value);
  return text === "0.000" || text.startsWith("-") ? text : `+${text}`;
};

/** A number of rows (weighted ones may be fractions): 18,648. */
export const count = (value: number): string => counts.format(value);

/** A share of a whole: 12.3%. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

/** A p-value: three decimals, or how small it is. */
export const pValue = (value: number): string => (value < 0.001 ? "<0.001" : decimal(value));

/** A limit: two decimals, or as many as it was given with. */
export const limit = (value: number): string =>
  Number(value.toFixed(2)) === value ? value.toFixed(2) : String(value);

export const interval = (
  ends: readonly [number, number] | null,
  write: (value: number) => string = decimal,
): string => (ends ? `[${write(ends[0])}, ${write(ends[1])}]` : "");

/** A number, or "n/a (reason)". */
export const measured = ({ value, reason }: Measured): string =>
  value === null ? undefinedFor(reason) : decimal(value);

export const undefinedFor = (reason: string | undefined): string =>
  `n/a (${reason ?? "no reason was given"})`;

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

/** Seconds as the two largest units: "2 h 5 min", "41.3 s". */
export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  let rest = Math.round(seconds);
  const parts = UNITS.flatMap(([unit, size]) => {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    return whole > 0 ? [`${whole} ${unit}`] : [];
  });
  if (rest > 0) parts.push(`${rest} s`);
  return parts.slice(0, 2).join(" ");
}

/** Bytes in MiB or GiB. */
export const bytes = (value: number): string =>
  value < 2 ** 30 ? `${(value / 2 ** 20).toFixed(0)} MiB` : `${(value / 2 ** 30).toFixed(2)} GiB`;

/** An ISO time as "2026-11-22 19:31 UTC"; anything else as it came. */
export function time(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime())
    ? iso
    : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** "eo.max by race", "class.tpr_gap". */
export const metricOf = (metric: string, attribute: string | null): string =>
  attribute === null ? metric : `${metric} by ${attribute}`;

/** "eo.max by race <= 0.10". */
export const constraintOf = (rule: Constraint): string =>
  `${metricOf(rule.metric, rule.attribute)} ${rule.rule === "at most" ? "<=" : ">="} ${limit(rule.limit)}`;

/** "a, b, c, d and 3 more". */
export function some(names: readonly string[], shown = 4): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(", ")} and ${rest} more` : names.join(", ");
}
