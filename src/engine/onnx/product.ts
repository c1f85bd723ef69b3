/** @file Matrix products: finds scale * A B + bias in a graph, and emits it in the form that measured fastest. */
import { type Node, isOp, sizeOf } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";

/** A product with what surrounds it and costs nothing when done along with it. */
interface Product {
  readonly matmul: Node<"matmul">;
  readonly scale: number;
  /** Added to each row: [N]. */
  readonly bias: Scaled | null;
}
/** Whether a node's result is used once only, so that it need not exist by itself. */
export type IsPrivate = (node: Node) => boolean;

interface Scaled {
  readonly x: Node;
  readonly by: number;
}
/** A node as x times a constant number: itself times 1 when it is nothing else. */
export function unscaled(node: Node): Scaled {
  const [x, c] = node.inputs;
  return isOp(node, "mul") && isOp(c!, "constant") && c.shape.length === 0
    ? { x: x!, by: c.attrs.data[0]! }
    : { x: node, by: 1 };
}

/** The product that a node amounts to: a matmul, its sum with a bias, or a multiple of either; else null. */
export function productOf(node: Node, isPrivate: IsPrivate): Product | null {
  if (isOp(node, "matmul")) return { matmul: node, scale: 1, bias: null };
  const { x, by } = unscaled(node);
  const [inner, bias] = isOp(node, "add") ? node.inputs : [x];
  const product = inner !== node && isPrivate(inner!) ? productOf(inner!, isPrivate) : null;
  if (!product) return null;
  if (!bias)
    return {
      matmul: product.matmul,
      scale: product.scale * by,
      bias: product.bias && { x: product.bias.x, by: product.bias.by * by },
    };
  const fits = bias.shape.length === 1 && bias.shape[0] === node.shape.at(-1);
  return fits && !product.bias && isMatrix(product.matmul.inputs[1]!)
    ? { ...product, bias: { x: bias, by: 1 } }
    : null;
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
  const inputs = [emit.narrow(value(a.node)), emit.narrow(value(b.node))];
  const plain = alpha === 1 && ![a, b].some(({ trans, transBatch }) => trans || transBatch);
  if (plain) return emit.product("MatMul", inputs);
  if (emit.lowering.standard) return emitStandard(a, b, alpha, emit, value);
  const attributes = {
    transA: bit(a.trans),
    transB: bit(b.trans),
    transBatchA: bit(a.transBatch),
    transBatchB: bit(b.transBatch),
    alpha: { float: alpha },
  };
  return emit.product("FusedMatMul", inputs, attributes, "com.microsoft");
}

const scaled = (x: string, by: number, emit: Emitter): string =>
  by === 1 ? x : emit.node("Mul", [x, emit.floats([by], [])]);

/** The same without onnxruntime's own op. */
function emitStandard(a: Side, b: Side, alpha: number, emit: Emitter, value: Value): string {
  const operand = ({ node, trans, transBatch }: Side): string => {
    const axes = [...node.shape.keys()];
    const last = axes.length - 1;
    const batched = transBatch ? [...axes.slice(1, last), 0, last] : axes;
    const perm = trans ? [...batched.slice(0, -2), ...batched.slice(-2).reverse()] : batched;
    return trans || transBatch
      ? emit.node("Transpose", [emit.narrow(value(node))], { perm: { ints: perm } })
      : emit.narrow(value(node));
  };
  return scaled(emit.product("MatMul", [operand(a), operand(b)]), alpha, emit);
}

/**
 * A^T B, the gradient of a weight. Gemm(transA=1) is slower than a Transpose and a plain product, and transposing a
 * wide activation can cost more than transposing a narrow one and then the result: the fewer elements moved, the better.
 */
function emitTransposed(a: Node, b: Node, alpha: number, emit: Emitter, value: Value): string {
  const swap = (x: string): string => emit.node("Transpose", [x], { perm: { ints: [1, 0] } });
  const multiply = (x: string, y: string): string =>
    alpha === 1 || emit.lowering.standard
      ? scaled(emit.product("MatMul", [x, y]), alpha, emit)
      : emit.product("FusedMatMul", [x, y], { alpha: { float: alpha } }, "com.microsoft");
  const direct = sizeOf(a.shape);
  const swapped = sizeOf(b.shape) + a.shape[1]! * b.shape[1]!;
  return direct <= swapped
    ? multiply(swap(emit.narrow(value(a))), emit.narrow(value(b)))
    : swap(multiply(swap(emit.narrow(value(b))), emit.narrow(value(a))));
}

/** Emits a product; `value` names the result of a node. */
export function emitProduct(product: Product, emit: Emitter, value: Value): string {
  const { bias, matmul } = product;
  const { inputs, shape, attrs } = matmul;
  const [left, right] = inputs.map(unscaled) as [Scaled, Scaled];
  const alpha = product.scale * left.by * right.by;
  if (!isMatrix(right.x))
    return emitBatched(side(left.x, attrs.transA), side(right.x, attrs.transB), alpha, emit, value);
  if (attrs.transA && !attrs.transB && !bias)
    return emitTransposed(left.x, right.x, alpha, emit, value);

  // a matrix shared by a batch multiplies all rows at once
  const whole = emit.narrow(value(left.x));
  const rows = isMatrix(left.x)
    ? whole
    : emit.node("Reshape", [whole, emit.ints([-1, left.x.shape.at(-1)!])]);
  const operands = [
    rows,
    ...[right.x, ...(bias ? [bias.x] : [])].map((x) => emit.narrow(value(x))),
  ];
  const plain = alpha === 1 && !attrs.transA && !attrs.transB && !bias;
  const [height, width] = shape as [number, number];
  if (plain && height === 1 && isMatrix(left.x) && !emit.lowering.standard) {
    // a vector's product is a vector, which is what most rows become in the end
    const row = emit.reshape(rows, left.x.shape, left.x.shape.slice(1));
    return emit.reshape(emit.product("MatMul", [row, operands[1]!]), [width], shape);
  }
  const result = plain
    ? emit.product("MatMul", operands) // onnxruntime merges this, not Gemm, with an Add that follows
    : emit.product("Gemm", operands, {
        transA: bit(attrs.transA),
        transB: bit(attrs.transB),
        alpha: { float: alpha },
        beta: { float: bias?.by ?? 1 },
      });
  return isMatrix(left.x) ? result : emit.node("Reshape", [result, emit.ints(shape)]);
}
