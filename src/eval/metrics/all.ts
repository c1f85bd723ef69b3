/** @file Every metric there is, from the tables that compute them. */
import { COMPAT } from "./compat.ts";
import { CLASS_GAPS, type GapDefinition, GAPS, SCORE_GAPS } from "./gaps.ts";
import { needsOf, RATE_NAMES, RATES } from "./rates.ts";
import { PROBE_METRICS } from "../probes/metrics.ts";
import { RETRIEVAL } from "../retrieval/metrics.ts";
import { SCORE_RATES } from "./scores.ts";

/** What a metric is of. */
export const METRIC_KINDS = {
  rate: "rates of a group",
  score: "scores of a group",
  gap: "gaps between groups",
  class: "gaps between classes",
  compat: "published formulas that are not what they are called",
  retrieval: "who is found first",
  probe: "what embeddings tell of an attribute",
} as const;
export type MetricKind = keyof typeof METRIC_KINDS;

export interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly label: string;
  readonly formula: string;
  readonly range: readonly [number, number];
  /** The value of a fair model; null where there is none. */
  readonly fairValue: number | null;
  readonly better: "higher" | "lower" | "neither";
  readonly undefinedWhen: string;
}

/** An entry of a table, as far as it says. */
type Entry = Omit<Metric, "name" | "kind" | "fairValue"> & Partial<Pick<Metric, "fairValue">>;

const metrics = (kind: MetricKind, table: Readonly<Record<string, Entry>>): Metric[] =>
  Object.entries(table).map(
    ([name, { label, formula, range, fairValue = null, better, undefinedWhen }]) => ({
      name,
      kind,
      label,
      formula,
      range,
      fairValue,
      better,
      undefinedWhen,
    }),
  );

const rates = Object.fromEntries(
  RATE_NAMES.map((name) => [name, { ...RATES[name], undefinedWhen: `no ${needsOf(name)}` }]),
);
const classGaps = Object.fromEntries(
  Object.entries(CLASS_GAPS).map(([name, gap]: [string, GapDefinition]) => [
    name,
    { ...gap, undefinedWhen: gap.undefinedWhen.replaceAll("groups", "classes") },
  ]),
);
const compat = Object.fromEntries(
  Object.entries(COMPAT).map(([name, of]) => [
    name,
    { ...of, range: [0, 1] as const, better: "neither" as const },
  ]),
);

/** In the order of the documentation. Metrics of multi-class targets add `.macro` or `.worst` to a gap's name. */
export const METRICS: readonly Metric[] = [
  ...metrics("rate", rates),
  ...metrics("score", SCORE_RATES),
  ...metrics("gap", GAPS),
  ...metrics("gap", SCORE_GAPS),
  ...metrics("class", classGaps),
  ...metrics("compat", compat),
  ...metrics("retrieval", RETRIEVAL),
  ...metrics("probe", PROBE_METRICS),
];
