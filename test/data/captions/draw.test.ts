/** @file Captions drawn by gender, and matched with what they would say of the other one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Caption, genderOf } from "../../../src/data/captions/caption.ts";
import { drawCaptions } from "../../../src/data/captions/draw.ts";
import { matchedTexts, swapper } from "../../../src/data/captions/swap.ts";

const caption = (text: string, flags: string, pair: string | null = null): Caption => ({
  text,
  male: flags.includes("m"),
  female: flags.includes("f"),
  pair,
});
const setOf = (captions: readonly Caption[]) => ({ source: "set.tsv", captions, rejected: [] });

describe("drawing", () => {
  test("n of each gender, seeded; captions of both or of neither are never drawn", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("m", "f", "mf", ""), { minLength: 40, maxLength: 80 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (flags, n, seed) => {
          const captions = flags.map((of, i) => caption(`text ${i}`, of));
          fc.pre(["m", "f"].every((of) => flags.filter((flag) => flag === of).length >= n));
          const drawn = drawCaptions(setOf(captions), n, seed);
          expect(drawn.map(genderOf)).toEqual([
            ...Array.from({ length: n }, () => "male"),
            ...Array.from({ length: n }, () => "female"),
          ]);
          expect(new Set(drawn.map(({ text }) => text)).size).toBe(2 * n);
          expect(drawCaptions(setOf(captions.toReversed()), n, seed)).toEqual(drawn);
        },
      ),
    );
  });

  test("another seed draws others", () => {
    const set = setOf(Array.from({ length: 100 }, (_, i) => caption(`t${i}`, i % 2 ? "m" : "f")));
    expect(drawCaptions(set, 10, 1)).not.toEqual(drawCaptions(set, 10, 2));
  });

  test("too few is an error that counts them", () => {
    const set = setOf([caption("a", "m"), caption("b", "f"), caption("c", "mf")]);
    expect(() => drawCaptions(set, 2, 0)).toThrow(
      "set.tsv: expected 2 captions that are male alone, received 1; ask for fewer",
    );
  });
});

describe("the same of the other gender", () => {
  const swap = swapper();
  test.each([
    ["A man walks his dog .", "A woman walks her dog ."],
    ["MAN seeks Boy; he's late", "WOMAN seeks Girl; she's late"],
    ["The woman ties her shoe", "The man ties his shoe"],
    ["A boy watches her .", "A girl watches him ."],
    ["A dog behind her is wet", "A dog behind him is wet"],
    ["her 2 sons", "his 2 daughters"],
    ["a waiter and the bride", "a waitress and the groom"],
    ["the man's hat, ma'am", "the woman's hat, ma'am"],
    ["a manly human mansion", null],
  ])("%s", (text, swapped) => {
    expect(swap(text)).toBe(swapped);
  });

  test("words of one's own", () => {
    const own = swapper([
      ["rooster", "hen"],
      ["cock", "hen"],
    ]);
    expect(own("A hen and a Cock")).toBe("A rooster and a Hen");
    expect(own("a man")).toBeNull();
  });

  test("pairs of the set come first, then words; each pair once", () => {
    const set = [
      caption("The cook said he ate.", "m", "cook.1"),
      caption("The cook said she ate.", "f", "cook.1"),
      caption("The cook said they ate.", "", "cook.1"),
      caption("A sailor.", "m"),
      caption("A boy.", "m"),
      caption("A girl.", "f"),
      caption("A boy and a girl.", "mf"),
    ];
    expect(matchedTexts(set, set, swap)).toEqual([
      { male: "The cook said he ate.", female: "The cook said she ate." },
      { male: "A boy.", female: "A girl." },
    ]);
  });
});
