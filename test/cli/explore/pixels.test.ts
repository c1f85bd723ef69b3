import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { random } from "../../../src/run/random.ts";
import { toSharp } from "../../data/images.ts";

const home = mkdtempSync(join(tmpdir(), "equiclip-pixels-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Pictures of which each label has its own: bright on one side, with noise. */
async function faces(folder: string, counts: readonly number[], width = 20): Promise<string> {
  const root = join(home, folder);
  const noise = random("faces", folder);
  for (const [label, count] of counts.entries()) {
    mkdirSync(join(root, `face${label + 1}`), { recursive: true });
    for (let i = 0; i < count; i++) {
      const data = Uint8Array.from({ length: width * 20 * 3 }, (_, at) => {
        const column = Math.floor(at / 3) % width;
        const bright = Math.floor((column / width) * counts.length) === label;
        return (bright ? 200 : 20) + noise.int(30);
      });
      const name = join(root, `face${label + 1}`, `${i}.png`);
      await toSharp({ width, height: 20, data }).toFile(name);
    }
  }
  return root;
}

const main = join(import.meta.dirname, "..", "..", "..", "src", "cli", "main.ts");

/** Runs the command in a process of its own; what it printed. @throws what it wrote to stderr */
async function run(...args: readonly string[]): Promise<string> {
  const tsx = import.meta.resolve("tsx");
  const all = ["--import", tsx, main, "explore", "pixels", ...args];
  return (await promisify(execFile)(process.execPath, all, { cwd: home })).stdout;
}

test("the study's options give the study's four pictures, at 300 dpi", async () => {
  const folder = await faces("short", [8, 7, 6]);
  writeFileSync(join(folder, "loose.png"), "");
  const [tsne, umap] = [join(home, "out", "tsne"), join(home, "out", "umap")];
  const printed = await run("-id", folder, "-os", tsne, "-is", "16", "-ou", umap);
  expect(printed).toContain("21 pictures of 3 labels");
  expect(printed).toContain("left out: loose.png: lies beside the label folders");
  expect(printed).toContain("21 x 256 numbers");
  expect(printed).toMatch(/clusters \(DBSCAN, eps 0\.5, at least 5\): 3, noise 0\.0%.* 1\.000/);
  expect(printed).toMatch(/accuracy on \d+ pictures held out of map and borders: 100\.0%/);
  const files = [
    `${tsne}_256.png`,
    `${umap}_256.png`,
    `${umap}_256_kde.png`,
    `${umap}_svm_boundaries.png`,
  ];
  for (const file of files) {
    const { density, width } = await sharp(file).metadata();
    expect(density).toBe(300);
    expect(width! / 300).toBeGreaterThan(9.9); // inches
    expect(printed).toContain(`wrote ${file}`);
  }
  const drawn = files.map((file) => readFileSync(file).toString("base64"));
  expect(new Set(drawn).size).toBe(4);
});

test("long options and defaults: 128 x 128 is 16384; pictures that are not square are not dropped", async () => {
  const folder = await faces("wide", [3, 3], 40);
  const printed = await run("--input_directory", folder);
  expect(printed).toContain("6 x 16384 numbers");
  for (const name of ["output_tsne_16384", "output_umap_16384", "output_umap_16384_kde"])
    expect(existsSync(join(home, `${name}.png`))).toBe(true);
  expect(existsSync(join(home, "output_umap_svm_boundaries.png"))).toBe(true);
});

test("what the study's program got wrong in the dark is an error or said", async () => {
  await expect(run("-id", join(home, "nowhere"))).rejects.toThrow(/nowhere: no such folder/);
  await expect(run("-os", "x")).rejects.toThrow(/input_directory/);
  await expect(run("-id", home, "-is", "1")).rejects.toThrow(/--image_size: .* received 1/);
  await expect(run("-id", home, "-oz", "x")).rejects.toThrow(/oz/);
  const broken = await faces("broken", [2, 2]);
  writeFileSync(join(broken, "face1", "half.png"), "no picture");
  await expect(run("-id", broken, "-is", "8")).rejects.toThrow(/half\.png/);
});
