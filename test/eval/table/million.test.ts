/** @file A million rows, with no object or text kept for any of them. */
import { expect, test } from "vitest";
import { evaluate } from "../../../src/eval/evaluate.ts";
import { readPredictionTable } from "../../../src/eval/table/read.ts";
import { temporaryFiles } from "./files.ts";
import { COLUMNS, having, OPTIONS, writeManyRows } from "./many-rows.ts";

const file = temporaryFiles();
const N = 1_000_000;

test("a million rows of csv are counted to the last one", async () => {
  const path = file("million.csv", "");
  writeManyRows(path, N);
  const before = process.memoryUsage();
  const { predictions, positive } = await readPredictionTable(path, COLUMNS, OPTIONS);
  const after = process.memoryUsage();

  const { overall, attributes } = evaluate(predictions, {
    positive,
    uncertainty: { replicates: 0 },
  });
  const positives = having(N, 2, 1);
  const missed = having(N, 6, 3); // odd, and divisible by three
  expect(overall.count).toBe(N);
  expect(overall.tpr).toMatchObject({
    numerator: 2 * (positives - missed),
    denominator: 2 * positives,
    support: positives,
  });
  const groups = Object.entries(attributes["group"]!.groups);
  expect(groups.map(([name, { count }]) => [name, count])).toEqual(
    Array.from({ length: 7 }, (_, g) => [`Gruppe ${g}, „${g}“`, having(N, 7, g)]),
  );
  expect(Object.keys(attributes["age"]!.groups)).toEqual(["0-17", "18-59", "60+"]);
  expect(attributes["age"]!.groups["0-17"]!.count).toBe((N / 100) * 18);
  expect(predictions.score!.filter((score) => score === 0.75)).toHaveLength(N / 2);

  // 4 codes of 4 bytes, 3 numbers of 8, as read and once more as picked; twice that, for arrays that double
  const MOST = 2 * 2 * N * (4 * 4 + 3 * 8);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(MOST);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(100e6);
}, 300_000);
