/** @file The tensor-graph IR: immutable nodes whose shapes are known when they are built. */

export type Shape = readonly number[];
/** `int` holds indices (token ids, row numbers): 32 bits, no gradient. */
export type DType = "float" | "int";

/** Of a window that moves over the last two axes, H and W. */
export interface Window {
  /** Steps down and across. */
  readonly stride: readonly [number, number];
  /** Rows and columns added around: top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number];
}
export interface Convolution extends Window {
  /** Distance between neighbours of the kernel. */
  readonly dilation: readonly [number, number];
  /** Channels are divided into so many parts, each with kernels of its own. */
  readonly groups: number;
}
export interface Pooling extends Window {
  readonly kernel: readonly [number, number];
}

/**
 * Attributes of each op. A key added here makes every table of the form `{ [K in OpName]: Rule<K> }`
 * (shape rules, gradients, each engine) fail to compile until it has an entry.
 */
export interface OpAttrs {
  /** A tensor fed on every run. */
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType };
  /** A model parameter: fed like an input, and what gradients are taken with respect to. */
  param: { readonly name: string; readonly shape: Shape };
  /** Values fixed when the graph is built (masks, scale factors), row-major. */
  constant: { readonly shape: Shape; readonly data: readonly number[] };
  /** Products of the last two axes; leading axes are equal, or the second operand is a matrix. */
  matmul: { readonly transA: boolean; readonly transB: boolean };
  /** Elementwise, with NumPy broadcasting. */
  add: object;
  sub: object;
  mul: object;
  div: object;
  exp: object;
  log: object;
  sqrt: object;
  sigmoid: object;
  /** x sigmoid(x): a gradient of its own takes half the passes over memory that the product rule's would. */
  silu: object;
  /** Gauss error function. */
  erf: object;
  /** Over the last axis. */
  softmax: object;
  logSoftmax: object;
  /** (x - mean) / sqrt(var + eps) * gamma + beta over the last axis; var is the biased one. */
  layerNorm: { readonly eps: number };
  /** 1 / sqrt(var + eps) over the last axis, kept as size 1: layerNorm's own scale, which its gradient needs. */
  rstd: { readonly eps: number };
  /** x itself; its gradient is multiplied by `factor`: 0 stops it, a negative one reverses it. */
  scaleGradient: { readonly factor: number };
  /** Sum over axes, which stay with size 1. */
  sum: { readonly axes: readonly number[] };
  reshape: { readonly shape: Shape };
  transpose: { readonly perm: readonly number[] };
  /** NumPy broadcasting to a shape. */
  broadcast: { readonly shape: Shape };
  /** Elements start..end-1 of one axis. */
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  /** Zeros around one axis: the gradient of slice. */
  pad: { readonly axis: number; readonly before: number; readonly after: number };
  concat: { readonly axis: number };
  /** Rows of a table [V, D] by ids [...]: [..., D]. */
  gather: object;
  /** Adds updates [..., D] to the rows named by ids [...] of a zero table [rows, D]: the gradient of gather. */
  scatterAdd: { readonly rows: number };
  relu: object;
  /** dy where y > 0, else 0: the gradient of relu by its result y. */
  reluGrad: object;
  /** Cross-correlation of x [B, C, H, W] with w [O, C / groups, kh, kw], and a bias [O] where it is given: [B, O, Ho, Wo]. */
  conv2d: Convolution;
  /** From dy [B, O, Ho, Wo] and w to the gradient of x, whose last two axes are `size`. */
  conv2dInputGrad: Convolution & { readonly size: readonly [number, number] };
  /** From dy [B, O, Ho, Wo] and x to the gradient of w, whose last two axes are `kernel`. */
  conv2dWeightGrad: Convolution & { readonly kernel: readonly [number, number] };
  /** The largest of each window of x [B, C, H, W]; padding never is. */
  maxPool: Pooling;
  /** From dy and x to the gradient of x: each dy goes to the first largest of its window, row by row. */
  maxPoolGrad: Pooling;
  /** Mean and biased variance over all axes but the second: [B, C, ...] -> [2, C]. */
  channelMoments: object;
  /** x [B, C, ...] times scale [C] plus shift [C], by channel. */
  channelAffine: object;
}
export type OpName = keyof OpAttrs;

export interface Node<K extends OpName = OpName> {
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attrs: OpAttrs[K];
  readonly shape: Shape;
  readonly dtype: DType;
}

export const isOp = <K extends OpName>(node: Node, op: K): node is Node<K> => node.op === op;

export const sizeOf = (shape: Shape): number => shape.reduce((product, d) => product * d, 1);
export const showShape = (shape: Shape): string => `[${shape.join(", ")}]`;
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** Nodes reachable from `roots`, inputs before users, in a fixed order. Iterative: deep graphs must not overflow the stack. */
export function toposort(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; expanded: boolean }[] = roots
    .toReversed()
    .map((node) => ({ node, expanded: false }));
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (top.expanded) {
      order.push(top.node);
      continue;
    }
    if (seen.has(top.node)) continue;
    seen.add(top.node);
    stack.push({ node: top.node, expanded: true });
    for (const input of top.node.inputs.toReversed()) stack.push({ node: input, expanded: false });
  }
  return order;
}
