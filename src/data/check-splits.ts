/** @file What would make an evaluation on these splits wrong or impossible. */
import { type Cell, cellsOf, describeCell, groupBy } from "./cells.ts";
import { type Row, type Split, SPLITS } from "./row.ts";

/**
 * Checks splits, however they were made; one line for each problem:
 * the same id twice, a cluster in two splits, augmented copies outside train, pictures that train has too (as a copy or an
 * original), a value or a cell of `attributes` that a split has no row of. Splits without any row, and rows without a split, are no problem.
 */
export function checkSplits(rows: readonly Row[], attributes: readonly string[]): string[] {
  const used = rows.filter((row) => row.split !== null);
  return [
    ...repeatedIds(used),
    ...cutClusters(used),
    ...strayCopies(used),
    ...knownPictures(used),
    ...absent(used, attributes),
  ];
}

function repeatedIds(rows: readonly Row[]): string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ id }) => {
    if (seen.has(id)) return [`${id}: two rows have this id`];
    seen.add(id);
    return [];
  });
}

function cutClusters(rows: readonly Row[]): string[] {
  const clusters = groupBy(
    rows.filter((row) => row.cluster !== null),
    (row) => row.cluster!,
  );
  const lines = [...clusters].flatMap(([cluster, members]) => {
    const other = members.find((row) => row.split !== members[0]!.split);
    if (!other) return [];
    const ends = [members[0]!, other].map((row) => `${row.id} in ${row.split}`).join(" and ");
    return [
      `near-duplicates in different splits (cluster ${cluster}): ${ends}; test scores would be too good`,
    ];
  });
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `${more} more such clusters`] : lines;
}

const MOST_LINES = 3;
const HELD_OUT = ["validation", "test"] as const;

function strayCopies(rows: readonly Row[]): string[] {
  return HELD_OUT.flatMap((split) => {
    const copies = rows.filter((row) => row.split === split && row.origin !== null);
    if (copies.length === 0) return [];
    return [
      `${copies.length} augmented copies in ${split} (${copies[0]!.id}), expected copies in train alone`,
    ];
  });
}

/** Held-out rows that show a picture which train has too: one is a copy of the other, or both are of a third. */
function knownPictures(rows: readonly Row[]): string[] {
  const pictureOf = ({ id, origin }: Row): string => origin ?? id;
  const copied = new Set(rows.flatMap(({ origin }) => origin ?? []));
  const train = new Map(
    rows.flatMap((row) =>
      row.split === "train" && copied.has(pictureOf(row)) ? [[pictureOf(row), row.id]] : [],
    ),
  );
  return HELD_OUT.flatMap((split) => {
    const members = rows.filter((row) => row.split === split);
    const known = members.filter((row) => train.has(pictureOf(row)));
    if (known.length === 0) return [];
    const twin = train.get(pictureOf(known[0]!));
    return [
      `${known.length} of ${members.length} rows of ${split} are a copy or the original of a picture in train (${known[0]!.id} and ${twin}): its scores would be too good`,
    ];
  });
}

/** Values, and cells of all attributes together, that a split has no row of. */
function absent(rows: readonly Row[], attributes: readonly string[]): string[] {
  const present = SPLITS.filter((split) => rows.some((row) => row.split === split));
  const values = attributes.flatMap((attribute) =>
    cellsOf(rows, [attribute]).flatMap((cell) =>
      lacking(cell, present).map(
        (split) =>
          `no row with ${describeCell([attribute], cell.values)} in ${split} (${cell.rows.length} in all): its rates there are undefined`,
      ),
    ),
  );
  if (attributes.length < 2) return values;
  const cells = cellsOf(rows, attributes);
  const crossed = present.flatMap((split) => {
    const missing = cells.filter((cell) => lacking(cell, [split]).length > 0);
    if (missing.length === 0) return [];
    const first = missing.slice(0, 3).map((cell) => `(${describeCell(attributes, cell.values)})`);
    const more = missing.length > 3 ? ", ..." : "";
    return [
      `${missing.length} of ${cells.length} cells have no row in ${split}: ${first.join(", ")}${more}`,
    ];
  });
  return [...values, ...crossed];
}

const lacking = (cell: Cell, splits: readonly Split[]): Split[] =>
  splits.filter((split) => !cell.rows.some((row) => row.split === split));
