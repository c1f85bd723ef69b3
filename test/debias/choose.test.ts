/** @file Strength of removal chosen on validation rows. */
import { expect, test } from "vitest";
import { chooseEraser, strengths } from "../../src/debias/choose.ts";
import { apply } from "../../src/debias/eraser.ts";
import { erasers } from "../../src/debias/erasers.ts";
import { classMeans } from "../../src/run/linalg/products.ts";
import { check, type Constraint } from "../../src/eval/select.ts";
import { planted } from "./tensors.ts";

const train = planted(400, 8, 3, "choose");
const fitted = erasers.leace.fit(train);
const limit = (value: number): Constraint => ({
  metric: "dp.difference",
  attribute: "a",
  limit: value,
  bound: "point",
});

/** Spread of the class means left after erasure, and how far rows moved: the more removed, the less spread. */
const judge = (constraint: Constraint) => (eraser: typeof fitted) => {
  const after = apply(eraser, train);
  const { means } = classMeans(after, train.labels, 3);
  const spread = Math.max(...means.map((value, i) => Math.abs(value - means[i % 8]!)));
  const moved = Math.sqrt(
    Float64Array.from(after.x, (value, i) => (value - train.x[i]!) ** 2).reduce((a, b) => a + b, 0),
  );
  return { objective: moved, checks: [check(constraint, spread)] };
};

test("the grid is gentlest first, within what was fitted, without repeats", () => {
  expect(fitted.share.length).toBe(2);
  const list = strengths(fitted, { alphas: [1, 0.5, 1], ks: [5, 2, 1] });
  expect(list.map(({ k, alpha }) => [k, alpha])).toEqual([
    [1, 0.5],
    [1, 1],
    [2, 0.5],
    [2, 1],
  ]);
});

test("the gentlest that meets the constraint wins, not the strongest", () => {
  const grid = { alphas: [0, 0.25, 0.5, 0.75, 1], ks: [1, 2] };
  const none = chooseEraser(strengths(fitted, grid), judge(limit(100)));
  expect(none.feasible).toBe(true);
  expect(none.eraser.alpha).toBe(0);
  const half = none.trials.find(({ eraser }) => eraser.k === 2 && eraser.alpha === 0.5)!;
  const choice = chooseEraser(strengths(fitted, grid), judge(limit(half.checks[0]!.value! + 1e-9)));
  expect(choice.feasible).toBe(true);
  expect(choice.eraser.alpha).toBeGreaterThan(0);
  expect(choice.trials.length).toBe(10);
  const chosen = judge(limit(0))(choice.eraser).objective;
  for (const { objective, checks } of choice.trials)
    if (checks[0]!.violation === 0) expect(chosen).toBeLessThanOrEqual(objective);
});

test("with nothing feasible the smallest violation is kept and said to be infeasible", () => {
  const choice = chooseEraser(
    strengths(fitted, { alphas: [0.25, 0.5], ks: [1, 2] }),
    judge(limit(1e-3)),
  );
  expect(choice.feasible).toBe(false);
  expect([choice.eraser.k, choice.eraser.alpha]).toEqual([2, 0.5]);
});
