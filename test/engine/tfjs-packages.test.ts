/** @file What TensorFlow.js lacks on a machine, and how it is said. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { tfjsEngine } from "../../src/engine/tfjs/engine.ts";
import { brokenOn, findPackages, missingOf } from "../../src/engine/tfjs/packages.ts";

const home = mkdtempSync(join(tmpdir(), "equiclip-tfjs-"));
afterAll(() => rmSync(home, { recursive: true }));

const packageAt = (folder: string, name: string, version: string): string => {
  const at = join(home, folder, "node_modules", name);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify({ name, version }));
  return at;
};

test("packages that are not installed are named, with the command that installs them", async () => {
  expect(missingOf("tfjs-node-gpu", home)).toEqual({
    reason: "@tensorflow/tfjs-node-gpu is not installed",
    install: "npm install @tensorflow/tfjs-node-gpu@4.22.0",
  });
  await expect(tfjsEngine("tfjs-node-gpu", { from: home })).rejects.toThrow(
    "engine: tfjs-node-gpu cannot run here: @tensorflow/tfjs-node-gpu is not installed; npm install @tensorflow/tfjs-node-gpu@4.22.0",
  );
});

test("a package whose native part was not built", () => {
  packageAt("unbuilt", "@tensorflow/tfjs-node", "4.23.0");
  expect(missingOf("tfjs-node", join(home, "unbuilt"))).toEqual({
    reason: "@tensorflow/tfjs-node lacks its native part: its install script did not run",
    install: "npm rebuild @tensorflow/tfjs-node --ignore-scripts=false",
  });
});

test("a native part that cannot be loaded is said in one line", async () => {
  const at = packageAt("broken", "@tensorflow/tfjs-node", "4.23.0");
  mkdirSync(join(at, "lib", "napi-v8"), { recursive: true });
  writeFileSync(join(at, "lib", "napi-v8", "tfjs_binding.node"), "");
  writeFileSync(
    join(at, "index.js"),
    'process.dlopen(module, require("path").join(__dirname, "lib/napi-v8/tfjs_binding.node"))',
  );
  const from = join(home, "broken");
  expect(missingOf("tfjs-node", from)).toBeNull();
  await expect(tfjsEngine("tfjs-node", { from })).rejects.toThrow(
    /^engine: tfjs-node: @tensorflow\/tfjs-node does not load: .*file too short$/,
  );
});

test("the user's own packages go before those beside this one", () => {
  const core = packageAt("own", "@tensorflow/tfjs-core", "4.22.0");
  packageAt("own", "@tensorflow/tfjs-backend-cpu", "4.22.0");
  const from = join(home, "own");
  const found = (folder: string): string =>
    findPackages("tfjs-cpu", folder)!.resolve("@tensorflow/tfjs-core/package.json");
  expect(found(from)).toBe(join(core, "package.json"));
  // one of two packages is not enough
  cpSync(
    join(from, "node_modules", "@tensorflow", "tfjs-core"),
    join(home, "half", "node_modules", "@tensorflow", "tfjs-core"),
    { recursive: true },
  );
  expect(found(join(home, "half"))).not.toContain(home);
});

test.each([
  ["4.22.0", "20.20.2", true],
  ["4.22.0", "22.21.0", true],
  ["4.22.0", "23.0.0", false],
  ["4.20.1", "24.1.0", false],
  ["3.21.1", "26.8.1", false],
  ["4.23.0", "24.1.0", true],
  ["5.0.0", "26.8.1", true],
])("native TensorFlow.js %s on Node %s", (version, node, runs) => {
  const problem = brokenOn(version, node);
  if (runs) expect(problem).toBeNull();
  else expect(problem).toMatch(/util\.isNullOrUndefined.*run equiclip with Node 20 or 22$/);
});
