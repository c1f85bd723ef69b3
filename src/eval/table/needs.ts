/** @file What a row of a table must have to be used. */
import type { TableColumns } from "./columns.ts";
import type { RawTable } from "./gather.ts";
import { spellingOf, type LabelColumn, type Spelling } from "./labels.ts";
import type { NumberColumn } from "./numbers.ts";

export interface Need {
  readonly column: string;
  /** Why a row that lacks it is of no use. */
  readonly reason: string;
  readonly lacks: (row: number) => boolean;
  /** What such a row has in its place, where that is known. */
  readonly received: (row: number) => string | undefined;
}

/** One for every column that is not a group. */
export function needsOf(raw: RawTable, columns: TableColumns): Need[] {
  const { id, spelling } = raw;
  const single: readonly (Need | null)[] = [
    label(columns.truth, raw.truth, spelling),
    label(columns.predicted, raw.predicted, spelling),
    label(columns.before, raw.before, spelling),
    finite(columns.score, raw.score),
    ...[...raw.scores].map(([name, column]) => finite(`${columns.scores}${name}`, column)),
    weight(columns.weight, raw.weight),
    label(columns.cluster, raw.cluster, spellingOf(raw.cluster?.texts ?? [])),
    label(columns.split, raw.split, spellingOf(raw.split?.texts ?? [])),
    id && missing(columns.id!, (row) => id.texts[row] === null),
  ];
  return single.filter((need) => need !== null);
}

const missing = (column: string, lacks: Need["lacks"]): Need => ({
  column,
  reason: "missing",
  lacks,
  received: () => undefined,
});

function label(
  name: string | undefined,
  column: LabelColumn | null,
  spelling: Spelling,
): Need | null {
  if (!column) return null;
  const { texts, codes } = column;
  const isNone = texts.map((text) => spelling.of(text) === null); // NaN among numbers
  return missing(name!, (row) => codes[row]! < 0 || isNone[codes[row]!]!);
}

function finite(name: string | undefined, column: NumberColumn | null): Need | null {
  if (!column) return null;
  const { values } = column;
  return {
    column: name!,
    reason: "no finite number",
    lacks: (row) => !Number.isFinite(values[row]!),
    received: (row) => column.received(row),
  };
}

/** An infinite weight is no missing one but an error. */
function weight(name: string | undefined, column: NumberColumn | null): Need | null {
  const need = finite(name, column);
  const values = column?.values;
  return need && { ...need, reason: "no number", lacks: (row) => Number.isNaN(values![row]!) };
}
