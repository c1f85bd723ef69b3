/** @file Values read from JSON, against what they should be. */
import type { z } from "zod";
import { EquiclipError } from "./errors.ts";

/**
 * The value as the schema has it.
 * @param what the value is called, and what to do when it is not that
 * @throws {EquiclipError} naming the first field that is missing or wrong
 */
export function checked<S extends z.ZodType>(
  schema: S,
  json: unknown,
  what: string,
  remedy: string,
): z.output<S> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new EquiclipError(`${what}: ${path.join(".") || "value"}: ${message}; ${remedy}`);
}
