/** @file Slices: what is listed, how often by chance alone, and hard cases. */
import { describe, expect, test } from "vitest";
import { encode } from "../../src/eval/counts/cells.ts";
import { evaluate, type EvaluateOptions } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { Report } from "../../src/eval/report.ts";
import { type Slice, type Slices } from "../../src/eval/report/slices.ts";
import type { SliceOptions } from "../../src/eval/slices/find.ts";
import { random, type Random } from "../../src/run/random.ts";
import { CHANCE, draw, independent, plainly, type Row, shareFound } from "./slice-tables.ts";

function slicesOf(
  predictions: Predictions,
  slices: SliceOptions = {},
  options: EvaluateOptions = { positive: "yes" },
): Slices {
  const report = evaluate(predictions, { ...options, slices, uncertainty: { replicates: 0 } });
  expect(Report.parse(report)).toEqual(report);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report); // no NaN, no infinity
  return report.slices!;
}

const named = ({ where, rate }: Slice): string =>
  `${rate} ${Object.entries(where)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")}`;

describe("what is listed", () => {
  const accuracy = { rates: ["accuracy"] } as const;

  test.each([
    ["accuracy b=1", (row: Row) => row["b"] === "1"],
    ["accuracy a=2 c=0", (row: Row) => row["a"] === "2" && row["c"] === "0"],
    [
      "accuracy a=2 b=3 d=0",
      (row: Row) => row["a"] === "2" && row["b"] === "3" && row["d"] === "0",
    ],
  ])("one bad slice, %s, is all there is to say", (name, isBad) => {
    const predictions = draw(20_000, random("one", name), independent("abcd", 4), (row) =>
      isBad(row) ? 0.35 : 0.1,
    );
    const { found, unlisted, explained } = slicesOf(predictions, accuracy);
    expect(found.map(named)).toEqual([name]);
    expect(unlisted).toBe(0);
    expect(explained).toBeGreaterThan(1); // those around it, or its parts
  });

  test("two bad slices that share no row are two findings", () => {
    const predictions = draw(20_000, random("two"), independent("abc", 4), ({ a, b, c }) =>
      a === "0" && b === "0" ? 0.5 : a === "1" && c === "1" ? 0.3 : 0.1,
    );
    const { found } = slicesOf(predictions, accuracy);
    expect(found.map(named)).toEqual(["accuracy a=0 b=0", "accuracy a=1 c=1"]);
    expect(found.every((slice) => !("class" in slice))).toBe(true); // binary
    expect(found.every(({ within }) => within.length === 0)).toBe(true);
  });

  test("a part that is worse still is told with the slice that it is within", () => {
    const predictions = draw(20_000, random("part"), independent("abc", 4), ({ a, b }) =>
      a === "0" ? (b === "0" ? 0.6 : 0.25) : 0.1,
    );
    const { found } = slicesOf(predictions, accuracy);
    expect(found.map(named)).toEqual(["accuracy a=0 b=0", "accuracy a=0"]);
    expect(found.map(({ within }) => within)).toEqual([[{ a: "0" }], []]);
  });

  test("a part that happens to be more significant does not stand for the whole", () => {
    // a, b, rows, wrong ones: the rare b=1 is a little better by chance
    const cells = [
      ["0", "0", 400, 120],
      ["0", "1", 30, 4],
      ["1", "0", 1900, 190],
      ["1", "1", 100, 10],
    ] as const;
    const rows = cells.flatMap(([a, b, n, wrong]) =>
      Array.from({ length: n }, (_, i) => ({ a, b, error: i < wrong ? "1" : "0" })),
    );
    let next = 0;
    const predictions = draw(
      rows.length,
      random("part"),
      () => rows[next++]!,
      ({ error }) => Number(error),
    );
    const { error: _, ...groups } = predictions.groups;
    const { found, explained } = slicesOf({ ...predictions, groups }, accuracy);
    expect(found.map(named)).toEqual(["accuracy a=0"]);
    expect(explained).toBe(1);
  });

  test("a part is no finding when one of the slices that it is within is as bad", () => {
    const predictions = draw(20_000, random("as bad"), independent("abc", 4), ({ a, b }) =>
      b === "0" ? 0.5 : a === "0" ? 0.25 : 0.1,
    );
    const { found } = slicesOf(predictions, accuracy);
    expect(found.map(named)).toEqual(["accuracy b=0", "accuracy a=0"]);
  });

  test("an attribute that only goes with the bad one is no finding", () => {
    const rowOf = (draws: Random): Row => {
      const a = `${draws.int(4)}`;
      return { a, b: draws.uniform() < 0.7 ? a : `${draws.int(4)}` };
    };
    const predictions = draw(20_000, random("with"), rowOf, ({ a }) => (a === "3" ? 0.3 : 0.1));
    const { found, explained } = slicesOf(predictions, accuracy);
    expect(found.map(named)).toEqual(["accuracy a=3"]);
    expect(explained).toBeGreaterThan(0);
  });

  test("nor is it within a slice", () => {
    const rowOf = (draws: Random): Row => {
      const b = `${draws.int(4)}`;
      return { a: `${draws.int(4)}`, b, c: draws.uniform() < 0.7 ? b : `${draws.int(4)}` };
    };
    const predictions = draw(20_000, random("within"), rowOf, ({ a, b }) =>
      a === "0" ? (b === "0" ? 0.6 : 0.18) : 0.1,
    );
    const { found } = slicesOf(predictions, accuracy);
    expect(found.map(named)).toEqual(["accuracy a=0 b=0", "accuracy a=0"]);
  });

  test("rates are told apart: more false positives are no fewer true ones", () => {
    const predictions = draw(20_000, random("rates"), independent("ab", 4), () => 0.1);
    const { truth, groups } = predictions;
    const draws = random("false positives");
    const worse = predictions.predicted.map((p, i) =>
      truth[i] === 0 && groups["a"]!.codes[i] === 0 && draws.uniform() < 0.3 ? 1 : p,
    );
    const { found } = slicesOf({ ...predictions, predicted: worse }, { rates: ["tpr", "fpr"] });
    expect(found.map(named)).toEqual(["fpr a=0"]);
    expect(found[0]!.difference.value).toBeGreaterThan(0);
  });

  test("of three classes, the one that is missed", () => {
    const predictions = draw(20_000, random("classes"), independent("ab", 4), () => 0);
    const draws = random("missed");
    const truth = predictions.truth.map(() => draws.int(3));
    const predicted = truth.map((t, i) =>
      t === 2 && predictions.groups["b"]!.codes[i] === 1 && draws.uniform() < 0.4 ? 0 : t,
    );
    const { found } = slicesOf(
      { ...predictions, classes: ["x", "y", "z"], truth, predicted },
      { rates: ["tpr", "fpr"] },
      {},
    );
    expect(found.map((slice) => [slice.class, named(slice)])).toEqual([
      ["z", "tpr b=1"],
      ["x", "fpr b=1"],
    ]);
  });

  test("the worst are listed, and how many are not", () => {
    const predictions = draw(20_000, random("many"), independent("ab", 8), ({ a }) =>
      Number(a) < 4 ? 0.2 + 0.1 * Number(a) : 0.05,
    );
    const all = slicesOf(predictions, accuracy);
    expect(all.found.map(named).slice(0, 2)).toEqual(["accuracy a=3", "accuracy a=2"]);
    const two = slicesOf(predictions, { ...accuracy, maxFound: 2 });
    expect(two.found.map(named)).toEqual(all.found.map(named).slice(0, 2));
    expect(two.unlisted).toBe(all.found.length - 2);
    // of fewer selected, every interval has to be wider
    const [low, high] = all.found[0]!.difference.interval;
    expect(two.found[0]!.difference.interval[0]).toBeLessThan(low);
    expect(two.found[0]!.difference.interval[1]).toBeGreaterThan(high);
  });
});

