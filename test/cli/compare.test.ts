/** @file `equiclip compare` as a process: whole, resumed, interrupted, and with data that do not fit. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { stringify as csv } from "csv-stringify/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { CompareResult } from "../../src/compare/result.ts";
import { summarise } from "../../src/compare/summary.ts";
import { readEmbeddings, writeEmbeddings } from "../../src/embed/embedding-file.ts";
import { writeCsv } from "../../src/data/csv.ts";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";
import { readPredictions } from "../../src/eval/predictions-csv.ts";
import { plantedRows } from "../compare/planted.ts";
import { type Ended, equiclip, stopped, temporaryFolder, writeConfig } from "./equiclip.ts";

const root = temporaryFolder();
const at = (name: string): string => join(root, name);
const { rows, x, d } = plantedRows({ n: 600 });

const CONFIG = {
  name: "planted",
  embeddings: { file: "faces.safetensors" },
  data: {
    source: "csv",
    path: "labels.csv",
    attributes: ["target", "concept", "shape"],
    numbers: ["age"],
  },
  attributes: [
    { name: "old", from: "age", bands: [0, 31] },
    { name: "a", from: "concept", labels: { a: ["a"], other: "rest" } },
  ],
  seeds: 2,
  tasks: [{ target: "target", sensitive: ["concept"], utility: ["shape", "old"] }],
  methods: ["leace", { name: "leace", as: "leace-a-little", alpha: [0.2] }],
  evaluate: { bootstrap: 200 },
  skew: { k: 20 },
  workers: 2,
};
const CELLS = 2 * 4;

const compare = (config: object, name: string, ...more: readonly string[]) =>
  equiclip(["compare", writeConfig(at(`${name}.yaml`), config), "--out", name, ...more], {
    cwd: root,
  });
const resultOf = (name: string): CompareResult =>
  CompareResult.parse(JSON.parse(readFileSync(join(at(name), "result.json"), "utf8")));
/** What must not depend on how the work was shared out, or when. */
const timeless = ({ cells, ...rest }: CompareResult) => ({
  ...rest,
  cells: cells.map((cell) => (cell.status === "done" ? { ...cell, cost: null } : cell)),
});

let ended: Ended;
beforeAll(async () => {
  await writeEmbeddings(at("faces.safetensors"), {
    x,
    n: rows.length,
    d,
    ids: rows.map(({ id }) => id),
    metadata: {},
  });
  writeFileSync(
    at("labels.csv"),
    csv([
      ["image", "target", "concept", "shape", "age"],
      ...rows.map(({ id, labels, numbers }) => [id, ...Object.values(labels), numbers["age"]!]),
    ]),
  );
  ended = await compare(CONFIG, "whole");
}, 120_000);

describe("a whole comparison", () => {
  test(
    "tells of every cell, and leaves what it takes to measure again",
    { timeout: 120_000 },
    async () => {
      expect(ended.stderr).toContain("8/8 target-without-concept");
      expect(ended.code).toBe(0);
      expect(ended.stdout).toContain("leace-a-little");
      const result = resultOf("whole");
      expect(result.cells).toHaveLength(CELLS);
      expect(result.methods.map(({ name }) => name)).toEqual([
        "base",
        "prototype",
        "leace",
        "leace-a-little",
      ]);
      for (const name of ["report.html", "report.md", "cells.csv", "summary.csv"])
        expect(existsSync(join(at("whole"), name))).toBe(true);
      for (const cell of result.cells) {
        if (cell.status !== "done") throw new Error(cell.reason);
        const file = `${cell.task}.${cell.method}.seed-${cell.seed}.csv`;
        const { truth, predicted } = await readPredictions(join(at("whole"), "predictions", file));
        const right = truth.filter((c, i) => c === predicted[i]).length;
        expect(cell.test.overall.accuracy).toMatchObject({
          value: right / truth.length,
          numerator: right,
          denominator: truth.length,
        });
      }
    },
  );

  test(
    "again: nothing is computed, and one process comes to the same",
    { timeout: 120_000 },
    async () => {
      const again = await compare(CONFIG, "whole", "--json");
      expect(again).toMatchObject({ code: 0, stderr: "" });
      const { summary, ...printed } = JSON.parse(again.stdout) as CompareResult & {
        summary: unknown;
      };
      expect(printed).toEqual(resultOf("whole"));
      expect(summary).toEqual(summarise(resultOf("whole")));
      const alone = await compare({ ...CONFIG, workers: 1 }, "alone");
      expect(alone.code).toBe(0);
      expect(timeless(resultOf("alone"))).toEqual(timeless(resultOf("whole")));
    },
  );

  test(
    "another config or other data are refused, and replaced with --fresh",
    { timeout: 120_000 },
    async () => {
      const other = { ...CONFIG, head: { C: 3 }, seeds: [1] };
      const refused = await compare(other, "whole");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /whole was started with another config or other data: .*head\.C/,
      );
      cpSync(at("whole"), at("replaced"), { recursive: true });
      const fresh = await compare(other, "replaced", "--fresh");
      expect(fresh.code).toBe(0);
      expect(resultOf("replaced").cells).toHaveLength(CELLS / 2);
      const labels = readFileSync(at("labels.csv"), "utf8");
      writeFileSync(
        at("labels.csv"),
        labels.replace(/,(yes|no),/, (_, of) => (of === "no" ? ",yes," : ",no,")),
      );
      const relabelled = await compare(CONFIG, "whole");
      writeFileSync(at("labels.csv"), labels);
      expect(relabelled.code).toBe(2);
      expect(relabelled.stderr).toContain("the data changed");
      const elsewhere = await compare(CONFIG, ".");
      expect(elsewhere.code).toBe(2);
      expect(elsewhere.stderr).toContain("is no comparison, but holds");
    },
  );
});

