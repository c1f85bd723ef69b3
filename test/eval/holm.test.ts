/** @file Holm's correction. */
import { expect, test } from "vitest";
import { holm } from "../../src/eval/holm.ts";

test("as R's p.adjust, in the order given", () => {
  // p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  const expected = [0.03, 0.06, 0.06, 0.02];
  holm([0.01, 0.04, 0.03, 0.005]).forEach((p, i) => expect(p).toBeCloseTo(expected[i]!, 12));
  expect(holm([0.4, 0.9])).toEqual([0.8, 0.9]);
  // the smallest of ten
  expect(holm([0.001, 0.003], 10)).toEqual([0.01, 0.027]);
});
