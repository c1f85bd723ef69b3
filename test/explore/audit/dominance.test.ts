/** @file Dominance flags: a planted cluster is found, balanced sets give none. */
import { describe, expect, test } from "vitest";
import { clusterGroups } from "../../../src/explore/audit/cluster-groups.ts";
import { dominance } from "../../../src/explore/audit/dominance.ts";
import { dealt, tableOf } from "./samples.ts";

const quick = { permutations: 0, replicates: 0 };

test("a planted cluster of one group is flagged, and nothing else", () => {
  const { clustering, grouping } = tableOf([
    [50, 50],
    [48, 52],
    [40, 2],
  ]);
  const { flags } = dominance(clusterGroups(clustering, [grouping], quick));
  expect(flags.map(({ cluster, group, because }) => ({ cluster, group, because }))).toEqual([
    { cluster: 2, group: "a", because: ["share"] },
  ]);
  expect(flags[0]).toMatchObject({ attribute: "g", size: 42, rows: 40 });
  expect(flags[0]!.overall).toBeCloseTo(138 / 242, 12);
});

test("a rare group is flagged by its lift where its share is small", () => {
  const { clustering, grouping } = tableOf([
    [140, 40],
    [20, 40],
  ]);
  const { flags } = dominance(clusterGroups(clustering, [grouping], quick));
  expect(flags).toMatchObject([{ cluster: 1, group: "b", because: ["lift"] }]);
});

test("a group that is everywhere is not flagged for its share", () => {
  const { clustering, grouping } = tableOf([
    [90, 10],
    [89, 11],
  ]);
  expect(dominance(clusterGroups(clustering, [grouping], quick)).flags).toEqual([]);
});

test("small clusters are named, never flagged", () => {
  const { clustering, grouping } = tableOf([
    [100, 100],
    [19, 0],
  ]);
  expect(dominance(clusterGroups(clustering, [grouping], quick))).toMatchObject({
    flags: [],
    tooSmall: [{ attribute: "g", clusters: [1] }],
  });
});

describe("balanced sets at random, with limits that let chance alone decide", () => {
  const limits = { share: 0.01, lift: 1.0001, minSize: 1, level: 0.05 };
  test.each([
    [2, 10],
    [5, 10],
    [40, 3],
  ])("%i groups in %i clusters: at most 5%% of the sets have any flag", (groups, clusters) => {
    const RUNS = 300;
    const flagged = Array.from({ length: RUNS }, (_, run) => {
      const { clustering, grouping } = dealt(400, clusters, groups, run);
      return dominance(clusterGroups(clustering, [grouping], quick), limits).flags.length > 0;
    }).filter(Boolean).length;
    // two standard errors above 5%
    expect(flagged / RUNS).toBeLessThan(0.05 + 2 * Math.sqrt((0.05 * 0.95) / RUNS));
  });
});
