/** @file The strategy table (C001-40, 47): the study's own from stored predictions, over seeds, and what reproduces. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readPredictions, writePredictions } from "../../src/eval/predictions-csv.ts";
import { resampledT } from "../../src/eval/uncertainty/resampled.ts";
import { StudyDocument, studyDocument } from "../../src/study/document.ts";
import { measure, pairedNumbers } from "../../src/study/numbers.ts";
import { StudyResult, numberIn } from "../../src/study/result.ts";
import { isGuess } from "../../src/study/guess.ts";
import { publishedOf } from "../../src/study/published-numbers.ts";
import { STRATEGIES } from "../../src/study/strategies.ts";
import { summarise } from "../../src/study/summary.ts";
import { WITH_MATRIX, publishedStudy, rowsOf } from "./runs.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-study-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 2.13: test n, balanced accuracy, macro F1, TPR male, TPR female, gap, recall ratio, M-17. */
const TABLE: Readonly<Record<string, readonly number[]>> = {
  "ward-original": [1241, 0.8261, 0.819, 0.878, 0.7743, 0.1037, 0.8819, 0.6816],
  tripathi: [5927, 0.8858, 0.8852, 0.8743, 0.8974, 0.0231, 0.9742, 0.8824],
  "aghav-original": [4742, 0.9308, 0.9314, 0.9514, 0.9102, 0.0412, 0.9567, 0.9615],
  "clip-zeroshot": [4742, 0.957, 0.9567, 0.9516, 0.9625, 0.0109, 0.9887, 0.9033],
  "clip-contrastive-original": [4741, 0.9597, 0.958, 0.9225, 0.9969, 0.0744, 0.9254, 0.8451],
  "clip-contrastive-curated": [3753, 0.9131, 0.9133, 0.9389, 0.8874, 0.0515, 0.9452, 0.9661],
  "clip-constrained": [4745, 0.9291, 0.9287, 0.9214, 0.9368, 0.0154, 0.9835, 0.8975],
  "clip-subspace": [4741, 0.7785, 0.779, 0.8165, 0.7405, 0.076, 0.907, 0.994],
};
const COLUMNS = [
  ["balanced_accuracy", null],
  ["macro_f1", null],
  ["recall", "male"],
  ["recall", "female"],
  ["class.tpr_gap", null],
  ["class.di", null],
  ["compat.di", null],
] as const;

test.each(WITH_MATRIX.map((run) => [run.strategy, run] as const))(
  "%s: the published table comes from stored predictions",
  async (strategy, run) => {
    const path = join(folder, `${strategy}.csv`);
    await writePredictions(path, rowsOf(run));
    const { n, numbers } = measure(await readPredictions(path), "gender", { replicates: 0 });
    const [rows, ...expected] = TABLE[strategy]!;
    expect(n).toBe(rows);
    COLUMNS.forEach(([metric, of], i) =>
      expect(numberIn(numbers, metric, of)!.value, metric).toBeCloseTo(expected[i]!, 4),
    );
  },
);

test("of race, what was published has M-17 of the widest pair too", () => {
  const of = (key: string) => publishedOf(STRATEGIES.find((strategy) => strategy.key === key)!)[0]!;
  const { numbers } = of("clip-contrastive-original-race");
  expect(numberIn(numbers, "compat.di")!.value).toBeCloseTo(0.13594, 5);
  expect(numberIn(numbers, "class.di")!.value).toBeCloseTo(0.7763, 4);
  expect(numberIn(of("clip-contrastive-curated-race").numbers, "compat.di")!.value).toBeCloseTo(
    0.5259,
    5,
  );
  expect(of("serawan-race").numbers).toEqual([
    { metric: "accuracy", of: null, value: 0.757, interval: null },
  ]);
  expect(numberIn(of("ward-original").numbers, "compat.di")!.value).toBeCloseTo(0.6815601, 6);
  expect(numberIn(of("ward-curated").numbers, "compat.di")!.value).toBe(0.719);
});

test("numbers over seeds have mean, deviation and range", () => {
  const study = publishedStudy();
  const [first] = study.runs;
  const shifted = study.runs.map((run) =>
    run.status === "done" && run.strategy === "tripathi"
      ? {
          ...run,
          numbers: run.numbers.map((number) =>
            number.metric === "class.tpr_gap" ? { ...number, value: 0.1 * run.seed } : number,
          ),
        }
      : run,
  );
  expect(first).toBeDefined();
  const tripathi = summarise({ ...study, runs: shifted }).find(
    ({ strategy }) => strategy.key === "tripathi",
  )!;
  const gap = tripathi.forms.compat.numbers.find(({ metric }) => metric === "class.tpr_gap")!;
  expect(gap.mean).toBeCloseTo(0.1, 12);
  expect(gap.sd).toBeCloseTo(0.1, 12);
  expect(gap.range).toEqual([0, 0.2]);
  expect(tripathi.forms.corrected.runs).toEqual([]);
});

const verdicts = (more: Partial<StudyResult>, seeds?: number[]) =>
  Object.fromEntries(
    summarise(publishedStudy(more, seeds)).map(({ strategy, reproduction }) => [
      strategy.key,
      reproduction,
    ]),
  );

test("what equals the published numbers reproduces, where there is a rule", () => {
  const of = verdicts({});
  expect(of["ward-original"]).toMatchObject({ verdict: "reproduced" });
  expect(of["ward-original"]!.difference).toBeCloseTo(0, 12);
  expect(of["clip-zeroshot"]!.verdict).toBe("reproduced");
  expect(of["clip-constrained"]!.verdict).toBe("no rule");
});

