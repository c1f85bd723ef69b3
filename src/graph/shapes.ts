/** @file The shape rule of every op. A rule throws a ShapeError that names the op and the shapes it was given. */
import { imageRules } from "./image-shapes.ts";
import {
  type DType,
  type Node,
  type OpAttrs,
  type OpName,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
} from "./node.ts";
import { type Rule, ShapeError } from "./shape-rule.ts";

interface Inferred {
  readonly shape: Shape;
  readonly dtype: DType;
}
/** NumPy broadcasting of two shapes, or null. */
function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const out: number[] = [];
  for (let i = 0; i < rank; i++) {
    const da = a[a.length - rank + i] ?? 1;
    const db = b[b.length - rank + i] ?? 1;
    if (da !== db && da !== 1 && db !== 1) return null;
    out.push(da === 1 ? db : da);
  }
  return out;
}

const same = <K extends OpName>(): Rule<K> => ({ arity: 1, infer: (_a, [x]) => x!.shape });
const lastAxis = <K extends OpName>(op: K): Rule<K> => ({
  arity: 1,
  infer: (_a, [x]) => {
    if (x!.shape.length === 0) throw new ShapeError(op, "needs at least one axis", [x!]);
    return x!.shape;
  },
});
const binary = <K extends OpName>(op: K): Rule<K> => ({
  arity: 2,
  infer: (_attrs, [a, b]) => {
    const shape = broadcastShapes(a!.shape, b!.shape);
    if (!shape) throw new ShapeError(op, "shapes do not broadcast", [a!, b!]);
    return shape;
  },
});
const checkAxis = (op: OpName, axis: number, x: Node): void => {
  if (!Number.isInteger(axis) || axis < 0 || axis >= x.shape.length)
    throw new ShapeError(op, `no axis ${axis}`, [x]);
};
const leaf = <K extends "input" | "param" | "constant">(op: K): Rule<K> => ({
  arity: 0,
  infer: (attrs) => {
    if (!attrs.shape.every((d) => Number.isInteger(d) && d > 0))
      throw new ShapeError(
        op,
        `sizes must be positive integers, got ${showShape(attrs.shape)}`,
        [],
      );
    return attrs.shape;
  },
});

