/** @file Faces whose style goes with their tone in train: each method shrinks the gap that plain training has on test. */
import { beforeAll, describe, expect, test } from "vitest";
import type { HeadSettings } from "../../../src/train/head/train.ts";
import { plantedFaces, testedHead } from "./planted.ts";

const SEEDS = [0, 1, 2];
type Tested = Awaited<ReturnType<typeof testedHead>>;
type Penalty = HeadSettings["fairness"][number];

let faces: Awaited<ReturnType<typeof plantedFaces>>[];
let plain: Tested[];
const overSeeds = (settings: Partial<HeadSettings>): Promise<Tested[]> =>
  Promise.all(SEEDS.map((seed, i) => testedHead(faces[i]!, { ...settings, seed })));
const mean = (tested: readonly Tested[], of: (one: Tested) => number): number =>
  tested.reduce((sum, one) => sum + of(one), 0) / tested.length;

beforeAll(async () => {
  faces = [];
  for (const seed of SEEDS) faces.push(await plantedFaces(seed));
  plain = await overSeeds({});
});

test("plain training has a gap, and is right all the same", () => {
  expect(mean(plain, ({ gap }) => gap("eo.max"))).toBeGreaterThan(0.2);
  expect(mean(plain, ({ accuracy }) => accuracy)).toBeGreaterThan(0.8);
});

const rates = (
  penalty: "equalized-odds" | "demographic-parity",
  aggregate: "max" | "mean" | "log-sum-exp",
  weight: number,
): Partial<HeadSettings> => ({
  fairness: [{ penalty, aggregate, weight, temperature: 0.05 }],
});
const penalty = (of: Penalty): Partial<HeadSettings> => ({ fairness: [of] });

/** By how much, at least, the gap is smaller in the mean over seeds, and how much less accuracy is allowed. */
const methods: Record<string, readonly [settings: Partial<HeadSettings>, smaller: number]> = {
  "equalized odds, max": [rates("equalized-odds", "max", 3), 0.08],
  "equalized odds, mean": [rates("equalized-odds", "mean", 5), 0.08],
  "equalized odds, log-sum-exp": [rates("equalized-odds", "log-sum-exp", 3), 0.08],
  "hsic given the class": [
    penalty({ penalty: "hsic", weight: 30, of: "probabilities", bandwidth: 1, given: "target" }),
    0.08,
  ],
  "adversary given the class": [
    penalty({ penalty: "adversary", weight: 3, hidden: 16, given: "target" }),
    0.08,
  ],
  "group dro": [{ robust: { method: "group-dro", stepSize: 0.1, adjustment: 0 } }, 0.08],
  "just train twice": [{ robust: { method: "jtt", identification: 1, upweight: 3 } }, 0.04],
  "balanced sampling": [{ sampling: "group-balanced" }, 0.08],
  "weights of cells": [{ reweight: "cells" }, 0.08],
  reweighing: [{ reweight: "reweighing" }, 0.08],
};

describe("the equalized odds gap shrinks, and accuracy stays", () => {
  test.each(Object.entries(methods))("%s", async (_name, [settings, smaller]) => {
    const fair = await overSeeds(settings);
    const gap = (tested: readonly Tested[]): number => mean(tested, (one) => one.gap("eo.max"));
    expect(gap(fair)).toBeLessThan(gap(plain) - smaller);
    const accuracy = (tested: readonly Tested[]): number => mean(tested, (one) => one.accuracy);
    expect(accuracy(fair)).toBeGreaterThan(accuracy(plain) - 0.03);
  });
});

describe("the gap of selection rates shrinks", () => {
  test.each([
    ["demographic parity", rates("demographic-parity", "max", 0.5)],
    [
      "hsic",
      penalty({ penalty: "hsic", weight: 10, of: "probabilities", bandwidth: 1, given: "nothing" }),
    ],
    ["adversary", penalty({ penalty: "adversary", weight: 0.5, hidden: 16, given: "nothing" })],
  ])("%s", async (_name, settings) => {
    const fair = await overSeeds(settings);
    const gap = (tested: readonly Tested[]): number =>
      mean(tested, (one) => one.gap("dp.difference"));
    expect(gap(fair)).toBeLessThan(gap(plain) - 0.03);
  });
});

test("a penalty of weight 0 changes nothing; the same seed gives the same bits, another others", async () => {
  const of = async (settings: Partial<HeadSettings>) =>
    (await testedHead(faces[0]!, { epochs: 2, ...settings })).head.weight;
  const none = await of({});
  expect(await of({})).toEqual(none);
  expect(await of({ seed: 1 })).not.toEqual(none);
  const weightless = await of(rates("equalized-odds", "max", 0));
  weightless.forEach((value, i) => expect(value).toBeCloseTo(none[i]!, 5));
});

test("several penalties over several attributes at once", async () => {
  const { head, gap } = await testedHead(faces[0]!, {
    hidden: 8,
    fairness: [
      {
        penalty: "equalized-odds",
        aggregate: "max",
        weight: 2,
        temperature: 0.05,
        attributes: ["tone", "age_band"],
      },
      {
        penalty: "adversary",
        weight: 0.3,
        hidden: null,
        given: "target",
        attributes: ["tone*age_band"],
      },
    ],
    robust: { method: "group-dro", stepSize: 0.05, adjustment: 1 },
  });
  expect(head.hidden![0]!.linear!.bias).toHaveLength(8);
  expect(gap("eo.max")).toBeLessThan(plain[0]!.gap("eo.max"));
});

test("a row without the attribute's label is in no group: it adds to the mean loss alone", async () => {
  const { train, test: others } = faces[0]!;
  const withTone = (keep: (i: number) => boolean, shown: string) => ({
    test: others,
    train: {
      ...train,
      rows: train.rows.map((row, i) => {
        const { tone, ...labels } = row.labels;
        return { ...row, labels: keep(i) ? { ...labels, [shown]: tone! } : labels };
      }),
    },
  });
  const settings = (attribute: string) => ({
    epochs: 3,
    fairness: [{ ...rates("equalized-odds", "max", 3).fairness![0]!, attributes: [attribute] }],
  });
  const weights = async (kept: (typeof faces)[0], attribute: string) =>
    (await testedHead(kept, settings(attribute))).head.weight;
  const half = await weights(
    withTone((i) => i % 2 === 0, "shade"),
    "shade",
  );
  const none = await weights(
    withTone((i) => i === 0, "shade"),
    "shade",
  );
  const whole = await weights(
    withTone(() => true, "shade"),
    "shade",
  );
  const plainly = (await testedHead(faces[0]!, { epochs: 3 })).head.weight;
  // a group of one row alone has no difference to all rows whose group is known
  none.forEach((value, i) => expect(value).toBeCloseTo(plainly[i]!, 5));
  expect(half).not.toEqual(plainly);
  expect(half).not.toEqual(whole);
});

test("an attribute that no row has is named", async () => {
  const settings = {
    fairness: [{ ...rates("equalized-odds", "max", 1).fairness![0]!, attributes: ["hair"] }],
  };
  await expect(testedHead(faces[0]!, settings)).rejects.toThrow(
    'train.fairness[0].attributes: no row of train has the attribute "hair"; expected one of style, tone, age_band',
  );
});
