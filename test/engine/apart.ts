/** @file An engine on the CPU whose stores are copies, as those of a device are: what is not written or read is not seen. */
import type { Engine } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";

const cpu = onnxEngine({ threads: 1 });
export const apart: Engine = {
  ...cpu,
  name: "onnx-cpu, memory apart",
  memory: "device",
  store: (tensors) =>
    cpu.store(
      Object.fromEntries(
        Object.entries(tensors).map(([name, { shape, data }]) => [
          name,
          { shape, data: data.slice() },
        ]),
      ),
    ),
};
