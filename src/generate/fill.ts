/** @file Texts of a config with names in braces, filled in by what a picture is asked for with. */
import type { DrawRequest, Parameter } from "./source.ts";

const PARAMETERS: readonly Parameter[] = [
  "prompt",
  "negative",
  "seed",
  "width",
  "height",
  "steps",
  "guidance",
];

/** The text with `{prompt}` and the like replaced, once: braces within a prompt stay, and so do names of nothing. */
export const filled = (text: string, values: DrawRequest & { readonly out?: string }): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(Reflect.get(values, name)) : whole,
  );

export const names = (texts: readonly string[], name: string): boolean =>
  texts.some((text) => text.includes(`{${name}}`));

/** The parameters that texts name. */
export const namedIn = (texts: readonly string[]): Parameter[] =>
  PARAMETERS.filter((name) => names(texts, name));

/** Further fields of a request, as configs give them. */
export type Extra = Readonly<Record<string, string | number | boolean>>;

export const filledFields = (extra: Extra, values: DrawRequest): Extra =>
  Object.fromEntries(
    Object.entries(extra).map(([field, value]) => [
      field,
      typeof value === "string" ? filled(value, values) : value,
    ]),
  );
