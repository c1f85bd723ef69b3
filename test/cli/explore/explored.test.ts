/** @file An exploration in this process: what is kept, what an interrupt leaves, names that would be told apart by nobody. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { exploreAll } from "../../../src/cli/explore/explored.ts";
import { exploreFolder } from "../../../src/cli/explore/folder.ts";
import { writeEmbeddings } from "../../../src/embed/embedding-file.ts";
import type { ExploreResult } from "../../../src/explore/result.ts";
import { exploreNotes } from "../../../src/report/explore/findings.ts";
import { ExploreConfigSchema } from "../../../src/run/config/explore.ts";
import { InterruptedError } from "../../../src/run/errors.ts";
import { type Progress, silent } from "../../../src/run/progress.ts";
import { noiseImage, toSharp } from "../../data/images.ts";
import { temporaryFolder } from "../equiclip.ts";

const temporary = temporaryFolder();
const at = (...parts: readonly string[]): string => join(temporary, ...parts);
const LABELS = ["a", "b"];
const EACH = 16;

/** Two labels, each of pictures that come twice. */
beforeAll(async () => {
  for (const label of LABELS)
    for (let i = 0; i < EACH; i++) {
      const path = at("pictures", label, `${String(i).padStart(2, "0")}.png`);
      mkdirSync(dirname(path), { recursive: true });
      await toSharp(noiseImage(8, 8, `${label} ${i >> 1}`)).toFile(path);
    }
});

interface Options {
  readonly out: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

const resultOf = async (
  config: object,
  { out, progress = silent, signal = new AbortController().signal }: Options,
): Promise<ExploreResult> => {
  const parsed = ExploreConfigSchema.parse({
    name: "kept",
    data: { source: "folders", path: at("pictures") },
    encoders: [{ kind: "pixels", size: 4 }],
    maps: [{ kind: "pca" }],
    clusters: [{ kind: "kmeans", k: 2 }],
    ...config,
  });
  const found = await exploreAll(parsed, exploreFolder(at(out)), false, progress, signal);
  return found.result;
};

test("another limit of near-duplicates splits anew: borders of the old one are not taken", async () => {
  const config = (duplicates: number) => ({ borders: { map: "pca" }, audit: { duplicates } });
  // apart: no cosine is so high, not even that of a picture with itself; then every picture with its twin
  await resultOf(config(0.2), { out: "limits" });
  const again = await resultOf(config(0.9999), { out: "limits" });
  const fresh = await resultOf(config(0.9999), { out: "limits-fresh" });
  expect(again.spaces[0]!.borders).toEqual(fresh.spaces[0]!.borders);
});

test("interrupted in any phase, it says so, and the same call gives the same result", async () => {
  const config = {
    borders: { map: "pca" },
    clusters: [{ kind: "kmeans", k: 2 }, { kind: "dbscan" }],
    debias: { concepts: ["label"] },
    robustness: { rows: 4, shifts: [1], rotations: [] },
  };
  const phases: string[] = []; // by name, each once
  const whole = await resultOf(config, {
    out: "whole",
    progress: { ...silent, start: (label) => void (phases.includes(label) || phases.push(label)) },
  });
  expect(phases.length).toBeGreaterThan(5);
  for (const [stop, phase] of phases.slice(0, -1).entries()) {
    const halt = new AbortController();
    const progress = {
      ...silent,
      start: (label: string) => void (label === phase && halt.abort()),
    };
    const out = `stopped-${stop}`;
    const ended = await resultOf(config, { out, progress, signal: halt.signal }).catch(
      (thrown: unknown) => thrown,
    );
    expect(ended, phase).toBeInstanceOf(InterruptedError);
    expect(await resultOf(config, { out }), phase).toEqual(whole);
  }
});

test("two maps of one kind have names of their own", async () => {
  const maps = [
    { kind: "tsne", perplexity: 3, iterations: 20 },
    { kind: "tsne", perplexity: 8, iterations: 20 },
  ];
  const { spaces } = await resultOf({ maps }, { out: "maps" });
  expect(new Set(spaces[0]!.maps.map(({ name }) => name)).size).toBe(2);
});

const IDS = LABELS.flatMap((label) =>
  Array.from({ length: EACH }, (_, i) => `${label}/${String(i).padStart(2, "0")}.png`),
);

test("embeddings and texts from files, debiased: clusters go without names in every space", async () => {
  const write = async (file: string, names: readonly string[], phase = 1): Promise<void> => {
    const x = Float32Array.from({ length: names.length * 3 }, (_, i) => Math.sin(i * i + phase));
    await writeEmbeddings(file, { x, n: names.length, d: 3, ids: names, metadata: {} });
  };
  await write(at("rows.parquet"), IDS);
  await write(at("texts.parquet"), ["a photo of a doctor"]);
  const config = {
    encoders: [{ kind: "file", file: at("rows.parquet"), texts: at("texts.parquet") }],
    audit: { queries: ["a photo of a doctor"], controls: false, alike: [IDS[0]!, IDS[1]!] },
    debias: { concepts: ["label"], train: 0.9 },
  };
  const { spaces } = await resultOf(config, { out: "files" });
  expect(spaces).toHaveLength(3);
  expect(spaces[2]!.queries!.report).not.toBeNull();
  // of rows that erasers were fitted on nothing is told
  expect(spaces[0]!.alike).toHaveLength(2);
  expect(spaces[1]!.alike.length).toBeLessThan(2);

  // texts of another model, under the same name
  await write(at("texts.parquet"), ["a photo of a doctor"], 2);
  const again = await resultOf(config, { out: "files" });
  const fresh = await resultOf(config, { out: "files-fresh" });
  expect(again.spaces[0]!.queries).toEqual(fresh.spaces[0]!.queries);
});

test.each([0, 1])("erasers fitted on a share of %d rows are refused", async (train) => {
  const debias = { concepts: ["label"], train };
  await expect(resultOf({ debias }, { out: `share-${train}` })).rejects.toThrow(/debias\.train/);
});

test("pictures that come twice are told of, beside tests that take them for two", async () => {
  const config = (duplicates: number) => ({ audit: { duplicates } });
  const twins = await resultOf(config(0.9999), { out: "twins" });
  expect(twins.spaces[0]!.duplicates.rate).toBe(0.5);
  expect(exploreNotes(twins).join("\n")).toContain(
    "In pixels 50.0% of rows have a cosine of 0.9999",
  );
  const unclustered = await resultOf({ ...config(0.9999), clusters: [] }, { out: "twins" });
  expect(exploreNotes(unclustered).join("\n")).not.toContain("In pixels 50.0%");
});

test("near-duplicates of rows that erasers were fitted on are not among those held out", async () => {
  const twinOf = (id: string): string =>
    id.replace(/\d\d/, (digits) => String(Number(digits) ^ 1).padStart(2, "0"));
  const { spaces } = await resultOf(
    { debias: { concepts: ["label"] }, audit: { duplicates: 0.9999 } },
    { out: "leak" },
  );
  const heldOut = spaces[1]!.alike.map(({ id }) => id);
  expect(heldOut).toHaveLength(16);
  for (const id of heldOut) expect(heldOut).toContain(twinOf(id));
});