describe("chance alone", () => {
  test.each(Object.keys(CHANCE))("%s: at most one table in twenty lists anything", (kind) => {
    expect(shareFound(CHANCE[kind]!, 300)).toBeLessThanOrEqual(0.05);
  });

  test("clusters that are not told apart do list much", () => {
    expect(shareFound(plainly(CHANCE["250 persons of up to 5 rows"]!), 300)).toBeGreaterThan(0.2);
  });
});

describe("weights and clusters", () => {
  test("equal weights are no weights", () => {
    const predictions = draw(5000, random("ones"), independent("abc", 3), ({ a }) =>
      a === "0" ? 0.3 : 0.1,
    );
    const plain = slicesOf(predictions).found;
    expect(plain.length).toBeGreaterThan(0);
    for (const weight of [1, 0.1]) {
      const weights = new Float64Array(5000).fill(weight);
      const { found } = slicesOf({ ...predictions, weights });
      expect(found.map(named)).toEqual(plain.map(named));
      found.forEach((slice, i) => expect(slice.pValue / plain[i]!.pValue).toBeCloseTo(1, 6));
    }
  });

  test("copies in one cluster are worth no more than one row", () => {
    const predictions = draw(1500, random("copies"), independent("ab", 3), ({ a }) =>
      a === "0" ? 0.3 : 0.1,
    );
    const three = <T extends Int32Array>(codes: T): Int32Array =>
      Int32Array.from({ length: 4500 }, (_, i) => codes[i % 1500]!);
    const copies: Predictions = {
      classes: predictions.classes,
      truth: three(predictions.truth),
      predicted: three(predictions.predicted),
      groups: Object.fromEntries(
        Object.entries(predictions.groups).map(([name, { values, codes }]) => [
          name,
          { values, codes: three(codes) },
        ]),
      ),
      clusters: Int32Array.from({ length: 4500 }, (_, i) => i % 1500),
    };
    const once = slicesOf(predictions, { minSupport: 10 }).found;
    const thrice = slicesOf(copies, { minSupport: 30 }).found;
    expect(once.length).toBeGreaterThan(0);
    expect(thrice.map(named)).toEqual(once.map(named));
    once.forEach((slice, i) => expect(thrice[i]!.pValue / slice.pValue).toBeCloseTo(1, 6));
  });
});

