/** @file A table on a terminal: as wide as it needs to be, else with narrow cells, else one row under the other. */
import { stripVTControlCharacters } from "node:util";
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

/** How a grid writes a cell. */
interface Style {
  /** Widest line of text or detail, by alignment; of a head. */
  readonly widths: Readonly<Record<Column["align"] | "head", number>>;
  /** Between text and detail. */
  readonly glue: string;
}
const WIDE: Style = { widths: { left: Infinity, right: Infinity, head: Infinity }, glue: " " };
/** Only names are broken. */
const WRAPPED: Style = { widths: { left: 20, right: Infinity, head: Infinity }, glue: " " };
/** An interval with signs takes 16 characters, the longest metric 20. */
const NARROW: Style = { widths: { left: 20, right: 16, head: 16 }, glue: "\n" };

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

/** The table in columns; null when it is wider than the terminal. */
function grid(table: Table, terminal: Terminal, { widths, glue }: Style): string[] | null {
  const colors = pc.createColors(terminal.color);
  const tones = paint(colors);
  const heads = table.columns.map(({ head }) => wrap(printable(head, terminal), widths.head));
  const drawn = new CliTable({
    chars: { ...BARE, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colAligns: table.columns.map(({ align }) => align),
  });
  const content = (cell: Cell, column: number): string => {
    const width = widths[table.columns[column]?.align ?? "left"];
    const lines = (text: string, color: (line: string) => string): string =>
      wrap(text, width).map(color).join("\n");
    return [
      lines(
        markOf(cell, terminal) + printable(cell.text, terminal),
        cell.tone ? tones[cell.tone] : String,
      ),
      ...(cell.detail ? [lines(printable(cell.detail, terminal), colors.dim)] : []),
    ].join(glue);
  };
  drawn.push(
    heads.map((lines) => lines.map((line) => colors.dim(line)).join("\n")),
    ...table.rows.map((row) => row.map(content)),
  );
  const lines = drawn.toString().split("\n");
  const width = Math.max(...lines.map((line) => stripVTControlCharacters(line).trimEnd().length));
  if (width > terminal.columns) return null;
  const rule = (terminal.unicode ? "─" : "-").repeat(width);
  const headLines = Math.max(...heads.map((head) => head.length));
  return [...lines.slice(0, headLines), colors.dim(rule), ...lines.slice(headLines)];
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
    grid(table, terminal, WIDE) ??
    grid(table, terminal, WRAPPED) ??
    grid(table, terminal, NARROW) ??
    blocks(table, terminal);
  return [
    ...wrap(printable(table.title, terminal), terminal.columns).map((line) => colors.bold(line)),
    ...body.map((line) => line.trimEnd()),
    ...table.notes.flatMap((note) =>
      wrap(printable(note, terminal), terminal.columns - 2).map((line) => colors.dim(`  ${line}`)),
    ),
  ].join("\n");
}
