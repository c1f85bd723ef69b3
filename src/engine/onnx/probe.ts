/** @file Whether onnxruntime opens a device: tried in a process of its own, since drivers print, hang and crash. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { messageOf } from "../../run/errors.ts";
import { type OnnxModel, DATA_TYPE, writeModel } from "./writer.ts";

const SECONDS = 30;

/** To float16 and back. */
const MODEL: OnnxModel = {
  inputs: [{ name: "x", type: "float32", shape: [1] }],
  outputs: [{ name: "y", type: "float32", shape: [1] }],
  initializers: [],
  nodes: (["float16", "float32"] as const).map((type, i) => ({
    type: "Cast",
    domain: "",
    inputs: [["x", "h"][i]!],
    outputs: [["h", "y"][i]!],
    attributes: { to: { int: DATA_TYPE[type] } },
  })),
};

/** Given to `node -e`, after it the runtime, the model and the provider. Prints the names of what went well. */
const PROGRAM = `
const [runtime, model, provider] = process.argv.slice(1);
const { InferenceSession, Tensor } = require(runtime);
(async () => {
  const session = await InferenceSession.create(Buffer.from(model, "base64"), { executionProviders: [provider] });
  process.stdout.write("opened ");
  await session.run({ x: new Tensor("float32", [1], [1]) });
  process.stdout.write("float16");
})().catch(({ message }) => process.stderr.write("\\nreason: " + message.replace(/\\s+/g, " ") + "\\n"));
`;

export interface Probe {
  /** Why the provider does not open, or null when it does. */
  readonly failure: string | null;
  readonly float16: boolean;
  /** All that drivers, their loader and onnxruntime printed. */
  readonly log: string;
}

/** Never throws. */
export function probe(provider: "webgpu" | "cuda"): Promise<Probe> {
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");
  const model = Buffer.from(writeModel(MODEL)).toString("base64");
  // Vulkan's loader then names the device that is opened
  const env = { ...process.env, VK_LOADER_DEBUG: "driver" };
  const options = { env, timeout: SECONDS * 1000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["-e", PROGRAM, runtime, model, provider],
      options,
      (error, stdout, log) => {
        const failure = stdout.includes("opened")
          ? null
          : (/^reason: (.*)$/m.exec(log)?.[1] ??
            (error?.killed
              ? `no answer within ${SECONDS} s`
              : `the driver ended the process: ${error?.signal ?? messageOf(error)}`));
        resolve({ failure, float16: stdout.includes("float16"), log });
      },
    );
  });
}
