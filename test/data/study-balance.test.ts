/** @file The study's two approaches on its own counts: as its code did them, and corrected. */
import { describe, expect, test } from "vitest";
import { applyPlan, balancePlan } from "../../src/data/balance.ts";
import { cellsOf } from "../../src/data/cells.ts";
import { checkSplits } from "../../src/data/check-splits.ts";
import type { Balancing } from "../../src/data/quotas.ts";
import type { Row } from "../../src/data/row.ts";
import { foldRows } from "../../src/data/split.ts";
import { utkfaceRows } from "../../src/data/utkface.ts";
import { parseConfig } from "../../src/run/config/load.ts";
import { random } from "../../src/run/random.ts";
import {
  UTKFACE_AGES,
  UTKFACE_COUNTS,
  UTKFACE_NAMELESS,
  utkfaceFaces,
  utkfaceNames,
} from "./rows.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The balance section of a config that is shipped. */
function shipped(name: string): Balancing {
  const file = join(import.meta.dirname, "..", "..", "configs", `${name}.yaml`);
  const { balance } = parseConfig(file, readFileSync(file, "utf8"));
  if (balance.method === "none") throw new Error(`${name}: no balance`);
  return balance;
}

const countsBy = (rows: readonly Row[], ...attributes: string[]): Record<string, number> =>
  Object.fromEntries(
    cellsOf(rows, attributes).map((cell) => [cell.values.join("/"), cell.rows.length]),
  );
const faces = utkfaceFaces(1);

/** Approach 2 of the study word for word, on counts [race][gender][age]: one image more and one less a round. */
function approachTwo(counts: number[][][], epsilon: number): { added: number; removed: number } {
  const total = (list: readonly number[]): number => list.reduce((sum, n) => sum + n, 0);
  const race = (r: number): number => total(counts[r]!.map(total));
  const pick = (values: readonly number[], better: (a: number, b: number) => boolean): number =>
    values.reduce((best, value, i) => (better(value, values[best]!) ? i : best), 0);
  const [less, more] = [(a: number, b: number) => a < b, (a: number, b: number) => a > b];
  const moves = { added: 0, removed: 0 };
  for (;;) {
    const races = counts.map((_, r) => race(r));
    const [small, large] = [pick(races, less), pick(races, more)];
    if (races[large]! - races[small]! <= epsilon) return moves;
    const poor = counts[small]![pick(counts[small]!.map(total), less)]!;
    poor[
      pick(
        poor.map((n) => (n === 0 ? Infinity : n)),
        less,
      )
    ]!++;
    moves.added++;
    const rich = counts[large]![pick(counts[large]!.map(total), more)]!;
    rich[pick(rich, more)]!--;
    moves.removed++;
  }
}

const RACES = ["white", "black", "asian", "indian", "other"];
const GENDERS = ["male", "female"];
const RESULT = {
  ...Object.fromEntries(
    RACES.slice(1).flatMap((race) => [
      [`${race}/male`, 2321],
      [`${race}/female`, 2320],
    ]),
  ),
  "white/male": 2570,
  "white/female": 2571,
};

test("a list of names with the study's counts: 23,705 faces, and the three without a race", () => {
  const { rows, rejected } = utkfaceRows("names", utkfaceNames(1), { root: "/faces" });
  expect(rows).toHaveLength(23_705);
  expect(rejected.map(({ id }) => id)).toEqual([...UTKFACE_NAMELESS]);
  expect(countsBy(rows, "race", "gender")).toEqual(UTKFACE_COUNTS);
  expect(countsBy(rows, "age")).toEqual(
    Object.fromEntries(UTKFACE_AGES.flatMap((n, i) => (n > 0 ? [[String(i + 1), n]] : []))),
  );
});

