/** @file The default engine: a graph becomes one ONNX model, run by onnxruntime-node on the CPU. */
import type { ProductPrecision } from "../../run/config/engine.ts";
import type { Engine } from "../engine.ts";
import { hostEngine } from "../host.ts";
import { blockSize } from "./block-size.ts";
import { hostProgram } from "./program.ts";

interface Options {
  /** Of one operation; one per physical core by default. */
  readonly threads?: number | undefined;
  /** float32 by default. Processors have no float16 products: it is rounded to them, to test what other engines do. */
  readonly precision?: ProductPrecision | undefined;
}

/**
 * onnxruntime-node on the CPU. Weights are inputs of the model, so that training changes them in place between runs.
 */
export const onnxEngine = ({ threads, precision = "float32" }: Options = {}): Engine =>
  hostEngine(
    "onnx-cpu",
    precision,
    async (outputs) =>
      hostProgram(
        outputs,
        {
          standard: false,
          products: precision,
          gpu: false,
          block: precision === "float32" ? await blockSize() : null,
        },
        {
          // `extended` would fuse the transposes of weight gradients back into products, which is slower
          graphOptimizationLevel: "basic",
          // planning all memory at once, from the second run on, holds a block for it beside what the first one took
          enableMemPattern: false,
          // idle threads sleep: spinning gains up to a tenth on a quiet machine, but beside image decoding or any other job
          // it takes their cores and a step takes two to three times as long (measured)
          extra: { session: { intra_op: { allow_spinning: "0" } } },
          ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
        },
      ),
    threads,
  );
