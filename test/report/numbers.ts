/** @file Every number and reason that a report holds, as it must be printed. */
import { decimal, signed } from "../../src/report/format.ts";

export interface Printed {
  /** Rates, gaps, their intervals and what a fair model shows. */
  readonly numbers: ReadonlySet<string>;
  readonly reasons: ReadonlySet<string>;
}

/** Walks the machine form: whatever has a `value` and an `interval` was measured. */
export function printed(report: unknown): Printed {
  const numbers = new Set<string>();
  const reasons = new Set<string>();
  const walk = (item: unknown): void => {
    if (typeof item !== "object" || item === null) return;
    if ("value" in item && "interval" in item) {
      const { value, interval } = item as { value: number | null; interval: number[] | null };
      const write = "verdict" in item ? signed : decimal;
      if (value !== null) numbers.add(write(value));
      else if ("reason" in item) reasons.add(String(item.reason));
      if (value !== null && interval) numbers.add(`[${interval.map(write).join(", ")}]`);
    }
    for (const child of Object.values(item)) walk(child);
  };
  walk(report);
  return { numbers, reasons };
}
