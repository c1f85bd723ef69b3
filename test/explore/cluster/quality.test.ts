/** @file Silhouettes, Davies-Bouldin, the choice of k, and agreement: scikit-learn and tables by hand. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { agreement } from "../../../src/explore/cluster/agreement.ts";
import { chooseK } from "../../../src/explore/cluster/choose-k.ts";
import { daviesBouldin, silhouette } from "../../../src/explore/cluster/silhouette.ts";
import { golden, maxDifference } from "../../debias/tensors.ts";
import { hasReference, reference } from "../../golden.ts";
import { blobs } from "./blobs.ts";

describe.skipIf(!hasReference)("goldens", async () => {
  if (!hasReference) return;
  const { f64, i32 } = await golden("cluster", "cluster.safetensors");
  const info = JSON.parse(readFileSync(reference("cluster", "golden.json"), "utf8"));
  const x = { x: f64("X"), n: 300, d: 16 };

  test("silhouettes", async () => {
    const found = await silhouette(x, i32("kmeans.labels"));
    expect(maxDifference(found.values, f64("kmeans.silhouette_samples"))).toBeLessThan(1e-9);
    expect(found.mean).toBeCloseTo(info.kmeans.silhouette, 9);
    const noise = await silhouette(x, i32("dbscan.labels"));
    expect(noise.mean).toBeCloseTo(info.dbscan.silhouette_without_noise, 9);
    expect(noise.rows).toHaveLength(300 - info.dbscan.noise);
  });

  test("Davies-Bouldin", () => {
    expect(daviesBouldin(x, i32("kmeans.labels"))).toBeCloseTo(info.kmeans.davies_bouldin, 9);
  });

  test("agreement", () => {
    const { ari, nmi } = agreement(i32("kmeans.labels"), i32("y"));
    expect(ari).toBeCloseTo(info.kmeans.adjusted_rand_index_vs_y, 9);
    expect(nmi).toBeCloseTo(info.kmeans.normalized_mutual_info_vs_y, 9);
  });
});

describe("silhouettes", () => {
  test("by hand: 0, 1 | 10", async () => {
    const x = { x: Float64Array.of(0, 1, 10), n: 3, d: 1 };
    const { values } = await silhouette(x, Int32Array.of(0, 0, 1));
    expect(maxDifference(values, [0.9, 8 / 9, 0])).toBeLessThan(1e-12);
  });

  test("copies are at 0 from each other however far from the mean", async () => {
    const x = { x: Float64Array.of(1e6, 0.1, 1e6, 0.1, -1e6, 0.2, -1e6, 0.2), n: 4, d: 2 };
    const { values } = await silhouette(x, Int32Array.of(0, 0, 1, 1));
    expect([...values]).toEqual([1, 1, 1, 1]);
  });

  test("a sample of many rows is near the mean of all, and said", async () => {
    const x = blobs(3000, 5, 3, 6, "many");
    const [some, all] = [
      await silhouette(x, x.labels, { sample: 1000 }),
      await silhouette(x, x.labels, { sample: 3000 }),
    ];
    expect([some.sampled, all.sampled, some.rows.length]).toEqual([true, false, 1000]);
    expect(some.mean).toBeCloseTo(all.mean!, 1);
  });

  test("are undefined for one cluster, and for a cluster a row", async () => {
    const x = { x: Float64Array.of(0, 1, 10), n: 3, d: 1 };
    expect(await silhouette(x, Int32Array.of(0, 0, 0))).toMatchObject({
      mean: null,
      reason: "fewer than two clusters",
    });
    expect((await silhouette(x, Int32Array.of(0, 1, 2))).mean).toBeNull();
    expect(daviesBouldin(x, Int32Array.of(0, 0, -1))).toBeNull();
    expect(daviesBouldin(x, Int32Array.of(0, 0, 1))).toBeCloseTo(0.5 / 9.5, 12);
  });
});

describe("choice of k", () => {
  test("three blobs are three, by silhouette and by elbow", async () => {
    const x = blobs(240, 6, 3, 12, "choose");
    const { curve, clustering } = await chooseK(x, { from: 2, to: 8, restarts: 5 });
    expect([curve.best, curve.elbow, clustering.clusters]).toEqual([3, 3, 3]);
    expect(curve.k).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(agreement(clustering.labels, x.labels).ari).toBe(1);
    expect(curve.inertia.every((value, i) => i === 0 || value <= curve.inertia[i - 1]!)).toBe(true);
  });

  test("ends at the number of distinct rows", async () => {
    const x = { x: Float64Array.of(0, 0, 5, 5, 9, 9), n: 6, d: 1 };
    const { curve } = await chooseK(x, { from: 2, to: 9 });
    expect([curve.k, curve.best]).toEqual([[2, 3], 3]);
    expect(curve.notes).toEqual(["k: 2 to 3 in place of 9, as there are no more distinct rows"]);
  });

  test("identical rows: one cluster, and no choice", async () => {
    const same = { x: new Float32Array(60).fill(0.1), n: 20, d: 3 };
    const { curve, clustering } = await chooseK(same, { from: 2, to: 6 });
    expect([curve.best, curve.elbow, clustering.clusters]).toEqual([null, null, 1]);
    expect(curve.notes).toHaveLength(1);
  });
});

describe("agreement by hand", () => {
  // clusters by labels: 3 1 | 1 3
  const clusters = [0, 0, 0, 0, 1, 1, 1, 1];
  const labels = [0, 0, 0, 1, 0, 1, 1, 1];

  test("a table of 3 1 | 1 3", () => {
    const { ari, nmi, purity, noise } = agreement(clusters, labels);
    expect(ari).toBeCloseTo((6 - (12 * 12) / 28) / (12 - (12 * 12) / 28), 12);
    const information = 2 * ((3 / 8) * Math.log(1.5) + (1 / 8) * Math.log(0.5));
    expect(nmi).toBeCloseTo(information / Math.log(2), 12);
    expect([purity, noise]).toEqual([0.75, 0]);
  });

  test("names do not matter, and the same partition agrees fully", () => {
    expect(agreement([7, 7, 3, 3], [0, 0, 1, 1])).toMatchObject({ ari: 1, nmi: 1, purity: 1 });
    expect(agreement([0, 0, 0], [2, 2, 2])).toMatchObject({ ari: 1, nmi: 1, purity: 1 });
    expect(agreement([0, 1, 2], [2, 1, 0])).toMatchObject({ ari: 1, nmi: 1, purity: 1 });
    expect(agreement([0, 0, 0, 0], [0, 0, 1, 1])).toMatchObject({ ari: 0, nmi: 0, purity: 0.5 });
  });

  test("noise is a share, and left out of the second scores", () => {
    const found = agreement([0, 0, -1, 1, 1], [0, 0, 0, 1, 1]);
    expect(found.noise).toBeCloseTo(0.2, 12);
    expect(found.ari).toBeLessThan(1);
    expect(found.withoutNoise).toMatchObject({ rows: 4, ari: 1, nmi: 1, purity: 1 });
    expect(agreement([], [])).toMatchObject({ ari: null, noise: null, reason: "no rows" });
    expect(() => agreement([0], [0, 1])).toThrow(/expected 1 labels/);
  });
});
