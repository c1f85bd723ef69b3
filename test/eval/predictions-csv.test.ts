/** @file Predictions survive a file, and a file that cannot be read says where. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  PREDICTION_COLUMNS,
  readPredictions,
  writePredictions,
} from "../../src/eval/predictions-csv.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { random } from "../../src/run/random.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-predictions-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test("what is written is read back to the same bits", async () => {
  const n = 5000; // more than a chunk
  const draw = random("csv");
  const classes = ['ja, "quoted"', "nein\nzwei Zeilen", "日本"];
  const predictions: Predictions = {
    ids: Array.from({ length: n }, (_, i) => `dir/"${i}",<b>.jpg`),
    classes,
    truth: Int32Array.from({ length: n }, () => draw.int(3)),
    predicted: Int32Array.from({ length: n }, () => draw.int(3)),
    scores: Float32Array.from({ length: n * 3 }, () => draw.uniform() ** 9),
    groups: {
      race: { values: ["a", "b,c"], codes: Int32Array.from({ length: n }, () => draw.int(3) - 1) },
    },
    weights: Float64Array.from({ length: n }, () => draw.uniform()),
    clusters: Int32Array.from({ length: n }, (_, i) => i >> 1),
  };
  const path = join(folder, "round-trip.csv");
  await writePredictions(path, predictions);
  expect(await readPredictions(path)).toEqual(predictions);

  const { scores: _, ...single } = { ...predictions, score: predictions.weights!.map(Math.log) };
  await writePredictions(path, single);
  expect(await readPredictions(path, PREDICTION_COLUMNS, classes)).toEqual(single);
});

test("other names, a byte order mark, CRLF, no ids, labels in sorted order", async () => {
  const path = file("named.csv", "\uFEFFy,p,site\r\n1,0,s\r\n0,0,\r\n");
  const read = await readPredictions(path, { ...PREDICTION_COLUMNS, truth: "y", predicted: "p" });
  expect(read).toEqual({
    ids: ["1", "2"],
    classes: ["0", "1"],
    truth: Int32Array.of(1, 0),
    predicted: Int32Array.of(0, 0),
    groups: { site: { values: ["s"], codes: Int32Array.of(0, -1) } },
  });
});

test("classes may be named: more than the file has, and in another order", async () => {
  const path = file("classes.csv", "truth,predicted,score_b,score_a\na,b,0.75,0.25\n");
  const read = await readPredictions(path, PREDICTION_COLUMNS, ["a", "b"]);
  expect([...read.scores!]).toEqual([0.25, 0.75]);
  const unscored = file("unscored.csv", "truth,predicted\na,a\n");
  const { classes } = await readPredictions(unscored, PREDICTION_COLUMNS, ["b", "a"]);
  expect(classes).toEqual(["b", "a"]);
});

test.each([
  ["empty.csv", "", /empty\.csv: the file is empty/],
  ["column.csv", "truth,guess\n1,1\n", /column\.csv:1: missing column predicted.*truth, guess/],
  ["twice.csv", "truth,predicted,race,race\n1,1,a,a\n", /twice\.csv:1: column "race" occurs twice/],
  ["short.csv", "truth,predicted\n1,1\n1\n", /short\.csv:3: expected as many cells/],
  ["label.csv", "truth,predicted\n1,1\n,1\n", /label\.csv:3: column "truth": expected a label/],
  ["score.csv", "truth,predicted,score_1\n1,1,high\n", /score\.csv:2: column "score_1".*"high"/],
  ["unknown.csv", "truth,predicted,score_1\n1,0,0.4\n", /label "0" is not a class.*1/],
])("%s", async (name, text, message) => {
  await expect(readPredictions(file(name, text))).rejects.toThrow(message);
});

test("a missing file, and an attribute named like another column", async () => {
  await expect(readPredictions(join(folder, "absent.csv"))).rejects.toThrow(
    /absent\.csv: no such file/,
  );
  const path = join(folder, "clash.csv");
  const clash: Predictions = {
    ids: ["1"],
    classes: ["a", "b"],
    truth: Int32Array.of(0),
    predicted: Int32Array.of(0),
    groups: { truth: { values: ["x"], codes: Int32Array.of(0) } },
  };
  await expect(writePredictions(path, clash)).rejects.toThrow(
    /two columns would be called "truth"/,
  );
  expect(() => readFileSync(path)).toThrow();
});