const rules: { readonly [K in OpName]: Rule<K> } = {
  input: leaf("input"),
  param: leaf("param"),
  constant: {
    arity: 0,
    infer: (attrs) => {
      if (attrs.data.length !== sizeOf(attrs.shape))
        throw new ShapeError(
          "constant",
          `${attrs.data.length} values for ${showShape(attrs.shape)}`,
          [],
        );
      return leaf("constant").infer(attrs, []);
    },
  },
  matmul: {
    arity: 2,
    infer: ({ transA, transB }, [a, b]) => {
      const fail = (problem: string): never => {
        const read = `read${transA ? " transposed" : ""} x${transB ? " transposed" : ""}`;
        throw new ShapeError("matmul", transA || transB ? `${problem} (${read})` : problem, [
          a!,
          b!,
        ]);
      };
      if (a!.shape.length < 2 || b!.shape.length < 2) return fail("needs two axes on each side");
      const [m, k] = transA
        ? [a!.shape.at(-1)!, a!.shape.at(-2)!]
        : [a!.shape.at(-2)!, a!.shape.at(-1)!];
      const [k2, n] = transB
        ? [b!.shape.at(-1)!, b!.shape.at(-2)!]
        : [b!.shape.at(-2)!, b!.shape.at(-1)!];
      if (k !== k2) return fail("inner sizes differ");
      const batch = a!.shape.slice(0, -2);
      if (b!.shape.length > 2 && !sameShape(batch, b!.shape.slice(0, -2)))
        return fail("leading sizes differ");
      if (transA && b!.shape.length === 2 && batch.length > 0)
        return fail("a transposed batch needs a batch on the other side");
      return [...batch, m, n];
    },
  },
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  exp: same(),
  log: same(),
  sqrt: same(),
  sigmoid: same(),
  silu: same(),
  erf: same(),
  softmax: lastAxis("softmax"),
  logSoftmax: lastAxis("logSoftmax"),
  layerNorm: {
    arity: 3,
    infer: (_attrs, [x, gamma, beta]) => {
      const d = x!.shape.at(-1);
      if (d === undefined || !sameShape(gamma!.shape, [d]) || !sameShape(beta!.shape, [d]))
        throw new ShapeError("layerNorm", "gamma and beta must have the size of the last axis", [
          x!,
          gamma!,
          beta!,
        ]);
      return x!.shape;
    },
  },
  rstd: {
    arity: 1,
    infer: (_attrs, [x]) => [...lastAxis("rstd").infer({ eps: 0 }, [x!]).slice(0, -1), 1],
  },
  scaleGradient: same(),
  sum: {
    arity: 1,
    infer: ({ axes }, [x]) => {
      for (const axis of axes) checkAxis("sum", axis, x!);
      return x!.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    },
  },
  reshape: {
    arity: 1,
    infer: ({ shape }, [x]) => {
      if (sizeOf(shape) !== sizeOf(x!.shape))
        throw new ShapeError("reshape", `cannot become ${showShape(shape)}`, [x!]);
      return shape;
    },
  },
  transpose: {
    arity: 1,
    infer: ({ perm }, [x]) => {
      const sorted = perm.toSorted((a, b) => a - b);
      if (perm.length !== x!.shape.length || !sorted.every((p, i) => p === i))
        throw new ShapeError("transpose", `${showShape(perm)} does not permute the axes`, [x!]);
      return perm.map((p) => x!.shape[p]!);
    },
  },
  broadcast: {
    arity: 1,
    infer: ({ shape }, [x]) => {
      const joint = broadcastShapes(x!.shape, shape);
      if (!joint || !sameShape(joint, shape))
        throw new ShapeError("broadcast", `does not broadcast to ${showShape(shape)}`, [x!]);
      return shape;
    },
  },
  slice: {
    arity: 1,
    infer: ({ axis, start, end }, [x]) => {
      checkAxis("slice", axis, x!);
      if (start < 0 || end <= start || end > x!.shape[axis]!)
        throw new ShapeError("slice", `${start}..${end} is outside axis ${axis}`, [x!]);
      return x!.shape.map((d, i) => (i === axis ? end - start : d));
    },
  },
  pad: {
    arity: 1,
    infer: ({ axis, before, after }, [x]) => {
      checkAxis("pad", axis, x!);
      if (before < 0 || after < 0)
        throw new ShapeError("pad", `negative ${before}, ${after}`, [x!]);
      return x!.shape.map((d, i) => (i === axis ? d + before + after : d));
    },
  },
  concat: {
    arity: { min: 1 },
    infer: ({ axis }, inputs) => {
      const [first] = inputs;
      checkAxis("concat", axis, first!);
      for (const x of inputs)
        if (
          x.shape.length !== first!.shape.length ||
          !x.shape.every((d, i) => i === axis || d === first!.shape[i])
        )
          throw new ShapeError("concat", `sizes differ off axis ${axis}`, inputs);
      return first!.shape.map((d, i) =>
        i === axis ? inputs.reduce((s, x) => s + x.shape[axis]!, 0) : d,
      );
    },
  },
  gather: {
    arity: 2,
    dtypes: ["float", "int"],
    infer: (_attrs, [table, ids]) => {
      if (table!.shape.length !== 2)
        throw new ShapeError("gather", "the table must be a matrix", [table!, ids!]);
      return [...ids!.shape, table!.shape[1]!];
    },
    rows: (_attrs, [table]) => table!.shape[0]!,
  },
  scatterAdd: {
    arity: 2,
    dtypes: ["float", "int"],
    infer: ({ rows }, [updates, ids]) => {
      if (!sameShape(updates!.shape.slice(0, -1), ids!.shape))
        throw new ShapeError("scatterAdd", "one update row per id", [updates!, ids!]);
      return [rows, updates!.shape.at(-1)!];
    },
    rows: ({ rows }) => rows,
  },
  relu: same(),
  reluGrad: {
    arity: 2,
    infer: (_attrs, [dy, y]) => {
      if (!sameShape(dy!.shape, y!.shape))
        throw new ShapeError("reluGrad", "shapes differ", [dy!, y!]);
      return y!.shape;
    },
  },
  ...imageRules,
};

/** The shape and type of an op's result. Throws ShapeError. */
export function infer<K extends OpName>(
  op: K,
  attrs: OpAttrs[K],
  inputs: readonly Node[],
): Inferred {
  const rule: Rule<K> = rules[op];
  const wrongArity =
    typeof rule.arity === "number" ? inputs.length !== rule.arity : inputs.length < rule.arity.min;
  if (wrongArity) throw new ShapeError(op, `${inputs.length} inputs`, inputs);
  inputs.forEach((input, i) => {
    const want = rule.dtypes?.[i] ?? "float";
    if (input.dtype !== want) throw new ShapeError(op, `input ${i} must be ${want}`, inputs);
  });
  const dtype = op === "input" ? (attrs as OpAttrs["input"]).dtype : "float";
  return { shape: rule.infer(attrs, inputs), dtype };
}

/** How many rows an op's ids may name; Infinity when it takes no ids. */
export function rowsNamed<K extends OpName>({ op, attrs, inputs }: Node<K>): number {
  const rule: Rule<K> = rules[op];
  return rule.rows?.(attrs, inputs) ?? Infinity;
}
