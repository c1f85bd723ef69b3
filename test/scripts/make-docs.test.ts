/** @file The generated files under docs/ are what the code would generate. */
import { expect, test } from "vitest";
import { outdated } from "../../scripts/make-docs.ts";

test("docs are up to date (npm run docs)", () => {
  expect(outdated()).toEqual([]);
});
