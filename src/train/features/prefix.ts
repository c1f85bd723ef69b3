/** @file The part of an image tower that never trains, as a program of its own: from pixels to features. */
import { createHash } from "node:crypto";
import { cpus } from "node:os";
import type { Preprocess } from "../../data/preprocess.ts";
import type { Engine, Program, Store } from "../../engine/engine.ts";
import { input } from "../../graph/build.ts";
import { type Node, type Shape, isOp, sizeOf, toposort } from "../../graph/node.ts";
import { imageTokens } from "../../model/clip/config.ts";
import { type Cut, cutShape, imageBelow } from "../../model/clip/cut.ts";
import type { Weight } from "../../model/weights.ts";
import type { About } from "../../run/cache/files.ts";
import { VERSION } from "../../run/version.ts";
import type { Towers } from "../network.ts";

/** Images at a time, always: a product with another number of rows may be summed in another order. */
export const BATCH = 32;

export interface Prefix {
  readonly cut: Cut;
  /** Of one image's features. */
  readonly shape: Shape;
  /** All that features depend on besides the pixels as a tower sees them. */
  readonly about: () => About;
  /** Features [count, ...shape] of up to `BATCH` images, given their pixels [count, 3, S, S]. */
  readonly run: (pixels: Float32Array) => Promise<Float32Array>;
  /** Gives memory back; a later run compiles anew. */
  readonly release: () => Promise<void>;
}

/** The parameters that a node is made of. */
const paramsOf = (node: Node): string[] =>
  toposort([node])
    .flatMap((part) => (isOp(part, "param") ? [part.attrs.name] : []))
    .toSorted();

function weightsHash(weights: ReadonlyMap<string, Weight>): string {
  const hash = createHash("sha256");
  for (const [name, { shape, data }] of weights)
    hash
      .update(JSON.stringify([name, shape]))
      .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

const placeOf = (cut: Cut): string => (cut.at === "block" ? `block ${cut.block}` : cut.at);

/** @param towers weights below the cut never change while this is in use. */
export function createPrefix(
  engine: Engine,
  { config, layers, weights, rowShape }: Towers,
  cut: Cut,
  { rescaleFactor, mean, std }: Preprocess,
): Prefix {
  const shape = cutShape(config, "image", cut, imageTokens(config));
  const fed = [BATCH, ...rowShape];
  const features = imageBelow(config, layers, cut, input("pixelValues", fed));
  const frozen = new Map(paramsOf(features).map((name) => [name, weights.get(name)!]));
  let about: About | null = null;
  let compiled: Promise<{ store: Store; program: Program }> | null = null;
  const compile = async () => {
    const store = await engine.store(Object.fromEntries(frozen));
    return { store, program: await engine.compile({ features }, store) };
  };
  return {
    cut,
    shape,
    about: () =>
      (about ??= {
        kind: "image features",
        about: {
          at: placeOf(cut),
          weights: weightsHash(frozen),
          tower: JSON.stringify(config.vision),
          normalisation: JSON.stringify({ rescaleFactor, mean, std }),
          // others give other last bits
          engine: `${engine.name} ${engine.precision}`,
          processor: cpus()[0]?.model ?? "",
          equiclip: VERSION,
        },
      }),
    async run(pixels) {
      const { program } = await (compiled ??= compile());
      const data = new Float32Array(sizeOf(fed));
      data.set(pixels);
      const result = await program.run({ pixelValues: { shape: fed, data } });
      const count = (pixels.length / data.length) * BATCH;
      return Float32Array.from(result["features"]!.data.subarray(0, count * sizeOf(shape)));
    },
    async release() {
      const open = await compiled;
      compiled = null;
      await open?.program.dispose();
      await open?.store.dispose();
    },
  };
}
