/** @file A whole graph is checked before an engine sees it. */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/build.ts";
import type { Node } from "../../src/graph/node.ts";
import { verify } from "../../src/graph/verify.ts";

const w = g.param("w", [3, 4]);

test("lists the feeds and how many rows ids may name", () => {
  const ids = g.input("ids", [2], "int");
  const graph = verify({ y: g.add(g.gather(w, ids), g.gather(g.param("v", [2, 4]), ids)) });
  expect([...graph.feeds.keys()]).toEqual(["w", "ids", "v"]);
  expect([...graph.idLimits]).toEqual([["ids", 2]]);
  expect(graph.nodes.at(-1)!.op).toBe("add");
});

describe("refuses", () => {
  const forged = (change: Partial<Node>): Node => ({ ...g.exp(w), ...change });
  test.each<[string, Record<string, Node>]>([
    ["no outputs", {}],
    ["a shape that does not follow", { y: forged({ shape: [4, 3] }) }],
    ["a dtype that does not follow", { y: forged({ dtype: "int" }) }],
    [
      "inputs that do not fit",
      { y: forged({ op: "matmul", attrs: { transA: false, transB: false }, inputs: [w, w] }) },
    ],
    ["ids that are not whole", { y: forged({ op: "gather", attrs: {}, inputs: [w, w] }) }],
    ["two nodes of one name", { y: g.add(w, g.param("w", [3, 4])) }],
    ["an input named as a param", { y: w, z: g.input("w", [2]) }],
    ["a nameless feed", { y: g.input("", [2]) }],
    ["infinity", { y: g.add(w, g.constant([0, -Infinity, 0, 0], [4])) }],
    ["NaN below the outputs", { y: g.exp(g.mul(w, Number.NaN)) }],
    ["what float32 cannot hold", { y: g.mul(w, 1e39) }],
  ])("%s", (_name, outputs) => {
    expect(() => verify(outputs)).toThrowErrorMatchingSnapshot();
  });
});
