/** @file Skews and divergences of rankings: goldens, an independent count, exact distributions, and hard cases. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uniform } from "../../src/eval/uncertainty/binomial.ts";
import { encode } from "../../src/eval/counts/cells.ts";
import { ReportFile } from "../../src/eval/report-file.ts";
import { band, hypergeometric, pValue } from "../../src/eval/retrieval/hypergeometric.ts";
import { metricsAt, RETRIEVAL, wholeMetrics } from "../../src/eval/retrieval/metrics.ts";
import { Prefixes } from "../../src/eval/retrieval/prefixes.ts";
import { membersOf, rank, resampled, shuffled } from "../../src/eval/retrieval/ranking.ts";
import { retrieve, type Similarities } from "../../src/eval/retrieval/retrieve.ts";
import { UsageError } from "../../src/run/errors.ts";
import { hasReference, reference } from "../golden.ts";
import { goldenJson } from "./tables.ts";

interface Golden {
  readonly ks: readonly number[];
  readonly queries: Readonly<
    Record<
      string,
      Readonly<
        Record<
          "gender" | "race",
          {
            readonly groups: readonly string[];
            readonly prior: readonly number[];
            readonly ndkl: number;
            readonly at_k: Readonly<
              Record<
                string,
                {
                  readonly share: readonly number[];
                  readonly skew: readonly (number | null)[];
                  readonly max_skew: number;
                  readonly min_skew: number | null;
                  readonly min_skew_over_groups_present: number;
                  readonly kl_to_prior: number;
                  readonly ndkl_truncated: number;
                }
              >
            >;
          }
        >
      > & { readonly top_20_ids: readonly number[] }
    >
  >;
}

function goldenTable(): Similarities & { readonly ids: readonly string[] } {
  const text = readFileSync(reference("metrics", "retrieval.csv"), "utf8");
  const [header, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  const column = (name: string): string[] => rows.map((row) => row[header!.indexOf(name)]!);
  const numbers = (name: string): Float64Array => Float64Array.from(column(name), Number);
  return {
    ids: column("id"),
    queries: {
      doctor: numbers("doctor"),
      nurse: numbers("nurse"),
      person: numbers("person"),
    },
    groups: { gender: encode(column("gender")), race: encode(column("race")) },
  };
}

const NO_RESAMPLES = { uncertainty: { replicates: 0 } };
const close = (received: number | null, expected: number | null, what: string): void => {
  if (expected === null) expect(received, what).toBeNull();
  else expect(Math.abs((received ?? Number.NaN) - expected), what).toBeLessThan(1e-12);
};

describe.skipIf(!hasReference)("golden table", () => {
  test("every metric of every query, attribute and k", () => {
    const golden = goldenJson<Golden>("retrieval");
    const table = goldenTable();
    const report = retrieve(table, { ks: golden.ks, ...NO_RESAMPLES });
    expect(ReportFile.parse(report)).toEqual(report);
    for (const [query, expected] of Object.entries(golden.queries)) {
      const top = [...rank(table.queries[query]!).subarray(0, 20)];
      expect(top.map((row) => Number(table.ids[row]))).toEqual(expected.top_20_ids);
      for (const name of ["gender", "race"] as const) {
        const { groups, metrics } = report.queries[query]!.attributes[name]!;
        expect(Object.keys(groups)).toEqual(expected[name].groups);
        const all = Object.values(groups);
        all.forEach(({ prior }, g) => close(prior, expected[name].prior[g]!, "prior"));
        close(metrics["ndkl"]!.value, expected[name].ndkl, `${query} ${name} ndkl`);
        for (const [k, of] of Object.entries(expected[name].at_k)) {
          const what = `${query} ${name} @${k}`;
          all.forEach(({ top: shares }, g) => {
            close(shares[k]!.share, of.share[g]!, `${what} share`);
            close(shares[k]!.skew.value, of.skew[g]!, `${what} skew`);
            if (of.skew[g] === null)
              expect(shares[k]!.skew.reason).toBe(`none among the first ${k}`);
          });
          close(metrics[`max_skew@${k}`]!.value, of.max_skew, `${what} max`);
          close(metrics[`min_skew@${k}`]!.value, of.min_skew, `${what} min`);
          close(
            metrics[`min_skew_present@${k}`]!.value,
            of.min_skew_over_groups_present,
            `${what} min present`,
          );
          close(metrics[`kl@${k}`]!.value, of.kl_to_prior, `${what} kl`);
          close(metrics[`ndkl_truncated@${k}`]!.value, of.ndkl_truncated, `${what} ndkl@k`);
        }
      }
    }
  });

  test("names the groups that make a skew, and rows that only their place in the table leaves out", () => {
    const report = retrieve(goldenTable(), { ks: [10], ...NO_RESAMPLES });
    const race = report.queries["doctor"]!.attributes["race"]!;
    expect(race.metrics["max_skew@10"]!.groups).toEqual(["Asian"]);
    expect(race.metrics["min_skew@10"]).toMatchObject({
      value: null,
      reason: "none of Others among the first 10",
      groups: ["Others"],
    });
    expect(race.tied).toEqual({ 10: 1 });
    expect(race.groups["Others"]!.note).toBe("fewer than 30 rows");
  });
});

/** Codes of a list in which the groups are drawn with these weights. */
const drawList = (rows: number, weights: readonly number[], seed: number): Int32Array => {
  const next = uniform(seed, "list");
  const total = weights.reduce((a, b) => a + b);
  return Int32Array.from({ length: rows }, () => {
    let u = next() * total;
    return weights.findIndex((weight) => (u -= weight) < 0);
  });
};

