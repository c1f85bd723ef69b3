/** @file One number of a report that a rule can be about: where it is, what it is, and what it rests on. */
import type { Estimate } from "../report/values.ts";

/** Where a number is; null where it has no such part. */
export interface Address {
  readonly metric: string;
  readonly attribute: string | null;
  readonly group: string | null;
  /** Multi-class: the class measured against the rest. */
  readonly class: string | null;
  /** Of a retrieval report: whose ranking. */
  readonly query?: string;
  /** The debiasing method it was measured after; null for the model as trained. */
  readonly method: string | null;
}

/** One rate of one group that a number is made of. */
export interface Footing {
  readonly rate: string;
  /** Null for all rows. */
  readonly group: string | null;
  readonly class: string | null;
  /** Rows in its denominator. */
  readonly rows: number;
  readonly defined: boolean;
}

export interface Site extends Address {
  readonly estimate: Estimate;
  readonly footings: readonly Footing[];
}

/** One key for one address, the method apart. */
export const keyOf = ({ metric, attribute, group, class: ofClass, query }: Address): string =>
  JSON.stringify([metric, attribute, group, ofClass, query]);

/** "eo.max by race", "tpr of race=black, class 20-29, after leace", "accuracy of all rows", "ndkl by race, query doctor". */
export function titleOf(address: Address): string {
  const { metric, attribute, group, class: ofClass, query, method } = address;
  const where =
    group !== null
      ? ` of ${attribute}=${group}`
      : attribute !== null
        ? ` by ${attribute}`
        : metric.startsWith("class.")
          ? ""
          : " of all rows";
  return [
    `${metric}${where}`,
    ...(ofClass === null ? [] : [`class ${ofClass}`]),
    ...(query === undefined ? [] : [`query ${query}`]),
    ...(method === null ? [] : [`after ${method}`]),
  ].join(", ");
}

export const withMethod = (site: Omit<Site, "method">, method: string | undefined): Site => ({
  ...site,
  method: method ?? null,
});

/** "tpr of group black, class 20-29". */
export const footingTitle = ({ rate, group, class: ofClass }: Footing): string =>
  [
    `${rate} of ${group === null ? "all rows" : `group ${group}`}`,
    ...(ofClass === null ? [] : [`class ${ofClass}`]),
  ].join(", ");

/** The footing with the fewest rows, the first of equals; null when there is none. */
export function supportOf({ footings }: Site): { rows: number; of: string } | null {
  const [least] = footings.toSorted((a, b) => a.rows - b.rows);
  return least ? { rows: least.rows, of: footingTitle(least) } : null;
}
