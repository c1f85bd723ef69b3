/** @file Verdicts over seeds: what is there is found, what is not there is not, and what is unknown is said to be. */
import { expect, test } from "vitest";
import { type TaskSummary, summarise } from "../../src/compare/summary.ts";
import { overSeeds } from "../../src/compare/over-seeds.ts";
import { twoSidedNormal } from "../../src/eval/uncertainty/intervals.ts";
import { type Effect, makeResult } from "./results.ts";

const numberOf = (
  [task]: readonly TaskSummary[],
  method: string,
  metric: string,
  attribute: string | null,
) =>
  task!.methods
    .find((of) => of.method === method)!
    .numbers.find((of) => of.metric === metric && of.attribute === attribute)!;

const outcomes = ([task]: readonly TaskSummary[]) =>
  Object.fromEntries(task!.methods.map(({ method, outcome }) => [method, outcome]));

test("scipy's two-sided normal tails", () => {
  // scipy 1.17.1: 2 * norm.sf(z)
  const TAILS = [
    [0, 1],
    [0.5, 0.6170750774519738],
    [-1.96, 0.04999579029644087],
    [4, 6.334248366623973e-5],
    [20, 0],
  ] as const;
  for (const [z, p] of TAILS) expect(twoSidedNormal(z)).toBeCloseTo(p, 14);
});

test("each kind of effect gets its verdict", () => {
  const effects: Readonly<Record<string, Effect>> = {
    leace: { gap: -0.08, leakage: -0.6 },
    greedy: { gap: -0.08, accuracy: -0.1, leakage: -0.6 },
    nothing: {},
    harmful: { gap: 0.08 },
    blunt: { accuracy: -0.1 },
  };
  const summary = summarise(makeResult({ effects }));
  expect(outcomes(summary)).toEqual({
    base: null,
    leace: "fairer, accuracy kept",
    greedy: "fairer, accuracy lost",
    nothing: "no evidence",
    harmful: "worse",
    blunt: "worse",
  });
  expect(numberOf(summary, "leace", "di", "race").change!.verdict).toBe("better"); // higher is better
  expect(numberOf(summary, "leace", "leakage.linear", "race")).toMatchObject({
    chance: 0.2,
    n: 5,
    change: { verdict: "better", basis: "splits" },
  });
  expect(numberOf(summary, "base", "eo.max", "race").change).toBeNull();
});

test("a change is the mean difference to base in the same seeds", () => {
  const result = makeResult({ effects: { some: { gap: -0.03 } }, seeds: 3 });
  const [base, some] = ["base", "some"].map((name) =>
    result.cells.flatMap((cell) =>
      cell.method === name && cell.status === "done"
        ? cell.test.attributes["race"]!["eo.max"].value!
        : [],
    ),
  );
  const mean = some!.reduce((sum, value, i) => sum + value - base![i]!, 0) / 3;
  const found = numberOf(summarise(result), "some", "eo.max", "race");
  expect(found.change!.mean).toBeCloseTo(mean, 14);
  expect(found.mean).toBeCloseTo(some!.reduce((a, b) => a + b, 0) / 3, 14);
});

test("of one seed the paired interval of its rows stands, and is said to", () => {
  const summary = summarise(makeResult({ effects: { leace: { gap: -0.08 } }, seeds: 1 }));
  const { change, sd } = numberOf(summary, "leace", "eo.max", "race");
  expect(change).toMatchObject({ basis: "rows", verdict: "better" });
  expect(change!.interval![1] - change!.interval![0]).toBeCloseTo(0.008, 12);
  expect(sd).toBeNull();
  // a probe's change has no interval of its own rows: one seed is no evidence
  expect(numberOf(summary, "leace", "leakage.linear", "race").change).toMatchObject({
    interval: null,
    verdict: "no evidence",
  });
});

test("seeds that agree to the last bit are no proof: their rows decide", () => {
  const same = { value: 0.01, interval: [-0.02, 0.04] } as const;
  const of = overSeeds([same, same, same], 0.4, 0.95);
  expect(of).toMatchObject({ basis: "rows", interval: [-0.02, 0.04] });
  expect(of.pValue).toBeCloseTo(0.5136, 3); // 2 * norm.sf(1.96 / 3)
  expect(overSeeds([{ value: 0, interval: null }], 0.4, 0.95)).toMatchObject({ pValue: 1 });
});

test("no change at all is as sure as its rows make it, no surer", () => {
  const chance = { value: 0, interval: [-0.4, 0.5] } as const;
  for (const changes of [[chance], [chance, chance]])
    expect(overSeeds(changes, 0.4, 0.95)).toEqual({
      mean: 0,
      interval: [-0.4, 0.5],
      pValue: 1,
      basis: "rows",
    });
  const same = { value: 0, interval: [0, 0] } as const; // equal predictions
  expect(overSeeds([same], 0.4, 0.95)).toMatchObject({ interval: [0, 0], pValue: 1 });
});

test("what failed is said, and does not count as a test", () => {
  const summary = summarise(
    makeResult({ effects: { leace: { gap: -0.08 }, broken: { failed: "no text side" } } }),
  );
  const broken = summary[0]!.methods.find(({ method }) => method === "broken")!;
  expect(broken).toMatchObject({ seeds: 0, problems: ["no text side"], outcome: null, cost: null });
  expect(numberOf(summary, "broken", "accuracy", null)).toMatchObject({
    mean: null,
    n: 0,
    change: null,
  });
  const { pHolm, pValue } = numberOf(summary, "leace", "eo.max", "race").change!;
  expect(pHolm).toBe(pValue);
});

test("a method that leaves embeddings as they are leaks what base leaks", () => {
  const summary = summarise(makeResult({ effects: { thresholds: { groupAtInference: true } } }));
  const [base, after] = ["base", "thresholds"].map((name) =>
    numberOf(summary, name, "leakage.linear", "race"),
  );
  expect(after!.mean).toBe(base!.mean);
  expect(after!.change).toMatchObject({ mean: 0, verdict: "no evidence" });
});

test("of six methods that do nothing, chance calls one fairer in less than one comparison of twenty", () => {
  const effects = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`m${i}`, {}]));
  const comparisons = 250;
  const rates = (name: string) =>
    Array.from({ length: comparisons }, (_, i) =>
      summarise(makeResult({ effects, keys: ["null", i] }))[0]!.methods.some(({ numbers }) =>
        numbers.some(
          ({ metric, attribute, change }) =>
            metric === name && attribute === "race" && change?.verdict === "better",
        ),
      ),
    ).filter(Boolean).length / comparisons;
  expect(rates("eo.max")).toBeLessThan(0.05);
});
