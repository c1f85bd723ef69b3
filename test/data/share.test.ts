/** @file A share of the rows: exact, in their order, nested. */
import { expect, test } from "vitest";
import type { Row } from "../../src/data/row.ts";
import { shareOf } from "../../src/data/share.ts";
import { row } from "./rows.ts";

const rows: Row[] = Array.from({ length: 101 }, (_, i) => row(`${i}.jpg`, {}));
const idsOf = (share: number): string[] =>
  shareOf({ source: "faces", rows, rejected: [] }, share).rows.map(({ id }) => id);

test("so many rows are kept, in their order; a smaller share is part of a larger one", () => {
  expect(idsOf(1)).toHaveLength(101);
  const [tenth, half] = [idsOf(0.1), idsOf(0.5)];
  expect([tenth.length, half.length]).toEqual([11, 51]);
  expect(half).toEqual(rows.map(({ id }) => id).filter((id) => half.includes(id)));
  expect(tenth.filter((id) => !half.includes(id))).toEqual([]);
  expect(half).not.toEqual(rows.slice(0, 51).map(({ id }) => id));
});