describe("approach 2", () => {
  const plan = balancePlan(faces, shipped("001-balance-2-compat"), 0, 1);
  const balanced = applyPlan(faces, plan);

  test("the published table, from the counts: 4,937 out, 4,937 in, 23,705 in all", () => {
    expect(countsBy(balanced, "race", "gender")).toEqual(RESULT);
    expect([plan.removed.length, plan.added.length, plan.after]).toEqual([4937, 4937, 23_705]);
    expect(new Set(balanced.map(({ id }) => id)).size).toBe(23_705);
  });

  test("the code's loop of one image more and one less gives the same ages, too", () => {
    const before = countsBy(faces, "race", "gender", "age");
    const counts = RACES.map((race) =>
      GENDERS.map((gender) =>
        UTKFACE_AGES.map((_, i) => before[`${race}/${gender}/${i + 1}`] ?? 0),
      ),
    );
    expect(approachTwo(counts, 500)).toEqual({ added: 4937, removed: 4937 });
    const after = countsBy(balanced, "race", "gender", "age");
    RACES.forEach((race, r) =>
      GENDERS.forEach((gender, g) => {
        const mine = UTKFACE_AGES.map((_, i) => after[`${race}/${gender}/${i + 1}`] ?? 0);
        // which of equally rare ages comes first is open
        expect(mine.toSorted((a, b) => a - b)).toEqual(counts[r]![g]!.toSorted((a, b) => a - b));
      }),
    );
  });

  test("copies show originals of their own cell, drawn with replacement; the rarest ages are copied most", () => {
    const rows = new Map(faces.map((row) => [row.id, row]));
    expect(plan.added.every(({ origin }) => rows.has(origin))).toBe(true);
    const [most] = plan.mostCopied;
    expect(most!.copies).toBeGreaterThan(10);
    expect(plan.added.filter(({ origin }) => origin === most!.id)).toHaveLength(most!.copies);
    const same = balancePlan(faces, shipped("001-balance-2-compat"), 0, 1);
    expect(same).toEqual(plan);
  });

  test("corrected: train alone is balanced, copies are named apart and none shows a picture of test", () => {
    const { rows } = foldRows(faces, { k: 5, index: 0, validation: 0 }, ["gender", "race"], 1);
    const train = rows.filter(({ split }) => split === "train");
    const fair = balancePlan(train, shipped("001-balance-2"), 1000, 1);
    const after = applyPlan(train, fair);
    expect([fair.before, fair.after]).toEqual([18_964, 18_964]);
    const races = Object.values(countsBy(after, "race"));
    const apart = Math.max(...races) - Math.min(...races);
    expect(apart).toBeLessThanOrEqual(0.0211 * 18_964);
    expect(apart).toBeGreaterThanOrEqual(0.0211 * 18_964 - 2); // and no nearer than it takes
    for (const race of RACES) {
      const { [`${race}/male`]: male, [`${race}/female`]: female } = countsBy(
        after,
        "race",
        "gender",
      );
      expect(Math.abs(male! - female!)).toBeLessThanOrEqual(1);
    }
    const test5 = rows.filter(({ split }) => split === "test");
    expect(checkSplits([...after, ...test5], [])).toEqual([]);
    // every face once before any twice
    expect(fair.mostCopied[0]!.copies).toBeGreaterThan(0);
    const perCell = new Map<string, number[]>();
    const copies = new Map<string, number>();
    for (const { origin } of fair.added) copies.set(origin, (copies.get(origin) ?? 0) + 1);
    for (const row of train) {
      const key = [row.labels["race"], row.labels["gender"], row.numbers["age"]].join();
      perCell.set(key, [...(perCell.get(key) ?? []), copies.get(row.id) ?? 0]);
    }
    for (const list of perCell.values())
      expect(Math.max(...list) - Math.min(...list)).toBeLessThanOrEqual(1);
  });
});

describe("undersampling alone", () => {
  test("the second approach's cut: white 5,141, the others untouched, 18,768 in all", () => {
    const plan = balancePlan(faces, shipped("001-balance-undersample-compat"), 0, 1);
    const rows = applyPlan(faces, plan);
    expect(rows).toHaveLength(18_768);
    expect(countsBy(rows, "race", "gender")).toEqual({
      ...UTKFACE_COUNTS,
      "white/male": 2570,
      "white/female": 2571,
    });
    expect(plan.added).toEqual([]);
    // the log's classes of the test fold: 1,028, 905, 687, 795, 338 of 3,753
    const fold = foldRows(rows, { k: 5, index: 0, validation: 0 }, ["gender", "race"], 1).rows;
    const held = fold.filter(({ split }) => split === "test");
    expect(Math.abs(held.length - 3753)).toBeLessThanOrEqual(1);
    const published = { white: 1028, black: 905, asian: 687, indian: 795, other: 338 };
    const counts = countsBy(held, "race");
    for (const [race, n] of Object.entries(published))
      expect(Math.abs(counts[race]! - n)).toBeLessThanOrEqual(1);
  });
});

