/** @file References in Markdown, made from schemas: that of the config, and tables of keys for others. */
import { z } from "zod";
import { ConfigSchema } from "./schema.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

/** A value's type and range in words. */
function typeOf(s: Schema): string {
  if (s.const !== undefined) return code(s.const);
  if (s.enum) return s.enum.map(code).join(", ");
  const options = s.oneOf ?? s.anyOf;
  if (options) return [...new Set(options.map(typeOf))].join(" or ");
  if (typeof s.type === "object") return s.type.map((type) => typeOf({ ...s, type })).join(" or ");
  if (s.prefixItems) return s.prefixItems.map(typeOf).join(" and ");
  if (s.type === "array") return `list of ${s.items ? typeOf(s.items) : "values"}`;
  if (s.type === "object") return s.properties ? "section" : "map";
  if (s.type !== "number" && s.type !== "integer")
    return s.type === "string" ? "text" : String(s.type);
  return [s.type === "integer" ? "whole number" : "number", rangeOf(s)].join(" ").trimEnd();
}

/** Bounds of a number in interval notation, or the one bound there is; those of the number format say nothing. */
function rangeOf(s: Schema): string {
  const whole = s.type === "integer";
  const low = whole && s.exclusiveMinimum === 0 ? 1 : (s.minimum ?? s.exclusiveMinimum);
  const high = s.maximum ?? s.exclusiveMaximum;
  const open = low !== s.minimum && low === s.exclusiveMinimum;
  const bounded = high !== undefined && high < Number.MAX_SAFE_INTEGER;
  if (low === undefined || low === Number.MIN_SAFE_INTEGER) return bounded ? `≤ ${high}` : "";
  if (!bounded) return `${open ? ">" : "≥"} ${low}`;
  return `in ${open ? "(" : "["}${low}, ${high}${s.maximum === undefined ? ")" : "]"}`;
}

/** The key that tells the members of a union of sections apart, and its value in one of them. */
function tagOf(s: Schema): { key: string; value: string } | null {
  const found = Object.entries(s.properties ?? {}).find(
    ([, property]) => property.const !== undefined,
  );
  return found ? { key: found[0], value: String(found[1].const) } : null;
}

const sections = (s: Schema): readonly Schema[] =>
  s.properties ? [s] : (s.oneOf ?? s.anyOf ?? []).flatMap(sections);

type Row = readonly [key: string, type: string, initial: string, meaning: string];

/** One row per key; sections and lists of sections follow their own row, indented by their path. */
function rows(schema: Schema, path: string): Row[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, s]) => {
    const key = `${path}${name}`;
    const inner = sections(s.items ?? s);
    const at = s.items ? `${key}[].` : `${key}.`;
    const tags = inner.map(tagOf);
    const type =
      inner.length > 0 && !s.items
        ? tags.every((t) => t !== null) && inner.length > 1
          ? "section, one of those below"
          : "section"
        : typeOf(s);
    const initial =
      s.default === undefined || inner.length > 0
        ? required.has(name)
          ? "required"
          : ""
        : code(s.default);
    const row = [`\`${key}\``, type, initial, s.description ?? ""] as const;
    return [row, ...inner.flatMap((member) => memberRows(member, at, inner.length > 1))];
  });
}

function memberRows(member: Schema, path: string, tagged: boolean): Row[] {
  const tag = tagged ? tagOf(member) : null;
  const heading: Row[] = tag ? [[`**\`${path}${tag.key}: ${tag.value}\`**`, "", "", ""]] : [];
  const { [tag?.key ?? ""]: _tag, ...properties } = member.properties ?? {};
  return [...heading, ...rows({ ...member, properties }, path)];
}

const schemaRows = (schema: z.ZodType): Row[] =>
  rows(z.toJSONSchema(schema, { io: "input" }) as Schema, "");

const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** Every key that a user may write. */
export const keyTable = (schema: z.ZodType): string =>
  table(["key", "type", "default", "meaning"], schemaRows(schema));

/** Every key of what a program writes. */
export const fieldTable = (schema: z.ZodType): string =>
  table(
    ["key", "type", "meaning"],
    schemaRows(schema).map(([key, type, , meaning]) => [key, type, meaning]),
  );

/** The whole reference page. */
export const configReference = (): string =>
  [
    "# Config reference",
    "",
    "Made from the schema by `npm run docs`; do not edit. One config is one experiment; an unknown key is an error.",
    "Any value can be set on the command line: `--set train.lr=1e-5`.",
    "",
    keyTable(ConfigSchema),
    "",
  ].join("\n");
