/** @file Every number of a comparison by one name, so that tables, charts and statistics treat all alike. */
import {
  ATTRIBUTE_METRICS,
  BETTER,
  type CompareMetric,
  type CompareResult,
  type DoneCell,
  OVERALL_METRICS,
  type Probe,
} from "./result.ts";

type Task = CompareResult["tasks"][number];

/** A metric of test rows, or what a probe reads off the embeddings. */
export type NumberName = CompareMetric | "leakage.linear" | "leakage.nonlinear" | "utility";

interface Value {
  readonly value: number | null;
  readonly reason?: string | undefined;
}

/** One number that every cell of a task has. */
export interface NumberKey {
  readonly metric: NumberName;
  /** Attribute, intersection or concept; null for numbers of all rows. */
  readonly attribute: string | null;
  readonly better: "higher" | "lower";
  readonly value: (cell: DoneCell) => Value | undefined;
  /** The interval of the change against `base` on the same test rows, where it was resampled. */
  readonly interval: (cell: DoneCell) => readonly [number, number] | null;
  /** What a probe that reads nothing shows. */
  readonly chance: (cell: DoneCell) => number | null;
}

const ofProbe = (probe: Probe | null | undefined): Value | undefined =>
  probe ? { value: probe.balancedAccuracy, reason: probe.reason } : undefined;

const NONE = (): null => null;

const probeKey = (
  metric: NumberName,
  attribute: string,
  better: "higher" | "lower",
  of: (cell: DoneCell) => Probe | null | undefined,
): NumberKey => ({
  metric,
  attribute,
  better,
  value: (cell) => ofProbe(of(cell)),
  interval: NONE,
  chance: (cell) => of(cell)?.chance ?? null,
});

/** In the order of tables: all rows, attributes, leakage of concepts, utility. */
export const numberKeys = ({ attributes, concepts, utility }: Task): NumberKey[] => [
  ...OVERALL_METRICS.map((metric): NumberKey => ({
    metric,
    attribute: null,
    better: BETTER[metric],
    value: ({ test }) => test.overall[metric],
    interval: ({ change }) => change?.overall[metric]?.interval ?? null,
    chance: NONE,
  })),
  ...attributes.flatMap((attribute) =>
    ATTRIBUTE_METRICS.map((metric): NumberKey => ({
      metric,
      attribute,
      better: BETTER[metric],
      value: ({ test }) => test.attributes[attribute]?.[metric],
      interval: ({ change }) => change?.attributes[attribute]?.[metric]?.interval ?? null,
      chance: NONE,
    })),
  ),
  ...concepts.flatMap((concept) => [
    probeKey("leakage.linear", concept, "lower", ({ leakage }) => leakage?.[concept]?.linear),
    probeKey("leakage.nonlinear", concept, "lower", ({ leakage }) => leakage?.[concept]?.nonlinear),
  ]),
  ...utility.map((attribute) =>
    probeKey("utility", attribute, "higher", (cell) => cell.utility?.[attribute]),
  ),
];
