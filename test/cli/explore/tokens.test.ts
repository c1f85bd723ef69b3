/** @file Tokens of pictures: whatever the order they are asked for, in batches, null for what is not there. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openEncoder } from "../../../src/cli/explore/encoders.ts";
import { tokenReader } from "../../../src/cli/explore/tokens.ts";
import { type OnnxModel, writeModel } from "../../../src/engine/onnx/writer.ts";
import { silent } from "../../../src/run/progress.ts";
import { flatImage, toSharp } from "../../data/images.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-tokens-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** Five tokens an image, of 12 numbers, as a transformer's class token and four patches. */
const MODEL: OnnxModel = {
  nodes: [
    { type: "Reshape", domain: "", inputs: ["pixels", "shape"], outputs: ["rows"], attributes: {} },
  ],
  initializers: [{ name: "shape", shape: [3], data: BigInt64Array.of(0n, 5n, 15n) }],
  inputs: [{ name: "pixels", type: "float32", shape: ["B", 3, 5, 5] }],
  outputs: [{ name: "rows", type: "float32", shape: ["B", 5, 15] }],
};

test("each picture's own, computed a batch at a time", async () => {
  writeFileSync(at("m.onnx"), writeModel(MODEL));
  const numbers = { mean: [0, 0, 0], std: [1, 1, 1] } satisfies Record<
    string,
    [number, number, number]
  >;
  const opened = await openEncoder({ kind: "onnx", file: at("m.onnx"), ...numbers }, 4, silent);
  let batches = 0;
  const encoder = {
    ...opened,
    tokens: (images: Parameters<NonNullable<typeof opened.tokens>>[0]) => {
      batches++;
      return opened.tokens!(images);
    },
  };
  const ids = Array.from({ length: 40 }, (_, i) => `p${i}`);
  for (const [i, id] of ids.entries())
    await toSharp(flatImage(5, 5, i * 5))
      .png()
      .toFile(at(`${id}.png`));
  writeFileSync(at("p1.png"), "broken");
  rmSync(at("p2.png"));
  const pictures = new Map(ids.map((id) => [id, at(`${id}.png`)]));

  const read = tokenReader(pictures, encoder);
  const check = async (asked: readonly string[]): Promise<void> => {
    const found = await Promise.all(asked.map(read));
    for (const [k, tokens] of found.entries()) {
      const i = ids.indexOf(asked[k]!);
      if (i === 1 || i === 2) expect(tokens).toBeNull();
      else {
        expect(tokens).toMatchObject({ count: 5, width: 15, leading: 1 });
        expect(tokens!.x.length).toBe(75);
        for (const value of tokens!.x) expect(value).toBeCloseTo((i * 5) / 255, 5);
      }
    }
  };
  for (let from = 0; from < 40; from += 4) await check(ids.slice(from, from + 4));
  expect(batches).toBe(10);
  await check(ids.toReversed());
  expect(await read("stranger")).toBeNull();
  await opened.dispose();
});
