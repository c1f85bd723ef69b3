/** @file What a user installs: the packed files, imported and run from another folder. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

const root = join(import.meta.dirname, "..");
const home = mkdtempSync(join(tmpdir(), "equiclip-package-"));
const modules = join(home, "node_modules");
const installed = join(modules, "equiclip");
afterAll(() => rmSync(home, { recursive: true }));

const node = (...args: readonly string[]): string =>
  execFileSync(process.execPath, args, { cwd: home, encoding: "utf8", stdio: "pipe" });
const equiclip = (...args: readonly string[]): string =>
  node(join(installed, manifest.bin.equiclip), ...args);

/** Builds into a folder of its own, with the files that package.json lists and the dependencies it declares, no others. */
beforeAll(() => {
  mkdirSync(installed, { recursive: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const config = join(root, "tsconfig.build.json");
  execFileSync(process.execPath, [tsc, "-p", config, "--outDir", join(installed, "dist")]);
  for (const name of ["package.json", ...manifest.files.filter((file) => file !== "dist")])
    cpSync(join(root, name), join(installed, name), { recursive: true });
  for (const name of Object.keys(manifest.dependencies)) {
    const at = join(modules, name);
    mkdirSync(join(at, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), at, "junction");
  }
});

test("the library is imported by its name", () => {
  const script = `
    import { evaluate, graph, loadClip, onnxEngine, imageTower, plainLayers, VERSION } from "equiclip";
    const binary = { classes: ["x", "y"], truth: Int32Array.of(0, 1), predicted: Int32Array.of(0, 0) };
    const report = evaluate({ ...binary, ids: ["a", "b"], groups: {} }, { positive: "y" });
    const { config, weights } = await loadClip("preset:tiny");
    const layers = plainLayers((name) => graph.param(name, weights.get(name).shape));
    const pixels = graph.input("pixelValues", [1, 3, 32, 32]);
    const program = await onnxEngine().compile({ embeds: imageTower(config, layers, pixels).embeds });
    const data = new Float32Array(3 * 32 * 32);
    const { embeds } = await program.run({ ...Object.fromEntries(weights), pixelValues: { shape: [1, 3, 32, 32], data } });
    console.log(JSON.stringify([VERSION, report.overall.accuracy.value, embeds.shape]));
  `;
  const printed = node("--input-type=module", "-e", script);
  expect(JSON.parse(printed)).toEqual([manifest.version, 0.5, [1, 32]]);
});

test("the command is run from another folder", () => {
  expect(equiclip("--version").trim()).toBe(manifest.version);
  expect(equiclip("--help")).toContain("equiclip train");
  const config = join(installed, "configs", "quickstart.yaml");
  const small = ["data.count=200", "train.epochs=1", "evaluate.bootstrap=50", "debias.methods=[]"];
  const printed = equiclip("train", config, ...small.flatMap((pair) => ["--set", pair]), "--json");
  expect(JSON.parse(printed)).toMatchObject({ schema: "equiclip.report/1", n: 80 });
  expect(readdirSync(join(home, "checkpoints", "quickstart"))).toContain("manifest.json");
});

test("transformers.js is asked for only where it is wanted, and missed by its name", () => {
  const images = join(home, "images");
  mkdirSync(images);
  cpSync(join(root, "docs", "report.webp"), join(images, "a.webp"));
  const args = ["embed", "images", "--transformers", "some/model", "--out", "e.npy"];
  expect(() => equiclip(...args)).toThrow(
    /@huggingface\/transformers, which is not installed: npm install @huggingface\/transformers/,
  );
  expect(equiclip("embed", "images", "--model", "preset:tiny", "--out", "e.npy")).toContain(
    "[1, 32]",
  );
});
