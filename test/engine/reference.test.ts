/** @file The reference engine against slopes, known numbers, and the suite that all engines pass. */
import { expect, test } from "vitest";
import { reference } from "../../src/engine/reference.ts";
import { erf, input, maxPool } from "../../src/graph/build.ts";
import { runCnnGoldenSuite } from "../cnn-golden.suite.ts";
import { runEngineSuite, runGradientSuite } from "../engine.suite.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32, FLOAT64 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";

runGradientSuite(1e-6);
runEngineSuite(reference, 1e-12);
// its weights are float32 where training changes them; test/train/training.test.ts trains float64 ones
runGoldenSuite(reference, { ...FLOAT64, trainLoss: FLOAT32.trainLoss, trained: FLOAT32.trained });
runCnnGoldenSuite(reference, 1e-10);
const slow = "it takes 15 s here, and the other engines are held to this one step by step";
runTrainingSuite(reference, 1e-6, {
  "a short real run learns": slow,
  "Ctrl-C in the middle of a step: it ends, is saved and gone on with": slow,
});

test("max pooling does not hide what is no number", async () => {
  const y = maxPool(input("x", [1, 1, 1, 6]), {
    kernel: [1, 3],
    stride: [1, 3],
    padding: [0, 0, 0, 0],
  });
  const x = { shape: [1, 1, 1, 6], data: Float64Array.of(1, NaN, 3, NaN, 5, 4) };
  expect([...(await (await reference.compile({ y })).run({ x }))["y"]!.data]).toEqual([NaN, NaN]);
});

test("erf equals tabulated values (Abramowitz and Stegun, table 7.1; DLMF 7.23)", async () => {
  const table = [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [2.9, 0.9999589021219005],
    [3.1, 0.9999883513426328],
    [-1.5, -0.9661051464753108],
    [7, 1],
  ] as const;
  const program = await reference.compile({ y: erf(input("x", [table.length])) });
  const x = Float64Array.from(table, ([v]) => v);
  const { y } = await program.run({ x: { shape: [table.length], data: x } });
  table.forEach(([, want], i) => expect(y!.data[i]).toBeCloseTo(want, 15));
});
