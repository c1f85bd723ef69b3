/** @file A transformer block with loss and gradients, as CLIP's towers have it: what engines are measured on. */
import type { Tensor } from "../../src/engine/engine.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import { type Node, sizeOf } from "../../src/graph/node.ts";
import { random } from "../../src/run/random.ts";

export interface Block {
  /** `loss` and a gradient `d.NAME` for every weight. */
  readonly outputs: Readonly<Record<string, Node>>;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Sequence-first rows: token t of sequence b is row t * batch + b. Weights and pixels are seeded. */
export function block(tokens: number, batch: number, width: number, heads: number): Block {
  const params = new Map<string, Node>();
  const param = (name: string, ...shape: number[]): Node => {
    const node = g.param(name, shape);
    params.set(name, node);
    return node;
  };
  const linear = (name: string, x: Node, out: number): Node =>
    g.linear(x, param(`${name}.weight`, out, x.shape[1]!), param(`${name}.bias`, out));
  const norm = (name: string, x: Node): Node =>
    g.layerNorm(x, param(`${name}.weight`, width), param(`${name}.bias`, width), 1e-5);
  const split = (x: Node): Node =>
    g.transpose(g.reshape(x, [tokens, batch * heads, width / heads]), [1, 0, 2]);

  const x = g.input("x", [tokens * batch, width]);
  const first = norm("norm1", x);
  const q = split(linear("q", first, width));
  const k = split(linear("k", first, width));
  const v = split(linear("v", first, width));
  const scores = g.mul(g.matmul(q, k, { b: true }), 1 / Math.sqrt(width / heads));
  const mixed = g.transpose(g.matmul(g.softmax(scores), v), [1, 0, 2]);
  const attended = g.add(x, linear("out", g.reshape(mixed, x.shape), width));
  const hidden = g.quickGelu(linear("fc1", norm("norm2", attended), 4 * width));
  const y = g.add(attended, linear("fc2", hidden, width));
  const loss = g.mean(g.mul(y, y));

  const names = [...params.keys()];
  const gradients = grad(loss, [...params.values()]).map((d, i): [string, Node] => [
    `d.${names[i]!}`,
    d,
  ]);
  const values = random(7, "block");
  const seeded = ({ shape }: Node): Tensor => {
    const spread = shape.length === 2 ? 1 / Math.sqrt(shape[1]!) : 1;
    const data = Float32Array.from({ length: sizeOf(shape) }, () => spread * values.normal());
    return { shape, data };
  };
  const fed = [["x", x] as const, ...params].map(([name, node]) => [name, seeded(node)] as const);
  return {
    outputs: { loss, ...Object.fromEntries(gradients) },
    feeds: Object.fromEntries(fed),
  };
}
