import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyPlan, balancePlan, BALANCE_ATTRIBUTES } from "../../src/data/balance.ts";
import { cellsOf } from "../../src/data/cells.ts";
import { level, sum } from "../../src/data/level.ts";
import { type Count, quotas } from "../../src/data/quotas.ts";
import { random } from "../../src/run/random.ts";
import { anyRows, row, rowsOf, UTKFACE_AGES, UTKFACE_COUNTS } from "./rows.ts";

describe("leveling counts", () => {
  test.each([
    [[5, 1, 3], 9, 0, [3, 3, 3]],
    [[5, 1, 3], 9, 2, [4, 2, 3]],
    [[5, 1, 3], 9, Infinity, [5, 1, 3]],
    [[5, 1, 3], 12, Infinity, [5, 3, 4]],
    [[5, 1, 3], 7, Infinity, [3, 1, 3]],
    [[5, 5, 0], 6, 1, [2, 2, 2]],
    [[4, 4], 9, 0, [4, 5]],
    [[4, 4], 7, 0, [4, 3]],
    [[7], 3, 0, [3]],
    [[2, 2], 0, 0, [0, 0]],
  ])("%j to %i rows, at most %d apart: %j", (counts, quota, tolerance, expected) => {
    const none = counts.map(() => Infinity);
    expect(level(counts, none, quota, tolerance)).toEqual(expected);
  });

  test("sums to the quota or all caps, stays in the tolerance, and no row is both removed and added without need", () => {
    const items = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(items, fc.nat(200), fc.nat(20), (list, quota, tolerance) => {
        const counts = list.map(([count]) => count);
        const caps = list.map(([count, room]) => count + room);
        const result = level(counts, caps, quota, tolerance);
        expect(sum(result)).toBe(Math.min(quota, sum(caps)));
        result.forEach((n, i) => expect(n).toBeLessThanOrEqual(caps[i]!));
        const free = result.filter((n, i) => n < caps[i]!); // a capped one may stay behind
        if (free.length > 0)
          expect(Math.max(...result) - Math.min(...free)).toBeLessThanOrEqual(tolerance + 1);
        const spread = Math.max(...counts) - Math.min(...counts);
        if (spread <= tolerance && quota >= sum(counts))
          result.forEach((n, i) => expect(n).toBeGreaterThanOrEqual(counts[i]!));
        if (spread <= tolerance && quota <= sum(counts))
          result.forEach((n, i) => expect(n).toBeLessThanOrEqual(counts[i]!));
      }),
      { numRuns: 2000 },
    );
  });
});

/** `{ "white/male": 5477 }` as cells in the order that `cellsOf` gives. */
const cells = (counts: Readonly<Record<string, number>>): Count[] =>
  Object.entries(counts)
    .map(([values, count]) => ({ values: values.split("/"), count }))
    .sort((a, b) => (a.values.join("/") < b.values.join("/") ? -1 : 1));
const asRecord = (list: readonly Count[], result: readonly number[]) =>
  Object.fromEntries(list.map(({ values }, i) => [values.join("/"), result[i]]));

