/** @file The search for slices against one that tests every combination of values from its definition. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { encode } from "../../src/eval/counts/cells.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { logFisherGreater } from "../../src/eval/uncertainty/fisher.ts";
import { holm } from "../../src/eval/uncertainty/holm.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { jointCells, outcomesOf, type SliceRate } from "../../src/eval/slices/outcomes.ts";
import { search } from "../../src/eval/slices/search.ts";

interface Row {
  readonly values: readonly (string | null)[];
  readonly truth: number;
  readonly predicted: number;
  readonly weight: number;
  readonly cluster: number;
}

const value = (...names: string[]) => fc.constantFrom(...names, null);
const rowsOf = (classes: number, weights: readonly number[]) =>
  fc.array(
    fc.record({
      values: fc.tuple(value("x", "y", "z"), value("x", "y"), value("x", "y"), value("x", "y")),
      truth: fc.nat({ max: classes - 1 }),
      predicted: fc.nat({ max: classes - 1 }),
      weight: fc.constantFrom(...weights),
      cluster: fc.nat({ max: 25 }),
    }),
    { minLength: 1, maxLength: 80 },
  );

const predictionsOf = (rows: readonly Row[], classes: number): Predictions => ({
  classes: Array.from({ length: classes }, (_, c) => `c${c}`),
  truth: Int32Array.from(rows, ({ truth }) => truth),
  predicted: Int32Array.from(rows, ({ predicted }) => predicted),
  groups: Object.fromEntries(
    ["a", "b", "c", "d"].map((name, i) => [name, encode(rows.map(({ values }) => values[i]!))]),
  ),
});

/** Rows of a rate's denominator, and whether they are bad. */
const RATES: Readonly<Record<string, (row: Row, c: number) => boolean | null>> = {
  accuracy: ({ truth, predicted }) => truth !== predicted,
  tpr: ({ truth, predicted }, c) => (truth === c ? predicted !== c : null),
  fpr: ({ truth, predicted }, c) => (truth === c ? null : predicted === c),
  ppv: ({ truth, predicted }, c) => (predicted === c ? truth !== c : null),
};
const badOf = ({ rate, class: c }: SliceRate, row: Row): boolean | null =>
  RATES[rate]!(row, c ?? 0);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Every slice by name, with its p-value, straight from the definitions. */
function bruteForce(rows: readonly Row[], of: SliceRate, minSupport: number): Map<string, number> {
  const all = rows.flatMap((row) => {
    const bad = badOf(of, row);
    return bad === null ? [] : [{ ...row, bad: bad ? 1 : 0 }];
  });
  type Judged = (typeof all)[number];
  const pairs = (of: readonly Judged[], value: (row: Judged) => number): number =>
    sum(
      of.flatMap((one) =>
        of.map((other) => (one.cluster === other.cluster ? value(one) * value(other) : 0)),
      ),
    );
  const weightOf = (of: readonly Judged[]): number => sum(of.map(({ weight }) => weight));
  const badIn = (of: readonly Judged[]): number => sum(of.map(({ weight, bad }) => weight * bad));
  const squares = (of: readonly Judged[]): number => sum(of.map(({ weight }) => weight ** 2));

  const share = badIn(all) / weightOf(all);
  const residual = ({ weight, bad }: Judged): number => weight * (bad - share);
  const ownResiduals = sum(all.map((row) => residual(row) ** 2));
  const variance = ownResiduals / squares(all);
  const dispersion = Math.max(1, variance / (share * (1 - share)));
  const together = pairs(all, ({ weight }) => weight);
  const clusters = weightOf(all) ** 2 / together;
  const raw =
    ((pairs(all, residual) * clusters) / (clusters - 1) - ownResiduals) /
    ((together - squares(all)) * variance);
  const alone = new Set(all.map(({ cluster }) => cluster)).size === all.length;
  const correlation = alone ? 0 : raw <= 1 ? Math.max(0, raw) : 1;
  const spread = (of: readonly Judged[]): number =>
    dispersion *
    ((1 - correlation) * squares(of) + correlation * pairs(of, ({ weight }) => weight));

  const found = new Map<string, number>();
  const options = [
    ["x", "y", "z"],
    ["x", "y"],
    ["x", "y"],
    ["x", "y"],
  ].map((names) => [null, ...names]);
  for (const a of options[0]!)
    for (const b of options[1]!)
      for (const c of options[2]!)
        for (const d of options[3]!) {
          const wanted = [a, b, c, d];
          const depth = wanted.filter((name) => name !== null).length;
          if (depth === 0 || depth > 3) continue;
          const known = all.filter(({ values }) =>
            wanted.every((name, i) => name === null || values[i] !== null),
          );
          const isIn = ({ values }: Judged): boolean =>
            wanted.every((name, i) => name === null || values[i] === name);
          const [slice, rest] = [known.filter(isIn), known.filter((row) => !isIn(row))];
          if (slice.length < minSupport || rest.length < minSupport) continue;
          const [one, other] = [weightOf(slice), weightOf(rest)];
          if (one === 0 || other === 0) continue;
          const [here, there] = [one / spread(slice), other / (spread(known) - spread(slice))];
          const worse = badIn(slice) / one > badIn(rest) / other + 1e-12;
          const logP = worse
            ? logFisherGreater(badIn(slice) * here, one * here, badIn(rest) * there, other * there)
            : 0;
          found.set(wanted.join("/"), Math.exp(logP));
        }
  return found;
}

