/** @file What comparisons found, kept together: the file of `--json`, and one table of everything that has a target. */
import type { Bench, Findings, Line, Target } from "./comparison.ts";
import type { MachineFacts } from "./machine.ts";
import { digits, quantity, table } from "./markdown.ts";
import { ratios, summarize } from "./statistics.ts";

/** A comparison, on which machine, and what came out. */
export interface Found extends Findings, Pick<Bench, "rounds" | "clock" | "quick"> {
  readonly name: string;
  readonly title: string;
  readonly peer: string;
  readonly date: string;
  readonly machine: MachineFacts;
}

export interface Results {
  readonly comparisons: readonly Found[];
}

/** With a comparison's findings in place of its older ones. */
export function merged({ comparisons }: Results, found: Found): Results {
  const at = comparisons.findIndex(({ name }) => name === found.name);
  return { comparisons: at < 0 ? [...comparisons, found] : comparisons.with(at, found) };
}

/** What a line came to: the ratio of both sides' medians by round where there is a peer. */
function reached({ ours, peer }: Line, target: Target): boolean {
  if ("atMost" in target) return summarize(ours).median <= target.atMost;
  return peer !== null && ratios(ours, peer).median >= target.ratio;
}

const shown = (target: Target, unit: Line["unit"]): string =>
  "ratio" in target ? `>= ${digits(target.ratio)}` : `<= ${quantity(target.atMost, unit)}`;

const HEADER = ["work", "beside", "peer", "equiclip", "ratio", "spread", "target", "met"] as const;

/** One row for each line that has a target: medians, the ratio by round, and whether it is met. Null without any. */
export function targetsMarkdown(comparisons: readonly Found[]): string | null {
  const rows = comparisons.flatMap(({ lines, peer: library }) =>
    lines.flatMap((line) => {
      const { what, beside, unit, ours, peer, target } = line;
      if (!target) return [];
      const ratio = peer && ratios(ours, peer);
      return [
        [
          what,
          [library, beside].filter(Boolean).join(", "),
          peer ? quantity(summarize(peer).median, unit) : "",
          quantity(summarize(ours).median, unit),
          ratio ? digits(ratio.median) : "",
          ratio ? `${digits(ratio.least)} to ${digits(ratio.most)}` : "",
          shown(target, unit),
          reached(line, target) ? "yes" : "**no**",
        ],
      ];
    }),
  );
  return rows.length === 0 ? null : table(HEADER, rows, 2);
}
