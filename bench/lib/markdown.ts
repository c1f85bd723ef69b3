/** @file The findings of a comparison as Markdown, which is also what the terminal shows. */
import type { Bench, Claim, Comparison, Findings, Line } from "./comparison.ts";
import type { MachineFacts } from "./machine.ts";
import { ratios, summarize } from "./statistics.ts";

const SMALLER = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
] as const;

/** Three digits: `2.41 ms`, `8.41 s`, `1,240 MiB`. */
export function quantity(value: number, unit: Line["unit"]): string {
  if (unit === "MiB") return `${digits(value)} MiB`;
  if (value === 0) return "0 s";
  const [scale, name] = SMALLER.find(([scale]) => value >= scale) ?? SMALLER.at(-1)!;
  return `${digits(value / scale)} ${name}`;
}

/** Three of them. */
export const digits = (value: number): string =>
  Number(value.toPrecision(3)).toLocaleString("en", {
    minimumFractionDigits: value < 10 ? 2 : value < 99.95 ? 1 : 0,
  });

const CLOCKS = { wall: "time", cpu: "processor time" } as const;

const HEADER = ["", "equiclip", "best", "PEER", "best", "ratio", "spread"] as const;

function cells({ what, beside, unit, ours, peer }: Line): string[] {
  const side = (values: readonly number[] | null): string[] => {
    if (values === null) return ["", ""];
    const { median, least } = summarize(values);
    return [quantity(median, unit), quantity(least, unit)];
  };
  const ratio = peer && ratios(ours, peer);
  return [
    beside === undefined ? what : `${what}; ${beside}`,
    ...side(ours),
    ...side(peer),
    ...(ratio
      ? [digits(ratio.median), `${digits(ratio.least)} to ${digits(ratio.most)}`]
      : ["", ""]),
  ];
}

/** A Markdown table whose columns line up; the first `words` to the left, numbers to the right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  words = 1,
): string {
  const widths = header.map((_, c) =>
    Math.max(3, ...[header, ...rows].map((row) => row[c]!.length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, c) => (c < words ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))).join(" | ")} |`;
  const rule = widths.map((width, c) =>
    c < words ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(header), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

export function findingsMarkdown(
  { title, peer }: Pick<Comparison, "title" | "peer">,
  { lines, claims, notes = [], versions }: Findings,
  machine: MachineFacts,
  { rounds, clock }: Pick<Bench, "rounds" | "clock">,
): string {
  const { cpu, cores, memoryGiB, platform, node, load } = machine;
  const libraries = Object.entries({ equiclip: machine.equiclip, Node: node, ...versions })
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  const header = HEADER.map((name) => (name === "PEER" ? peer : name));
  return [
    `## ${title}`,
    `${cores} cores (${cpu}), ${memoryGiB} GiB, ${platform}, load ${load} at the start; ${libraries}. ${rounds} rounds, each side in turn: the median of ${CLOCKS[clock]}, the best, and the ratio of both sides with its least and most.`,
    table(header, lines.map(cells)),
    [...claims.map(claim), ...notes.map((note) => `- ${note}`)].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const claim = ({ text, holds }: Claim): string =>
  `- ${holds ? "holds" : "**does not hold**"}: ${text}`;
