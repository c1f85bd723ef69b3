/** @file Per-group thresholds: fairlearn's numbers, theorems, brute force, and what they refuse. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fitThresholds, type ScoredRows } from "../../src/debias/thresholds/fit.ts";
import { fromJSON, toJSON } from "../../src/debias/thresholds/json.ts";
import {
  decide,
  selectionProbability,
  type Thresholds,
} from "../../src/debias/thresholds/thresholds.ts";
import { type Column, encode } from "../../src/eval/counts/cells.ts";
import { random } from "../../src/run/random.ts";
import { hasReference, reference } from "../golden.ts";
import { maxDifference } from "./tensors.ts";

const CONSTRAINTS = ["equalized-odds", "demographic-parity", "equal-opportunity"] as const;
const FORMS = ["randomised", "deterministic"] as const;

/** Expected accuracy, and differences of expected rates between groups. */
function measured({ truth, groups }: ScoredRows, p: ArrayLike<number>) {
  const n = groups.codes.length;
  const mean = (of: (row: number) => number, where: (row: number) => boolean): number => {
    let [sum, rows] = [0, 0];
    for (let row = 0; row < n; row++)
      if (where(row)) {
        sum += of(row);
        rows++;
      }
    return sum / rows;
  };
  const spread = (where: (row: number) => boolean): number => {
    const rates = [...new Set(groups.codes)].map((g) =>
      mean(
        (row) => p[row]!,
        (row) => groups.codes[row] === g && where(row),
      ),
    );
    return Math.max(...rates) - Math.min(...rates);
  };
  const [tpr, fpr] = [spread((row) => truth[row] === 1), spread((row) => truth[row] === 0)];
  return {
    accuracy: mean(
      (row) => (truth[row] === 1 ? p[row]! : 1 - p[row]!),
      () => true,
    ),
    "equalized-odds": Math.max(tpr, fpr),
    "demographic-parity": spread(() => true),
    "equal-opportunity": tpr,
  };
}

/** Scores that are easier to tell apart in one group than in the other, of two decimals so that many are equal. */
function biased(n: number, seed: number, names = ["a", "b", "c"]): ScoredRows {
  const rng = random("thresholds", seed);
  const codes = Int32Array.from({ length: n }, () => rng.int(names.length));
  const truth = Int32Array.from(codes, (g) => Number(rng.uniform() < 0.35 + 0.15 * g));
  const scores = Float64Array.from(codes, (g, row) => {
    const z = (1 + 0.5 * g) * (truth[row]! - 0.5) + 0.8 * g - 0.8 + rng.normal();
    return Math.round(100 / (1 + Math.exp(-z))) / 100;
  });
  return { scores, truth, groups: { values: names, codes } };
}
const chosen = (rows: ScoredRows, thresholds: Thresholds) =>
  measured(rows, selectionProbability(thresholds, rows.scores, rows.groups));

interface Golden {
  readonly tables: Record<
    string,
    {
      readonly constraints: Record<
        string,
        {
          readonly selection_probability: number[];
          readonly expected_accuracy: number;
          readonly expected_equalized_odds_difference: number;
          readonly expected_demographic_parity_difference: number;
          readonly expected_tpr_difference: number;
        }
      >;
    }
  >;
}
const FAIRLEARN = {
  "equalized-odds": "equalized_odds",
  "demographic-parity": "demographic_parity",
  "equal-opportunity": "true_positive_rate_parity",
} as const;

