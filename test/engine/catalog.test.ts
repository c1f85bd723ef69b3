/** @file What is said of engines and precisions that a machine lacks. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { ENGINES, openEngine } from "../../src/engine/catalog.ts";
import { ENGINE_NAMES } from "../../src/run/config/engine.ts";

const hasGpu = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"].some((file) => existsSync(file));

const lineOf = (opened: Promise<unknown>): Promise<string> =>
  opened.then(
    () => "opened",
    (error: Error) => `${error.name}: ${error.message}`,
  );

test("every engine says in one line whether it can run here", async () => {
  for (const name of ENGINE_NAMES) {
    const missing = await ENGINES[name].missing();
    if (missing) expect(missing.reason).toMatch(/^[^\n]+$/);
  }
});

test.skipIf(hasGpu)("a GPU engine where there is no GPU", async () => {
  expect(await lineOf(openEngine("onnx-webgpu", {}))).toMatchInlineSnapshot(
    `"UsageError: engine: onnx-webgpu cannot run here: this machine has no GPU; or set engine to auto"`,
  );
  expect(await lineOf(openEngine("onnx-cuda", {}))).toMatchInlineSnapshot(
    `"UsageError: engine: onnx-cuda cannot run here: no NVIDIA GPU with a driver (no /dev/nvidiactl); or set engine to auto"`,
  );
});

test("a precision that an engine does not have", async () => {
  expect(await lineOf(openEngine("onnx-cpu", { precision: "bfloat16" }))).toMatchInlineSnapshot(
    `"UsageError: precision: onnx-cpu computes in float32 or float16 here, not in bfloat16; set precision to float32, or engine to one that has it"`,
  );
  expect(await lineOf(openEngine("reference", { precision: "float16" }))).toMatchInlineSnapshot(
    `"UsageError: precision: reference computes in float32 here, not in float16; set precision to float32, or engine to one that has it"`,
  );
  expect(await openEngine("onnx-cpu", { precision: "float16" })).toMatchObject({
    name: "onnx-cpu",
    precision: "float16",
  });
});