describe("hard cases", () => {
  const plain = (
    n: number,
    groups: Record<string, (string | null)[]>,
    wrong: (i: number) => boolean,
  ) => ({
    classes: ["no", "yes"],
    truth: Int32Array.from({ length: n }, (_, i) => (i >> 1) % 2),
    predicted: Int32Array.from({ length: n }, (_, i) => ((i >> 1) % 2) ^ (wrong(i) ? 1 : 0)),
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, column]) => [name, encode(column)]),
    ),
  });
  const column = (n: number, of: (i: number) => string | null) =>
    Array.from({ length: n }, (_, i) => of(i));

  test("one attribute of one value: there is no rest to be worse than", () => {
    const { tested, skipped, found } = slicesOf(
      plain(200, { a: column(200, () => "x") }, (i) => i % 3 === 0),
    );
    expect({ tested, skipped, found }).toEqual({ tested: 0, skipped: 3, found: [] });
  });

  test.each([
    ["right", () => false],
    ["wrong", () => true],
  ])("every prediction %s: nobody is worse off", (_, wrong) => {
    const { tested, found, explained } = slicesOf(
      plain(400, { a: column(400, (i) => `${i % 3}`) }, wrong),
    );
    expect(tested).toBe(9);
    expect({ found, explained }).toEqual({ found: [], explained: 0 });
  });

  test("every value missing, or no attribute at all", () => {
    const missing = slicesOf(plain(200, { a: column(200, () => null) }, (i) => i % 3 === 0));
    expect(missing).toMatchObject({ attributes: ["a"], tested: 0, skipped: 0, found: [] });
    expect(slicesOf(plain(200, {}, () => false))).toMatchObject({
      attributes: [],
      tested: 0,
      found: [],
    });
  });

  test("rows without a value are in neither the slice nor the rest", () => {
    const a = column(600, (i) => (i % 3 === 0 ? "x" : i % 3 === 1 ? "y" : null));
    // wrong: half of x, none of y, all of the missing
    const { found } = slicesOf(
      plain(600, { a }, (i) => i % 3 === 2 || i % 6 === 0),
      { rates: ["accuracy"] },
    );
    expect(
      found.map(({ where, of, rest }) => [where, of.value, of.support, rest.value, rest.support]),
    ).toEqual([[{ a: "x" }, 0.5, 200, 1, 200]]);
  });

  test("no positives: TPR cannot be tested, the others can", () => {
    const table = plain(400, { a: column(400, (i) => `${i % 2}`) }, (i) => i % 8 === 0);
    const negative = { ...table, truth: new Int32Array(400) };
    const { tested, skipped } = slicesOf(negative, { rates: ["tpr", "fpr"] });
    expect([tested, skipped]).toEqual([2, 2]);
  });

  test("200 values: few combinations have the support, and the bad one is found", () => {
    const rowOf = (draws: Random): Row => ({
      a: `${draws.int(200)}`,
      b: `${draws.int(200)}`,
      c: `${draws.int(200)}`,
      d: `${draws.int(2)}`,
    });
    const predictions = draw(60_000, random("200"), rowOf, ({ a, d }) =>
      a === "17" && d === "1" ? 0.6 : 0.1,
    );
    const { tested, skipped, found } = slicesOf(predictions, { rates: ["accuracy"] });
    expect(found.map(named)).toEqual(["accuracy a=17 d=1"]);
    expect(tested).toBeLessThan(3000);
    expect(tested + skipped).toBe(602 + 200 ** 2 * 3 + 400 * 3 + 200 ** 3 + 200 ** 2 * 2 * 3);
  });

  test("names are kept as they are, whatever is in them", () => {
    const odd = ["a*b", "x & y=z", "<b>bold</b>", "toString", '日本, "quoted"\n'];
    for (const name of odd) {
      const table = plain(
        600,
        { [name]: column(600, (i) => odd[i % 2 === 0 ? 0 : 2]!) },
        (i) => i % 4 === 0,
      );
      const { attributes, found } = slicesOf(table, { rates: ["accuracy"] });
      expect(attributes).toEqual([name]);
      expect(found.map(({ where }) => Object.entries(where))).toEqual([[[name, "a*b"]]]);
    }
  });

  test("many attributes: as deep as 500 sets of them allow, unless asked for", () => {
    const wide = (attributes: number, options = {}) => {
      const names = Array.from({ length: attributes }, (_, a) => [
        `a${a}`,
        column(60, (i) => `${(i >> (a % 4)) % 2}`),
      ]);
      const { depth, tested, skipped } = slicesOf(
        plain(60, Object.fromEntries(names), () => false),
        { rates: ["accuracy"], ...options },
      );
      return { depth, all: tested + skipped };
    };
    expect(wide(14)).toEqual({ depth: 3, all: 28 + 4 * 91 + 8 * 364 });
    expect(wide(15)).toEqual({ depth: 2, all: 30 + 4 * 105 });
    expect(wide(32)).toEqual({ depth: 1, all: 64 });
    expect(wide(15, { depth: 3 }).depth).toBe(3);
  });

  test("intersections that are measured are made of the attributes that slices are made of", () => {
    const table = plain(
      600,
      {
        a: column(600, (i) => `${i % 2}`),
        b: column(600, (i) => `${i % 3}`),
        c: column(600, () => "x"),
      },
      () => false,
    );
    const { attributes } = slicesOf(table, {}, { positive: "yes", attributes: ["a", "b*a"] });
    expect(attributes).toEqual(["a", "b"]);
  });

  test.each([
    [{ depth: 4 }, "slices.depth: expected a whole number from 1 to 3, received 4"],
    [{ depth: 1.5 }, "slices.depth: expected a whole number from 1 to 3, received 1.5"],
    [{ minSupport: 0 }, "slices.minSupport: expected a whole number of at least 1, received 0"],
    [{ maxFound: 0 }, "slices.maxFound: expected a whole number of at least 1, received 0"],
    [{ rates: [] }, "received none"],
    [
      { rates: ["selectionRate"] },
      "slices.rates: expected some of accuracy, tpr, fpr, tnr, fnr, ppv, fdr, npv, for, received selectionRate",
    ],
  ] as const)("%j is refused", (options, message) => {
    const table = plain(100, { a: column(100, () => "x") }, () => false);
    expect(() => slicesOf(table, options)).toThrow(message);
  });
});