describe.skipIf(!hasReference)("fairlearn's ThresholdOptimizer", () => {
  const load = (table: string): ScoredRows => {
    const [, ...lines] = readFileSync(reference("thresholds", `${table}.csv`), "utf8")
      .trim()
      .split("\n");
    const cells = lines.map((line) => line.split(","));
    return {
      scores: cells.map(([, , score]) => Number(score)),
      truth: cells.map(([, truth]) => Number(truth)),
      groups: encode(cells.map(([, , , group]) => group!)),
    };
  };
  test.each(
    ["two_groups", "three_groups_ties"].flatMap((table) =>
      CONSTRAINTS.map((constraint) => ({ table, constraint })),
    ),
  )("$table, $constraint", ({ table, constraint }) => {
    const golden = JSON.parse(
      readFileSync(reference("thresholds", "golden.json"), "utf8"),
    ) as Golden;
    const wanted = golden.tables[table]!.constraints[FAIRLEARN[constraint]]!;
    const rows = load(table);
    const fitted = fitThresholds(rows, { constraint });
    const p = selectionProbability(fitted, rows.scores, rows.groups);
    expect(maxDifference(p, wanted.selection_probability)).toBeLessThan(1e-9);
    const now = measured(rows, p);
    expect(now.accuracy).toBeCloseTo(wanted.expected_accuracy, 9);
    expect(now["equalized-odds"]).toBeCloseTo(wanted.expected_equalized_odds_difference, 9);
    expect(now["demographic-parity"]).toBeCloseTo(wanted.expected_demographic_parity_difference, 9);
    expect(now["equal-opportunity"]).toBeCloseTo(wanted.expected_tpr_difference, 9);
    expect(fitted.fitted.value).toBeCloseTo(wanted.expected_accuracy, 9);
    expect(fitted.fitted.feasible).toBe(true);
  });
});

describe.each(CONSTRAINTS)("%s", (constraint) => {
  const rows = biased(600, 1);
  test("at epsilon 0 the expected gap is 0, and it was not before", () => {
    const before = measured(
      rows,
      Array.from(rows.scores, (score) => Number(score > 0.5)),
    );
    expect(before[constraint]).toBeGreaterThan(0.2);
    const thresholds = fitThresholds(rows, { constraint });
    expect(chosen(rows, thresholds)[constraint]).toBeLessThan(1e-9);
    expect(thresholds.fitted.gap).toBeLessThan(1e-9);
    expect(thresholds.groupAtInference).toBe(true);
  });

  test.each(FORMS)("the gap keeps to epsilon and accuracy never falls with it, %s", (form) => {
    const path = [0.02, 0.05, 0.1, 0.2, 1].map((epsilon) => {
      const thresholds = fitThresholds(rows, { constraint, epsilon, form });
      const now = chosen(rows, thresholds);
      expect(thresholds.fitted.feasible).toBe(true);
      expect(now[constraint]).toBeLessThanOrEqual(epsilon + 1e-9);
      expect(now[constraint]).toBeCloseTo(thresholds.fitted.gap, 9);
      expect(now.accuracy).toBeCloseTo(thresholds.fitted.value, 9);
      return now.accuracy;
    });
    expect(path).toEqual(path.toSorted((a, b) => a - b));
    expect(path.at(-1)).toBeGreaterThan(path[0]! + 0.005);
  });

  test("chance reaches at least what one threshold per group does", () => {
    for (const epsilon of [0.02, 0.1]) {
      const [drawn, fixed] = FORMS.map((form) =>
        fitThresholds(rows, { constraint, epsilon, form }),
      );
      expect(drawn!.fitted.value).toBeGreaterThan(fixed!.fitted.value - 2e-3); // its windows begin on a grid
      expect(fixed!.groups.every(({ thresholds }) => thresholds.length === 1)).toBe(true);
    }
  });
});

/** Every choice of one threshold per group: its accuracy and gap. */
function bruteForce(rows: ScoredRows, constraint: (typeof CONSTRAINTS)[number]) {
  const { scores, groups } = rows;
  const cuts = [-Infinity, ...new Set(Array.from(scores))];
  let choices: number[][] = [[]];
  for (const _ of groups.values) choices = choices.flatMap((c) => cuts.map((cut) => [...c, cut]));
  return choices.map((cut) => {
    const now = measured(
      rows,
      Array.from(scores, (score, row) => Number(score > cut[groups.codes[row]!]!)),
    );
    return { accuracy: now.accuracy, gap: now[constraint] };
  });
}