test("interrupted, it goes on to the same result", { timeout: 120_000 }, async () => {
  const config = writeConfig(at("stopped.yaml"), CONFIG);
  mkdirSync(join(at("stopped"), "cells"), { recursive: true });
  const first = "target-without-concept.base.seed-0.json";
  writeFileSync(join(at("stopped"), "config.yaml"), readFileSync(join(at("whole"), "config.yaml")));
  const half = await stopped(
    ["compare", config, "--out", "stopped"],
    join(at("stopped"), "cells"),
    { at: first, signals: ["SIGINT"] },
    { cwd: root },
  );
  expect(half.code).toBe(130);
  expect(half.stderr).toContain("the same command goes on");
  const kept = readdirSync(join(at("stopped"), "cells")).filter((name) => name.endsWith(".json"));
  expect(kept).toContain(first);
  expect(kept.length).toBeLessThan(CELLS);
  const rest = await compare(CONFIG, "stopped");
  expect(rest.code).toBe(0);
  expect(rest.stderr.trim().split("\n")).toHaveLength(CELLS - kept.length);
  expect(timeless(resultOf("stopped"))).toEqual(timeless(resultOf("whole")));
});

test("a model embeds images and prompts, once", { timeout: 120_000 }, async () => {
  const faces = await makeSyntheticFaces(at("pictures"), {
    count: 120,
    size: 32,
    bias: 0.5,
    seed: 0,
  });
  await writeCsv(
    at("drawn.csv"),
    faces.rows.map((row) => ({ ...row, split: null })),
  );
  const config = {
    ...CONFIG,
    embeddings: { model: "preset:tiny" },
    data: { source: "csv", path: "drawn.csv", attributes: ["style", "tone"] },
    attributes: [],
    seeds: 1,
    tasks: [{ target: "style", sensitive: ["tone"] }],
    methods: ["leace", "prompt-orth", "bendvlm"],
    prompts: { value: "a face of {value} tone" },
  };
  const first = await compare(config, "model");
  expect(first.stderr).not.toContain("failed");
  expect(first.code).toBe(0);
  const texts = await readEmbeddings(join(at("model"), "embeddings", "texts.safetensors"));
  const tones = [...new Set(faces.rows.map(({ labels }) => labels["tone"]!))];
  for (const tone of tones) expect(texts.ids).toContain(`a face of ${tone} tone`);
  const images = join(at("model"), "embeddings", "images.safetensors");
  const { mtimeMs } = statSync(images);
  expect(await compare(config, "model")).toMatchObject({ code: 0, stderr: "" });
  expect(statSync(images).mtimeMs).toBe(mtimeMs);

  // the same from files
  const file = "model/embeddings/images.safetensors";
  const prompts = "model/embeddings/texts.safetensors";
  const fromFiles = { ...config, embeddings: { file, texts: prompts } };
  expect((await compare(fromFiles, "files")).code).toBe(0);
  expect(timeless(resultOf("files")).cells).toEqual(timeless(resultOf("model")).cells);
  await writeEmbeddings(at(prompts), { ...texts, x: texts.x.map((value) => -value) });
  const others = await compare(fromFiles, "files");
  expect(others.code).toBe(2);
  expect(others.stderr).toContain("the data changed");
  const lacking = { ...fromFiles, prompts: { value: "a {value} face" } };
  const { code, stderr } = await compare(lacking, "lacking");
  expect(code).toBe(2);
  expect(stderr).toMatch(/texts\.safetensors: no embedding of the text "a .* face"/);
});

test("a method that fails is named; when all fail the exit code is 1", async () => {
  const config = { ...CONFIG, seeds: 1, methods: [{ name: "bendvlm", sides: "image" }] };
  const { code, stderr, stdout } = await compare(config, "failing");
  expect(code).toBe(1);
  expect(stderr).toContain("bendvlm seed 0: failed: bendvlm: sides: changes");
  expect(stdout).toContain("bendvlm");
  expect(resultOf("failing").cells.map(({ status }) => status)).toEqual(["done", "done", "failed"]);
});

describe("data that do not fit", () => {
  test("names that are not as many as embeddings", async () => {
    writeFileSync(at("names.csv"), csv([["id"], ...rows.slice(1).map(({ id }) => [id])]));
    const names = { file: "names.csv" };
    const { code, stderr } = await compare(
      { ...CONFIG, embeddings: { ...CONFIG.embeddings, names } },
      "names",
    );
    expect(stderr).toBe(
      "equiclip: names.csv: expected a name for each of the 600 embeddings of faces.safetensors, received 599; name the table that was written with them\n",
    );
    expect(code).toBe(2);
  });

  test("a number that is none", async () => {
    const bad = Buffer.from(readFileSync(at("faces.safetensors")));
    bad.writeFloatLE(Number.NaN, bad.length - 4);
    writeFileSync(at("bad.safetensors"), bad);
    const { code, stderr } = await compare(
      { ...CONFIG, embeddings: { file: "bad.safetensors" } },
      "bad",
    );
    expect(stderr).toMatch(/bad\.safetensors: row 599 .*column 11 is NaN/);
    expect(code).toBe(1);
  });

  test("every problem of a config at once, with its place", async () => {
    const { code, stderr } = await compare(
      { ...CONFIG, seeds: 0, methods: ["leice"], tasks: [{ target: "target" }] },
      "wrong",
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/wrong\.yaml:\d+:\d+ seeds: /);
    expect(stderr).toMatch(/wrong\.yaml:\d+:\d+ methods\.0: /);
    expect(stderr).toMatch(/wrong\.yaml:\d+:\d+ tasks\.0\.sensitive: /);
  });
});
