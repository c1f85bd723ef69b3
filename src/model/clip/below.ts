/** @file What the features of an image depend on besides its pixels: under this they are kept from run to run. */
import { createHash } from "node:crypto";
import { availableParallelism, cpus } from "node:os";
import { type Node, isOp, toposort } from "../../graph/node.ts";
import type { About } from "../../run/cache/files.ts";
import { VERSION } from "../../run/version.ts";
import type { ImageProcessor } from "../image-processor.ts";
import type { Weights } from "../weights.ts";
import type { ClipConfig } from "./config.ts";
import type { Cut } from "./cut.ts";

/** The parameters that a node is made of, sorted by name. */
export const paramsOf = (node: Node, weights: Weights): Weights =>
  new Map(
    toposort([node])
      .flatMap((part) => (isOp(part, "param") ? [part.attrs.name] : []))
      .toSorted()
      .map((name) => [name, weights.get(name)!]),
  );

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function modelHash({ vision }: ClipConfig, weights: Weights): string {
  const hash = createHash("sha256").update(JSON.stringify(vision));
  for (const [name, { shape, data }] of weights)
    hash.update(JSON.stringify([name, shape])).update(bytesOf(data));
  return hash.digest("hex");
}

/** The class token after so many blocks. */
export interface ClassToken {
  readonly at: "class token after block";
  readonly block: number;
}

/**
 * @param weights below the cut.
 * @param engine others give other last bits, and so do other numbers of threads, processors and versions of this program.
 * @param batchSize images at a time: products of other shapes may be summed in another order.
 */
export const aboutFeatures = (
  config: ClipConfig,
  cut: Cut | ClassToken,
  weights: Weights,
  { rescaleFactor, mean, std }: Pick<ImageProcessor, "rescaleFactor" | "mean" | "std">,
  engine: {
    readonly name: string;
    readonly precision: string;
    readonly threads?: number | undefined;
  },
  batchSize: number,
): About => ({
  kind: "image features",
  about: {
    at: "block" in cut ? `${cut.at} ${cut.block}` : cut.at,
    model: modelHash(config, weights),
    normalisation: JSON.stringify({ rescaleFactor, mean, std }),
    engine: `${engine.name} ${engine.precision}`,
    "batch size": String(batchSize),
    threads: String(engine.threads ?? `by default, of ${availableParallelism()}`),
    processor: cpus()[0]?.model ?? "",
    equiclip: VERSION,
  },
});
