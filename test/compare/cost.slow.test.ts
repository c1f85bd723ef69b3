/** @file What a whole comparison costs: 12 methods, probes and intervals on 18,648 x 512 embeddings. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { stringify as csv } from "csv-stringify/sync";
import { expect, test } from "vitest";
import { CompareResult } from "../../src/compare/result.ts";
import { writeEmbeddings } from "../../src/embed/embedding-file.ts";
import { equiclip, temporaryFolder, writeConfig } from "../cli/equiclip.ts";
import { plantedRows } from "./planted.ts";

const SECONDS = 60;
const METHODS = [
  "pca-class",
  "pca-pair",
  "mean-difference",
  "leace",
  "prompt-orth",
  "prompt-calibrated",
  "inlp",
  "mi-drop",
  "roboshot",
  "bendvlm",
  "thresholds",
  "wise",
];

test.skipIf(loadavg()[0]! > 0.5)(
  `within ${SECONDS} seconds on two cores that have nothing else to do`,
  { timeout: 600_000 },
  async () => {
    const root = temporaryFolder();
    const { rows, x, d } = plantedRows({ n: 18_648, d: 512 });
    const ids = rows.map(({ id }) => id);
    await writeEmbeddings(join(root, "e.safetensors"), { x, n: rows.length, d, ids, metadata: {} });
    writeFileSync(
      join(root, "labels.csv"),
      csv([
        ["image", "target", "concept", "shape"],
        ...rows.map(({ id, labels }) => [id, ...Object.values(labels)]),
      ]),
    );
    const config = writeConfig(join(root, "cost.yaml"), {
      name: "cost",
      embeddings: { file: "e.safetensors" },
      data: { source: "csv", path: "labels.csv", attributes: ["target", "concept", "shape"] },
      seeds: 1,
      tasks: [{ target: "target", sensitive: ["concept"], utility: ["shape"] }],
      methods: METHODS,
      workers: 2,
    });
    const started = performance.now();
    const { code, stdout } = await equiclip(["compare", config, "--json"], { cwd: root });
    const seconds = (performance.now() - started) / 1000;
    expect(code).toBe(0);
    const { cells, replicates } = CompareResult.parse(JSON.parse(stdout));
    expect(cells.map(({ status }) => status)).toEqual(cells.map(() => "done"));
    expect(cells).toHaveLength(METHODS.length + 2);
    expect(replicates).toBe(10_000);
    expect(seconds).toBeLessThan(SECONDS);
  },
);
