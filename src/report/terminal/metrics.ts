/** @file The metrics there are, on a terminal. */
import pc from "picocolors";
import { METRIC_KINDS, METRICS, type Metric, type MetricKind } from "../../eval/metrics/all.ts";
import { type Terminal, wrap } from "./terminal.ts";

const number = (value: number): string => (Number.isFinite(value) ? `${value}` : "no limit");

/** "0 to 1, lower is better, fair at 0". */
const scaleOf = ({ range, better, fairValue }: Metric): string =>
  [
    range.map(number).join(" to "),
    ...(better === "neither" ? [] : [`${better} is better`]),
    ...(fairValue === null ? [] : [`fair at ${fairValue}`]),
  ].join(", ");

const indented = (text: string, { columns }: Terminal): string[] =>
  wrap(text, columns - 4).map((line) => `    ${line}`);

function listed(kind: MetricKind, metrics: readonly Metric[], terminal: Terminal): string {
  const colors = pc.createColors(terminal.color);
  const width = Math.max(...METRICS.map(({ name }) => name.length));
  const title = METRIC_KINDS[kind];
  const lines = metrics.flatMap((metric) => [
    `  ${colors.bold(metric.name.padEnd(width))}  ${metric.label}`,
    ...indented(metric.formula, terminal).map((line) => colors.dim(line)),
  ]);
  return [colors.bold(`${title[0]!.toUpperCase()}${title.slice(1)}`), ...lines].join("\n");
}

/** By kind: name, what it is, formula. */
export const metricsText = (metrics: readonly Metric[], terminal: Terminal): string =>
  (Object.keys(METRIC_KINDS) as MetricKind[])
    .map((kind) => [kind, metrics.filter((metric) => metric.kind === kind)] as const)
    .filter(([, of]) => of.length > 0)
    .map(([kind, of]) => listed(kind, of, terminal))
    .join("\n\n");

/** Everything about one metric. */
export function metricText(metric: Metric, terminal: Terminal): string {
  const colors = pc.createColors(terminal.color);
  return [
    `${colors.bold(metric.name)}: ${metric.label} (${METRIC_KINDS[metric.kind]})`,
    ...indented(metric.formula, terminal),
    ...indented(scaleOf(metric), terminal),
    ...indented(`undefined when: ${metric.undefinedWhen}`, terminal),
  ].join("\n");
}