/** Of the whole list too: NDKL is that of all rows. */
function prefixesOf(list: Int32Array, ks: readonly number[], groups: number): Prefixes {
  const prefixes = new Prefixes(ks, groups);
  prefixes.measure({ first: list, members: membersOf(list, groups) });
  return prefixes;
}

describe("metrics", () => {
  test("a list of any groups: as counted group by group at every prefix", () => {
    const lists = fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 })
      .map((codes) => Int32Array.from(codes));
    fc.assert(
      fc.property(lists, fc.nat(), (list, pick) => {
        const n = list.length;
        const k = 1 + (pick % n);
        const prefixes = prefixesOf(list, k === n ? [k] : [k, n], 5);
        const share = (of: Int32Array, g: number): number =>
          of.filter((code) => code === g).length / of.length;
        const kl = (i: number): number =>
          [0, 1, 2, 3, 4].reduce((sum, g) => {
            const p = share(list.subarray(0, i), g);
            return p === 0 ? sum : sum + p * Math.log(p / share(list, g));
          }, 0);
        const ndkl = (last: number): number => {
          const ranks = Array.from({ length: last }, (_, i) => i + 1);
          const discount = (i: number): number => 1 / Math.log2(i + 1);
          const below = ranks.reduce((sum, i) => sum + discount(i), 0);
          return ranks.reduce((sum, i) => sum + discount(i) * kl(i), 0) / below;
        };
        expect(prefixes.kl[0]).toBeCloseTo(kl(k), 12);
        expect(prefixes.ndkl[0]).toBeCloseTo(ndkl(k), 12);
        expect(prefixes.ndkl.at(-1)).toBeCloseTo(ndkl(n), 12);
        expect(prefixes.ndkl.at(-1)).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });

  test("a million rows keep twelve digits", () => {
    const rows = 1_000_000;
    const list = drawList(rows, [5, 3, 2], 3);
    const prefixes = prefixesOf(list, [rows], 3);
    // compensated sums over the same definition
    const count = [0, 0, 0];
    const total = [0, 1, 2].map((g) => list.reduce((n, code) => n + Number(code === g), 0));
    const add = (sum: { value: number; rest: number }, x: number): void => {
      const y = x - sum.rest;
      const next = sum.value + y;
      sum.rest = next - sum.value - y;
      sum.value = next;
    };
    const [above, below] = [
      { value: 0, rest: 0 },
      { value: 0, rest: 0 },
    ];
    for (let i = 1; i <= rows; i++) {
      count[list[i - 1]!]! += 1;
      const kl = count.reduce(
        (sum, c, g) => (c === 0 ? sum : sum + (c / i) * Math.log((c * rows) / (i * total[g]!))),
        0,
      );
      add(above, kl / Math.log2(i + 1));
      add(below, 1 / Math.log2(i + 1));
    }
    expect(Math.abs(prefixes.ndkl[0]! - above.value / below.value)).toBeLessThan(1e-12);
  });

  test("all first rows of one group have the skew ln(1/prior), and the divergence with it", () => {
    const list = Int32Array.from({ length: 20 }, (_, i) => (i < 5 ? 1 : 0));
    const prefixes = prefixesOf(list, [5], 2);
    expect(prefixes.skews[1]).toBeCloseTo(Math.log(4), 14);
    expect(prefixes.kl[0]).toBeCloseTo(Math.log(4), 14);
    expect(prefixes.ndkl[0]).toBeCloseTo(Math.log(4), 14);
  });

  test("every name has an entry in the table", () => {
    const names = [...metricsAt([10, 50]), ...wholeMetrics].map(({ name }) => name);
    expect(names).toHaveLength(2 * 5 + 1);
    for (const name of names) expect(RETRIEVAL).toHaveProperty([name.replace(/@\d+$/, "@k")]);
  });
});

describe("chance", () => {
  test("the hypergeometric distribution, against exact binomials", () => {
    const choose = (n: bigint, k: bigint): bigint => {
      if (k < 0n || k > n) return 0n;
      let result = 1n;
      for (let i = 0n; i < k; i++) result = (result * (n - i)) / (i + 1n);
      return result;
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.nat(), (rows, a, b) => {
        const [members, k] = [a % (rows + 1), 1 + (b % rows)];
        const { from, chances } = hypergeometric({ rows, members, k });
        const of = (n: number, m: number): number => Number(choose(BigInt(n), BigInt(m)));
        for (let x = 0; x <= k; x++)
          expect(chances[x - from] ?? 0).toBeCloseTo(
            (of(members, x) * of(rows - members, k - x)) / of(rows, k),
            12,
          );
      }),
    );
  });

  test("p-values are those of scipy's and R's Fisher test", () => {
    // R: fisher.test(matrix(c(8, 2, 1, 5), 2))$p.value; scipy.stats.fisher_exact([[8, 2], [1, 5]])
    expect(pValue({ rows: 16, members: 9, k: 10 }, 8)).toBeCloseTo(0.03496503496503495, 12);
    expect(pValue({ rows: 100, members: 50, k: 10 }, 5)).toBeCloseTo(1, 12);
    expect(pValue({ rows: 100, members: 0, k: 10 }, 0)).toBe(1);
  });

  test("the band holds its level and no more than it must, at any size", () => {
    for (const [rows, members, k] of [
      [250, 37, 10],
      [250, 37, 50],
      [1_000_000, 300_000, 20_000],
    ] as const) {
      const { low, high } = band({ rows, members, k }, 0.95);
      const { from, chances } = hypergeometric({ rows, members, k });
      const between = (a: number, b: number): number =>
        chances.reduce(
          (sum, chance, i) => (from + i >= a && from + i <= b ? sum + chance : sum),
          0,
        );
      const [a, b] = [Math.round(low * k), Math.round(high * k)];
      expect(between(a, b)).toBeGreaterThan(0.95);
      expect(between(0, a - 1)).toBeLessThan(0.025);
      expect(between(b + 1, k)).toBeLessThan(0.025 + 1e-9);
    }
  });

  test("random rankings have the shares of the hypergeometric distribution, and keep the rows", () => {
    const list = drawList(40, [3, 1], 5);
    const members = list.reduce((n, code) => n + code, 0);
    const draw = shuffled(list, 2, 8, uniform(1));
    const seen = new Float64Array(9);
    for (let i = 0; i < 40_000; i++) {
      const drawn = draw();
      seen[drawn.first.subarray(0, 8).reduce((n, code) => n + code, 0)]! += 1 / 40_000;
      if (i % 1000 === 0) expect(drawn.first.toSorted()).toEqual(list.toSorted());
    }
    const { from, chances } = hypergeometric({ rows: 40, members, k: 8 });
    seen.forEach((share, x) =>
      expect(Math.abs(share - (chances[x - from] ?? 0))).toBeLessThan(0.01),
    );
  });

  // every row is a group of its own, so that what is drawn can be told
  const rows = 30;
  const each = Int32Array.from({ length: rows }, (_, row) => row);
  const DRAWS = 20_000;

  test.each([rows, 1, 4, 29])(
    "a resample of %i first rows is that of all, ranked as they were",
    (depth) => {
      const draw = resampled(each, rows, depth, uniform(depth));
      const mean = new Float64Array(rows);
      const last = new Float64Array(rows); // which row is the last of the first
      for (let i = 0; i < DRAWS; i++) {
        const { first, members } = draw();
        expect(first).toHaveLength(depth);
        expect(members.reduce((a, b) => a + b)).toBe(rows);
        for (let at = 1; at < depth; at++)
          expect(first[at]! - first[at - 1]!).toBeGreaterThanOrEqual(0);
        members.forEach((times, row) => (mean[row]! += times / DRAWS));
        last[first[depth - 1]!]! += 1 / DRAWS;
      }
      for (const times of mean) expect(Math.abs(times - 1)).toBeLessThan(0.05);
      // the last of the first lies at row r or before if that many of all rows drawn do
      const atMost = (row: number): number => {
        const p = (row + 1) / rows;
        let [sum, mass] = [0, (1 - p) ** rows];
        for (let k = 0; k < depth; k++) {
          sum += mass;
          mass *= ((rows - k) / (k + 1)) * (p / (1 - p));
        }
        return row === rows - 1 ? 1 : 1 - sum;
      };
      let sum = 0;
      last.forEach((share, row) => {
        sum += share;
        expect(Math.abs(sum - atMost(row))).toBeLessThan(0.015);
      });
    },
  );

  test("of the rows beyond the first only those of the last row's part of the list are left", () => {
    const draw = resampled(each, rows, 4, uniform(3));
    for (let i = 0; i < 2000; i++) {
      const { first, members } = draw();
      for (let row = 0; row < first[3]!; row++)
        expect(members[row]).toBe(first.filter((other) => other === row).length);
    }
  });
});

