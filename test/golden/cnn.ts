/** @file What PyTorch says of convolutional networks: the numbers that make_cnn.py wrote. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "../../src/engine/engine.ts";
import type { Convolution, Pooling } from "../../src/graph/node.ts";

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Named = Readonly<Record<string, Stored>>;

/** Results, and gradients of the sum of y dy. */
export interface Entry {
  readonly inputs: Named;
  readonly y: Stored;
  readonly dy: Stored;
  readonly gradients: Named;
}
export interface CnnGolden {
  readonly torch: string;
  readonly conv2d: readonly (Entry & { readonly attrs: Convolution })[];
  readonly pools: readonly (Entry & { readonly kind: "max" | "mean"; readonly attrs: Pooling })[];
  readonly batchNorm: readonly (Entry & {
    readonly training: boolean;
    readonly eps: number;
    readonly momentum: number;
    readonly running: Named;
    /** The running statistics behind the step. */
    readonly after: Named;
  })[];
  readonly losses: {
    readonly numbers: Stored;
    readonly classes: readonly number[];
    readonly yes: readonly number[];
  } & Readonly<Record<"mse" | "l1" | "bce" | "crossEntropy", Entry>>;
  readonly training: Readonly<Record<"adam" | "sgd", Training>>;
}
interface Training {
  readonly options: { readonly lr: number };
  readonly penalty: number;
  readonly start: Named;
  readonly steps: readonly {
    readonly pixels: Stored;
    readonly kinds: readonly number[];
    readonly ages: Stored;
    readonly loss: number;
    readonly gradients: Named;
    readonly after: Named;
  }[];
  readonly eval: { readonly pixels: Stored; readonly kind: Stored; readonly age: Stored };
}

const goldenFile = join(import.meta.dirname, "cnn.json");
export const goldenScript = join(import.meta.dirname, "make_cnn.py");
export const cnnGolden = JSON.parse(readFileSync(goldenFile, "utf8")) as CnnGolden;

export const tensorOf = ({ shape, data }: Stored): Tensor => ({
  shape,
  data: Float64Array.from(data),
});
