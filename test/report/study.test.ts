/** @file A study as people read it. */
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { correctionTable } from "../../src/report/study/corrections.ts";
import { studyFindings } from "../../src/report/study/findings.ts";
import { studyMarkdown } from "../../src/report/study/markdown.ts";
import { type StudyReport, lineNumber } from "../../src/report/study/model.ts";
import { studyHtml } from "../../src/report/study/page.ts";
import { reproductionTable } from "../../src/report/study/runs.ts";
import { strategyTable } from "../../src/report/study/tables.ts";
import { studyText } from "../../src/report/study/text.ts";
import type { StudyResult } from "../../src/study/result.ts";
import { summarise } from "../../src/study/summary.ts";
import { measure } from "../../src/study/numbers.ts";
import { WITH_MATRIX, publishedStudy, rowsOf } from "../study/runs.ts";
import { feasibleReport } from "./sample.ts";

function reportOf(result: StudyResult): StudyReport {
  return { title: "Study 001", run: feasibleReport().run, result, strategies: summarise(result) };
}
const REPORT = reportOf(publishedStudy());
const WARD = WITH_MATRIX.find(({ strategy }) => strategy === "ward-original")!;

test("the table has the study's form beside what was published, and nothing where nothing was run", () => {
  const { rows } = strategyTable(REPORT);
  const texts = rows.map(([name, form, , accuracy]) => [name!.text, form!.text, accuracy!.text]);
  expect(texts.slice(0, 2)).toEqual([
    ["ward-original", "compat", "0.826"],
    ["", "published", "0.826"],
  ]);
});

test("a mean over fewer seeds than were asked for says of how many it is, and whose lines are whose", () => {
  const { result } = REPORT;
  const runs = result.runs.map((run) =>
    run.strategy === "ward-original" && run.seed > 0
      ? {
          strategy: run.strategy,
          form: run.form,
          seed: run.seed,
          status: "failed" as const,
          reason: "no",
        }
      : run,
  );
  const report = reportOf({ ...result, runs });
  const notes = strategyTable(report).rows.map(([name, form]) => [
    name!.text,
    form!.text,
    form!.detail,
  ]);
  expect(notes[0]).toEqual(["ward-original", "compat", "1 of 3 seeds"]);
  expect(notes.find(([name]) => name === "tripathi")![2] ?? "").toBe("");
});

test("test rows stand beside the numbers, and few of them are told of first", () => {
  const { columns, rows } = strategyTable(REPORT);
  const place = columns.findIndex(({ head }) => head === "test rows");
  expect(rows.slice(0, 2).map((row) => row[place]!.text)).toEqual(["1,241", "1,241"]);
  expect(studyFindings(REPORT)[0]!.text).not.toMatch(/test rows/);
  const runs = REPORT.result.runs.map((run) => ({ ...run, n: 10 }));
  expect(studyFindings(reportOf({ ...REPORT.result, runs }))[0]!.text).toMatch(
    /^As few as 10 test rows/,
  );
});

/** The study with other runs of one seed: what they predicted of 100 men and 100 women. */
const withMatrix = (strategy: string, matrix: readonly (readonly number[])[]): StudyReport => {
  const { result } = REPORT;
  const of = measure(rowsOf({ ...WARD, matrix }), "gender", { replicates: 100, seed: 0 });
  const runs = result.runs.map((run) =>
    run.strategy === strategy && run.seed === 0 ? { ...run, ...of } : run,
  );
  return reportOf({ ...result, runs });
};
const textOf = (report: StudyReport): string =>
  studyFindings(report)
    .map(({ text }) => text)
    .join("\n");

test("a run that says one class of every row, or guesses, is said to have learnt nothing", () => {
  expect(textOf(REPORT)).not.toMatch(/One class|guessing/);
  const constant = [
    [0, 100],
    [0, 100],
  ];
  expect(textOf(withMatrix("tripathi", constant))).toMatch(
    /One class for every test row: tripathi \(compat in 1 of 3 seeds\)\. .*eo\.max of 0 is no fairness/,
  );
  const guess = [
    [52, 48],
    [50, 50],
  ];
  expect(textOf(withMatrix("tripathi", guess))).toMatch(
    /No better than guessing.*: tripathi \(compat in 1 of 3 seeds\)\.$/m,
  );
});

