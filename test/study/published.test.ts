/** @file The published numbers of study 001 against what its confusion matrices give (C001-32 to 36). */
import { expect, test } from "vitest";
import type { Matrix, Printed, PublishedRun } from "../../src/study/printed.ts";
import { CLASSES } from "../../src/study/printed.ts";
import { PUBLISHED, publishedReport, studyNumber } from "../../src/study/published.ts";
import { POINT_ONLY } from "../eval/tables.ts";

const nameOf = ({ strategy, run, target }: PublishedRun): string =>
  [strategy, target, run].filter(Boolean).join(", ");
const MEASURED = PUBLISHED.filter(({ matrix }) => matrix !== null).map((run) => ({
  name: nameOf(run),
  run,
  report: publishedReport(run, POINT_ONLY)!,
}));

/** Whether a number prints as `text`: rounded, or cut off as the study's report does. */
function printsAs(value: number, text: string): boolean {
  const digits = text.split(".")[1]!.length;
  const [unit, least] = [10 ** -digits, 1e-15]; // digits beyond a double's are no difference
  return (
    Math.abs(value - Number(text)) <= unit / 2 + least ||
    (value >= Number(text) && value < Number(text) + unit)
  );
}
const textsOf = ({ report, code }: Printed): string[] =>
  [report, code].filter((text) => text !== undefined);

test.each(MEASURED)(
  "every number of $name follows from its matrix, or says why not",
  ({ run, report }) => {
    expect(report.n).toBe(run.n);
    expect(run.matrix).toHaveLength(CLASSES[run.target].length);
    for (const printed of run.printed) {
      const value = studyNumber(report, printed)!;
      for (const text of textsOf(printed)) {
        const told = `${printed.metric} ${String(printed.of ?? "")}: printed ${text}, is ${value}`;
        expect(printsAs(value, text), told).toBe(printed.unlike === undefined);
      }
    }
  },
);

test("a run without counts gives no report, and none of its numbers is said to follow", () => {
  const bare = PUBLISHED.filter(({ matrix }) => matrix === null);
  expect(bare.map(nameOf)).toEqual([
    "ward-curated, gender",
    "serawan, gender",
    "serawan, race",
    "aghav-original, gender",
    "aghav-curated, gender",
  ]);
  for (const run of bare) {
    expect(publishedReport(run)).toBeNull();
    expect(run.printed.every(({ unlike }) => unlike !== undefined)).toBe(true);
  }
});

/** The table of 2.13: n, balanced accuracy, macro F1, TPR male and female, gap, recall ratio, M-17. */
const ONE_BASIS: Readonly<Record<string, string>> = {
  "ward-original, gender": "1241 0.8261 0.8190 0.8780 0.7743 0.1037 0.8819 0.6816",
  "tripathi, gender": "5927 0.8858 0.8852 0.8743 0.8974 0.0231 0.9742 0.8824",
  "aghav-original, gender, later run": "4742 0.9308 0.9314 0.9514 0.9102 0.0412 0.9567 0.9615",
  "clip-zeroshot, gender": "4742 0.9570 0.9567 0.9516 0.9625 0.0109 0.9887 0.9033",
  "clip-contrastive-original, gender": "4741 0.9597 0.9580 0.9225 0.9969 0.0744 0.9254 0.8451",
  "clip-contrastive-curated, gender": "3753 0.9131 0.9133 0.9389 0.8874 0.0515 0.9452 0.9661",
  "clip-constrained, gender": "4745 0.9291 0.9287 0.9214 0.9368 0.0154 0.9835 0.8975",
  "clip-subspace, gender": "4741 0.7785 0.7790 0.8165 0.7405 0.0760 0.9070 0.9940",
};

test("the table of 2.13, to 4 decimals", () => {
  const columns: readonly Pick<Printed, "metric" | "of">[] = [
    { metric: "balanced_accuracy" },
    { metric: "macro_f1" },
    { metric: "recall", of: "male" },
    { metric: "recall", of: "female" },
    { metric: "class.tpr_gap" },
    { metric: "class.di" },
    { metric: "compat.di", of: ["male", "female"] },
  ];
  const rows = MEASURED.filter(({ run }) => run.target === "gender").map(({ name, report }) => [
    name,
    [report.n, ...columns.map((column) => studyNumber(report, column)!.toFixed(4))].join(" "),
  ]);
  expect(Object.fromEntries(rows)).toMatchObject(ONE_BASIS);
});

test("a measure of one class or of two is not read without it", () => {
  const { report } = MEASURED[0]!;
  expect(() => studyNumber(report, { metric: "recall" })).toThrow("recall is of one class");
  expect(() => studyNumber(report, { metric: "compat.di" })).toThrow("compat.di is of two classes");
});

test("what has nothing to divide by is null", () => {
  const matrix: Matrix = [
    [0, 0],
    [0, 3],
  ];
  const report = publishedReport({ target: "gender", matrix }, POINT_ONLY)!;
  const of = "male";
  for (const metric of ["recall", "precision", "f1"] as const)
    expect(studyNumber(report, { metric, of })).toBeNull();
  expect(studyNumber(report, { metric: "macro_f1" })).toBeNull();
});
