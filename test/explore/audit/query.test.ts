/** @file Text queries: ranking, composition, skew, clusters by similarity. */
import { expect, test } from "vitest";
import { auditQueries, similarities } from "../../../src/explore/audit/query.ts";
import { random } from "../../../src/run/random.ts";
import { clusteringOf, groupingOf, points } from "./samples.ts";

const quick = { top: 4, replicates: 100 };

test("cosines", () => {
  const images = points([
    [2, 0],
    [1, 1],
    [0, 0],
  ]);
  const [first, second] = similarities(
    images,
    points([
      [3, 0],
      [0, -1],
    ]),
  );
  expect([...first!]).toEqual([1, expect.closeTo(Math.SQRT1_2, 12), 0]);
  expect([...second!]).toEqual([0, expect.closeTo(-Math.SQRT1_2, 12), 0]);
  expect(() => similarities(images, points([[1, 0, 0]]))).toThrow(
    /texts have 3 numbers and images 2/,
  );
});

test("all of the first n are of one group: its skew is ln(1 / base share)", () => {
  const gender = ["f", "m", "f", "m", "f", "m", "f", "m", "f", "m", "f", "f"];
  const scores = Float64Array.from(gender, (g, i) => (g === "m" ? 1 : 0) + i / 100);
  const { report } = auditQueries(
    { CEO: scores },
    gender.map(String),
    [groupingOf("gender", gender)],
    null,
    quick,
  );
  const { groups, metrics } = report!.queries["CEO"]!.attributes["gender"]!;
  expect(groups["m"]!.top["4"]!.share).toBe(1);
  expect(groups["m"]!.top["4"]!.skew.value).toBeCloseTo(Math.log(12 / 5), 12);
  expect(metrics["max_skew@4"]!.value).toBeCloseTo(Math.log(1 / (5 / 12)), 12);
  expect(metrics["max_skew@4"]!.groups).toEqual(["m"]);
  expect(metrics["min_skew@4"]).toMatchObject({
    value: null,
    reason: "none of f among the first 4",
  });
});

test("clusters are ranked by mean similarity, and stand as an attribute of their own", () => {
  const draw = random("queries");
  const labels = Array.from({ length: 90 }, (_, i) => (i < 3 ? -1 : i % 3));
  const scores = Float64Array.from(labels, (c) => [0.2, 0.9, 0.5][c]! + draw.normal() / 50 || 0);
  const { clusters, report } = auditQueries(
    { q: scores },
    labels.map((_, i) => `${i}.png`),
    [],
    clusteringOf(labels),
    { top: 10, replicates: 100 },
  );
  expect(clusters["q"]!.map(({ cluster }) => cluster)).toEqual([1, 2, 0]);
  const { value, interval } = clusters["q"]![0]!.similarity;
  expect(value).toBeCloseTo(0.9, 1);
  expect(interval![0]).toBeLessThan(value!);
  expect(report!.queries["q"]!.attributes["cluster"]!.groups["1"]!.top["10"]!.share).toBe(1);
});

test("fewer labelled rows than asked for, two images, and no label at all: said", () => {
  const scores = Float64Array.of(0.1, 0.2);
  const { report, notes } = auditQueries(
    { q: scores },
    ["a", "b"],
    [groupingOf("gender", ["f", "m"]), groupingOf("race", [null, null])],
    null,
    { top: 50, replicates: 20 },
  );
  expect(report!.ks).toEqual([2]);
  expect(notes).toEqual([
    "no row has a race: queries are not held against it",
    "the first 2 rows are looked at rather than 50: no more have a gender",
  ]);
  expect(auditQueries({}, ["a"], [], null, quick)).toMatchObject({ report: null, clusters: {} });
});

test("an attribute that is called cluster is not taken for the clusters", () => {
  const scores = Float64Array.from([4, 3, 2, 1]);
  const { report } = auditQueries(
    { q: scores },
    ["0", "1", "2", "3"],
    [groupingOf("cluster", ["red", "red", "blue", "blue"])],
    clusteringOf([0, 1, 0, 1]),
    { top: 2, replicates: 20 },
  );
  const { attributes } = report!.queries["q"]!;
  expect(Object.keys(attributes["cluster"]!.groups).toSorted()).toEqual(["blue", "red"]);
  expect(Object.keys(attributes["cluster by embedding"]!.groups).toSorted()).toEqual(["0", "1"]);
});

test("few rows in clusters do not cut short what is looked at of groups", () => {
  const { report, notes } = auditQueries(
    { q: Float64Array.from([6, 5, 4, 3, 2, 1]) },
    ["0", "1", "2", "3", "4", "5"],
    [groupingOf("gender", ["f", "f", "m", "f", "m", "m"])],
    clusteringOf([-1, -1, -1, -1, 0, 0]),
    { top: 4, replicates: 20 },
  );
  expect(report!.ks).toEqual([4]);
  expect(Object.keys(report!.queries["q"]!.attributes)).toEqual(["gender"]);
  expect(notes).toEqual(["only 2 rows have a cluster: queries are not held against it"]);
});