test("one threshold per group is the best of all, by brute force", () => {
  const table = fc.array(
    fc.record({
      score: fc.integer({ min: 0, max: 4 }),
      truth: fc.integer({ min: 0, max: 1 }),
      group: fc.integer({ min: 0, max: 1 }),
    }),
    { minLength: 0, maxLength: 9 },
  );
  const corners = [0, 1].flatMap((group) =>
    [0, 1].map((truth) => ({ score: truth + 1, truth, group })),
  );
  fc.assert(
    fc.property(
      table,
      fc.constantFrom(0, 0.15, 0.34),
      fc.constantFrom(...CONSTRAINTS),
      (extra, epsilon, constraint) => {
        const all = [...corners, ...extra];
        const rows: ScoredRows = {
          scores: all.map(({ score }) => score),
          truth: all.map(({ truth }) => truth),
          groups: { values: ["a", "b"], codes: Int32Array.from(all, ({ group }) => group) },
        };
        const { fitted } = fitThresholds(rows, { constraint, epsilon, form: "deterministic" });
        const choices = bruteForce(rows, constraint);
        const useful = choices.filter(({ accuracy }) => accuracy > fitted.constant + 1e-9);
        const within = useful.filter(({ gap }) => gap <= epsilon + 1e-9);
        expect(fitted.feasible).toBe(within.length > 0);
        if (fitted.feasible)
          expect(fitted.value).toBeCloseTo(Math.max(...within.map(({ accuracy }) => accuracy)), 9);
        else if (useful.length > 0)
          expect(fitted.gap).toBeCloseTo(Math.min(...useful.map(({ gap }) => gap)), 6);
        else expect(fitted.value).toBeCloseTo(fitted.constant, 9);
      },
    ),
    { numRuns: 150 },
  );
});

test("nothing useful within epsilon: the smallest gap that beats a constant decision, marked", () => {
  // group b is scored the wrong way round, so only group a can gain, and then the groups differ
  const rows: ScoredRows = {
    scores: [1, 2, 3, 4, 1, 2, 3, 4],
    truth: [0, 0, 1, 1, 1, 1, 0, 0],
    groups: { values: ["a", "b"], codes: Int32Array.from([0, 0, 0, 0, 1, 1, 1, 1]) },
  };
  const none = fitThresholds(rows, { form: "deterministic", epsilon: 0.1 });
  expect(none.fitted).toEqual({ feasible: false, gap: 0.5, value: 0.625, constant: 0.5 });
  const wide = fitThresholds(rows, { form: "deterministic", epsilon: 0.5 });
  expect(wide.fitted.feasible).toBe(true);
  const useless = { ...rows, truth: [1, 0, 1, 0, 1, 0, 1, 0], scores: [1, 1, 1, 1, 1, 1, 1, 1] };
  const constant = fitThresholds(useless, { form: "deterministic" });
  expect(constant.fitted).toEqual({ feasible: false, gap: 0, value: 0.5, constant: 0.5 });
});

test("balanced accuracy is another optimum than accuracy where classes are rare", () => {
  const { truth, ...rest } = biased(900, 5);
  const kept = Array.from(truth)
    .map((label, row) => (label === 1 && row % 4 > 0 ? -1 : row))
    .filter((row) => row >= 0);
  const rows: ScoredRows = {
    scores: kept.map((row) => rest.scores[row]!),
    truth: kept.map((row) => truth[row]!),
    groups: {
      values: rest.groups.values,
      codes: Int32Array.from(kept, (row) => rest.groups.codes[row]!),
    },
  };
  const [plain, balanced] = (["accuracy", "balanced_accuracy"] as const).map((objective) =>
    fitThresholds(rows, { objective, epsilon: 0.05 }),
  );
  const share = (t: Thresholds) =>
    selectionProbability(t, rows.scores, rows.groups).reduce((a, b) => a + b, 0) / kept.length;
  expect(share(balanced!)).toBeGreaterThan(share(plain!) + 0.1);
  expect(balanced!.fitted.constant).toBeCloseTo(0.5, 12);
});

