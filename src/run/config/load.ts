/** @file Reads a YAML config: every problem at once, each with file, line, column and what was expected. */
import { readFile } from "node:fs/promises";
import { type Document, LineCounter, isScalar, parseDocument } from "yaml";
import type { z } from "zod";
import { UsageError, messageOf } from "../errors.ts";
import { type Config, ConfigSchema } from "./schema.ts";

type Path = readonly (string | number)[];

const show = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

/** Edit distance, for suggestions (Wagner and Fischer). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length]!;
}

/** The keys a strict object of the schema knows at `path`, following the union member that the document chose. */
function knownKeys(path: Path, root: unknown): string[] {
  let schemas: readonly z.core.$ZodType[] = [ConfigSchema];
  let value: unknown = root;
  const unwrap = (schema: z.core.$ZodType): z.core.$ZodType[] => {
    const def = schema._zod.def as { innerType?: z.core.$ZodType; options?: z.core.$ZodType[] };
    if (def.innerType) return unwrap(def.innerType);
    return def.options ? def.options.flatMap(unwrap) : [schema];
  };
  const shapes = (): Record<string, z.core.$ZodType>[] =>
    schemas
      .flatMap(unwrap)
      .map(
        (s) => s._zod.def as { shape?: Record<string, z.core.$ZodType>; element?: z.core.$ZodType },
      )
      .filter((d) => d.shape !== undefined)
      .filter((d) =>
        // of a discriminated union, the members whose literals agree with the document
        Object.entries(d.shape!).every(([key, s]) => {
          const values = (s._zod.def as { values?: unknown[] }).values;
          const given = (value as Record<string, unknown> | undefined)?.[key];
          return !values || given === undefined || values.includes(given);
        }),
      )
      .map((d) => d.shape!);
  for (const step of path) {
    schemas =
      typeof step === "number"
        ? schemas
            .flatMap(unwrap)
            .flatMap((s) => (s._zod.def as { element?: z.core.$ZodType }).element ?? [])
        : shapes().flatMap((shape) => shape[step] ?? []);
    value = (value as Record<string | number, unknown> | undefined)?.[step];
  }
  return [...new Set(shapes().flatMap((shape) => Object.keys(shape)))];
}

/** One sentence for a zod issue: what was expected, what came. */
function explain(issue: z.core.$ZodIssue, path: Path, value: unknown, root: unknown): string {
  const received = `received ${show(value)}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const key = String(path.at(-1));
      const known = knownKeys(path.slice(0, -1), root);
      const near = known.toSorted((a, b) => distance(a, key) - distance(b, key))[0];
      const hint =
        near !== undefined && distance(near, key) <= 3
          ? `, did you mean ${near}?`
          : `; known: ${known.join(", ")}`;
      return `unknown key${hint}`;
    }
    case "invalid_type": {
      const article =
        issue.expected === "int"
          ? "a whole number"
          : `${/^[aio]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
      return `expected ${article}, ${received}`;
    }
    case "too_small": {
      const what =
        issue.origin === "array"
          ? "at least " + String(issue.minimum) + " entries"
          : issue.origin === "string"
            ? "a text"
            : `a number ${issue.inclusive ? ">=" : ">"} ${issue.minimum}`;
      return `expected ${what}, ${received}`;
    }
    case "too_big":
      return `expected a number ${issue.inclusive ? "<=" : "<"} ${issue.maximum}, ${received}`;
    case "invalid_value":
      return `expected ${issue.values.map((v) => String(v)).join(" or ")}, ${received}`;
    case "invalid_union": {
      const key = "discriminator" in issue ? issue.discriminator : undefined;
      if (typeof key === "string" && "options" in issue && Array.isArray(issue.options))
        return `expected ${issue.options.join(" or ")}, ${received}`;
      const branches = issue.errors
        .flatMap((errors) => errors.slice(0, 1))
        .map((e) => explain(e, path, value, root));
      return [...new Set(branches)].join(", or ");
    }
    default:
      return `${issue.message}, ${received}`;
  }
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

/**
 * Parses and checks a config. `overrides` are `key.path=value` pairs whose values are YAML.
 * Throws one UsageError whose lines read `file:line:column key: expected …, received …`.
 */
export function parseConfig(file: string, text: string, overrides: readonly string[] = []): Config {
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
  const overridden = new Set<string>();
  for (const pair of overrides) {
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
    overridden.add(path.join("."));
  }
  const root: unknown = doc.toJS() ?? {};
  const result = ConfigSchema.safeParse(root);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => {
    const base = issue.path.map((p) => (typeof p === "symbol" ? String(p) : p));
    const discriminator =
      issue.code === "invalid_union" && "discriminator" in issue ? issue.discriminator : undefined;
    const paths: Path[] =
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => [...base, key])
        : [
            typeof discriminator === "string" && base.at(-1) !== discriminator
              ? [...base, discriminator]
              : base,
          ];
    return paths.map((path) => {
      const value: unknown = path.reduce<unknown>(
        (v, p) => (v as Record<string | number, unknown> | null | undefined)?.[p],
        root,
      );
      const key = path.join(".");
      const set = [...overridden].find((o) => key === o || key.startsWith(`${o}.`));
      const offset =
        set === undefined ? offsetOf(doc, path, issue.code === "unrecognized_keys") : -1;
      const { line, col } = lines.linePos(Math.max(0, offset));
      const where = set === undefined ? `${file}:${line}:${col}` : "--set";
      return { offset, text: `${where} ${key}: ${explain(issue, path, value, root)}` };
    });
  });
  const inOrder = problems.toSorted((a, b) => a.offset - b.offset).map(({ text: line }) => line);
  throw new UsageError([...new Set(inOrder)].join("\n"));
}

/** Reads and checks a config file. Throws UsageError. */
export async function loadConfig(file: string, overrides: readonly string[] = []): Promise<Config> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `cannot read config ${file}: ${messageOf(cause)}; give the path of a YAML file, such as configs/quickstart.yaml`,
    );
  });
  return parseConfig(file, text, overrides);
}
