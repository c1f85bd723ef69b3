/** @file The test split decides nothing: with all its labels turned around, everything that is chosen stays the same. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";
import { type RunFolder, runFolder } from "../../src/run/folder.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-untouched-"));
const METHODS = ["leace", "pca-pair", "prompt-orth", "bendvlm", "thresholds", "wise", "dfr"];
const TURNED: Readonly<Record<string, string>> = { angular: "rounded", rounded: "angular" };
const config = `
name: untouched
data: { source: csv, path: MANIFEST, target: style, sensitive: [tone], splitColumn: part }
balance: { method: priority, attributes: [tone, style] }
model: { from: preset:tiny }
train: { epochs: 2, batchSize: 16, lr: 1.0e-3, reweight: cells }
evaluate: { bootstrap: 50 }
debias: { methods: [${METHODS.join(", ")}] }
`;

/** Trains on the faces, with the labels of the test split as `turn` has them. */
async function train(name: string, turn: (style: string) => string): Promise<RunFolder> {
  const { rows } = await makeSyntheticFaces(join(root, "faces"), { count: 320, size: 48, seed: 1 });
  const lines = rows.map(({ id, labels, split }) => {
    const style = labels["style"]!;
    return [`faces/${id}`, split === "test" ? turn(style) : style, labels["tone"], split].join(",");
  });
  const manifest = join(root, `${name}.csv`);
  writeFileSync(manifest, ["image,style,tone,part", ...lines].join("\n"));
  const file = join(root, `${name}.yaml`);
  writeFileSync(file, config.replace("MANIFEST", manifest));
  const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
  const out = join(root, name);
  await promisify(execFile)(process.execPath, [
    "--import",
    "tsx",
    main,
    "train",
    file,
    "--out",
    out,
  ]);
  return runFolder(out);
}

let right: RunFolder;
let wrong: RunFolder;
beforeAll(async () => {
  right = await train("right", (style) => style);
  wrong = await train("wrong", (style) => TURNED[style]!);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));
const sameBytes = (a: string, b: string): boolean => readFileSync(a).equals(readFileSync(b));

test("the measures are those of other labels", () => {
  const accuracy = (run: RunFolder): number => json(run.reportJson).before.overall.accuracy.value;
  expect(accuracy(wrong)).toBeCloseTo(1 - accuracy(right), 9);
});

test("the weights, the epoch and every variant are the same bits", () => {
  for (const name of ["best", "last"] as const)
    expect(
      sameBytes(join(right[name], "model.safetensors"), join(wrong[name], "model.safetensors")),
    ).toBe(true);
  expect(sameBytes(right.variants, wrong.variants)).toBe(true);
  expect(Object.keys(json(right.variants).variants)).toEqual(METHODS);
  expect(json(wrong.manifest).selectedEpoch).toBe(json(right.manifest).selectedEpoch);
});
