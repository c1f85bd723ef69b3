/** @file Published formulas are shown on request, beside the correct numbers and called what they are. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import type { Source } from "../../src/eval/report/source.ts";
import { decimal } from "../../src/report/format.ts";
import { reportHtml } from "../../src/report/html/page.ts";
import { reportMarkdown } from "../../src/report/markdown.ts";
import { subject } from "../../src/report/model.ts";
import { reportText } from "../../src/report/terminal/print.ts";
import { feasibleReport, hostileReport } from "./sample.ts";

const forms = {
  page: (report: ReturnType<typeof hostileReport>) =>
    parseHTML(reportHtml(report)).document.body.textContent,
  markdown: reportMarkdown,
  terminal: (report: ReturnType<typeof hostileReport>) =>
    reportText(report, { columns: 400, color: false, unicode: true }),
};

test("a table of predictions shows them on the terminal where they were asked for", () => {
  const report = hostileReport();
  const result = subject(report.evaluation);
  const source = {
    file: "x.csv",
    format: "csv",
    rows: 1,
    columns: {},
    threshold: null,
    leftOut: [],
    noGroup: [],
  } satisfies Source;
  const shown = (of: typeof result): string =>
    forms.terminal({ ...report, evaluation: { ...report.evaluation, result: { ...of, source } } });
  expect(shown(result)).toContain("compat.fpr_a is the published formula");
  const { compat: _, ...rest } = result;
  expect(shown(rest)).not.toContain("compat.");
});

test.each(Object.entries(forms))("%s", (_, form) => {
  expect(form(feasibleReport())).not.toContain("compat.");
  const report = hostileReport();
  const text = form(report).replace(/\s+/g, " ").replaceAll("\\", "");
  for (const name of ["compat.fpr_a", "compat.fpr_b", "compat.di"])
    expect(text).toContain(`${name} is the published formula`);
  const { rates, pairs } = subject(report.evaluation).compat!;
  const values = [...Object.values(rates), ...pairs.map((pair) => pair.values)].flatMap((of) =>
    Object.values(of),
  );
  expect(values.length).toBe(15);
  for (const value of values) expect(text).toContain(decimal(value!));
});
