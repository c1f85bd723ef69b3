/** @file A graph as text: one line per node, for error hunting and for tests. */
import { type Node, showShape, toposort } from "./node.ts";

const LONGEST_LIST = 8;

const showValue = (value: unknown): string => {
  if (!Array.isArray(value)) return String(value);
  const more = value.length > LONGEST_LIST ? ", ..." : "";
  return `[${value.slice(0, LONGEST_LIST).join(", ")}${more}]`;
};
/** What is not seen from the result's own shape, or is simply off, is left out. */
const showAttrs = (node: Node): string[] =>
  Object.entries(node.attrs)
    .filter(([key, value]) => key !== "shape" && key !== "dtype" && value !== false)
    .map(([key, value]) => (value === true ? key : `${key}=${showValue(value)}`));

/** `%3 = matmul(%1, %2, transB) : [4, 8]` per node, inputs before users, then one line per output. */
export function print(outputs: Readonly<Record<string, Node>>): string {
  const nodes = toposort(Object.values(outputs));
  const id = new Map(nodes.map((node, i) => [node, `%${i}`]));
  const lines = nodes.map((node) => {
    const inside = [...node.inputs.map((x) => id.get(x)!), ...showAttrs(node)].join(", ");
    const type = `${node.dtype === "int" ? "int " : ""}${showShape(node.shape)}`;
    return `${id.get(node)!} = ${node.op}(${inside}) : ${type}`;
  });
  const results = Object.entries(outputs).map(([name, node]) => `${name} = ${id.get(node)!}`);
  return [...lines, ...results].join("\n");
}
