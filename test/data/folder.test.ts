import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFolder } from "../../src/data/folder.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "folder-"));
  for (const path of [
    "male/a.jpg",
    "female/deep/b.PNG",
    "cat/c.jpg",
    "male/notes.txt",
    "stray.jpg",
  ]) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), "");
  }
});
afterAll(() => rm(root, { recursive: true }));

test("the top folder is the label; what is no labelled image is told", async () => {
  const { rows, rejected } = await readFolder(root, "gender", ["male", "female"]);
  expect(rows.map(({ id, labels, path }) => ({ id, labels, path }))).toEqual([
    {
      id: "female/deep/b.PNG",
      labels: { gender: "female" },
      path: join(root, "female", "deep", "b.PNG"),
    },
    { id: "male/a.jpg", labels: { gender: "male" }, path: join(root, "male", "a.jpg") },
  ]);
  expect(rejected).toEqual([
    { id: "cat/c.jpg", reason: 'gender: expected male, female, received "cat"' },
    {
      id: "male/notes.txt",
      reason: "the name has no image suffix (.jpg, .png, .webp, .tiff, ...)",
    },
    { id: "stray.jpg", reason: "lies beside the label folders, expected <gender>/stray.jpg" },
  ]);
  expect((await readFolder(root, "kind")).rows.map(({ labels }) => labels["kind"])).toEqual([
    "cat",
    "female",
    "male",
  ]);
});

test("a folder without labelled images, and a missing one", async () => {
  await expect(readFolder(join(root, "cat"), "kind")).rejects.toThrow(
    "expected images in <kind>/ folders",
  );
  await expect(readFolder(join(root, "none"), "kind")).rejects.toThrow("no such folder");
});
