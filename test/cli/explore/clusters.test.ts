/** @file Clusters held against what rows are known by, some of which lack it. */
import { expect, test } from "vitest";
import { findClusters } from "../../../src/cli/explore/clusters.ts";
import type { Steps } from "../../../src/cli/explore/steps.ts";
import type { Grouping } from "../../../src/explore/grouping.ts";
import { auditFindings } from "../../../src/report/explore/audit-findings.ts";
import { ExploreConfigSchema } from "../../../src/run/config/explore.ts";
import { silent } from "../../../src/run/progress.ts";

const steps: Steps = { keep: (_name, _from, compute) => compute() };
/** Two groups of ten, far apart. */
const x = {
  x: Float32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 5) + Math.sin(i)),
  n: 20,
  d: 2,
};

const found = async (clusters: object, codes: readonly number[]) => {
  const config = ExploreConfigSchema.parse({
    name: "clusters",
    data: { source: "images", path: "." },
    encoders: [{ kind: "pixels" }],
    normalise: false,
    clusters: [clusters],
  });
  const grouping: Grouping = {
    name: "kind",
    values: ["a", "b"],
    codes: Int32Array.from(codes),
    predicted: null,
  };
  const against = { groupings: [grouping], captions: null, controls: null, names: null };
  const [first] = await findClusters(x, "", config, against, steps, silent);
  return first!.result;
};

test("rows without a label are no group of their own: agreement is of the others", async () => {
  const codes = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? -1 : i < 10 ? 0 : 1));
  const { agreement } = await found({ kind: "kmeans", k: 2 }, codes);
  expect(agreement[0]).toMatchObject({ rows: 10, ari: 1, nmi: 1, purity: 1 });
});

test("no clusters: nothing is said of who dominates them", async () => {
  const codes = Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1));
  const { clusters, groups, dominance } = await found({ kind: "dbscan", eps: 1e-6 }, codes);
  expect(clusters).toBe(0);
  const texts = auditFindings({ tables: groups, dominance }).map(({ text }) => text);
  expect(texts).toEqual([
    "Whether clusters follow kind cannot be told: no row has a kind and a cluster.",
  ]);
});

test("clusters that are all too small: no verdict on who dominates them", async () => {
  const codes = Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1));
  const { groups, dominance } = await found({ kind: "kmeans", k: 2 }, codes);
  expect(auditFindings({ tables: groups, dominance })).toContainEqual({
    tone: "unclear",
    text: expect.stringContaining("No cluster has 20 rows with a label or more"),
  });
});
