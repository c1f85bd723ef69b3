/** @file Clusters as files: every picture once, names that collide, only its own files removed, and going on. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { parse } from "csv-parse/sync";
import {
  clusterManifest,
  exportClusters,
  safeName,
  writeClusterManifest,
} from "../../../src/explore/audit/export.ts";
import { clusteringOf } from "./samples.ts";

const root = mkdtempSync(join(tmpdir(), "equiclip-export-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let [images, out] = ["", ""];
let run = 0;
beforeEach(() => {
  images = join(root, `images${run}`);
  out = join(root, `out${run++}`);
});

/** Files with their ids for contents. */
function rowsOf(ids: readonly string[]): { id: string; path: string }[] {
  return ids.map((id) => {
    const path = join(images, id);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, id);
    return { id, path };
  });
}
const listed = (): string[] =>
  readdirSync(out, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(png|txt)$/.test(name))
    .map((name) => name.replaceAll("\\", "/"))
    .sort();

describe("manifest", () => {
  test("every picture once, with its distance, as CSV and JSON", async () => {
    const rows = rowsOf(["a/x.png", "b/x.png", 'ü, "q".png']);
    const entries = clusterManifest(rows, clusteringOf([0, 1, -1]));
    await writeClusterManifest(out, "clusters", entries);
    const csv = parse(readFileSync(join(out, "clusters.csv")), { columns: true }) as unknown[];
    const json = JSON.parse(readFileSync(join(out, "clusters.json"), "utf8")) as unknown[];
    const path = (id: string): string => `../images${run - 1}/${id}`;
    expect(json).toEqual([
      { id: "a/x.png", path: path("a/x.png"), cluster: 0, distance: 0 },
      { id: "b/x.png", path: path("b/x.png"), cluster: 1, distance: 0.125 },
      { id: 'ü, "q".png', path: path('ü, "q".png'), cluster: -1, distance: null },
    ]);
    expect(csv).toEqual([
      { id: "a/x.png", path: path("a/x.png"), cluster: "0", distance: "0" },
      { id: "b/x.png", path: path("b/x.png"), cluster: "1", distance: "0.125" },
      { id: 'ü, "q".png', path: path('ü, "q".png'), cluster: "-1", distance: "" },
    ]);
  });

  test("a row that is there twice is an error", () => {
    const row = { id: "a", path: "a" };
    expect(() => clusterManifest([row, row], clusteringOf([0, 0]))).toThrow(/a is there twice/);
  });
});

describe.each(["link", "copy"] as const)("folders by %s", (how) => {
  test("two files of one base name are both kept, also where only their case differs", async () => {
    const rows = rowsOf(["a/x.png", "b/x.png", "c/X.PNG".replace("PNG", "png"), "d/y.png"]);
    const entries = clusterManifest(rows, clusteringOf([0, 0, 0, -1]));
    const result = await exportClusters(out, entries, how);
    expect(result).toEqual({ files: 4, made: 4, removed: 0, notes: [] });
    expect(listed()).toEqual([
      "cluster_00/X-3.png",
      "cluster_00/x-2.png",
      "cluster_00/x.png",
      "noise/y.png",
    ]);
    const at = join(out, "cluster_00", "x-2.png");
    expect(readFileSync(at, "utf8")).toBe("b/x.png");
    expect(lstatSync(at).isSymbolicLink()).toBe(how === "link");
    if (how === "link") expect(readlinkSync(at)).toBe(rows[1]!.path);
  });

  test("a second export removes what the first made, and nothing else", async () => {
    const rows = rowsOf(["a.png", "b.png", "c.png"]);
    await exportClusters(out, clusterManifest(rows, clusteringOf([0, 1, 2])), how);
    writeFileSync(join(out, "cluster_01", "mine.txt"), "kept");
    const result = await exportClusters(out, clusterManifest(rows, clusteringOf([0, 0, -1])), how);
    expect(result).toMatchObject({ files: 3, made: 2, removed: 2 });
    expect(listed()).toEqual([
      "cluster_00/a.png",
      "cluster_00/b.png",
      "cluster_01/mine.txt",
      "noise/c.png",
    ]);
    expect(existsSync(join(out, "cluster_02"))).toBe(false);
  });

  test("an interrupted export goes on and makes only what is missing", async () => {
    const rows = rowsOf(["a.png", "b.png", "c.png"]);
    const entries = clusterManifest(rows, clusteringOf([0, 0, 0]));
    const broken = entries.with(2, { ...entries[2]!, path: join(images, "gone.png") });
    await expect(exportClusters(out, broken, how)).rejects.toThrow(
      /cannot (link|copy) .*gone\.png/,
    );
    expect(listed()).toEqual(["cluster_00/a.png", "cluster_00/b.png"]);
    const made = lstatSync(join(out, "cluster_00", "a.png")).ino;
    expect(await exportClusters(out, entries, how)).toMatchObject({ files: 3, made: 1 });
    expect(lstatSync(join(out, "cluster_00", "a.png")).ino).toBe(made);
    expect(await exportClusters(out, entries, how)).toMatchObject({ made: 0, removed: 0 });
  });

  test("a file that no export made stands in the way: an error, twice, and it stays", async () => {
    const entries = clusterManifest(rowsOf(["a.png"]), clusteringOf([0]));
    mkdirSync(join(out, "cluster_00"), { recursive: true });
    writeFileSync(join(out, "cluster_00", "a.png"), "mine");
    for (const _ of [1, 2])
      await expect(exportClusters(out, entries, how)).rejects.toThrow(/no export made/);
    expect(readFileSync(join(out, "cluster_00", "a.png"), "utf8")).toBe("mine");
  });
});

test("links become copies, and copies of a picture that changed are made anew", async () => {
  const rows = rowsOf(["a.png"]);
  const entries = clusterManifest(rows, clusteringOf([0]));
  const at = join(out, "cluster_00", "a.png");
  await exportClusters(out, entries, "link");
  expect(await exportClusters(out, entries, "copy")).toMatchObject({ made: 1, removed: 1 });
  expect(lstatSync(at).isSymbolicLink()).toBe(false);
  expect(readFileSync(rows[0]!.path, "utf8")).toBe("a.png"); // the picture itself was not removed
  writeFileSync(rows[0]!.path, "changed");
  expect(await exportClusters(out, entries, "copy")).toMatchObject({ made: 1 });
  expect(readFileSync(at, "utf8")).toBe("changed");
  expect(statSync(at).size).toBe(7);
});

test("a record that points elsewhere is refused, and nothing is removed", async () => {
  const outside = join(root, "precious.png");
  writeFileSync(outside, "precious");
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, "equiclip-export.json"),
    JSON.stringify({
      how: "copy",
      complete: true,
      files: [{ file: "../precious.png", source: "" }],
    }),
  );
  await expect(exportClusters(out, [], "copy")).rejects.toThrow(/not the record of an export/);
  expect(existsSync(outside)).toBe(true);
});

test.each([
  ["a.png", "a.png"],
  ["con.png", "_con.png"],
  ["LPT1.tar.png", "_LPT1.tar.png"],
  ["console.png", "console.png"],
  ['a:b*?"<>|.png', "a_b______.png"],
  ["dots...", "dots_"],
  ["space .", "space_"],
  [".hidden.png", "_hidden.png"],
  ["猫 😀.jpg", "猫 😀.jpg"],
])("the name %s is written as %s", (name, written) => {
  expect(safeName(name)).toBe(written);
});

test("a name that is too long is cut between characters", () => {
  const name = safeName(`${"é".repeat(300)}.png`);
  expect(name).toBe(`${"é".repeat(100)}.png`);
});