describe("decisions", () => {
  const rows = biased(400, 2);
  const thresholds = fitThresholds(rows, { epsilon: 0.03 });
  const ids = Array.from(rows.scores, (_, row) => `person ${row}`);
  const all = decide(thresholds, rows.scores, rows.groups, { seed: 7, ids });

  test("neither order nor batch changes a person's answer, a seed does", () => {
    const order = random("order")
      .shuffle([...ids.keys()])
      .slice(0, 150);
    const part: Column = {
      values: rows.groups.values,
      codes: Int32Array.from(order, (row) => rows.groups.codes[row]!),
    };
    const some = decide(
      thresholds,
      order.map((row) => rows.scores[row]!),
      part,
      { seed: 7, ids: order.map((row) => ids[row]!) },
    );
    expect([...some]).toEqual(order.map((row) => all[row]));
    const other = decide(thresholds, rows.scores, rows.groups, { seed: 8, ids });
    expect([...other]).not.toEqual([...all]);
  });

  test("over many seeds they come as often as their probability says", () => {
    const p = selectionProbability(thresholds, rows.scores, rows.groups);
    const drawn = p.findIndex((value) => value > 0.2 && value < 0.8);
    expect(drawn).toBeGreaterThanOrEqual(0);
    const one = { values: rows.groups.values, codes: rows.groups.codes.slice(drawn, drawn + 1) };
    let yes = 0;
    for (let seed = 0; seed < 2000; seed++)
      yes += decide(thresholds, [rows.scores[drawn]!], one, { seed, ids: ["x"] })[0]!;
    expect(Math.abs(yes / 2000 - p[drawn]!)).toBeLessThan(0.04); // 3.6 standard errors at most
  });

  test("as JSON they come back bit for bit", () => {
    const text = JSON.stringify(toJSON(thresholds));
    const back = fromJSON(JSON.parse(text));
    expect(back).toEqual(thresholds);
    expect(JSON.stringify(toJSON(back))).toBe(text);
    expect(text).toContain('"groupAtInference":true');
    expect(() => fromJSON({ ...toJSON(thresholds), epsilon: "wide" })).toThrow(
      /^thresholds: epsilon: .*refit/,
    );
  });

  test("scores that are neighbours among doubles are told apart, equal ones are not", () => {
    const low = 0.5;
    const high = 0.5 + Number.EPSILON / 2;
    const tight: ScoredRows = {
      scores: [low, high, low, high],
      truth: [0, 1, 0, 1],
      groups: { values: ["a"], codes: new Int32Array(4) },
    };
    expect(fitThresholds(tight).fitted.value).toBe(1);
    expect(fitThresholds({ ...tight, scores: [1, 1, 1, 1] }).fitted.value).toBe(0.5);
  });
});

describe("what they refuse", () => {
  const rows = biased(200, 3);
  const fitted = fitThresholds(rows);
  const one = (values: string[], code: number): Column => ({ values, codes: Int32Array.of(code) });
  test.each([
    [
      "a group that was not in the fit",
      () => selectionProbability(fitted, [0.5], one(["d"], 0)),
      /row 0 is of group "d".*expected a, b, c/,
    ],
    [
      "a row without a group",
      () => selectionProbability(fitted, [0.5], one(["a"], -1)),
      /row 0 has no group/,
    ],
    [
      "a score that is NaN",
      () => selectionProbability(fitted, [Number.NaN], one(["a"], 0)),
      /row 0 is NaN/,
    ],
    [
      "ids that do not match",
      () => decide(fitted, [0.5], one(["a"], 0), { seed: 0, ids: [] }),
      /ids: expected one for each of 1/,
    ],
    [
      "several classes",
      () => fitThresholds({ ...rows, truth: Array.from(rows.truth, (_, row) => row % 3) }),
      /two classes.*received 2/,
    ],
    [
      "an impossible epsilon",
      () => fitThresholds(rows, { epsilon: 2 }),
      /epsilon: expected 0 to 1, received 2/,
    ],
    [
      "a group without positives",
      () =>
        fitThresholds({
          ...rows,
          truth: Array.from(rows.truth, (t, row) => (rows.groups.codes[row] === 1 ? 0 : t)),
        }),
      /group "b" has no positive row/,
    ],
    [
      "a group without negatives",
      () =>
        fitThresholds({
          ...rows,
          truth: Array.from(rows.truth, (t, row) => (rows.groups.codes[row] === 1 ? 1 : t)),
        }),
      /group "b" has no negative row/,
    ],
    [
      "one class alone",
      () =>
        fitThresholds(
          { ...rows, truth: Array.from(rows.truth, () => 1) },
          { constraint: "demographic-parity" },
        ),
      /both classes.*200 positive and 0 negative/,
    ],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(message);
  });

  test("equal selection rates need no class in every group", () => {
    const truth = Array.from(rows.truth, (t, row) => (rows.groups.codes[row] === 1 ? 0 : t));
    const parity = fitThresholds({ ...rows, truth }, { constraint: "demographic-parity" });
    expect(parity.fitted.gap).toBeLessThan(1e-9);
    expect(() => fitThresholds({ ...rows, truth }, { constraint: "equal-opportunity" })).toThrow(
      /no positive row/,
    );
  });
});
