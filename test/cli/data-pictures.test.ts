/** @file `equiclip data pictures`: files that show what the plan counts. */
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BalancePlan } from "../../src/data/balance.ts";
import { equiclip } from "./equiclip.ts";

let root: string;
let config: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "equiclip-pictures-"));
  config = join(root, "faces.yaml");
  await writeFile(
    config,
    `
name: faces
data: { source: synthetic, count: 120, size: 32, folder: ${join(root, "faces")} }
balance: { method: priority, attributes: [tone, style], maxCopies: 3 }
model: { from: preset:tiny }
`,
  );
});
afterAll(() => rm(root, { recursive: true }));

/** What an SVG says, as texts. */
const textsOf = async (file: string): Promise<string[]> =>
  [...(await readFile(file, "utf8")).matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text!);

test("samples, originals beside their copies, and the rows of every attribute before and after", async () => {
  const out = join(root, "pictures");
  const { code, stdout, stderr } = await equiclip([
    "data",
    "pictures",
    config,
    "--out",
    out,
    "--json",
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { files } = JSON.parse(stdout) as { files: { file: string; shows: string }[] };
  expect(files.map(({ file }) => file).toSorted()).toEqual((await readdir(out)).toSorted());

  const plan = JSON.parse(
    (await equiclip(["data", "balance", config, "--json"])).stdout,
  ) as BalancePlan;
  const shows = new Map(files.map(({ file, shows: what }) => [file, what]));
  expect(shows.get("samples.png")).toBe("32 of 120 images, drawn at random");
  expect(shows.get("rows-by-tone.svg")).toBe(`${plan.before} rows before, ${plan.after} after`);
  for (const attribute of ["tone", "style"]) {
    const texts = await textsOf(join(out, `rows-by-${attribute}.svg`));
    expect(texts).toContain(`before: ${plan.before}`);
    expect(texts).toContain(`after: ${plan.after}`);
    for (const label of new Set(plan.cells.map(({ values }) => values[attribute]!))) {
      const cells = plan.cells.filter(({ values }) => values[attribute] === label);
      expect(texts).toContain(label);
      for (const state of ["before", "after"] as const)
        expect(texts).toContain(String(cells.reduce((sum, cell) => sum + cell[state], 0)));
    }
  }
  // four rows of eight; six parts of an original and at most seven more
  const samples = await sharp(join(out, "samples.png")).metadata();
  expect([samples.format, samples.width]).toEqual(["png", 2 * 18 + 8 * 128 + 7 * 10]);
  const copied = new Set(plan.added.map(({ origin }) => origin)).size;
  expect(shows.get("augmented.png")).toBe(`6 originals of ${copied} that are copied`);
});

test("without balancing the rows are drawn as they are", async () => {
  const out = join(root, "plain");
  const set = ["--set", "balance={method: none}"];
  const { code } = await equiclip(["data", "pictures", config, "--out", out, ...set]);
  expect(code).toBe(0);
  const texts = await textsOf(join(out, "rows-by-style.svg"));
  expect(texts).toContain("rows: 120");
  expect(texts.some((text) => text.startsWith("after"))).toBe(false);
});