test("of one seed the table has the interval of its test rows", () => {
  const { result } = withMatrix("ward-original", [
    [80, 20],
    [10, 90],
  ]);
  const runs = result.runs.filter(({ seed }) => seed === 0);
  const { rows, notes } = strategyTable(reportOf({ ...result, seeds: [0], runs }));
  expect(rows[0]![3]).toMatchObject({
    text: "0.850",
    detail: expect.stringMatching(/^\[0\.7.*\]$/),
  });
  const one = reportOf({ ...result, strategies: ["ward-original"], seeds: [0], runs });
  expect(studyMarkdown(one)).toContain("1 strategy, seed 0, ");
  expect(notes[0]).toMatch(/^One seed, with the 95% interval of its test rows/);
});

test("where intervals of changes come from is said as it is, not by how many seeds were asked for", () => {
  const change = (seed: number) => ({
    strategy: "tripathi",
    seed,
    rows: 100,
    numbers: [
      {
        metric: "balanced_accuracy",
        of: null,
        value: 0.01 * (1 + seed),
        interval: [0, 0.1] as [number, number],
      },
    ],
  });
  const noteOf = (seeds: readonly number[]) =>
    correctionTable(reportOf({ ...REPORT.result, corrections: seeds.map(change) })).notes[0];
  expect(noteOf([0])).toMatch(/intervals: of the rows \(paired bootstrap\); not/);
  expect(noteOf([0, 1])).toMatch(/intervals: over the seeds' random splits .*2003\); not/);
});

test("what is compared is called by its form", () => {
  expect(reproductionTable(REPORT).notes!.join(" ")).toMatch(/Serawan.*corrected/);
});

test("where M-17 says the opposite of the recall ratio, it is said, as are reproductions", () => {
  const runs = REPORT.result.runs.map((run) => ({ ...run, form: "corrected" as const }));
  const findings = studyFindings(reportOf({ ...REPORT.result, runs }));
  expect(findings.map(({ text }) => text).join(" ")).toMatch(
    /M-17 says the opposite .*ward-original \(0\.682, recall ratio 0\.882\)/,
  );
  const reproduced = studyFindings(REPORT)[0]!.text;
  expect(reproduced).toMatch(/^Reproduced: ward-original \(0\.000\), .* and clip-zeroshot/);
});

test("the page has a bar for every number, and escapes names", () => {
  const failed = {
    strategy: "serawan",
    form: "compat" as const,
    seed: 0,
    status: "failed" as const,
    reason: "<b>no</b>",
  };
  const { result } = REPORT;
  const page = studyHtml(
    reportOf({
      ...result,
      strategies: [...result.strategies, "serawan"],
      runs: [...result.runs, failed],
    }),
  );
  expect(page).not.toContain("<b>no</b>");
  const { document } = parseHTML(page);
  expect([...document.querySelectorAll("section")].map(({ id }) => id)).toEqual([
    "findings",
    "strategies",
    "reproduced",
    "flaws",
    "runs",
    "run",
  ]);
  const [bias] = document.querySelectorAll("figure");
  expect(bias!.textContent).toContain("ward-original");
  expect(studyMarkdown(REPORT)).toContain("| ward-original | compat |");
});

test("bars are as long as their values, however low", () => {
  const of = withMatrix("clip-subspace", [
    [30, 70],
    [90, 10],
  ]).result;
  const runs = of.runs.filter(({ seed }) => seed === 0);
  const { document } = parseHTML(studyHtml(reportOf({ ...of, seeds: [0], runs })));
  const figure = [...document.querySelectorAll("figure")].find((figure) =>
    figure.textContent!.trim().startsWith("Balanced accuracy"),
  )!;
  const widths = [...figure.querySelectorAll("[aria-label=bar] rect")].map((bar) =>
    Number(bar.getAttribute("width")),
  );
  const all = reportOf({ ...of, seeds: [0], runs }).strategies;
  const values = all.flatMap((summary) =>
    ["compat", "published"].map(
      (line) => lineNumber(summary, line as "compat", "balanced_accuracy")!.mean!,
    ),
  );
  expect(Math.min(...values)).toBeCloseTo(0.2, 12);
  const scale = Math.max(...widths) / Math.max(...values);
  expect(widths.map((width) => width / scale).toSorted()).toEqual(
    values.toSorted().map((value) => expect.closeTo(value, 3)),
  );
});

test("what is published and cannot all be true is told of", () => {
  const notes = reproductionTable(REPORT).notes.filter((note) => /contradicts itself/.test(note));
  expect(notes).toHaveLength(5);
  expect(notes[0]).toMatch(/^What is published of clip-zeroshot .* 0\.9581, and is 0\.9570 by/);
});

test.each([60, 80, 120])("a terminal of %i columns is wide enough", (columns) => {
  const text = studyText(REPORT, { columns, color: false, unicode: true });
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(columns);
});
