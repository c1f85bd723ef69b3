/** @file What is wrong with a value that came from a user, in words: every problem at once. */
import type { z } from "zod";
import { UsageError } from "../errors.ts";
import { nearest } from "../suggest.ts";

export type Path = readonly (string | number)[];

export interface Problem {
  /** Of the value, such as `["rules", 2, "max"]`. */
  readonly path: Path;
  readonly message: string;
  /** The key itself is wrong, not what it holds. */
  readonly atKey?: boolean;
}

/** Problems of one value, one line each; `path: message` until somebody knows where the value was written. */
export class ProblemsError extends UsageError {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[], lines = problems.map(lineOf)) {
    super([...new Set(lines)].join("\n"));
    this.problems = problems;
  }
}

export const lineOf = ({ path, message }: Problem): string => `${path.join(".")}: ${message}`;

/**
 * Checks a value.
 * @throws ProblemsError
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  const strays = new Set(
    issues.flatMap(({ code, path }) => (code === "unrecognized_keys" ? path.join(".") : [])),
  );
  throw new ProblemsError(
    issues
      // what several keys together lack may be what the unknown key was meant to be
      .filter(({ code, path }) => code !== "custom" || !strays.has(path.join(".")))
      .flatMap((issue) => problemsOf(issue, value, schema)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): Problem[] {
  const base = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const atKey = issue.code === "unrecognized_keys";
  return pathsOf(issue, base).map((path) => ({
    path,
    message: explain(issue, path, root, schema),
    ...(atKey && { atKey }),
  }));
}

function pathsOf(issue: z.core.$ZodIssue, base: Path): Path[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => [...base, key]);
  const tag =
    issue.code === "invalid_union" && "discriminator" in issue ? issue.discriminator : undefined;
  return [typeof tag === "string" && base.at(-1) !== tag ? [...base, tag] : base];
}

const show = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step],
    root,
  );

/** One sentence for a zod issue: what was expected, what came. */
function explain(
  issue: z.core.$ZodIssue,
  path: Path,
  root: unknown,
  schema: z.core.$ZodType,
): string {
  const received = `received ${show(valueAt(root, path))}`;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(path.slice(0, -1), root, schema);
      const near = nearest(String(path.at(-1)), known);
      return `unknown key${near === undefined ? `; known: ${known.join(", ")}` : `, did you mean ${near}?`}`;
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
          ? `at least ${issue.minimum} ${issue.minimum === 1 ? "entry" : "entries"}`
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
        .map((e) => explain(e, path, root, schema));
      return [...new Set(branches)].join(", or ");
    }
    case "custom": // of several keys together, which would be long to print
      return issue.message;
    default:
      return `${issue.message}, ${received}`;
  }
}

/** The keys a strict object of the schema knows at `path`, following the union member that the document chose. */
function knownKeys(path: Path, root: unknown, schema: z.core.$ZodType): string[] {
  let schemas: readonly z.core.$ZodType[] = [schema];
  let value: unknown = root;
  const unwrap = (one: z.core.$ZodType): z.core.$ZodType[] => {
    const def = one._zod.def as { innerType?: z.core.$ZodType; options?: z.core.$ZodType[] };
    if (def.innerType) return unwrap(def.innerType);
    return def.options ? def.options.flatMap(unwrap) : [one];
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
