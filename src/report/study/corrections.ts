/** @file What mending the flaws of a study's strategies changed, as a table. */
import type { Change, StrategySummary } from "../../study/summary.ts";
import { count, interval, signed } from "../format.ts";
import { type Cell, type Table, type Tone, cell, left, right } from "../tables/table.ts";
import type { StudyReport } from "./model.ts";
import { levelOf } from "./tables.ts";

/** Which way each change is better. */
const BETTER: Readonly<Record<string, 1 | -1>> = {
  balanced_accuracy: 1,
  "class.tpr_gap": -1,
  "class.di": 1,
  "eo.max": -1,
};

export function changeTone({ metric, mean, interval: ends }: Change): Tone {
  if (ends === null || (ends[0] <= 0 && ends[1] >= 0)) return "unclear";
  return mean * (BETTER[metric] ?? 1) > 0 ? "better" : "worse";
}

/** "+0.036" with "[+0.012, +0.060]". */
const changeCell = (change: Change | undefined): Cell =>
  change === undefined
    ? cell("")
    : cell(signed(change.mean), interval(change.interval, signed), changeTone(change));

const CHANGES: readonly (readonly [head: string, metric: string, of: string | null])[] = [
  ["balanced accuracy", "balanced_accuracy", null],
  ["class gap", "class.tpr_gap", null],
  ["eo.max by race", "eo.max", "race"],
];

/** What mending the flaws of each strategy changed, on the same test rows. */
export const correctionTable = ({ strategies, result }: StudyReport): Table => ({
  title: "What mending the flaws changed (corrected minus compat, same test rows)",
  columns: [
    left("strategy"),
    left("mended"),
    right("test rows"),
    ...CHANGES.map(([head]) => right(head)),
  ],
  rows: strategies
    .filter(({ strategy }) => strategy.forms.compat !== null)
    .map(({ strategy, changes, shared, forms }) => {
      const has = changes.length > 0;
      const why =
        shared.problems[0] ??
        forms.compat.problems[0] ??
        forms.corrected.problems[0] ??
        "not both forms were run";
      return [
        cell(strategy.key, undefined, "strong"),
        cell(has ? strategy.mends.join("; ") : why, undefined, has ? undefined : "muted"),
        cell(shared.rows.length === 0 ? "" : count(Math.min(...shared.rows))),
        ...CHANGES.map(([, metric, of]) =>
          changeCell(changes.find((change) => change.metric === metric && change.of === of)),
        ),
      ];
    }),
  notes: [
    `Paired: both forms predicted the same rows. ${levelOf(result)} intervals: ${basisOf(strategies)}; not corrected for the number of strategies. All flaws of a strategy are mended at once.`,
  ],
});

/** Where the intervals of changes come from: seeds may fail, or all change by the same. */
function basisOf(strategies: readonly StrategySummary[]): string {
  const bases = new Set(strategies.flatMap(({ changes }) => changes.map(({ basis }) => basis)));
  const rows = "of the rows (paired bootstrap)";
  return bases.has("splits")
    ? `over the seeds' random splits (corrected resampled t, Nadeau and Bengio 2003)${bases.has("rows") ? `, or ${rows} where one seed has both forms or all changed by the same` : ""}`
    : rows;
}
