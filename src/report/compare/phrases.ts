/** @file The parts that sentences on methods are made of. */
import type { Tone } from "../tables/table.ts";
import { list, named } from "../words.ts";
import type { MethodView } from "./model.ts";

export interface CompareFinding {
  readonly tone: Extract<Tone, "better" | "worse" | "unclear" | "muted">;
  readonly text: string;
}

/** All of them: a method that is left out of a sentence is left out of the reader's mind. */
export const listed = (items: readonly string[]): string => list(items, items.length);

export const names = (of: readonly MethodView[]): string =>
  listed(of.map(({ name }) => named(name)));

/** The ending of a verb. */
export const s = (of: readonly MethodView[]): string => (of.length === 1 ? "s" : "");
