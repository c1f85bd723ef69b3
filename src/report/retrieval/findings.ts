/** @file What a retrieval report says, in plain words, and what to know before believing it. */
import type { RetrievalReport } from "../../eval/retrieval/report.ts";
import { count, percent, some } from "../format.ts";
import { isBeyondChance } from "./tables.ts";

const MOST = 8;

/** "95%". */
export const levelText = ({ level }: Pick<RetrievalReport["uncertainty"], "level">): string =>
  percent(level).replace(".0%", "%");

/** Shares of the first k beyond chance, strongest evidence first; a sentence that says so when there is none. */
export function retrievalFindings({ queries, ks, uncertainty }: RetrievalReport): {
  readonly beyond: readonly string[];
  readonly none: string | null;
} {
  const all = Object.entries(queries).flatMap(([query, { attributes }]) =>
    Object.entries(attributes).flatMap(([name, { groups }]) =>
      Object.entries(groups).flatMap(([group, { prior, top }]) =>
        ks.flatMap((k) => {
          const of = top[k]!;
          return isBeyondChance(of) ? [{ query, name, group, prior, k, of }] : [];
        }),
      ),
    ),
  );
  const level = levelText(uncertainty);
  const sentences = all
    .toSorted((a, b) => a.of.chance.pValue - b.of.chance.pValue)
    .map(
      ({ query, name, group, prior, k, of: { share, chance } }) =>
        `${query}: ${percent(share)} of the first ${count(k)} are ${group} (${name}), of all rows ${percent(prior)}; ${level} of rankings that ignore ${name} have ${percent(chance.low)} to ${percent(chance.high)}.`,
    );
  const rest = sentences.length - MOST;
  return {
    beyond: rest > 0 ? [...sentences.slice(0, MOST), `${rest} more are in the tables.`] : sentences,
    none:
      sentences.length > 0
        ? null
        : `No group's share of the first ${ks.map(count).join(" or ")} is further from its share of all rows than chance allows. That is no proof of a fair ranking: among few rows only large skews can be told from chance.`,
  };
}

/** What limits these numbers. */
export function retrievalCaveats({ queries, source, uncertainty }: RetrievalReport): string[] {
  const attributes = Object.values(queries).flatMap((query) => Object.values(query.attributes));
  const [whole, top] = (["whole", "top"] as const).map((part) =>
    Math.min(...attributes.map(({ replicates }) => replicates[part])),
  ) as [number, number];
  const small = Object.entries(Object.values(queries)[0]?.attributes ?? {}).flatMap(
    ([name, { groups }]) =>
      Object.entries(groups)
        .filter(([, { rows }]) => rows < uncertainty.minSupport)
        .map(([group, { rows }]) => `${name} ${group} (${count(rows)})`),
  );
  return [
    "A group's share of the first k is compared with its share of all rows that are ranked, which need not be its share of anybody else.",
    "p-values are corrected for every query, attribute, group and k of this report (Holm).",
    ...(whole < uncertainty.replicates
      ? [
          `There are so many rows that intervals and random rankings come from fewer draws than ${count(uncertainty.replicates)}: ${count(whole)} for ndkl, ${count(top)} for the first k.`,
        ]
      : []),
    ...(small.length > 0
      ? [`Groups with fewer than ${count(uncertainty.minSupport)} rows: ${some(small)}.`]
      : []),
    ...[...(source?.leftOut ?? []), ...(source?.noGroup ?? [])].map(
      ({ column, reason, rows, first }) =>
        `${count(rows)} rows, column ${column}: ${reason} (${some(first)}${rows > first.length ? ", ..." : ""}).`,
    ),
  ];
}
