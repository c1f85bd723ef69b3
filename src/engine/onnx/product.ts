/** @file Matrix products: finds scale * A B + bias in a graph, and emits it in the form that measured fastest. */
import { type Node, isOp, sizeOf } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";

/** A product with what surrounds it and costs nothing when done along with it. */
export interface Product {
  readonly matmul: Node<"matmul">;
  readonly scale: number;
  /** Added to each row: [N]. */
  readonly bias: Node | null;
}
/** Whether a node's result is used once only, so that it need not exist by itself. */
export type IsPrivate = (node: Node) => boolean;

interface Scaled {
  readonly x: Node;
  readonly by: number;
}
/** x and its factor when a node is x times a constant number. */
function scaled(node: Node): Scaled | null {
  if (!isOp(node, "mul")) return null;
  const [x, c] = node.inputs as [Node, Node];
  return isOp(c, "constant") && c.shape.length === 0 ? { x, by: c.attrs.data[0]! } : null;
}

function scaledProduct(node: Node, isPrivate: IsPrivate): Product | null {
  if (isOp(node, "matmul")) return { matmul: node, scale: 1, bias: null };
  const found = scaled(node);
  if (!found || !isOp(found.x, "matmul") || !isPrivate(found.x)) return null;
  return { matmul: found.x, scale: found.by, bias: null };
}

/** The product that a matmul, its multiple, or its sum with a bias amounts to; null for any other node. */
export function productOf(node: Node, isPrivate: IsPrivate): Product | null {
  if (!isOp(node, "add")) return scaledProduct(node, isPrivate);
  const [x, bias] = node.inputs as [Node, Node];
  const product = isPrivate(x) ? scaledProduct(x, isPrivate) : null;
  const fits = product && isMatrix(product.matmul.inputs[1]!) && bias.shape.length === 1;
  return fits && bias.shape[0] === x.shape.at(-1) ? { ...product, bias } : null;
}

const isMatrix = (node: Node): boolean => node.shape.length === 2;
/** [M, batch, K] -> [batch, M, K] */
const movesFirstAxisBehindBatch = ({ attrs: { perm } }: Node<"transpose">): boolean =>
  perm.length > 2 &&
  perm.every((p, i) => p === (i < perm.length - 2 ? i + 1 : i === perm.length - 2 ? 0 : i));

/** A tensor as a product reads it: stored with axes in another order, or without a constant factor. */
interface Side {
  readonly node: Node;
  /** The last two axes are swapped. */
  readonly trans: boolean;
  /** Stored as [M, batch, K]. */
  readonly transBatch: boolean;
}
const side = (node: Node, trans: boolean): Side =>
  isOp(node, "transpose") && movesFirstAxisBehindBatch(node)
    ? { node: node.inputs[0]!, trans, transBatch: true }
    : { node, trans, transBatch: false };

type Value = (node: Node) => string;
const bit = (on: boolean): { int: number } => ({ int: on ? 1 : 0 });

function emitBatched(a: Side, b: Side, alpha: number, emit: Emitter, value: Value): string {
  const inputs = [value(a.node), value(b.node)];
  const plain = alpha === 1 && ![a, b].some(({ trans, transBatch }) => trans || transBatch);
  if (plain) return emit.node("MatMul", inputs);
  const attributes = {
    transA: bit(a.trans),
    transB: bit(b.trans),
    transBatchA: bit(a.transBatch),
    transBatchB: bit(b.transBatch),
    alpha: { float: alpha },
  };
  return emit.node("FusedMatMul", inputs, attributes, "com.microsoft");
}

/**
 * A^T B, the gradient of a weight. Gemm(transA=1) is slower than a Transpose and a plain product, and transposing a
 * wide activation can cost more than transposing a narrow one and then the result: the fewer elements moved, the better.
 */
function emitTransposed(a: Node, b: Node, alpha: number, emit: Emitter, value: Value): string {
  const swap = (x: string): string => emit.node("Transpose", [x], { perm: { ints: [1, 0] } });
  const multiply = (x: string, y: string): string =>
    alpha === 1
      ? emit.node("MatMul", [x, y])
      : emit.node("FusedMatMul", [x, y], { alpha: { float: alpha } }, "com.microsoft");
  const direct = sizeOf(a.shape);
  const swapped = sizeOf(b.shape) + a.shape[1]! * b.shape[1]!;
  return direct <= swapped
    ? multiply(swap(value(a)), value(b))
    : swap(multiply(swap(value(b)), value(a)));
}

/** Emits a product; `value` names the result of a node. */
export function emitProduct(product: Product, emit: Emitter, value: Value): string {
  const { inputs, shape, attrs } = product.matmul;
  const [left, right] = inputs.map((x) => scaled(x) ?? { x, by: 1 }) as [Scaled, Scaled];
  const alpha = product.scale * left.by * right.by;
  if (!isMatrix(right.x))
    return emitBatched(side(left.x, attrs.transA), side(right.x, attrs.transB), alpha, emit, value);
  if (attrs.transA && !attrs.transB && !product.bias)
    return emitTransposed(left.x, right.x, alpha, emit, value);

  // a matrix shared by a batch multiplies all rows at once
  const rows = isMatrix(left.x)
    ? value(left.x)
    : emit.node("Reshape", [value(left.x), emit.ints([-1, left.x.shape.at(-1)!])]);
  const operands = [rows, value(right.x), ...(product.bias ? [value(product.bias)] : [])];
  const plain = alpha === 1 && !attrs.transA && !attrs.transB && !product.bias;
  const result = plain
    ? emit.node("MatMul", operands) // onnxruntime merges this, not Gemm, with an Add that follows
    : emit.node("Gemm", operands, {
        transA: bit(attrs.transA),
        transB: bit(attrs.transB),
        alpha: { float: alpha },
      });
  return isMatrix(left.x) ? result : emit.node("Reshape", [result, emit.ints(shape)]);
}