describe("the study's numbers, from its counts alone", () => {
  const races = cells(UTKFACE_COUNTS);
  const others = ["black", "asian", "indian", "other"];

  test("approach 2: race within 500, then gender; 4,937 out and 4,937 in", () => {
    const result = quotas(
      races,
      { method: "priority", attributes: ["race", "gender"], tolerances: [500] },
      Infinity,
      0,
    );
    expect(asRecord(races, result)).toEqual({
      "white/male": 2570,
      "white/female": 2571,
      ...Object.fromEntries(
        others.flatMap((race) => [
          [`${race}/male`, 2321],
          [`${race}/female`, 2320],
        ]),
      ),
    });
    const changes = result.map((n, i) => n - races[i]!.count);
    expect(sum(changes.filter((change) => change > 0))).toBe(4937);
    expect(sum(changes.filter((change) => change < 0))).toBe(-4937);
  });

  test("curated B: only white is cut, 18,768 in all", () => {
    const method = {
      method: "undersample-only",
      attributes: ["race", "gender"],
      tolerances: [500],
      total: "keep",
    } as const;
    const result = quotas(races, method, 0, 0);
    expect(asRecord(races, result)).toEqual({
      ...UTKFACE_COUNTS,
      "white/male": 2570,
      "white/female": 2571,
    });
    expect(sum(result)).toBe(18_768);
  });

  test("approach 1: copies to 127 per age add 1,980; the cut takes 0 to 15 above the median of 131.5", () => {
    const ages = UTKFACE_AGES.flatMap((count, i) => {
      // two pairs of unequal size
      const parts = [Math.ceil(count * 0.7), Math.floor(count * 0.3)];
      return parts.flatMap((n, p) =>
        n > 0 ? [{ values: [String(i + 1), ["male", "female"][p]!, "white"], count: n }] : [],
      );
    });
    const ageFirst = { method: "age-first", attributes: ["age", "gender", "race"] } as const;
    const result = quotas(ages, ageFirst, Infinity, 1);
    const perAge = UTKFACE_AGES.map((_, i) =>
      sum(result.filter((__, c) => ages[c]!.values[0] === String(i + 1))),
    );
    UTKFACE_AGES.forEach((count, i) => {
      if (count > 146) {
        expect(perAge[i]).toBeGreaterThanOrEqual(131);
        expect(perAge[i]).toBeLessThanOrEqual(146);
      } else if (i + 1 <= 90 && count > 0 && count < 126.5) expect(perAge[i]).toBe(127);
      else expect(perAge[i]).toBeLessThanOrEqual(count);
    });
    const afterCut = sum(perAge.map((n, i) => Math.min(n, UTKFACE_AGES[i]!)));
    const added = sum(perAge) - afterCut;
    expect(added).toBe(1980);
    // 10,208 is what the study's draws gave; the ends of the slack bound it
    const cut = (slack: number): number =>
      sum(UTKFACE_AGES.map((count) => Math.min(count, Math.floor(131.5 + slack))));
    expect(cut(0)).toBeLessThan(10_208);
    expect(cut(15)).toBeGreaterThan(10_208);
    expect(afterCut).toBeGreaterThan(cut(0));
    expect(afterCut).toBeLessThan(cut(15));
    expect(Math.abs(afterCut - 10_208)).toBeLessThan(120);
    // no slack: the expected total by the corrected rule
    const exact = sum(quotas(ages, { ...ageFirst, slack: 0 }, Infinity, 1));
    expect(exact).toBe(
      sum(UTKFACE_AGES.map((n, i) => (i + 1 <= 90 && n > 0 && n < 126.5 ? 127 : Math.min(n, 131)))),
    );
  });
});

