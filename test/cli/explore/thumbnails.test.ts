/** @file Thumbnails: small upright JPEGs, made once. */
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { thumbnailsOf } from "../../../src/cli/explore/thumbnails.ts";
import { InterruptedError } from "../../../src/run/errors.ts";
import { silent } from "../../../src/run/progress.ts";
import { noiseImage, toSharp } from "../../data/images.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-thumbnails-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const options = { folder: at("kept"), signal: new AbortController().signal, progress: silent };

test("of any shape, upright, within 72 pixels; null for what is no image; kept by content", async () => {
  await toSharp(noiseImage(300, 100, 1))
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(at("a.jpg"));
  await toSharp(noiseImage(20, 20, 2))
    .ensureAlpha(0)
    .png()
    .toFile(at("b.png"));
  writeFileSync(at("c.png"), "no image");
  const paths = ["a.jpg", "b.png", "c.png", "none.png", "a.jpg"].map(at);
  const first = await thumbnailsOf(paths, options);
  expect(first.map((jpeg) => jpeg !== null)).toEqual([true, true, false, false, true]);
  expect(await sharp(first[0]!).metadata()).toMatchObject({
    format: "jpeg",
    width: 24,
    height: 72,
  });
  const { data } = await sharp(first[1]!).raw().toBuffer({ resolveWithObject: true });
  expect(Math.min(...data)).toBeGreaterThan(250); // transparent is white
  expect(first[4]).toEqual(first[0]);

  const kept = statSync(at("kept/thumbnails.bin")).size;
  expect(await thumbnailsOf(paths.slice(0, 2), options)).toEqual(first.slice(0, 2));
  // moved in time alone: the same content
  utimesSync(at("b.png"), new Date(), new Date(1e12));
  expect(await thumbnailsOf(paths, options)).toEqual(first);
  expect(statSync(at("kept/thumbnails.bin")).size).toBe(kept);
  // other content
  await toSharp(noiseImage(20, 20, 3))
    .png()
    .toFile(at("b.png"));
  const changed = await thumbnailsOf(paths, options);
  expect(changed[1]).not.toEqual(first[1]);
  expect(changed[0]).toEqual(first[0]);
  // a damaged file is made again
  writeFileSync(
    at("kept/thumbnails.bin"),
    '{"format":"equiclip.thumbnails/1","images":[["x",9]]}\n1',
  );
  expect(await thumbnailsOf(paths, options)).toEqual(changed);
});

test("interrupted before it began", async () => {
  await toSharp(noiseImage(9, 9, 4))
    .png()
    .toFile(at("d.png"));
  await expect(
    thumbnailsOf([at("d.png")], { ...options, signal: AbortSignal.abort() }),
  ).rejects.toThrow(InterruptedError);
});