function searched(
  predictions: Predictions,
  of: SliceRate,
  minSupport: number,
): { readonly tested: number; readonly slices: Map<string, number> } {
  const columns = Object.values(predictions.groups);
  const outcomes = outcomesOf(jointCells(predictions, columns), predictions.classes.length, of);
  const { tested, candidates } = search(outcomes, { depth: 3, minSupport, most: 1 });
  const slices = candidates.map(({ attributes, values, logP }): [string, number] => {
    const names = columns.map((column, a) => {
      const at = attributes.indexOf(a);
      return at < 0 ? null : column.values[values[at]!]!;
    });
    return [names.join("/"), Math.exp(logP)];
  });
  return { tested, slices: new Map(slices) };
}

const FAMILIES: readonly SliceRate[] = [
  { rate: "accuracy", class: null },
  { rate: "tpr", class: 1 },
  { rate: "fpr", class: 1 },
  { rate: "ppv", class: 0 },
];

test.each([
  ["rows", 2, [1], false],
  ["rows of three classes", 3, [1], false],
  ["weights", 2, [0, 0.1, 1, 2.5], false],
  ["clusters", 2, [1], true],
  ["weights and clusters", 3, [0.5, 1, 3], true],
] as const)("%s: the same slices with the same p-values", (_, classes, weights, clustered) => {
  fc.assert(
    fc.property(
      rowsOf(classes, weights),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(...FAMILIES),
      (drawn, minSupport, of) => {
        const rows = clustered ? drawn : drawn.map((row, i) => ({ ...row, cluster: i }));
        const plain = predictionsOf(rows, classes);
        const predictions: Predictions = {
          ...plain,
          ...(weights.length > 1 && { weights: Float64Array.from(rows, ({ weight }) => weight) }),
          ...(clustered && { clusters: Int32Array.from(rows, ({ cluster }) => cluster) }),
        };
        const expected = bruteForce(rows, of, minSupport);
        const { tested, slices } = searched(predictions, of, minSupport);
        expect(tested).toBe(expected.size);
        expect([...slices.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
        for (const [name, p] of expected) expect(slices.get(name), name).toBeCloseTo(p, 9);
      },
    ),
    { numRuns: 60 },
  );
});

test("what a report counts is what Holm leaves of the brute force's p-values", () => {
  fc.assert(
    fc.property(rowsOf(2, [1]), (drawn) => {
      // make some slices bad, for most random tables have none
      const rows = drawn.map((row, i) => ({
        ...row,
        cluster: i,
        predicted: row.values[0] === "x" ? 1 - row.truth : row.truth,
      }));
      const all = (["accuracy", "tpr", "fpr"] as const).flatMap((rate) => [
        ...bruteForce(rows, { rate, class: 1 }, 4).values(),
      ]);
      const { slices } = evaluate(predictionsOf(rows, 2), {
        positive: "c1",
        slices: { minSupport: 4 },
        uncertainty: { replicates: 0 },
      });
      const { tested, found, unlisted, explained } = slices!;
      expect(tested).toBe(all.length);
      expect(found.length + unlisted + explained).toBe(holm(all).filter((p) => p <= 0.05).length);
    }),
    { numRuns: 40 },
  );
});
