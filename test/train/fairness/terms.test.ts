/** @file Fairness terms: gradients against slopes, engines against each other, values by hand, and rows that do not count. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { reference } from "../../../src/engine/reference.ts";
import { random } from "../../../src/run/random.ts";
import { adversaryTerm } from "../../../src/train/fairness/adversary.ts";
import type { Aggregate } from "../../../src/train/fairness/aggregate.ts";
import { demographicParity } from "../../../src/train/fairness/demographic-parity.ts";
import { equalizedOdds } from "../../../src/train/fairness/equalized-odds.ts";
import { groupDroTerm } from "../../../src/train/fairness/group-dro.ts";
import { hsicTerm } from "../../../src/train/fairness/hsic.ts";
import { softRateTerm } from "../../../src/train/fairness/soft-rates.ts";
import type { LossTerm } from "../../../src/train/fairness/term.ts";
import { type Rows, compiled, madeUp, slopes } from "./terms.ts";

const onnx = onnxEngine({ threads: 1 });
const aggregates: readonly Aggregate[] = [
  { kind: "max" },
  { kind: "mean" },
  { kind: "log-sum-exp", temperature: 0.05 },
];
type Make = (rows: Rows) => LossTerm;
const rates =
  (of: typeof equalizedOdds, aggregate: Aggregate): Make =>
  ({ classes, groups, truth }) =>
    softRateTerm("t", of(classes), groups, truth, { weight: 0.7, aggregate });
const givens = ["nothing", "target"] as const;

const penalties: Record<string, Make> = {
  ...Object.fromEntries(
    aggregates.flatMap((aggregate) => [
      [`equalized odds, ${aggregate.kind}`, rates(equalizedOdds, aggregate)],
      [`demographic parity, ${aggregate.kind}`, rates(demographicParity, aggregate)],
    ]),
  ),
  ...Object.fromEntries(
    givens.flatMap((given) =>
      (["probabilities", "logits"] as const).map((of): [string, Make] => [
        `hsic of ${of} given ${given}`,
        ({ classes, groups, truth }) =>
          hsicTerm("t", groups, truth, classes, { weight: 3, of, bandwidth: 0.8, given }),
      ]),
    ),
  ),
};
const ADVERSARY_WEIGHT = 1.3;
const adversaries: Record<string, Make> = Object.fromEntries(
  givens.flatMap((given) =>
    [null, 5].map((hidden): [string, Make] => [
      `adversary of ${hidden ?? "no"} hidden units given ${given}`,
      ({ classes, groups }) =>
        adversaryTerm("t", groups, classes, { weight: ADVERSARY_WEIGHT, hidden, given }),
    ]),
  ),
);
const groupDro: Make = ({ groups }) => groupDroTerm("t", groups, { stepSize: 0.5, adjustment: 1 });
const all = { ...penalties, ...adversaries, "group dro": groupDro };

const expectClose = (got: ArrayLike<number>, want: ArrayLike<number>, within: number): void => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) expect(Math.abs(got[i]! - want[i]!)).toBeLessThan(within);
};

describe.each([2, 3])("%i classes", (classes) => {
  const rows = madeUp(classes);

  test.each(Object.entries(penalties))("%s: gradients are slopes", async (_name, make) => {
    const program = await compiled(reference, make(rows), rows);
    const { value, gradients } = await program.at();
    expect(value).toBeGreaterThan(1e-3);
    expectClose(gradients["logits"]!.data, await slopes(program, "logits"), 1e-8);
  });

  test.each(Object.entries(adversaries))(
    "%s: its own gradients are slopes, the classifier's are reversed ones",
    async (_name, make) => {
      const program = await compiled(reference, make(rows), rows);
      const { gradients } = await program.at();
      for (const name of program.names) {
        const sign = name === "logits" ? -ADVERSARY_WEIGHT : 1;
        const want = (await slopes(program, name)).map((slope) => sign * slope);
        expectClose(gradients[name]!.data, want, 1e-8);
      }
    },
  );

  test("group dro: the slope of the losses under the new weights, which are no part of it", async () => {
    const program = await compiled(reference, groupDro(rows), rows);
    const { gradients, state } = await program.at();
    const still = await compiled(
      reference,
      groupDroTerm("t", rows.groups, { stepSize: 1e-300, adjustment: 0 }),
      rows,
    );
    expectClose(gradients["logits"]!.data, await slopes(still, "logits", state), 1e-8);
  });

  test.each(Object.entries(all))("%s: onnx gives what the reference gives", async (_name, make) => {
    const [want, got] = await Promise.all(
      [reference, onnx].map(async (engine) => (await compiled(engine, make(rows), rows)).at()),
    );
    expect(Math.abs(got!.value - want!.value)).toBeLessThan(2e-6);
    for (const part of ["gradients", "state"] as const)
      for (const [name, { data }] of Object.entries(want![part]))
        expectClose(got![part][name]!.data, data, 2e-6);
  });

  test.each(Object.entries(all))(
    "%s: rows without a group or of weight 0 count nothing",
    async (_name, make) => {
      const program = await compiled(reference, make(rows), rows);
      const logits = rows.logits.map((x, i) => (i >= 14 * classes ? 3 - 2 * x : x));
      const shape = [16, classes];
      const [a, b] = [await program.at(), await program.at({ logits: { shape, data: logits } })];
      expect(b.value).toBeCloseTo(a.value, 12);
      expect(Array.from(a.gradients["logits"]!.data.slice(14 * classes), Math.abs)).toEqual(
        Array(2 * classes).fill(0),
      );
    },
  );

  test.each(Object.entries(all))(
    "%s: a batch of no known group is 0, not NaN",
    async (_n, make) => {
      const codes = new Int32Array(16).fill(-1);
      const none = { ...rows, groups: { codes, count: 3 } };
      for (const engine of [reference, onnx]) {
        const { value, gradients, state } = await (await compiled(engine, make(none), none)).at();
        expect(Math.abs(value)).toBeLessThan(1e-7);
        for (const { data } of Object.values(gradients))
          expect(Math.max(...data.map(Math.abs))).toBeLessThan(1e-7);
        for (const { data } of Object.values(state))
          expectClose(data, Array(3).fill(-Math.log(3)), 1e-6);
      }
    },
  );
});

describe("by hand", () => {
  /** Logits that give these probabilities of class 1. */
  const binary = (
    p: readonly number[],
    truth: readonly number[],
    codes: readonly number[],
    weights: readonly number[] = p.map(() => 1),
  ): Rows => ({
    classes: 2,
    truth: Int32Array.from(truth),
    groups: { codes: Int32Array.from(codes), count: Math.max(...codes) + 1 },
    weights: Float32Array.from(weights),
    logits: Float64Array.from(p.flatMap((x) => [0, Math.log(x / (1 - x))])),
  });
  const value = async (make: Make, rows: Rows): Promise<number> =>
    (await (await compiled(reference, make(rows), rows)).at()).value;

  // soft TPR: group 0 (0.9 + 0.7) / 2 = 0.8, group 1 0.5, all 0.7; soft FPR: 0.2, 0.4 by weight 3, all 0.35
  const rows = binary([0.9, 0.7, 0.5, 0.2, 0.4], [1, 1, 1, 0, 0], [0, 0, 1, 0, 1], [1, 1, 1, 1, 3]);
  const gaps = [0.1, 0.2, 0.15, 0.05];
  const T = 0.05;
  test.each([
    [aggregates[0]!, 0.2],
    [aggregates[1]!, 0.125],
    [aggregates[2]!, T * Math.log(gaps.reduce((sum, gap) => sum + Math.exp(gap / T), 0) / 4)],
  ])("equalized odds, $kind", async (aggregate, want) => {
    expect(await value(rates(equalizedOdds, aggregate), rows)).toBeCloseTo(0.7 * want, 5);
  });

  test("demographic parity", async () => {
    // by weight: group 0 (0.9 + 0.7 + 0.2) / 3 = 0.6, group 1 (0.5 + 3 * 0.4) / 4 = 0.425, all 0.5
    expect(await value(rates(demographicParity, { kind: "max" }), rows)).toBeCloseTo(0.07, 5);
  });

  test("a cell without rows is no gap of 0: the mean is over the others", async () => {
    const some = binary([0.9, 0.5, 0.3], [1, 1, 0], [0, 1, 1]); // no false positives of group 0
    // soft TPR 0.9 and 0.5 around 0.7; soft FPR of group 1 is that of all
    expect(await value(rates(equalizedOdds, { kind: "mean" }), some)).toBeCloseTo(
      (0.7 * 0.4) / 3,
      5,
    );
  });

  test("of two classes and of three where the third never is, the rates of a class are the same", async () => {
    const third = { ...rows, classes: 3, logits: Float64Array.from({ length: 15 }) };
    rows.truth.forEach((_t, i) =>
      third.logits.set([rows.logits[2 * i]!, rows.logits[2 * i + 1]!, -99], 3 * i),
    );
    const max = rates(equalizedOdds, { kind: "max" });
    expect(await value(max, third)).toBeCloseTo(await value(max, rows), 6);
  });

  const hsic: Make = ({ groups, truth, classes }) =>
    hsicTerm("t", groups, truth, classes, {
      weight: 1,
      of: "logits",
      bandwidth: 2,
      given: "nothing",
    });

  test("hsic is tr(K H L H) / n^2", async () => {
    const plain = { ...rows, weights: new Float32Array(5).fill(1) };
    const n = 5;
    const x = (i: number): number => plain.logits[2 * i + 1]!;
    const square = (f: (i: number, j: number) => number): number[][] =>
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_e, j) => f(i, j)));
    const times = (a: number[][], b: number[][]): number[][] =>
      square((i, j) => a[i]!.reduce((sum, v, k) => sum + v * b[k]![j]!, 0));
    const K = square((i, j) => Math.exp(-((x(i) - x(j)) ** 2) / 8));
    const H = square((i, j) => (i === j ? 1 : 0) - 1 / n);
    const { codes } = plain.groups;
    const L = square((i, j) => (codes[i] === codes[j] ? 1 : 0));
    const product = times(times(K, H), times(L, H));
    const want = product.reduce((sum, row, i) => sum + row[i]!, 0) / n ** 2;
    expect(await value(hsic, plain)).toBeCloseTo(want, 7);
  });

  test("a row of weight 2 is the row twice", async () => {
    const twice = binary([0.9, 0.3, 0.3, 0.6], [1, 0, 0, 1], [0, 1, 1, 1]);
    const weighed = binary([0.9, 0.3, 0.6], [1, 0, 1], [0, 1, 1], [1, 2, 1]);
    // the adjustment is by numbers of rows, which differ
    const dro: Make = ({ groups }) => groupDroTerm("t", groups, { stepSize: 0.5, adjustment: 0 });
    for (const make of [hsic, rates(equalizedOdds, { kind: "mean" }), dro])
      expect(await value(make, weighed)).toBeCloseTo(await value(make, twice), 6);
  });

  test("independence within classes is no dependence given the class, but one without", async () => {
    // each class has one answer whatever the group; group 1 has more of class 1
    const fair = binary([0.8, 0.8, 0.8, 0.3, 0.3, 0.3], [1, 1, 1, 0, 0, 0], [0, 1, 1, 0, 0, 1]);
    const given =
      (to: "nothing" | "target"): Make =>
      ({ groups, truth, classes }) =>
        hsicTerm("t", groups, truth, classes, {
          weight: 1,
          of: "probabilities",
          bandwidth: 1,
          given: to,
        });
    expect(await value(given("target"), fair)).toBeCloseTo(0, 8);
    expect(await value(given("nothing"), fair)).toBeGreaterThan(1e-3);
    expect(await value(rates(equalizedOdds, { kind: "max" }), fair)).toBeCloseTo(0, 5);
    expect(await value(rates(demographicParity, { kind: "max" }), fair)).toBeGreaterThan(0.01);
  });

  test("group dro: weights are multiplied by exp(step (loss + C / sqrt n)) and normalised", async () => {
    const program = await compiled(reference, groupDro(rows), rows);
    const { value: loss, state } = await program.at();
    // rows of group 0: ln of 0.9, 0.7, 0.8; of group 1: 0.5, and 0.6 with weight 3
    const losses = [
      -(Math.log(0.9) + Math.log(0.7) + Math.log(0.8)) / 3,
      -(Math.log(0.5) + 3 * Math.log(0.6)) / 4,
    ];
    const grown = losses.map((l, g) => 0.5 * Math.exp(0.5 * (l + 1 / Math.sqrt([3, 2][g]!))));
    const q = grown.map((w) => w / (grown[0]! + grown[1]!));
    expect(loss).toBeCloseTo(q[0]! * losses[0]! + q[1]! * losses[1]!, 6);
    expectClose(state["t.logWeights"]!.data, q.map(Math.log), 1e-6);
  });
});

