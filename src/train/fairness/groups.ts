/** @file The groups that rows belong to, by their labels. */
import type { Row } from "../../data/row.ts";
import { intersect } from "../../eval/counts/cells.ts";
import { UsageError } from "../../run/errors.ts";
import { columnOf } from "../columns.ts";
import type { Groups } from "./term.ts";

/**
 * Groups of an attribute or an intersection (`race*gender`). A row that lacks a label has none.
 * Throws UsageError when no row has the label.
 * @param key of the config, for the message.
 */
export function groupsOf(rows: readonly Row[], attribute: string, key: string): Groups {
  const columns = attribute.split("*").map((name) => {
    const column = columnOf(rows, name);
    if (column.values.length > 0) return column;
    throw new UsageError(
      `${key}: no row of train has the attribute "${name}"; expected one of ${Object.keys(rows[0]?.labels ?? {}).join(", ")}`,
    );
  });
  return occupied(intersect(columns).codes);
}

/** The same groups without those that have no row. */
function occupied(codes: Int32Array): Groups {
  const found = [...new Set(codes)].filter((code) => code >= 0).sort((a, b) => a - b);
  const place = new Map(found.map((code, i) => [code, i]));
  return { codes: codes.map((code) => place.get(code) ?? -1), count: found.length };
}