/** Two groups of equal size; the one called "b" is `ahead` standard deviations more similar. */
function population(rows: number, ahead: number, seed: number): Similarities {
  const next = uniform(seed, "population");
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const groups = Array.from({ length: rows }, () => (next() < 0.5 ? "a" : "b"));
  return {
    queries: { q: Float64Array.from(groups, (g) => normal() + (g === "b" ? ahead : 0)) },
    groups: { group: encode(groups, ["a", "b"]) },
  };
}

describe("how sure", () => {
  const measure = (similarities: Similarities, replicates: number, seed = 0) =>
    retrieve(similarities, { ks: [50], uncertainty: { replicates, seed } }).queries["q"]!
      .attributes["group"]!;

  test("intervals hold the value, random rankings tell a skewed from an even one", () => {
    const even = measure(population(600, 0, 1), 1000);
    const skewed = measure(population(600, 0.8, 1), 1000);
    for (const { metrics, groups } of [even, skewed])
      for (const { value, interval } of [
        ...Object.values(metrics),
        ...Object.values(groups).map(({ top }) => top["50"]!.skew),
      ]) {
        expect(interval![0]).toBeLessThanOrEqual(value!);
        expect(interval![1]).toBeGreaterThanOrEqual(value!);
      }
    for (const { fair } of Object.values(skewed.metrics)) expect(fair!.pValue).toBeLessThan(0.01);
    for (const { fair } of Object.values(even.metrics)) expect(fair!.pValue).toBeGreaterThan(0.05);
    expect(skewed.groups["b"]!.top["50"]!.chance.pValue).toBeLessThan(0.001);
    const { value, fair } = skewed.metrics["ndkl"]!;
    expect(value).toBeGreaterThan(fair!.p95!);
    expect(fair!.expected).toBeLessThan(fair!.p95!);
  });

  test("p-values of even rankings are spread evenly, and a seed repeats every number", () => {
    const values = Array.from({ length: 200 }, (_, seed) => {
      const { metrics } = measure(population(120, 0, seed), 200);
      return metrics["ndkl"]!.fair!.pValue;
    });
    for (const p of [0.1, 0.25, 0.5, 0.75])
      expect(Math.abs(values.filter((value) => value <= p).length / 200 - p)).toBeLessThan(0.1);
    const once = measure(population(100, 0.5, 3), 300, 7);
    expect(measure(population(100, 0.5, 3), 300, 7)).toEqual(once);
    expect(measure(population(100, 0.5, 3), 300, 8)).not.toEqual(once);
  });

  test("95% intervals of what so many rows show on average cover it", () => {
    const draws = Array.from({ length: 1500 }, (_, i) => measure(population(300, 0.5, i), 0));
    const names = ["max_skew@50", "kl@50", "ndkl_truncated@50", "ndkl"];
    const means = names.map(
      (name) => draws.reduce((sum, { metrics }) => sum + metrics[name]!.value!, 0) / draws.length,
    );
    const covered = names.map(() => 0);
    const tries = 200;
    for (let i = 0; i < tries; i++) {
      const { metrics } = measure(population(300, 0.5, 10_000 + i), 400, i);
      names.forEach((name, at) => {
        const [low, high] = metrics[name]!.interval!;
        if (low <= means[at]! && means[at]! <= high) covered[at]! += 1 / tries;
      });
    }
    for (const share of covered) {
      expect(share).toBeGreaterThan(0.86);
      expect(share).toBeLessThanOrEqual(1);
    }
  }, 60_000);
});