describe("priority", () => {
  const attributes = ["race", "gender"];
  test("levels the first attribute, then the second within it", () => {
    const rows = rowsOf(
      attributes,
      { "asian/female": 2, "asian/male": 4, "white/female": 12, "white/male": 22 },
      "train",
    );
    const plan = balancePlan(rows, { method: "priority", attributes }, 9, 0);
    expect(plan.cells.map(({ before, wanted, after }) => [before, wanted, after])).toEqual([
      [2, 10, 10],
      [4, 10, 10],
      [12, 10, 10],
      [22, 10, 10],
    ]);
    expect([
      plan.before,
      plan.after,
      plan.removed.length,
      plan.added.length,
      plan.problems,
    ]).toEqual([40, 40, 14, 14, []]);
    expect(plan.mostCopied[0]).toEqual({ id: "asian-female-0", copies: 4 });
  });

  test("with enough copies the first attribute is level, and every later one within those before", () => {
    fc.assert(
      fc.property(anyRows(60, "train"), fc.nat(), (rows, seed) => {
        const { cells: planned, after } = balancePlan(
          rows,
          { method: "priority", attributes },
          1000,
          seed,
        );
        expect(after).toBe(rows.length);
        const perRace = new Map<string, number[]>();
        for (const { values, after: n } of planned)
          perRace.set(values["race"]!, [...(perRace.get(values["race"]!) ?? []), n]);
        const apart = (counts: readonly number[]): number =>
          Math.max(...counts) - Math.min(...counts);
        expect(apart([...perRace.values()].map(sum))).toBeLessThanOrEqual(1);
        for (const counts of perRace.values()) expect(apart(counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("copies end at the stated number per row; what the limit leaves open is told", () => {
    const rows = rowsOf(
      attributes,
      { "asian/female": 2, "asian/male": 4, "white/female": 12, "white/male": 22 },
      "train",
    );
    const plan = balancePlan(rows, { method: "priority", attributes }, 2, 0);
    // asian reaches 6 + 12 of 20, white keeps its own 20
    expect(plan.cells.map(({ after }) => after)).toEqual([6, 12, 10, 10]);
    expect(plan.problems).toEqual([
      "race=asian, gender=female: 6 of 10 rows, its 2 rows may be copied 2 times at most",
    ]);
  });

  test("a total, the smallest cell as measure, undersampling, and cells that are empty", () => {
    const rows = rowsOf(
      attributes,
      { "asian/female": 3, "asian/male": 5, "white/female": 9 },
      "train",
    );
    const after = (balancing: Parameters<typeof balancePlan>[1], copies: number): number[] =>
      balancePlan(rows, balancing, copies, 0).cells.map((cell) => cell.after);
    expect(after({ method: "priority", attributes, total: 12 }, 5)).toEqual([3, 3, 6]);
    expect(after({ method: "undersample-only", attributes: ["gender"] }, 5)).toEqual([5, 5]);
    expect(after({ method: "undersample-only", attributes }, 5)).toEqual([3, 2, 4]);
    expect(balancePlan(rows, { method: "priority", attributes }, 5, 0).problems).toEqual([
      "1 of 4 combinations of race x gender have no row, and nothing to copy",
    ]);
  });

  test("three attributes in the default order, a number among them works as well", () => {
    expect(BALANCE_ATTRIBUTES).toEqual(["race", "gender", "age_band"]);
    const rows = Array.from({ length: 60 }, (_, i) =>
      row(
        `r${i}`,
        { race: i % 5 ? "white" : "asian", gender: i % 3 ? "male" : "female" },
        { split: "train", numbers: { age: i % 4 } },
      ),
    );
    const plan = balancePlan(
      rows,
      { method: "priority", attributes: ["race", "gender", "age"] },
      50,
      0,
    );
    for (const { after } of plan.cells) expect([3, 4]).toContain(after);
  });
});

describe("plans", () => {
  const methods = fc.constantFrom("priority", "undersample-only", "age-first");
  const numbered = anyRows(80, "train").map((rows) =>
    rows.map((r, i) => ({ ...r, numbers: { age: (i * i) % 7 } })),
  );

  test("carried out they give the counts they state, the same for one seed and any order of rows", () => {
    fc.assert(
      fc.property(numbered, methods, fc.nat(4), fc.nat(), (rows, method, copies, seed) => {
        const attributes = method === "age-first" ? ["age", "gender"] : ["race", "gender"];
        const plan = balancePlan(rows, { method, attributes }, copies, seed);
        expect(
          balancePlan(random(seed).shuffle(rows), { method, attributes }, copies, seed),
        ).toEqual(plan);
        const saved = JSON.parse(JSON.stringify(plan)) as typeof plan;
        expect(saved).toEqual(plan);

        const balanced = applyPlan(rows, saved);
        expect(balanced.length).toBe(plan.after);
        expect(new Set(balanced.map(({ id }) => id)).size).toBe(plan.after);
        const counts = new Map(
          cellsOf(balanced, attributes).map(({ values, rows: members }) => [
            values.join(),
            members.length,
          ]),
        );
        for (const { values, after } of plan.cells)
          expect(counts.get(Object.values(values).join()) ?? 0).toBe(after);

        const originals = new Map(rows.map((r) => [r.id, r]));
        const perOrigin = new Map<string, number>();
        for (const r of balanced) {
          if (r.origin === null) expect(r).toEqual(originals.get(r.id));
          else {
            expect(r).toEqual({ ...originals.get(r.origin), id: r.id, origin: r.origin });
            perOrigin.set(r.origin, (perOrigin.get(r.origin) ?? 0) + 1);
          }
        }
        const most = Math.max(0, ...perOrigin.values());
        expect(most).toBeLessThanOrEqual(method === "undersample-only" ? 0 : copies);
        expect(plan.mostCopied[0]?.copies ?? 0).toBe(most);
      }),
      { numRuns: 150 },
    );
  });

  test("no row is both removed and copied, and copies have seeds of their own", () => {
    const rows = rowsOf(["race"], { a: 40, b: 10 }, "train");
    const plan = balancePlan(rows, { method: "priority", attributes: ["race"] }, 3, 0);
    const removed = new Set(plan.removed);
    expect(plan.added.some(({ origin }) => removed.has(origin))).toBe(false);
    expect(new Set(plan.added.map(({ seed }) => seed)).size).toBe(plan.added.length);
  });

  test("rows outside train, copies, no rows and rows of another plan are refused", () => {
    const balancing = { method: "priority", attributes: ["race"] } as const;
    const train = rowsOf(["race"], { a: 4, b: 2 }, "train");
    const make = (rows: typeof train) => () => balancePlan(rows, balancing, 1, 0);
    expect(make(rowsOf(["race"], { a: 2 }, "test"))).toThrow(
      "a-0 is in test, expected rows of train alone",
    );
    expect(make(rowsOf(["race"], { a: 2 }))).toThrow("a-0 is in no split");
    expect(make([{ ...train[0]!, origin: "x" }])).toThrow("a-0 is an augmented copy");
    expect(make([])).toThrow("expected rows to balance, received none");
    expect(() => balancePlan(train, balancing, -1, 0)).toThrow(
      "expected a number of copies of 0 or more, received -1",
    );
    expect(() => balancePlan(train, { method: "age-first", attributes: ["race"] }, 1, 0)).toThrow(
      "age-first levels whole numbers such as age, received a",
    );
    const plan = make(train)();
    expect(() => applyPlan(train.slice(0, 1), plan)).toThrow(
      /the plan names [ab]-\d, which is not among the 1 rows/,
    );
    expect(() => applyPlan([...train, ...rowsOf(["race"], { c: 1 }, "test")], plan)).toThrow(
      "c-0 is in test",
    );
  });
});
