/** @file A folder of 10,000 pictures: their pixels would fill 1.2 GB, a batch of them fills little. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { noiseImage, toSharp } from "../../data/images.ts";

const COUNT = 10_000;
const SIDE = 200;
const MEGABYTES = 600;

const folder = mkdtempSync(join(tmpdir(), "equiclip-many-"));
afterAll(() => rmSync(folder, { recursive: true }), 120_000); // 10,000 files

const run = async (): Promise<Record<string, number>> => {
  const program = fileURLToPath(new URL("./embed-many.ts", import.meta.url));
  const args = ["--import", import.meta.resolve("tsx"), program];
  const places = [join(folder, "images"), join(folder, "kept")];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...places]);
  return JSON.parse(stdout) as Record<string, number>;
};

test("are embedded in bounded memory, once", async () => {
  mkdirSync(join(folder, "images"));
  const jpeg = await toSharp(noiseImage(SIDE, SIDE)).jpeg().toBuffer();
  for (let i = 0; i < COUNT; i++) {
    const end = Buffer.alloc(4); // decoders do not look at what follows: each file is another one
    end.writeUInt32LE(i);
    writeFileSync(join(folder, "images", `${i}.jpg`), Buffer.concat([jpeg, end]));
  }
  writeFileSync(join(folder, "images", ".DS_Store"), "hidden");
  const first = await run();
  expect(first).toMatchObject({ n: COUNT, d: 64, computed: COUNT, thumbnails: COUNT });
  expect(first["megabytes"]).toBeLessThan(MEGABYTES);
  expect((COUNT * SIDE * SIDE * 3) / 1e6).toBeGreaterThan(MEGABYTES);
  const second = await run();
  expect(second).toMatchObject({ n: COUNT, computed: 0, thumbnails: COUNT });
  expect(second["megabytes"]).toBeLessThan(MEGABYTES);
});
