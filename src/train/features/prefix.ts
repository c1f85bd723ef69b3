/** @file The part of an image tower that never trains, as a program of its own: from pixels to features. */
import type { Preprocess } from "../../data/preprocess.ts";
import type { Engine, Program, Store } from "../../engine/engine.ts";
import { input } from "../../graph/build.ts";
import { type Shape, sizeOf } from "../../graph/node.ts";
import { aboutFeatures, paramsOf } from "../../model/clip/below.ts";
import { imageTokens } from "../../model/clip/config.ts";
import { type Cut, cutShape, imageBelow } from "../../model/clip/cut.ts";
import type { About } from "../../run/cache/files.ts";
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

/** @param towers weights below the cut never change while this is in use. */
export function createPrefix(
  engine: Engine,
  { config, layers, weights, rowShape }: Towers,
  cut: Cut,
  preprocess: Preprocess,
): Prefix {
  const shape = cutShape(config, "image", cut, imageTokens(config.vision));
  const fed = [BATCH, ...rowShape];
  const features = imageBelow(config, layers, cut, input("pixelValues", fed));
  const frozen = paramsOf(features, weights);
  let about: About | null = null;
  let compiled: Promise<{ store: Store; program: Program }> | null = null;
  const compile = async () => {
    const store = await engine.store(Object.fromEntries(frozen));
    return { store, program: await engine.compile({ features }, store) };
  };
  return {
    cut,
    shape,
    about: () => (about ??= aboutFeatures(config, cut, frozen, preprocess, engine, BATCH)),
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
