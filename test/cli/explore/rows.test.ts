/** @file Rows of an exploration: what is left out and told, what is ignored, and captions that stay with their rows. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type FoundData, openRows } from "../../../src/cli/explore/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-rows-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: readonly string[]): string => join(folder, ...parts);
function files(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(at(name)), { recursive: true });
    writeFileSync(at(name), "");
  }
}
const ids = (of: readonly { readonly id: string }[]): string[] => of.map(({ id }) => id);
const utkface = { source: "utkface" as const, ageBands: [0, 18], maxBad: 0 };

describe("images", () => {
  test("of any folder, sorted; hidden files ignored, others told; one base name in two folders is two rows", async () => {
    files("i/b/same.png", "i/a/same.png", "i/z.JPG", "i/.hidden.png", "i/.cache/x.png", "i/a.txt");
    const found = await openRows({ source: "images", path: at("i"), maxBad: 0 }, null);
    expect(ids(found.rows)).toEqual(["a/same.png", "b/same.png", "z.JPG"]);
    expect(ids(found.rejected)).toEqual(["a.txt"]);
    expect(found).toMatchObject({ source: at("i"), captions: null, hasImages: true });
  });

  test("a folder of hidden files is empty", async () => {
    files("h/.DS_Store");
    await expect(openRows({ source: "images", path: at("h"), maxBad: 0 }, null)).rejects.toThrow(
      "the folder is empty, expected images",
    );
  });
});

test("folders: three are three labels; loose and deeper files are told", async () => {
  files("f/x/1.png", "f/y/1.png", "f/z/1.png", "f/z/deep/2.png", "f/loose.png", "f/x/.DS_Store");
  const data = { source: "folders", path: at("f"), label: "person", maxBad: 0 } as const;
  const found = await openRows(data, null);
  expect(found.rows.map(({ labels }) => labels["person"])).toEqual(["x", "y", "z"]);
  expect(found.rejected).toEqual([
    { id: "loose.png", reason: expect.stringContaining("beside the label folders") },
    { id: "z/deep/2.png", reason: "lies deeper than the label folders, expected <person>/2.png" },
  ]);
  files("deep/x/y/1.png");
  await expect(openRows({ ...data, path: at("deep") }, null)).rejects.toThrow(
    "no usable row among 1 items, expected images in <person>/ folders",
  );
});

describe("utkface", () => {
  const [whole, lacking] = ["30_1_2_20170116174525125.jpg", "39_1_20170116174525125.jpg.chip.jpg"];

  test("names that do not parse are told", async () => {
    files(`u/${whole}`, `u/${lacking}`);
    const found = await openRows({ ...utkface, path: at("u") }, null);
    expect(found.rows).toMatchObject([
      { id: whole, labels: { gender: "female", race: "asian", age_band: "18+" } },
    ]);
    expect(ids(found.rejected)).toEqual([lacking]);
  });

  test("without a folder: names of embeddings", async () => {
    const found = await openRows(utkface, { file: "e.npy", ids: [whole!, lacking!] });
    expect(found).toMatchObject({ source: "e.npy", hasImages: false });
    expect(ids(found.rows)).toEqual([whole]);
    await expect(openRows(utkface, { file: "e.npy", ids: null })).rejects.toThrow(
      "expected a folder of UTKFace images, or a first encoder of kind file whose rows have names; e.npy has none",
    );
  });
});

describe("csv", () => {
  const table = (name: string, lines: readonly string[]): FoundData => {
    writeFileSync(at(name), lines.join("\n"));
    const columns = { image: "image", attributes: ["job"], numbers: ["age"], caption: "text" };
    return { source: "csv", path: at(name), ...columns, maxBad: 0.34 };
  };

  test("captions in any script stay with their rows, past a bad record; empty ones are none", async () => {
    const data = table("c.csv", [
      "image,job,age,text",
      'b.png,cook,40,"una mujer, cocinando"',
      "x.png,cook,forty,lost",
      "a.png,nurse,25,医生在工作",
      "./c.png,nurse,60, أمّ ",
      "d.png,nurse,60,",
    ]);
    const { rows, captions, rejected } = await openRows(data, null);
    expect(ids(rows)).toEqual(["b.png", "a.png", "c.png", "d.png"]);
    expect(captions).toEqual(["una mujer, cocinando", "医生在工作", "أمّ", null]);
    expect(rejected).toEqual([
      { id: "x.png", reason: expect.stringContaining("expected a number") },
    ]);
    await expect(openRows({ ...data, maxBad: 0.1 }, null)).rejects.toThrow(
      "1 of 5 items cannot be used",
    );
  });

  test("rows may have names of their own", async () => {
    const lines = ["key,image,job,age,text", "k2,same.png,cook,1,two", "k1,same.png,cook,2,one"];
    const found = await openRows({ ...table("k.csv", lines), id: "key" } as FoundData, null);
    expect(ids(found.rows)).toEqual(["k2", "k1"]);
    expect(found.captions).toEqual(["two", "one"]);
  });

  test("a caption column that is not there", async () => {
    const data = table("n.csv", ["image,job,age", "a.png,cook,1"]);
    await expect(openRows(data, null)).rejects.toThrow('no column "text"');
  });
});
