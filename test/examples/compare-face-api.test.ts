/** @file The shipped comparisons on a face network's embeddings: known numbers of the undebiased heads. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStudy } from "../../src/cli/compare/study.ts";
import type { EmbeddedConfig } from "../../src/cli/compare/data.ts";
import { loadCompareConfig } from "../../src/run/config/load.ts";
import { faceapi, hasFaceapi, hasUtkface, utkface } from "../golden.ts";

/** What scikit-learn's logistic regression reaches on other splits of these faces. */
const KNOWN: Readonly<Record<string, readonly [accuracy: number, gaps: Record<string, number>]>> = {
  gender: [0.931, { race: 0.158 }],
  age30: [0.843, { gender: 0.151, white: 0.142 }],
};

describe.skipIf(!hasFaceapi || !hasUtkface)("configs on embeddings of faces", () => {
  test.each(["faceapi-compare", "ffb-utkface-age"])("%s", { timeout: 120_000 }, async (name) => {
    const config = await loadCompareConfig(
      join(import.meta.dirname, "..", "..", "configs", `${name}.yaml`),
      [
        `embeddings.file=${faceapi("embeddings.npy")}`,
        `embeddings.names.file=${faceapi("predictions.csv")}`,
        `clusters.file=${utkface("audit.csv")}`,
        "evaluate.bootstrap=200",
        "methods=[leace]",
        "probes.nonlinear=false",
      ],
    );
    const { data, tasks, run } = await openStudy(config as EmbeddedConfig);
    expect(data.rows).toHaveLength(18_648);
    const targets = new Map(tasks.map((task) => [task.target, task]));
    for (const [target, { id }] of targets) {
      const { cell } = await run({ task: id, method: "base", seed: 0 });
      if (cell.status !== "done") throw new Error(cell.reason);
      const [accuracy, gaps] = KNOWN[target]!;
      expect(Math.abs(cell.test.overall.accuracy.value! - accuracy)).toBeLessThan(0.015);
      for (const [attribute, of] of Object.entries(cell.test.attributes)) {
        const { interval } = of["eo.max"];
        expect(interval![0]).toBeLessThan(gaps[attribute]!);
        expect(interval![1]).toBeGreaterThan(gaps[attribute]!);
      }
      for (const { linear } of Object.values(cell.leakage!))
        expect(linear.interval![0]).toBeGreaterThan(linear.chance!);
    }
  });
});
