/** @file `equiclip network`: tables of networks, their diagrams, and what is refused. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { saveCnn } from "../../src/model/cnn/folder.ts";
import { thinModel } from "../model/cnn/tiny.ts";
import { equiclip } from "./equiclip.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-network-"));
afterAll(() => rmSync(root, { recursive: true }));

test("all of them, with their parameters", async () => {
  const { code, stdout } = await equiclip(["network"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/cnn:ward .* 200x200x3\s+4,426,945/);
  expect(stdout).toMatch(/cnn:serawan .* 96x96x3\s+17,157,512/);
});

test("one, layer by layer, and drawn into a file with colours of its own", async () => {
  const svg = join(root, "ward.svg");
  const { code, stdout } = await equiclip(["network", "cnn:ward", "--svg", svg]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/pool3\s+max pool 2x2\s+23x23x128/);
  expect(stdout).toMatch(/all\s+4,426,945/);
  const drawn = readFileSync(svg, "utf8");
  expect(drawn).toMatch(/^<svg\s[^]*<\/svg>\n$/);
  expect(drawn).not.toMatch(/var\(|currentColor/);
});

test("a folder, as JSON", async () => {
  const folder = join(root, "small");
  await saveCnn(folder, thinModel({ architecture: "small", size: 16 }, 16));
  const { stdout } = await equiclip(["network", folder, "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ architecture: "small", input: "16x16x3" });
});

test.each([
  [["cnn:wart"], /cnn:wart: expected one of ward, .*; did you mean cnn:ward\?/],
  [["cnn:ward", "--size", "9"], /images of 9 x 9: .*; use images of 22 x 22 pixels or more/],
  [["preset:tiny"], /expected cnn:NAME \(ward, .*\) or the folder of a convolutional network/],
  [["--size", "9"], /--size and --svg need a model/],
])("%j is refused in one line", async (args, message) => {
  const { code, stderr } = await equiclip(["network", ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd()).not.toContain("\n");
});
