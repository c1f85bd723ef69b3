/** @file Work begun before it is asked for: how much of it, in what order, and what becomes of its errors. */
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { ahead } from "../../src/run/ahead.ts";

const items = [0, 1, 2, 3, 4, 5, 6];

test.each([0, 1, 2, 10])("%i ahead: in order, and never more of them begun", async (depth) => {
  const begun: number[] = [];
  const load = async (item: number): Promise<string> => {
    begun.push(item);
    await setTimeout(items.length - item); // the last is ready first
    return `loaded ${item}`;
  };
  const seen: string[] = [];
  for await (const loaded of ahead(items, depth, load)) {
    seen.push(loaded);
    expect(begun.length).toBe(Math.min(items.length, seen.length + depth));
  }
  expect(seen).toEqual(items.map((item) => `loaded ${item}`));
  expect(begun).toEqual(items);
});

test("an error comes at its item's turn", async () => {
  const seen: number[] = [];
  const load = (item: number): Promise<number> =>
    item === 2 ? Promise.reject(new Error("no 2")) : Promise.resolve(item);
  const all = async (): Promise<void> => {
    for await (const loaded of ahead(items, 3, load)) seen.push(loaded);
  };
  await expect(all()).rejects.toThrow("no 2");
  expect(seen).toEqual([0, 1]);
});

test("nothing is asked for of no items", async () => {
  const load = (): Promise<never> => Promise.reject(new Error("asked"));
  for await (const loaded of ahead([], 2, load)) expect(loaded).toBeUndefined();
});
