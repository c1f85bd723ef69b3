/** @file Reads YAML against a schema: every problem at once, each with file, line, column and what was expected. */
import { type Document, LineCounter, isScalar, parseDocument } from "yaml";
import type { z } from "zod";
import { UsageError } from "../errors.ts";
import { checked, lineOf, type Path, type Problem, ProblemsError } from "./problems.ts";

/** A value, and where in the file each part of it is. */
export interface Parsed<T> {
  readonly value: T;
  /** Line of the value at a path, from 1, or of what holds it. */
  readonly line: (path: Path) => number;
  /**
   * Does something with the value; problems found with it are told with their place in the file.
   * @throws ProblemsError whose lines read `file:line:column key: expected …, received …`
   */
  readonly located: <R>(work: (value: T) => R) => R;
}

/**
 * @param file names the text in messages
 * @param overrides `key.path=value` pairs whose values are YAML
 * @throws UsageError, for wrong values a ProblemsError
 */
export function parseYaml<S extends z.ZodType>(
  schema: S,
  file: string,
  text: string,
  overrides: readonly string[] = [],
): Parsed<z.output<S>> {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines });
  if (doc.errors.length > 0)
    throw new UsageError(
      doc.errors
        .map(
          (e) =>
            `${file}:${e.linePos?.[0].line ?? 1}:${e.linePos?.[0].col ?? 1} ${e.message.split("\n")[0]}`,
        )
        .join("\n"),
    );
  const overridden = overrides.map((pair) => override(doc, file, pair));

  const told = (problem: Problem): { readonly offset: number; readonly text: string } => {
    const key = problem.path.join(".");
    if (overridden.some((set) => key === set || key.startsWith(`${set}.`)))
      return { offset: -1, text: `--set ${lineOf(problem)}` };
    const offset = offsetOf(doc, problem.path, problem.atKey ?? false);
    const { line, col } = lines.linePos(offset);
    return { offset, text: `${file}:${line}:${col} ${lineOf(problem)}` };
  };
  const located = <R>(work: () => R): R => {
    try {
      return work();
    } catch (thrown) {
      if (!(thrown instanceof ProblemsError)) throw thrown;
      const inOrder = thrown.problems.map(told).toSorted((a, b) => a.offset - b.offset);
      throw new ProblemsError(
        thrown.problems,
        inOrder.map(({ text: line }) => line),
      );
    }
  };
  const value = located(() => checked(schema, doc.toJS() ?? {}));
  return {
    value,
    line: (path) => lines.linePos(offsetOf(doc, path, false)).line,
    located: (work) => located(() => work(value)),
  };
}

/** Sets one value of the document; returns its path with dots. */
function override(doc: Document, file: string, pair: string): string {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (key === undefined || value === undefined)
    throw new UsageError(`--set ${pair}: expected key.path=value, such as --set train.lr=1e-5`);
  const path = key.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const parsed = parseDocument(value);
  if (parsed.errors.length > 0)
    throw new UsageError(`--set ${key}: the value is not YAML: ${value}`);
  try {
    doc.setIn(path, doc.createNode(parsed.toJS()));
  } catch {
    throw new UsageError(
      `--set ${key}: part of ${key} is a single value in ${file}, expected sections down to the last name`,
    );
  }
  return path.join(".");
}

/** Where a path begins in the text: at the key itself for unknown keys, else at the value, else at the nearest parent. */
function offsetOf(doc: Document, path: Path, atKey: boolean): number {
  for (let end = path.length; end >= 0; end--) {
    const parent = end > 0 ? doc.getIn(path.slice(0, end - 1), true) : undefined;
    const items = (parent as { items?: { key?: unknown; value?: unknown }[] } | undefined)?.items;
    const pair = items?.find(
      (p) => isScalar(p.key) && String(p.key.value) === String(path[end - 1]),
    );
    const node =
      (atKey && end === path.length ? pair?.key : undefined) ??
      (end === 0 ? doc.contents : doc.getIn(path.slice(0, end), true));
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}
