/** @file The groups that make a gap in one resample, and the gap between those groups in any other. */
import { OVER_GROUPS, OVER_RATES } from "../metrics/gaps.ts";
import type { Column } from "../counts/sheet.ts";

export interface Makers {
  /** Tells them from others. */
  readonly key: string;
  /** The gap between them now. */
  readonly read: () => number;
}

/** Those with the lowest and the highest rate now. */
export function makersAmong(
  rates: Column,
  groups: readonly number[],
  how: keyof typeof OVER_GROUPS,
): Makers {
  const now = rates.read();
  let [low, high] = [groups[0]!, groups[0]!];
  for (const g of groups) {
    if (now[g]! < now[low]!) low = g;
    if (now[g]! > now[high]!) high = g;
  }
  const over = OVER_GROUPS[how];
  return {
    key: how === "least" ? `${low}` : `${low}<${high}`,
    read: () => over(rates.read()[low]!, rates.read()[high]!),
  };
}

/** Of a gap over several gaps: those of the most extreme one now, or of all that it sums up. */
export function makersOf(
  parts: readonly { readonly read: () => number; readonly makers: () => Makers }[],
  how: keyof typeof OVER_RATES,
): Makers {
  const over = OVER_RATES[how];
  if (how === "mean" || how === "sum") {
    const all = parts.map((part) => part.makers());
    return {
      key: all.map(({ key }) => key).join(),
      read: () => over(all.map((part) => part.read())),
    };
  }
  const values = parts.map((part) => part.read());
  const at = Math.max(0, values.indexOf(over(values)));
  const { key, read } = parts[at]!.makers();
  return { key: `${at}:${key}`, read };
}

/** Of a gap now and then; read, it is the change of the gap between them. */
export function makersOfChange(
  before: { readonly makers: () => Makers },
  after: { readonly makers: () => Makers },
): Makers {
  const [from, to] = [before.makers(), after.makers()];
  return { key: `${from.key} ${to.key}`, read: () => to.read() - from.read() };
}
