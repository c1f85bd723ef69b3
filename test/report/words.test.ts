/** @file Words of a report. */
import { describe, expect, it } from "vitest";
import { list, named, writer } from "../../src/report/words.ts";

describe("words", () => {
  it("quote names that a sentence would run into", () => {
    expect(
      ["indian", "Asian*40-59", "0-2", "東京", "a, b", "line\nbreak", "<b>"].map(named),
    ).toEqual(["indian", "Asian*40-59", "0-2", "東京", "“a, b”", "“line break”", "“<b>”"]);
  });

  it("list, and count what they do not list", () => {
    expect(list([])).toBe("");
    expect(list(["a"])).toBe("a");
    expect(list(["a", "b", "c"])).toBe("a, b and c");
    expect(list(["a", "b", "c", "d", "e"], 2)).toBe("a, b and 3 more");
  });

  it("write as many decimals as tell numbers apart", () => {
    expect([0.11, 0.07].map(writer(0.11, 0.07))).toEqual(["0.11", "0.07"]);
    expect([0.512, 0.514].map(writer(0.512, 0.514))).toEqual(["0.512", "0.514"]);
    expect(writer(0.004)(0.004)).toBe("0.004");
    expect(writer(0)(-0.0001)).toBe("0.00");
  });
});
