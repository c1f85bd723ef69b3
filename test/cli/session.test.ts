/** @file The engine that a run is measured with where its own cannot run. */
import { expect, test } from "vitest";
import { ENGINES } from "../../src/engine/catalog.ts";
import { engineOf, withEngineHere } from "../../src/cli/session.ts";
import { configOf } from "../train/faces.ts";

const cuda = await ENGINES["onnx-cuda"].missing();

test.skipIf(cuda === null)(
  "a run of a GPU, in a precision of its own, is measured on a machine without, which is said",
  async () => {
    const { config, said } = await withEngineHere(
      configOf("engine=onnx-cuda", "precision=bfloat16"),
    );
    const engine = await engineOf(config);
    expect([engine.name, engine.precision]).toEqual([config.engine, "float32"]);
    expect(said).toBe(
      `engine onnx-cuda cannot run here: ${cuda?.reason}; ${engine.name} has no bfloat16 here; measured with ${engine.name} in float32`,
    );
  },
);

test("what this machine has stays as it is", async () => {
  for (const precision of ["float32", "float16"]) {
    const asked = configOf("engine=onnx-cpu", `precision=${precision}`);
    expect(await withEngineHere(asked)).toEqual({ config: asked, said: null });
  }
  const lacking = configOf("engine=reference", "precision=float16");
  const { config, said } = await withEngineHere(lacking);
  expect(config).toEqual({ ...lacking, precision: "float32" });
  expect(said).toBe("reference has no float16 here; measured with reference in float32");
});