describe("laws of soft rates", () => {
  const batches = fc
    .record({ classes: fc.integer({ min: 2, max: 4 }), seed: fc.nat(1000) })
    .map(({ classes, seed }) => madeUp(classes, seed));
  const value = async (make: Make, rows: Rows): Promise<number> =>
    (await (await compiled(reference, make(rows), rows)).at()).value;
  const lse = (temperature: number): Aggregate => ({ kind: "log-sum-exp", temperature });

  test.each([equalizedOdds, demographicParity])(
    "%o: the mean, then log-sum-exp, then the maximum",
    (of) =>
      fc.assert(
        fc.asyncProperty(batches, async (rows) => {
          const kinds: Aggregate[] = [
            { kind: "mean" },
            lse(100),
            lse(0.1),
            lse(1e-4),
            { kind: "max" },
          ];
          const values = [];
          for (const kind of kinds) values.push(await value(rates(of, kind), rows));
          const [mean, hot, warm, cold, max] = values as [number, number, number, number, number];
          expect(hot).toBeCloseTo(mean, 3);
          expect(warm).toBeGreaterThan(mean - 1e-9);
          expect(warm).toBeLessThan(max + 1e-9);
          expect(cold).toBeCloseTo(max, 2);
        }),
        { numRuns: 25 },
      ),
  );

  test("neither the order of rows, nor the names of groups, nor of two classes matter", () =>
    fc.assert(
      fc.asyncProperty(batches, fc.nat(), async (rows, key) => {
        const { classes, truth, groups, weights, logits } = rows;
        const order = random(key).shuffle([...truth.keys()]);
        const pick = (of: ArrayLike<number>): number[] => order.map((i) => of[i]!);
        const flip = classes === 2; // more than two are told apart in any order already
        const renamed: Rows = {
          classes,
          truth: Int32Array.from(pick(truth), (c) => (flip ? 1 - c : c)),
          groups: {
            codes: Int32Array.from(pick(groups.codes), (c) => (c < 0 ? c : (c + 1) % 3)),
            count: 3,
          },
          weights: Float32Array.from(pick(weights)),
          logits: Float64Array.from(
            order.flatMap((i) => {
              const own = Array.from(logits.subarray(i * classes, (i + 1) * classes));
              return flip ? own.toReversed() : own;
            }),
          ),
        };
        for (const make of Object.values(penalties))
          expect(await value(make, renamed)).toBeCloseTo(await value(make, rows), 6);
      }),
      { numRuns: 15 },
    ));
});