test("other data, weights, size or too few seeds are not comparable, and why is said", () => {
  const data = { source: "drawn", synthetic: true, files: 2000, scale: 1 };
  expect(verdicts({ data })["tripathi"]!.text).toMatch(/do not apply to drawn faces/);
  const clip = { from: "preset:small", released: false };
  expect(verdicts({ clip })["clip-zeroshot"]).toMatchObject({ verdict: "not comparable" });
  expect(verdicts({ clip })["clip-zeroshot"]!.text).toMatch(/do not apply to preset:small/);
  const small = { source: "UTKFace", synthetic: false, files: 9000, scale: 1 };
  expect(verdicts({ data: small })["tripathi"]!.text).toMatch(/9000 of the study's 23705 files/);
  expect(verdicts({}, [0])["tripathi"]!.text).toMatch(/wants 3 seeds/);
  expect(verdicts({}, [0])["clip-zeroshot"]!.verdict).toBe("reproduced");
  const trial = { source: "UTKFace", synthetic: false, files: 23_705, scale: 0.02 };
  expect(verdicts({ data: trial })["clip-zeroshot"]).toMatchObject({ verdict: "not comparable" });
});

test("another result is not reproduced", () => {
  const study = publishedStudy();
  const ward = WITH_MATRIX.find(({ strategy }) => strategy === "ward-original")!;
  const worse = measure(
    rowsOf({
      ...ward,
      matrix: [
        [400, 141],
        [200, 500],
      ],
    }),
    "gender",
    {
      replicates: 0,
    },
  );
  const runs = study.runs.map((run) =>
    run.status === "done" && run.strategy === "ward-original" ? { ...run, ...worse } : run,
  );
  const [first] = summarise({ ...study, runs });
  expect(first!.reproduction).toMatchObject({ verdict: "not reproduced" });
});

test("a correction is measured on the rows that both forms have, paired", () => {
  const tripathi = rowsOf(WITH_MATRIX.find(({ strategy }) => strategy === "tripathi")!);
  const right = { ...tripathi, predicted: tripathi.truth };
  const { rows, numbers } = pairedNumbers(tripathi, right, "gender", { replicates: 200, seed: 0 });
  expect(rows).toBe(5927);
  const change = numberIn(numbers, "balanced_accuracy")!;
  expect(change.value).toBeCloseTo(1 - 0.8858, 4);
  expect(change.interval![0]).toBeGreaterThan(0.1);
  expect(change.interval![1]).toBeLessThan(0.13);
  expect(numberIn(numbers, "class.tpr_gap")!.interval).not.toBeNull();
  const others = { ...right, ids: right.ids!.map((id) => `other-${id}`) };
  expect(pairedNumbers(tripathi, others, "gender", { replicates: 0 })).toMatchObject({
    rows: 0,
    numbers: [],
    reason: "only 0 test rows are the same",
  });
});

test("over seeds a change is as sure as splits that share rows make it, however few of them are trained on", () => {
  const values = [0.01, 0.02, 0.04];
  const corrections = values.map((value, seed) => ({
    strategy: "tripathi",
    seed,
    rows: 100,
    numbers: [{ metric: "accuracy", of: null, value, interval: null }],
  }));
  const of = publishedStudy({ corrections });
  const runs = of.runs.map((run) => ({ ...run, form: "corrected" as const, trained: null }));
  const { changes } = summarise({ ...of, runs }).find(
    ({ strategy }) => strategy.key === "tripathi",
  )!;
  // a fifth is test, so that test rows are a quarter of the others
  expect(changes[0]).toMatchObject({ basis: "splits", ...resampledT(values, 0.25, 0.95) });
});

test("a guess is one among the classes that there are test rows of", () => {
  const of = (confusion: number[][], low: number) => ({
    classes: ["a", "b", "c"],
    confusion,
    numbers: [
      {
        metric: "balanced_accuracy",
        of: null,
        value: low + 0.1,
        interval: [low, low + 0.2] as [number, number],
      },
    ],
  });
  const [two, three] = [
    [
      [5, 4, 1],
      [4, 5, 1],
      [0, 0, 0],
    ],
    [
      [5, 4, 1],
      [4, 5, 1],
      [3, 3, 4],
    ],
  ] as const;
  const copy = (rows: readonly (readonly number[])[]) => rows.map((row) => [...row]);
  expect(isGuess(of(copy(two), 0.4))).toBe(true);
  expect(isGuess(of(copy(two), 0.51))).toBe(false);
  expect(isGuess(of(copy(three), 0.3))).toBe(true);
  expect(isGuess(of(copy(three), 0.4))).toBe(false);
  const constant = copy(two).map(([a = 0, b = 0, c = 0]) => [a + b + c, 0, 0]);
  expect(isGuess(of(constant, 0.9))).toBe(true);
});

test("the machine form is what its schema says", () => {
  expect(StudyResult.parse(publishedStudy())).toEqual(publishedStudy());
  const right = numberIn(
    publishedStudy().runs.flatMap((run) => (run.status === "done" ? run.numbers : [])),
    "accuracy",
  )!;
  const corrections = [0, 1, 2].map((seed) => ({
    strategy: "tripathi",
    seed,
    rows: 100,
    numbers: [right],
  }));
  const study = publishedStudy({ corrections });
  const written: unknown = JSON.parse(JSON.stringify(studyDocument(study, summarise(study))));
  expect(StudyDocument.strict().parse(written)).toEqual(written);
});
