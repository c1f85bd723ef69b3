/** @file Findings on a terminal, and with them all that is printed of a table of predictions. */
import pc from "picocolors";
import { type Finding, type Findings, findings } from "../findings.ts";
import { type RunReport, subject } from "../model.ts";
import { caveats } from "../caveats.ts";
import { count } from "../format.ts";
import { sideBySideTable } from "../tables/comparison.ts";
import { compactTable } from "../tables/compact.ts";
import { compatTables } from "../tables/compat.ts";
import { compactSliceTable } from "../tables/slices.ts";
import { MARKS } from "../tables/table.ts";
import { tableText } from "./table.ts";
import { type Terminal, printable, wrap } from "./terminal.ts";

/** A sentence and how it is to be read. */
interface Said {
  readonly tone: Finding["tone"] | "better";
  readonly text: string;
}

const PLAIN: Readonly<Record<Said["tone"], string>> = {
  better: "+ ",
  worse: "! ",
  unclear: "? ",
  muted: "- ",
};

/** Lines of a paragraph that hang behind their mark. */
export function bullet(mark: string, text: string, terminal: Terminal): string[] {
  return wrap(printable(text, terminal), terminal.columns - mark.length).map(
    (line, i) => (i === 0 ? mark : " ".repeat(mark.length)) + line,
  );
}

/** Sentences with their marks. */
export function findingText(of: readonly Said[], terminal: Terminal): string {
  const colors = pc.createColors(terminal.color);
  const paint = { better: colors.green, worse: colors.red, unclear: String, muted: colors.dim };
  return of
    .flatMap(({ tone, text }) => {
      const mark = (terminal.unicode && MARKS[tone].unicode) || PLAIN[tone];
      const [first = "", ...rest] = bullet(mark, text, terminal);
      return [paint[tone](mark) + first.slice(mark.length), ...rest];
    })
    .join("\n");
}

/** The main findings, and how many more there are. */
export function findingsText({ main, more }: Findings, terminal: Terminal): string {
  const colors = pc.createColors(terminal.color);
  const rest =
    more.length === 0
      ? []
      : wrap(`${count(more.length)} more findings are in the report.`, terminal.columns).map(
          colors.dim,
        );
  const lines = main.length === 0 ? [] : [findingText(main, terminal)];
  return [colors.bold("Findings"), ...lines, ...rest].join("\n");
}

/** Findings first, then a small table an attribute, and `compat` where it was asked for: all else is in the report. */
export function predictionsText(report: RunReport, terminal: Terminal): string {
  const measured = subject(report.evaluation);
  const { serious } = caveats(report);
  const slices = measured.slices ? compactSliceTable(measured.slices) : null;
  const changes = sideBySideTable(report.evaluation);
  return [
    ...serious.map((text) => bullet("! ", text, terminal).join("\n")),
    findingsText(findings(measured), terminal),
    ...Object.entries(measured.attributes).map(([name, attribute]) =>
      tableText(compactTable(name, attribute, measured), terminal),
    ),
    ...(slices ? [tableText(slices, terminal)] : []),
    ...(changes ? [tableText(changes, terminal)] : []),
    ...compatTables(measured).map((table) => tableText(table, terminal)),
  ].join("\n\n");
}
