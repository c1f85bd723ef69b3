/** @file Every metric of a ranking, one entry each. */
import type { Prefixes } from "./prefixes.ts";

interface Described {
  readonly label: string;
  readonly formula: string;
  readonly range: readonly [number, number];
  readonly fairValue: number;
  readonly undefinedWhen: string;
  /** Where the formula comes from. */
  readonly source: string;
}

/** A metric over all groups, of the first k rows or of the whole ranking. */
interface OverGroups extends Described {
  readonly better: "lower" | "higher";
  /** Whether it is the skew of one group. */
  readonly extreme: boolean;
  /** @param at index of k */
  readonly read: (prefixes: Prefixes, at: number) => number;
}

interface OfGroup extends Described {
  readonly better: "neither";
}

export type RetrievalDefinition = OverGroups | OfGroup;

const GEYIK = "Geyik, Ambler and Kenthapadi 2019";
const ONE_GROUP = "fewer than two groups have rows";

/** The largest or smallest skew that is at least `least`, of the groups that the list has. */
function extreme(
  { ks, skews }: Prefixes,
  at: number,
  of: "max" | "min",
  least = Number.NEGATIVE_INFINITY,
): number {
  const groups = skews.length / ks.length;
  let found = of === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  for (let g = 0; g < groups; g++) {
    const skew = skews[at * groups + g]!; // NaN is never larger or smaller
    if (skew >= least && (of === "max" ? skew > found : skew < found)) found = skew;
  }
  return found;
}

const divergence = {
  range: [0, Number.POSITIVE_INFINITY],
  fairValue: 0,
  better: "lower",
  undefinedWhen: ONE_GROUP,
  extreme: false,
} as const;

/**
 * p_g is the share of group g among the first k rows, q_g its share of all rows that are ranked: the prior. KL@i is
 * KL@k of the first i rows, N the number of rows. Logarithms are natural.
 */
export const RETRIEVAL = {
  "skew@k": {
    label: "skew of a group",
    formula: "ln(p_g/q_g)",
    range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    fairValue: 0,
    better: "neither",
    undefinedWhen: `${ONE_GROUP}, or the group has none among the first k (minus infinity)`,
    source: GEYIK,
  },
  "max_skew@k": {
    label: "largest skew",
    formula: "max over groups of skew@k",
    range: [0, Number.POSITIVE_INFINITY],
    fairValue: 0,
    better: "lower",
    undefinedWhen: ONE_GROUP,
    source: GEYIK,
    extreme: true,
    read: (prefixes, at) => extreme(prefixes, at, "max"),
  },
  "min_skew@k": {
    label: "smallest skew",
    formula: "min over groups of skew@k",
    range: [Number.NEGATIVE_INFINITY, 0],
    fairValue: 0,
    better: "higher",
    undefinedWhen: `${ONE_GROUP}, or one has none among the first k (minus infinity)`,
    source: GEYIK,
    extreme: true,
    read: (prefixes, at) => extreme(prefixes, at, "min"),
  },
  "min_skew_present@k": {
    label: "smallest skew of the groups among the first k",
    formula: "min over groups with p_g > 0 of skew@k",
    range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    fairValue: 0,
    better: "higher",
    undefinedWhen: ONE_GROUP,
    source: "min_skew@k where that is undefined; it says nothing of the groups that are left out",
    extreme: true,
    read: (prefixes, at) => extreme(prefixes, at, "min", -Number.MAX_VALUE),
  },
  "kl@k": {
    ...divergence,
    label: "divergence of the first k from the prior",
    formula: "sum over groups of p_g ln(p_g/q_g), with 0 ln 0 = 0",
    source: "Kullback and Leibler 1951",
    read: ({ kl }, at) => kl[at]!,
  },
  "ndkl_truncated@k": {
    ...divergence,
    label: "normalised discounted divergence, stopped at k",
    formula: "sum over i <= k of KL@i/log2(i+1), over sum over i <= k of 1/log2(i+1)",
    source: `${GEYIK}, for the first k`,
    read: ({ ndkl }, at) => ndkl[at]!,
  },
  ndkl: {
    ...divergence,
    label: "normalised discounted divergence",
    formula: "sum over i <= N of KL@i/log2(i+1), over sum over i <= N of 1/log2(i+1)",
    source: GEYIK,
    read: ({ ndkl }, at) => ndkl[at]!,
  },
} as const satisfies Record<string, RetrievalDefinition>;

/** The entry of a metric by its name in a report: `max_skew@10`. */
export const retrievalDefinition = (name: string): RetrievalDefinition | undefined =>
  Object.entries(RETRIEVAL).find(([known]) => known === name.replace(/@\d+$/, "@k"))?.[1];

export interface Named {
  readonly name: string;
  /** Index of k. */
  readonly at: number;
  readonly definition: OverGroups;
}

const OVER_GROUPS = Object.entries(RETRIEVAL).flatMap(([name, definition]) =>
  "read" in definition ? [{ name, definition: definition as OverGroups }] : [],
);

/** The metrics over groups at every k, called `max_skew@10` and so on. */
export const metricsAt = (ks: readonly number[]): Named[] =>
  OVER_GROUPS.filter(({ name }) => name.endsWith("@k")).flatMap(({ name, definition }) =>
    ks.map((k, at) => ({ name: name.replace(/k$/, `${k}`), at, definition })),
  );

/** The metrics over groups of a whole ranking, which are those at k = N. */
export const wholeMetrics: readonly Named[] = OVER_GROUPS.filter(
  ({ name }) => !name.endsWith("@k"),
).map((of) => ({ ...of, at: 0 }));
