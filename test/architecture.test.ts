/** @file Who may import whom. Read ALLOWED top to bottom: a folder sees only the folders in its own list. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  run: [],
  graph: ["run"],
  eval: ["run"],
  engine: ["graph", "run"],
  model: ["graph", "run"],
  data: ["run"],
  debias: ["eval", "run"],
  train: ["graph", "engine", "model", "data", "debias", "eval", "run"],
  embed: ["engine", "model", "data", "run"],
  compare: ["graph", "engine", "model", "data", "debias", "eval", "train", "run"],
  generate: ["data", "run"],
  study: ["compare", "eval", "run"],
  explore: ["data", "eval", "debias", "run"],
  report: ["compare", "explore", "study", "model", "data", "eval", "debias", "run"],
  cli: [
    "run",
    "graph",
    "eval",
    "engine",
    "model",
    "data",
    "debias",
    "train",
    "embed",
    "compare",
    "generate",
    "explore",
    "study",
    "report",
  ],
};
/** Parts of a folder: of engines the interface alone; of models a network's summary, which is a plain value. */
const ONLY: Readonly<Record<string, string>> = {
  "train>engine": "engine/engine.ts",
  "compare>engine": "engine/engine.ts",
  "embed>engine": "engine/engine.ts",
  "report>model": "model/cnn/summary.ts",
};

const src = join(import.meta.dirname, "..", "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .map((f) => f.replaceAll("\\", "/"))
  .filter((f) => f.endsWith(".ts"));
const importsOf = (file: string): string[] =>
  [
    ...readFileSync(join(src, file), "utf8").matchAll(/(?:from|import\()\s*["'](\.[^"']+)["']/g),
  ].map(([, to]) => posix.join(posix.dirname(file), to!));

test.each(files.filter((f) => f !== "index.ts"))(
  "src/%s imports only what its folder may",
  (file) => {
    const folder = file.split("/")[0]!;
    expect(ALLOWED[folder], `no rule for folder ${folder}`).toBeDefined();
    const bad = importsOf(file).filter((to) => {
      const other = to.split("/")[0]!;
      const only = ONLY[`${folder}>${other}`];
      return (
        other !== folder &&
        (!ALLOWED[folder]!.includes(other) || (only !== undefined && to !== only))
      );
    });
    expect(bad).toEqual([]);
  },
);

test("no import cycles", () => {
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...trail.slice(trail.indexOf(file)), file].join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const to of importsOf(file)) visit(to, [...trail, file]);
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  expect(cycles).toEqual([]);
});

test("every file says in its first line what it is", () => {
  const silent = files.filter(
    (f) => !/^(#!.*\n)?\/\*\*\s+(\* )?@file /.test(readFileSync(join(src, f), "utf8")),
  );
  expect(silent).toEqual([]);
});