describe("hard cases", () => {
  const table = (scores: readonly number[], groups: readonly (string | null)[]): Similarities => ({
    queries: { q: Float64Array.from(scores) },
    groups: { group: encode(groups) },
  });
  const measure = (similarities: Similarities, ks: readonly number[], replicates = 50) =>
    retrieve(similarities, { ks, uncertainty: { replicates } }).queries["q"]!;

  test("k beyond the rows", () => {
    expect(() => measure(table([3, 2, 1], ["a", "b", "a"]), [1, 4])).toThrow(
      new UsageError(
        "k 4: only 3 rows have a similarity to q and a value of group; give a k of at most 3",
      ),
    );
  });

  test.each([[0], [-1], [1.5], [Number.NaN]])("k of %d", (k) => {
    expect(() => measure(table([1, 2], ["a", "b"]), [k])).toThrow(UsageError);
  });

  test("one group: nothing to compare, so nothing is fair", () => {
    const { attributes } = measure(table([3, 2, 1], ["a", "a", "a"]), [2]);
    const { groups, metrics } = attributes["group"]!;
    for (const { value, reason, fair } of Object.values(metrics))
      expect([value, reason, fair]).toEqual([null, "all rows are of one group", null]);
    expect(groups["a"]!.top["2"]!.skew).toEqual({
      value: null,
      interval: null,
      reason: "all rows are of one group",
    });
  });

  test("ties: the order of the table decides, and it is said how many rows that concerns", () => {
    const { attributes } = measure(table([1, 5, 5, 5, 0], ["a", "b", "a", "a", "b"]), [1, 2, 3]);
    const { groups, tied } = attributes["group"]!;
    expect(groups["b"]!.top["1"]!.rows).toBe(1);
    expect(tied).toEqual({ 1: 2, 2: 1, 3: 0 });
  });

  test("missing similarities and groups are counted apart", () => {
    const { missing, attributes } = measure(
      table([3, Number.NaN, 2, 1, 0], ["a", "b", null, "b", "a"]),
      [2],
    );
    expect(missing).toBe(1);
    expect(attributes["group"]).toMatchObject({ rows: 3, missing: 1 });
    expect(attributes["group"]!.groups["b"]).toMatchObject({ rows: 1, prior: 1 / 3 });
  });

  test("no similarity at all, or none with a group", () => {
    const said = /^k 1: only 0 rows have a similarity to q and a value of group/;
    expect(() => measure(table([Number.NaN], ["a"]), [1])).toThrow(said);
    expect(() => measure(table([1], [null]), [1])).toThrow(said);
  });

  test("an infinite similarity is no similarity", () => {
    expect(() => measure(table([1, Number.POSITIVE_INFINITY], ["a", "b"]), [1])).toThrow(
      new UsageError("query q: row 2: expected a finite similarity, received Infinity"),
    );
  });

  test("a group absent from the first k is minus infinity: null with the reason, in resamples a note", () => {
    const scores = Array.from({ length: 60 }, (_, i) => 60 - i);
    const groups = scores.map((_, i) => (i === 1 || i > 50 ? "b" : "a"));
    const { attributes } = measure(table(scores, groups), [1, 2], 400);
    const { b } = attributes["group"]!.groups;
    expect(b!.top["1"]!.skew).toEqual({
      value: null,
      interval: null,
      reason: "none among the first 1",
    });
    expect(b!.top["2"]!.skew).toMatchObject({ interval: null });
    expect(b!.top["2"]!.skew.note).toMatch(/^its interval reaches from minus infinity to \d\.\d+$/);
    const { fair } = attributes["group"]!.metrics["min_skew@2"]!;
    expect(fair!.expected).toBeNull();
    expect(fair!.pValue).toBeGreaterThan(0);
  });

  test("a group whose rows have no similarity, and names with markup", () => {
    const name = `<b>"x" & 'y'</b>`;
    const similarities = table([3, 2, 1, Number.NaN], ["a", name, "a", "gone"]);
    const report = retrieve(similarities, { ks: [1], uncertainty: { replicates: 20 } });
    expect(ReportFile.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    const { groups, curve } = report.queries["q"]!.attributes["group"]!;
    expect(groups["gone"]).toMatchObject({ rows: 0, prior: 0 });
    expect(groups["gone"]!.top["1"]!.skew.reason).toBe("no row of the group is ranked");
    expect(Object.keys(curve.groups)).toContain(name);
  });

  test("intersections are groups too; unknown attributes are named with those that exist", () => {
    const similarities: Similarities = {
      queries: { q: Float64Array.from([4, 3, 2, 1]) },
      groups: { x: encode(["a", "a", "b", "b"]), y: encode(["c", "d", "c", "d"]) },
    };
    const report = retrieve(similarities, { ks: [1], attributes: ["x*y"], ...NO_RESAMPLES });
    expect(report.queries["q"]!.attributes["x*y"]!.groups["a*c"]!.top["1"]!.rows).toBe(1);
    expect(() => retrieve(similarities, { ks: [1], attributes: ["z"] })).toThrow(
      /there is no column "z"; there are: x, y/,
    );
  });

  test("very many rows get fewer replicates, and the report says how many", () => {
    const rows = 200_000;
    const list = drawList(rows, [1, 1], 9);
    const similarities: Similarities = {
      queries: { q: Float64Array.from({ length: rows }, (_, i) => rows - i) },
      groups: { group: { values: ["a", "b"], codes: list } },
    };
    const { attributes } = measure(similarities, [100], 10_000);
    expect(attributes["group"]).toMatchObject({
      rows,
      replicates: { top: 10_000, whole: 150 },
    });
  }, 60_000);
});
