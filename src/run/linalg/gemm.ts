/**
 * @file Large matrix products on all cores, by onnxruntime's kernels: two (float64) to four times (float32) as fast as the
 * WebAssembly tiles of products.ts, and not worth the call for small ones.
 */
import type { InferenceSession } from "onnxruntime-node";
import { PbfWriter } from "pbf";
import { EquiclipError, messageOf } from "../errors.ts";

type Ort = typeof import("onnxruntime-node");
type Numbers = Float32Array | Float64Array;

/** TensorProto.DataType */
const ELEMENT = { float32: 1, float64: 11 } as const;
export type Element = keyof typeof ELEMENT;

export const elementOf = (x: Numbers): Element =>
  x instanceof Float32Array ? "float32" : "float64";

/** Loaded when first needed: commands that compute nothing start without it. */
let runtime: Promise<Ort> | undefined;
const load = (): Promise<Ort> =>
  (runtime ??= import("onnxruntime-node").catch((error: unknown) => {
    throw new EquiclipError(
      `products: cannot load onnxruntime-node for ${process.platform}-${process.arch}: ${messageOf(error)}; run npm ci`,
    );
  }));

const sessions = new Map<string, Promise<InferenceSession>>();
function sessionOf(ort: Ort, element: Element, transposed: "a" | "b"): Promise<InferenceSession> {
  const key = `${element} ${transposed}`;
  const session =
    sessions.get(key) ??
    ort.InferenceSession.create(gemmModel(element, transposed), {
      logSeverityLevel: 4,
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  sessions.set(key, session);
  return session;
}

/**
 * A B' of row-major A [rows, inner] and B [columns, inner], both of one type, on all cores: [rows, columns] of that type.
 * Sums are in that type too, in an order of the kernel's own; see `roundingOf`. No size may be 0.
 */
export async function timesTransposed<X extends Numbers>(
  a: X,
  rows: number,
  b: X,
  columns: number,
  inner: number,
): Promise<X> {
  return multiply("b", a, [rows, inner], b, [columns, inner]);
}

/** A' B of row-major A [inner, rows] and B [inner, columns], likewise. */
export async function transposedTimes<X extends Numbers>(
  a: X,
  rows: number,
  b: X,
  columns: number,
  inner: number,
): Promise<X> {
  return multiply("a", a, [inner, rows], b, [inner, columns]);
}

async function multiply<X extends Numbers>(
  transposed: "a" | "b",
  a: X,
  aShape: readonly number[],
  b: X,
  bShape: readonly number[],
): Promise<X> {
  const ort = await load();
  const element = elementOf(a);
  const session = await sessionOf(ort, element, transposed);
  const tensor = (data: X, shape: readonly number[]) =>
    data instanceof Float32Array
      ? new ort.Tensor("float32", data, shape)
      : new ort.Tensor("float64", data as Float64Array, shape);
  const { c } = await session.run({ a: tensor(a, aShape), b: tensor(b, bShape) });
  return c!.data as X;
}

/**
 * Bound on the error of a sum of `inner` products of that type, in units of |a| |b|: any order of summation is within
 * inner * u, and within 10 sqrt(inner) * u but for a chance of some 1e-21 (Higham and Mary 2019, "A new approach to
 * probabilistic rounding error analysis"). Eight units more for operands that were rounded before.
 */
export function roundingOf(element: Element, inner: number): number {
  const unit = element === "float32" ? 2 ** -24 : 2 ** -53;
  return (Math.min(inner, 10 * Math.sqrt(inner)) + 8) * unit;
}

/** An ONNX model of one product (field numbers of onnx.proto). */
function gemmModel(element: Element, transposed: "a" | "b"): Uint8Array {
  const dimension = (name: string, pbf: PbfWriter): void => pbf.writeStringField(2, name);
  const tensorType = (sizes: readonly string[], pbf: PbfWriter): void => {
    pbf.writeVarintField(1, ELEMENT[element]);
    pbf.writeMessage(
      2,
      (_: null, shape: PbfWriter) => {
        for (const size of sizes) shape.writeMessage(1, dimension, size);
      },
      null,
    );
  };
  const value = ([name, ...sizes]: readonly string[], pbf: PbfWriter): void => {
    pbf.writeStringField(1, name!);
    pbf.writeMessage(
      2,
      (_: null, type: PbfWriter) => type.writeMessage(1, tensorType, sizes),
      null,
    );
  };
  const flag = (name: string, pbf: PbfWriter): void => {
    pbf.writeStringField(1, name);
    pbf.writeVarintField(3, 1);
    pbf.writeVarintField(20, 2); // INT
  };
  const node = (_: null, pbf: PbfWriter): void => {
    for (const name of ["a", "b"]) pbf.writeStringField(1, name);
    pbf.writeStringField(2, "c");
    pbf.writeStringField(4, "Gemm");
    pbf.writeMessage(5, flag, transposed === "a" ? "transA" : "transB");
  };
  const graph = (_: null, pbf: PbfWriter): void => {
    pbf.writeMessage(1, node, null);
    pbf.writeStringField(2, "product");
    pbf.writeMessage(11, value, ["a", "a0", "a1"]);
    pbf.writeMessage(11, value, ["b", "b0", "b1"]);
    pbf.writeMessage(12, value, ["c", "rows", "columns"]);
  };
  const model = new PbfWriter();
  model.writeVarintField(1, 8); // IR version
  model.writeMessage(7, graph, null);
  model.writeMessage(8, (version: number, pbf) => pbf.writeVarintField(2, version), 17); // operator set
  return model.finish();
}
