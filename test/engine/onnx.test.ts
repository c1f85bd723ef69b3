/** @file The ONNX engine: the suite that all engines pass, a whole transformer block, and the same bits everywhere. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { reference } from "../../src/engine/reference.ts";
import * as g from "../../src/graph/build.ts";
import { random } from "../../src/run/random.ts";
import { runCnnGoldenSuite } from "../cnn-golden.suite.ts";
import { runEngineSuite } from "../engine.suite.ts";
import { runGoldenSuite } from "../golden.suite.ts";
import { FLOAT32 } from "../model/clip/tiny.ts";
import { runTrainingSuite } from "../training.suite.ts";
import { hashes } from "./bits.ts";
import { block } from "./block.ts";

runEngineSuite(onnxEngine(), 1e-5);
runGoldenSuite(onnxEngine(), FLOAT32);
runCnnGoldenSuite(onnxEngine(), 1e-4);
runTrainingSuite(onnxEngine(), 1e-4);

const bytes = ({ sum }: Record<string, Tensor>): Uint8Array => new Uint8Array(sum!.data.buffer);

test("rows added under equal ids give the same bits every time", async () => {
  const [rows, width, names] = [50, 128, 4096];
  const sum = g.scatterAdd(g.input("x", [names, width]), g.input("ids", [names], "int"), rows);
  const program = await onnxEngine({ threads: 2 }).compile({ sum });
  const value = random(1, "rows");
  const feeds = {
    x: {
      shape: [names, width],
      data: Float32Array.from({ length: names * width }, () => value.normal()),
    },
    ids: { shape: [names], data: Int32Array.from({ length: names }, () => value.int(rows)) },
  };
  const first = await program.run(feeds);
  for (let i = 0; i < 20; i++)
    expect(Buffer.compare(bytes(await program.run(feeds)), bytes(first))).toBe(0);
  await program.dispose();
});

test("results are written where they are wanted, without a copy besides; feeds and equal ones among them", async () => {
  const x = g.input("x", [1 << 20]);
  const y = g.mul(x, 2);
  const program = await onnxEngine().compile({ x, y, same: y });
  const feeds = {
    x: { shape: x.shape, data: Float32Array.from({ length: 1 << 20 }, (_, i) => i) },
  };
  const room = () => ({ shape: x.shape, data: new Float32Array(1 << 20) });
  const into = { x: room(), y: room(), same: room() };
  await program.run(feeds, into);
  const { arrayBuffers } = process.memoryUsage();
  for (let i = 0; i < 3; i++) await program.run(feeds, into);
  expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(1 << 20);
  expect(into.x.data).toEqual(feeds.x.data);
  for (const { data } of [into.y, into.same])
    expect(data).toEqual(feeds.x.data.map((value) => 2 * value));
  await program.dispose();
});

describe("a transformer block", () => {
  test("loss and gradients equal the reference engine's", async () => {
    const { outputs, feeds } = block(5, 3, 16, 2);
    const got = await (await onnxEngine().compile(outputs)).run(feeds);
    const want = await (await reference.compile(outputs)).run(feeds);
    for (const name of Object.keys(outputs)) {
      const scale = Math.max(...Array.from(want[name]!.data, Math.abs));
      got[name]!.data.forEach((v, i) =>
        expect(Math.abs(v - want[name]!.data[i]!), name).toBeLessThan(1e-5 * scale + 1e-7),
      );
    }
  });

  test("twenty runs and a fresh process give the same bits", async () => {
    const found = new Set(await hashes(20));
    expect(found.size).toBe(1);
    const program = join(import.meta.dirname, "bits.ts");
    const other = execFileSync(process.execPath, ["--import", "tsx", program], {
      encoding: "utf8",
    });
    expect([other.trim()]).toEqual([...found]);
  });
});
