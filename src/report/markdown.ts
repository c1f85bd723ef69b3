/** @file The report as Markdown (GitHub's): the tables of the page, without its charts and pictures. */
import { caveats } from "./caveats.ts";
import { findings } from "./findings.ts";
import { constraintOf, time } from "./format.ts";
import { type RunFacts, type RunReport, subject, comparison } from "./model.ts";
import { leakageTable } from "./tables/leakage.ts";
import { changeTable, compared, isKey, methodTitle, sideBySideTable } from "./tables/comparison.ts";
import { compatTables } from "./tables/compat.ts";
import { confusionTable } from "./tables/confusion.ts";
import { constraintTable } from "./tables/constraints.ts";
import { rejectedTable, splitTable } from "./tables/data.ts";
import {
  KEY_RATES,
  classGapTables,
  gapTable,
  groupTable,
  overallTable,
} from "./tables/evaluation.ts";
import { outputTable } from "./tables/outputs.ts";
import { promptSetTable } from "./tables/prompt-sets.ts";
import { referenceTable } from "./tables/reference.ts";
import { runTable } from "./tables/run.ts";
import { type Cell, MARKS, type Table, type Tone } from "./tables/table.ts";
import { scoreTable } from "./tables/scores.ts";
import { sliceTable } from "./tables/slices.ts";
import { sourceTables } from "./tables/source.ts";
import { trajectoryTable } from "./tables/trajectory.ts";
import { verdictOf } from "./verdict.ts";

const MOST_REJECTED = 100;

/** Between a sign and what follows it: nobody is called and no issue is linked. */
const APART = "&#8203;";

/** Text that GitHub's and GitLab's Markdown leave as it is: no markup, entities, cell borders, links, mentions, formulas. */
export const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\s]+/gu, " ")
    .replace(/[\\`*<>|~]/g, "\\$&")
    .replace(/(?<!\w)_|_(?!\w)/g, "\\_")
    .replace(/\](?=[([:])/g, "\\]")
    .replace(/&(?=#?\w+;)/g, "&amp;")
    .replace(/:(?=\/\/)|(?<=\bwww)\./gi, "\\$&")
    .replace(/@(?=\w)|(?<!\w)[#!](?=\d)/g, `$&${APART}`)
    .replace(/\$/g, () => "<span>$</span>");

const cellText = ({ text, detail, tone }: Cell): string =>
  `${tone ? MARKS[tone].unicode : ""}${plain([text, detail ?? ""].filter(Boolean).join(" "))}`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

export const list = (texts: readonly string[]): string =>
  texts.map((text) => `- ${plain(text)}`).join("\n");

/** Sentences with their marks. */
export const findingList = (
  of: readonly { readonly tone: Tone; readonly text: string }[],
): string => of.map(({ tone, text }) => `- ${MARKS[tone].unicode}${plain(text)}`).join("\n");

/** The rows and columns alone. */
export const gridMarkdown = ({ columns, rows }: Table): string =>
  [
    line(columns.map(({ head }) => plain(head))),
    line(columns.map(({ align }) => (align === "right" ? "---:" : "---"))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join("\n");

export const tableMarkdown = (table: Table): string =>
  [`### ${plain(table.title)}`, gridMarkdown(table), list(table.notes)]
    .filter(Boolean)
    .join("\n\n");

/** A block that ends only at a longer fence than any inside it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** The last blocks of every document. */
export const runAgain = ({ command, config }: RunFacts): string[] => [
  "### Run it again",
  fenced(command, "sh"),
  ...(config === null ? [] : [fenced(config, "yaml")]),
];

function verdictMarkdown({ trajectory }: RunReport): string {
  if (!trajectory) return "";
  const rules = trajectory.constraints.map(constraintOf).join(" and ");
  const verdict = verdictOf(trajectory);
  return `**${verdict.toUpperCase()}** on validation${rules ? ` (${plain(rules)})` : ""}: epoch ${trajectory.selected} is kept.`;
}

/** The whole document. Every text in it is escaped: labels and file names come from users. */
export function reportMarkdown(report: RunReport): string {
  const { data, trajectory, evaluation, run } = report;
  const measured = subject(evaluation);
  const of = comparison(evaluation);
  const { serious, other } = caveats(report);
  const { slices } = measured;
  const { main, more } = findings(measured);
  const rejected = data && rejectedTable(data, MOST_REJECTED);
  const tables: readonly (Table | null)[] = [
    trajectory && trajectory.constraints.length > 0
      ? constraintTable(trajectory, evaluation)
      : null,
    trajectory && trajectoryTable(trajectory),
    overallTable(measured.overall),
    confusionTable("Confusion", measured.classes, measured.confusion),
    ...Object.entries(measured.attributes).flatMap(([name, attribute]) => [
      groupTable(name, attribute, measured.overall, KEY_RATES),
      gapTable(`Gaps by ${name}`, attribute.gaps),
      scoreTable(name, attribute, measured.overall),
      ...(attribute.reference ? [referenceTable(name, attribute.reference, KEY_RATES)] : []),
    ]),
    ...classGapTables(measured.classGaps),
    ...compatTables(measured),
    promptSetTable(report),
    outputTable(report),
    sideBySideTable(evaluation),
    leakageTable(evaluation),
    ...Object.keys(of?.after ?? {}).map((method) =>
      changeTable(methodTitle(method, evaluation), of ? compared(of, method).filter(isKey) : []),
    ),
    slices ? sliceTable(slices) : null,
    data && splitTable(data),
    ...(measured.source ? sourceTables(measured.source, measured.n) : []),
    rejected,
    runTable(run),
  ];
  return `${[
    `# ${plain(report.title)}`,
    `${plain(report.target)}, ${plain(evaluation.data)}, ${time(run.finished)}`,
    verdictMarkdown(report),
    list(serious),
    ...(main.length > 0 ? ["### Findings", findingList(main)] : []),
    ...tables.filter((table) => table !== null).map(tableMarkdown),
    ...(more.length > 0 ? ["### More findings", findingList(more)] : []),
    ...(other.length > 0 ? ["### Caveats", list(other)] : []),
    ...runAgain(run),
  ]
    .filter(Boolean)
    .join("\n\n")}\n`;
}
