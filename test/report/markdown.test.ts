/** @file The Markdown form: whole tables, every key number, escaped text. */
import { describe, expect, it } from "vitest";
import { reportMarkdown } from "../../src/report/markdown.ts";
import { findings } from "../../src/report/findings.ts";
import { MARKS } from "../../src/report/tables/table.ts";
import { subject } from "../../src/report/model.ts";
import { printed } from "./numbers.ts";
import { feasibleReport, hostileReport, infeasibleReport } from "./sample.ts";
import { fullTable, manyGroups } from "./table-sample.ts";

const reports = {
  feasible: feasibleReport(),
  infeasible: infeasibleReport(),
  hostile: hostileReport(),
  table: fullTable(),
  many: manyGroups(),
};

/** Cells of a line of a table; an escaped border is none. */
const cells = (line: string): string[] => line.split(/(?<!\\)\|/);

describe.each(Object.entries(reports))("%s report", (_, report) => {
  const text = reportMarkdown(report);

  it("has tables whose lines all have as many cells", () => {
    const tables = text.split("\n\n").filter((block) => block.startsWith("|"));
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables) {
      const widths = new Set(table.split("\n").map((line) => cells(line).length));
      expect(widths.size).toBe(1);
    }
  });

  it("prints every gap and every overall rate", () => {
    const { overall, attributes, classGaps } = subject(report.evaluation);
    const gaps = Object.values(attributes).map((attribute) => attribute.gaps);
    const { numbers, reasons } = printed([overall, gaps, classGaps.gaps]);
    expect([...numbers].filter((number) => !text.includes(number))).toEqual([]);
    expect([...reasons].filter((reason) => !text.includes(`n/a (${reason})`))).toEqual([]);
  });

  it("ends with the command and the config", () => {
    expect(text).toContain(report.run.command);
    const { command, config } = report.run;
    expect(text.endsWith(`${config ?? `${command}\n`}\`\`\`\n`)).toBe(true);
  });
});

describe("what it says", () => {
  it("names the verdict", () => {
    expect(reportMarkdown(reports.feasible)).toContain("**FEASIBLE** on validation");
    expect(reportMarkdown(reports.infeasible)).toContain("**INFEASIBLE** on validation");
    expect(reportMarkdown(reports.hostile)).not.toContain("FEASIBLE");
  });

  it("tells what a probe finds before and after methods that change embeddings, beside chance", () => {
    const text = reportMarkdown(reports.feasible);
    const [, table = ""] = text.split("What a linear probe tells from the embeddings");
    const [rows = ""] = table.split("\n### ");
    expect(rows).toMatch(/before.*0\.842.*\[0\.822, 0\.862\]/);
    expect(rows).toMatch(/leace.*0\.211/);
    expect(rows).not.toContain("thresholds");
    expect(rows).toContain("shows 0.200 by race");
    expect(reportMarkdown(reports.infeasible)).not.toContain("linear probe");
  });

  it("has the main findings at the top, the others before the caveats, and each once", () => {
    const text = reportMarkdown(reports.table);
    const { main, more } = findings(subject(reports.table.evaluation));
    const [top = "", rest = ""] = text.split("### More findings");
    const [first = ""] = main.map((of) => of.text);
    expect(top.indexOf(first)).toBeLessThan(top.indexOf("### All rows"));
    for (const of of main) expect(top).toContain(`- ${MARKS[of.tone].unicode}`);
    expect(rest.split("### Caveats")[0]!.match(/^- /gm)).toHaveLength(more.length);
  });

  it("says what a table was read from, and its slices", () => {
    const text = reportMarkdown(reports.table);
    for (const title of ["Source", "Columns", "Rows left out", "Slices that are worse off"])
      expect(text).toContain(`### ${title}`);
    expect(text).toContain("### Scores by race");
    expect(reportMarkdown(reports.feasible)).not.toContain("### Source");
  });

  it("escapes markup of labels", () => {
    const text = reportMarkdown(reports.hostile);
    expect(text).toContain("\\<script\\>alert(1)\\</script\\>");
    expect(text).toContain("north\\|south");
    expect(text.replaceAll("\\<", "")).not.toMatch(/<(script|i|u|em|h1|img)\b/);
  });

  it("fences a config that holds fences", () => {
    const run = { ...reports.feasible.run, config: "note: |\n  ```\n  # not a heading\n" };
    expect(reportMarkdown({ ...reports.feasible, run })).toContain("````yaml\nnote: |\n  ```\n");
  });
});
