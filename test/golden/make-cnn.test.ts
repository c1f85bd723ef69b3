/** @file The goldens of convolutional networks are what their script writes. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { python } from "../golden.ts";
import { cnnGolden, goldenScript } from "./cnn.ts";

/** Every number of a value, and where it is. */
function* numbersOf(value: unknown, at = ""): Generator<readonly [string, number]> {
  if (typeof value === "number") yield [at, value];
  else if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* numbersOf(inner, `${at}.${key}`);
}

test.skipIf(python === undefined)("make_cnn.py writes cnn.json again", async () => {
  const { stdout } = await promisify(execFile)(python!, [goldenScript], { maxBuffer: 2 ** 24 });
  const made = [...numbersOf(JSON.parse(stdout))];
  const kept = [...numbersOf(cnnGolden)];
  expect(made.map(([at]) => at)).toEqual(kept.map(([at]) => at));
  // another build of PyTorch may sum in another order
  made.forEach(([at, value], i) =>
    expect(Math.abs(value - kept[i]![1]), at).toBeLessThan(1e-12 * (1 + Math.abs(value))),
  );
});
