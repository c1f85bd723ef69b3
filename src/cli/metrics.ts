/** @file `equiclip metrics`: what can be measured, and how. */
import type { CommandModule } from "yargs";
import { METRIC_KINDS, METRICS, type MetricKind } from "../eval/metrics/all.ts";
import { metricText, metricsText } from "../report/terminal/metrics.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import { UsageError } from "../run/errors.ts";
import { jsonOption } from "./options.ts";

interface Args {
  name: string | undefined;
  kind: MetricKind | undefined;
  json: boolean | undefined;
}

/** One metric by name, also as `.macro` and `.worst` of a multi-class target and as `@10`; or all of a kind. */
function wanted({ name, kind }: Args): typeof METRICS {
  if (name === undefined)
    return METRICS.filter((metric) => kind === undefined || metric.kind === kind);
  const found = METRICS.filter(
    (metric) =>
      metric.name === name ||
      metric.name === name.replace(/\.(macro|worst)$/, "").replace(/@\d+$/, "@k"),
  );
  if (found.length > 0) return found;
  const part = name.toLowerCase();
  const near = METRICS.filter(({ name: other, label }) =>
    `${other} ${label}`.toLowerCase().includes(part),
  );
  throw new UsageError(
    `there is no metric "${name}"; ${
      near.length > 0
        ? `there is ${near.map((metric) => metric.name).join(", ")}`
        : "equiclip metrics lists all of them"
    }`,
  );
}

export const metricsCommand: CommandModule<object, Args> = {
  command: "metrics [name]",
  describe: "what can be measured: formula, range, fair value, when it is undefined",
  builder: (y) =>
    y
      .positional("name", { type: "string", describe: "one metric, such as eo.max" })
      .option("kind", {
        choices: Object.keys(METRIC_KINDS) as MetricKind[],
        describe: "only metrics of this kind",
      })
      .option("json", jsonOption)
      .example("$0 metrics", "all of them")
      .example("$0 metrics eo.max", "everything about one")
      .example("$0 metrics --kind gap", "gaps between groups"),
  handler: (args) => {
    const metrics = wanted(args);
    const terminal = terminalOf(process.stdout);
    const text =
      args.name === undefined
        ? metricsText(metrics, terminal)
        : metrics.map((metric) => metricText(metric, terminal)).join("\n\n");
    process.stdout.write(`${args.json ? JSON.stringify(metrics) : text}\n`);
  },
};