describe("approach 1", () => {
  const compat = shipped("001-balance-1-compat");
  const perAge = (rows: readonly Row[]): number[] => {
    const counts = countsBy(rows, "age");
    return UTKFACE_AGES.map((_, i) => counts[String(i + 1)] ?? 0);
  };
  const plans = Array.from({ length: 12 }, (_, seed) => balancePlan(faces, compat, 0, seed));

  test("the cut: ages above the median of 131.5 keep that and a drawn 0 to 15, from their largest pairs", () => {
    const plan = plans[0]!;
    const removed = new Set(plan.removed);
    const left = perAge(faces.filter(({ id }) => !removed.has(id)));
    UTKFACE_AGES.forEach((n, i) => {
      expect(left[i]).toBeLessThanOrEqual(n);
      if (n > 146) expect(left[i]).toBeGreaterThanOrEqual(131);
      if (n > 146) expect(left[i]).toBeLessThanOrEqual(146);
      if (n <= 131) expect(left[i]).toBe(n);
    });
  });

  test("what is random in the published totals lies where the draws put it; 1,980 copies are exact", () => {
    const cuts = plans.map((plan) => plan.before - plan.removed.length);
    const mean = cuts.reduce((sum, n) => sum + n, 0) / cuts.length;
    // 53 ages of a slack of 4.6 images' standard deviation: 34 in all, so 10,208 is an ordinary draw about 10,195
    expect(Math.abs(mean - 10_195)).toBeLessThan(40);
    expect(Math.abs(mean - 10_208)).toBeLessThan(3 * 34);
    for (const plan of plans) {
      // the copies made and counted: 12,188 in all where the cut gave 10,208
      const made = plan.cells.reduce(
        (sum, { before, wanted }) => sum + Math.max(0, wanted - before),
        0,
      );
      expect(made).toBe(1980);
      expect(plan.problems[0]).toBe(
        `${1980 - plan.added.length} of 1980 copies overwrite another: a second copy of one picture gets the name of the first`,
      );
      expect(plan.after).toBe(plan.before - plan.removed.length + plan.added.length);
    }
  });

  test("copies of one name overwrite: how many stay depends on which races an age has, which the counts leave open", () => {
    const files = plans.map(({ added }) => added.length);
    // independent of race
    expect(Math.min(...files)).toBeGreaterThan(1000);
    expect(Math.max(...files)).toBeLessThan(1120);
    for (const { added } of plans.slice(0, 2)) {
      expect(new Set(added.map(({ id }) => id)).size).toBe(added.length);
      // copies of copies keep the picture that they show
      expect(added.some(({ id }) => id.endsWith("#1#1"))).toBe(true);
      for (const { id, origin } of added) expect(id.replace(/(#1)+$/, "")).toBe(origin);
    }
  });

  test("10,208, then 11,082 or, with distinct names, 12,188: a draw of the study's cut, where the old are the more often white", () => {
    const cut = (seed: number): number => {
      const most = UTKFACE_AGES.map((n, i) =>
        Math.min(n, Math.floor(131.5 + random(seed, "age-first", i + 1).uniform(0, 15))),
      );
      return most.reduce((sum, n) => sum + n, 0);
    };
    const seed = Array.from({ length: 1000 }, (_, i) => i).find((i) => cut(i) === 10_208)!;
    const skewed = utkfaceFaces(1, 1);
    const plan = balancePlan(skewed, compat, 0, seed);
    expect(plan.before - plan.removed.length).toBe(10_208);
    expect(Math.abs(plan.after - 11_082)).toBeLessThan(60);
    const train = skewed.map((face) => ({ ...face, split: "train" as const }));
    const distinct = balancePlan(train, { ...compat, compat: false }, 1000, seed);
    expect(distinct.after).toBe(12_188);
  });

  test("corrected: every age up to 90 that has faces has 127 or more of train, and copies show originals", () => {
    const { rows } = foldRows(faces, { k: 5, index: 0, validation: 0 }, ["gender", "race"], 1);
    const train = rows.filter(({ split }) => split === "train");
    const plan = balancePlan(train, shipped("001-balance-1"), 1000, 1);
    const after = applyPlan(train, plan);
    const ids = new Set(train.map(({ id }) => id));
    expect(plan.added.every(({ origin }) => ids.has(origin))).toBe(true);
    expect(new Set(after.map(({ id }) => id)).size).toBe(plan.after);
  });
});
