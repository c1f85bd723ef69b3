/** @file Sensitive attributes of a table: labels, or bands of numbers. */
import { bands } from "../../run/bands.ts";
import { UsageError } from "../../run/errors.ts";
import type { Column } from "../counts/cells.ts";
import type { Source } from "../report/source.ts";
import { HOW_TO_BIN, type RawTable } from "./gather.ts";
import { respell, spellingOf } from "./labels.ts";
import { NumberColumn } from "./numbers.ts";
import { LeftOut } from "./rows.ts";
import { pick, take } from "./take.ts";

const MOST_GROUPS = 200;

/** The sensitive attributes of the measured rows. A row without a value is left out of that attribute alone. */
export function groupsOf(
  { path, places, groups }: Pick<RawTable, "path" | "places" | "groups">,
  rows: Int32Array,
  bins: Readonly<Record<string, readonly number[]>>,
): { readonly columns: Record<string, Column>; readonly noGroup: Source["noGroup"] } {
  const columns = [...groups].map(([name, column]): [string, Column] => [
    name,
    column instanceof NumberColumn
      ? banded(take(column.values, rows), bins[name]!)
      : respell(pick(column, rows), spellingOf(column.texts)),
  ]);
  for (const [name, { values }] of columns)
    if (values.length > MOST_GROUPS)
      throw new UsageError(
        `${path}: column "${name}" has ${values.length} different values, expected groups, ${MOST_GROUPS} at most; ${HOW_TO_BIN}`,
      );
  const noGroup = columns.flatMap(([name, { codes }]) => {
    const missing = new LeftOut();
    codes.forEach((code, i) => {
      if (code < 0) missing.add(() => places.of(rows[i]!));
    });
    const reason = groups.get(name) instanceof NumberColumn ? "in no band" : "missing";
    return missing.rows === 0 ? [] : [{ column: name, reason, ...missing }];
  });
  return { columns: Object.fromEntries(columns), noGroup };
}

/** Bands in their order, those alone that hold rows. */
function banded(values: Float64Array, bounds: readonly number[]): Column {
  const bandOf = bands(bounds);
  const texts = bounds.map((bound) => bandOf(bound)!);
  const at = new Map<string | null, number>(texts.map((name, index) => [name, index]));
  // typed arrays that are mapped take no list of their values, as those made with `from` do
  const codes = new Int32Array(values.length).map((_, row) =>
    Number.isFinite(values[row]) ? (at.get(bandOf(values[row]!)) ?? -1) : -1,
  );
  return respell(
    { texts, codes },
    { of: (name) => name, sort: (names) => texts.filter((name) => names.includes(name)) },
  );
}
