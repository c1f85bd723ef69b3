/** @file `equiclip cache`: what runs leave is listed and removed; a cache that cannot be written stops nothing. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noiseImage, toSharp } from "../data/images.ts";
import { equiclip } from "./equiclip.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-cli-cache-"));
const faces = join(root, "faces");
const folder = join(root, "cache");
const env = { EQUICLIP_CACHE: folder };
beforeAll(async () => {
  for (const label of ["a", "b"]) {
    mkdirSync(join(faces, label), { recursive: true });
    for (const seed of [1, 2, 3])
      await toSharp(noiseImage(40, 40, seed + 10 * label.charCodeAt(0)))
        .png()
        .toFile(join(faces, label, `${seed}.png`));
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("what a command leaves is listed and pruned, and makes the same of the images", async () => {
  expect(await equiclip(["cache"], { env })).toMatchObject({
    code: 0,
    stdout: `${folder}: nothing is cached\n`,
  });
  const [first, second] = [
    await equiclip(["data", "inspect", faces, "--json"], { env }),
    await equiclip(["data", "inspect", faces, "--json"], { env }),
  ];
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(second).toEqual(first);
  const { stdout } = await equiclip(["cache", "list", "--json"], { env });
  const [table] = JSON.parse(stdout).tables;
  expect(table).toMatchObject({ kind: "image fingerprints", rows: 6 });
  expect(table.bytes).toBeGreaterThan(6 * 1024);
  expect((await equiclip(["cache"], { env })).stdout).toMatch(/image fingerprints .* 6 /);

  const prune = async (...args: string[]) =>
    (await equiclip(["cache", "prune", "--folder", folder, ...args])).stdout;
  expect(await prune("--older", "1")).toMatch(/removed 0 files/);
  expect(await prune("--limit", "1GB")).toMatch(/removed 0 files/);
  expect(JSON.parse(await prune("--all", "--json"))).toMatchObject({
    removed: { files: 1 },
    bytes: 0,
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("a full disk, and a folder that cannot be written: said once, and the command goes on", async () => {
  const inspect = ["data", "inspect", faces, "--json"];
  const { stdout } = await equiclip(inspect, { env: { EQUICLIP_CACHE: join(root, "whole") } });
  const file = join(root, "file");
  writeFileSync(file, "");
  const ways = [
    { env: { EQUICLIP_CACHE: join(root, "full") }, fileLimit: 4 },
    { env: { EQUICLIP_CACHE: join(file, "cache") } },
  ];
  for (const way of ways) {
    const ended = await equiclip(inspect, way);
    expect(ended).toMatchObject({ code: 0, stdout });
    expect(ended.stderr).toMatch(/^equiclip: cache: cannot write .*; the run goes on.*\n$/);
  }
  expect(existsSync(join(root, "full"))).toBe(true);
});

test.each([
  [["cache", "prune"], "expected one of --limit, --older and --all, received none"],
  [["cache", "prune", "--all", "--older", "3"], "received 2"],
  [["cache", "prune", "--older", "soon"], '--older: expected days, such as 30, received "soon"'],
  [["cache", "prune", "--limit", "much"], 'expected bytes, such as 500MB or 5GB, received "much"'],
])("equiclip %s is a usage error", async (args, said) => {
  const { code, stderr } = await equiclip(args, { env });
  expect(code).toBe(2);
  expect(stderr).toContain(said);
});
