/** @file `equiclip doctor`: what it finds, what it measures, how it ends. */
import { expect, test } from "vitest";
import { equiclip } from "./equiclip.ts";

interface Found {
  readonly engines: readonly {
    readonly name: string;
    readonly state: string;
    readonly found: {
      readonly difference: number;
      readonly imagesPerSecond: number;
      readonly peakMemoryBytes: number;
    } | null;
  }[];
  readonly auto: { readonly name: string; readonly why: string };
}

test("an engine is measured in a process of its own", { timeout: 60_000 }, async () => {
  const { code, stdout } = await equiclip(["doctor", "onnx-cpu", "--json"]);
  expect(code).toBe(0);
  const { engines } = JSON.parse(stdout) as Found;
  expect(engines.map(({ name, state }) => [name, state])).toEqual([["onnx-cpu", "runs"]]);
  const { difference, imagesPerSecond, peakMemoryBytes } = engines[0]!.found!;
  expect(difference).toBeGreaterThan(0);
  expect(difference).toBeLessThan(1e-4);
  expect(imagesPerSecond).toBeGreaterThan(0);
  expect(peakMemoryBytes).toBeGreaterThan(2 ** 26);
});

test("all engines, and which one auto is", async () => {
  const { code, stdout } = await equiclip(["doctor", "--no-measure"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}onnx-cpu +onnxruntime on the CPU\n +runs\n/m);
  expect(stdout).toMatch(/^auto is \S+ \(.+\)\n$/m);
});

test("an unknown engine", async () => {
  const { code, stderr } = await equiclip(["doctor", "onnx-npu"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^equiclip: engine: expected "onnx-cpu", .*, received "onnx-npu"; see --help\n$/,
  );
});
