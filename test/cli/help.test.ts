/** @file Every page of help: it comes, fits a terminal, and shows how the command is used. */
import { expect, test } from "vitest";
import { equiclip } from "./equiclip.ts";

test.each([
  ["", ["train <config>", "eval [run]", "data", "Exit codes: 0"]],
  ["train", ["--out", "--resume", "--fresh", "--set", "--json", "130"]],
  ["eval", ["--data", "--predictions", "--threshold", "--slices", "--out", "--json"]],
  ["metrics", ["metrics [name]", "--kind", "--json"]],
  ["network", ["network [model]", "--size", "--svg", "--json"]],
  ["doctor", ["doctor [engine]", "--no-measure", "--json"]],
  ["gate", ["<report>", "--rules", "--baseline", "--markdown", "--junit", "--github", "3 FAIL"]],
  ["gate init", ["--out", "--force"]],
  ["compare", ["<config>", "--out", "--fresh", "--set", "--json", "docs/compare.md"]],
  ["sweep", ["<subject>", "--out", "--set", "--json", "docs/sweep.md"]],
  [
    "study",
    ["<subject>", "--data", "--synthetic", "--scale", "--only", "--resume", "docs/study-001.md"],
  ],
  ["explore", ["<subject>", "--model", "--out", "--fresh", "--set", "--json", "docs/explorer.md"]],
  ["explore pixels", ["-id", "-os", "-is", "-ou", "output_umap"]],
  ["embed", ["<source>", "--model", "--transformers", "--onnx", "--texts", "--max-bad", "--out"]],
  ["fold", ["<model>", "--erasers", "--sides", "--linear", "--fitted-on", "--out"]],
  ["export", ["<model>", "--onnx", "--out", "localModelPath"]],
  ["data", ["inspect <source>", "split <config>", "balance <config>", "pictures <config>"]],
  ["cache", ["cache list", "cache prune"]],
  ["cache list", ["--folder", "--json"]],
  ["cache prune", ["--limit", "--older", "--all", "--json"]],
  ["data inspect", ["--set", "--json"]],
  ["data split", ["--out", "--set", "--json"]],
  ["data balance", ["--out", "--set", "--json"]],
  ["data pictures", ["--out", "--set", "--json"]],
])("equiclip %s --help", async (command, parts) => {
  const words = command === "" ? [] : command.split(" ");
  const { code, stdout, stderr } = await equiclip([...words, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const part of parts) expect(stdout).toContain(part);
  // every example is whole on its line, and begins with this command
  const examples = stdout.split("Examples:\n")[1]!.split("\n\n")[0]!.trimEnd().split("\n");
  for (const line of examples) expect(line).toMatch(new RegExp(`^  equiclip ${command}.*  \\S`));
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("--version", async () => {
  const { code, stdout } = await equiclip(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
