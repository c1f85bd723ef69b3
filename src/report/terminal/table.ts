/** @file A table on a terminal: as wide as it needs to be, else with narrow cells, else one row under the other. */
import CliTable from "cli-table3";
import pc from "picocolors";
import { type Cell, type Column, MARKS, type Table, type Tone } from "../tables/table.ts";
import { type Terminal, printable, wrap } from "./terminal.ts";

type Colors = ReturnType<typeof pc.createColors>;

const paint = (colors: Colors): Readonly<Record<Tone, (text: string) => string>> => ({
  better: colors.green,
  worse: colors.red,
  met: colors.green,
  broken: colors.red,
  unclear: (text) => text,
  muted: colors.dim,
  strong: colors.bold,
});

/** Widest line of a narrow cell: an interval with signs takes 16, the longest metric 20. */
const NARROW = { left: 20, right: 16 } as const;
const NARROW_HEAD = 12;

/** How a cell is laid out: lines of text, lines of detail. */
type Layout = (
  text: string,
  detail: string,
  align: Column["align"],
) => readonly [text: string[], detail: string[]];

const WIDE: Layout = (text, detail) => [[text], detail === "" ? [] : [detail]];
const NARROWED: Layout = (text, detail, align) => [
  wrap(text, NARROW[align]),
  detail === "" ? [] : wrap(detail, NARROW[align]),
];

const BARE = Object.fromEntries(
  (
    "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right " +
    "left left-mid mid mid-mid right right-mid"
  )
    .split(" ")
    .map((name) => [name, ""]),
);

const markOf = ({ tone }: Cell, { unicode }: Terminal): string =>
  tone ? MARKS[tone][unicode ? "unicode" : "ascii"] : "";

interface Style {
  readonly layout: Layout;
  /** Between text and detail. */
  readonly glue: string;
  readonly headWidth: number;
}
const STYLES: readonly Style[] = [
  { layout: WIDE, glue: " ", headWidth: Infinity },
  { layout: NARROWED, glue: "\n", headWidth: NARROW_HEAD },
];

/** The table in columns; null when it is wider than the terminal. */
function grid(table: Table, terminal: Terminal, style: Style): string[] | null {
  const { layout, glue, headWidth } = style;
  const colors = pc.createColors(terminal.color);
  const tones = paint(colors);
  const heads = table.columns.map(({ head }) => wrap(printable(head, terminal), headWidth));
  const drawn = new CliTable({
    chars: { ...BARE, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colAligns: table.columns.map(({ align }) => align),
  });
  const content = (cell: Cell, column: number): string => {
    const mark = markOf(cell, terminal);
    const [text, detail] = layout(
      mark + printable(cell.text, terminal),
      printable(cell.detail ?? "", terminal),
      table.columns[column]?.align ?? "left",
    );
    const color = cell.tone ? tones[cell.tone] : (line: string) => line;
    return [
      text.map((line) => color(line)).join("\n"),
      ...(detail.length > 0 ? [detail.map((line) => colors.dim(line)).join("\n")] : []),
    ].join(glue);
  };
  drawn.push(
    heads.map((lines) => lines.map((line) => colors.dim(line)).join("\n")),
    ...table.rows.map((row) => row.map(content)),
  );
  const lines = drawn.toString().split("\n");
  if (drawn.width > terminal.columns) return null;
  const rule = (terminal.unicode ? "─" : "-").repeat(drawn.width);
  const headLines = Math.max(...heads.map((head) => head.length));
  const hasHead = table.columns.some(({ head }) => head !== "");
  return hasHead
    ? [...lines.slice(0, headLines), colors.dim(rule), ...lines.slice(headLines)]
    : lines.slice(headLines);
}

/** Each row as a block: its first cell, then a line a column. */
function blocks(table: Table, terminal: Terminal): string[] {
  const colors = pc.createColors(terminal.color);
  return table.rows.flatMap((row) =>
    row.flatMap((cell, i) => {
      const value = [cell.text, cell.detail ?? ""].filter(Boolean).join(" ");
      const head = table.columns[i]?.head ?? "";
      const text = `${head === "" || i === 0 ? "" : `${head}: `}${markOf(cell, terminal)}${value}`;
      if (value === "" && i > 0) return [];
      const indent = i === 0 ? "" : "  ";
      const lines = wrap(printable(text, terminal), terminal.columns - 2 - indent.length);
      return lines.map((line, l) =>
        i === 0 ? colors.bold(line) : `${indent}${l > 0 ? "  " : ""}${line}`,
      );
    }),
  );
}

/** The table with its title and notes; no line is wider than the terminal, and no number is left out. */
export function tableText(table: Table, terminal: Terminal): string {
  const colors = pc.createColors(terminal.color);
  const body =
    STYLES.map((style) => grid(table, terminal, style)).find((lines) => lines !== null) ??
    blocks(table, terminal);
  return [
    ...wrap(printable(table.title, terminal), terminal.columns).map((line) => colors.bold(line)),
    ...body.map((line) => line.trimEnd()),
    ...table.notes.flatMap((note) =>
      wrap(printable(note, terminal), terminal.columns - 2).map((line) => colors.dim(`  ${line}`)),
    ),
  ].join("\n");
}
