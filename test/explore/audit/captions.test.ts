/** @file Words of captions: the formula by hand, planted words, chance, other scripts, lists, absent terms. */
import { describe, expect, test } from "vitest";
import { captionWords, wordsOf } from "../../../src/explore/audit/captions.ts";
import { encode } from "../../../src/eval/counts/cells.ts";
import { twoSidedNormal } from "../../../src/eval/uncertainty/intervals.ts";
import { random } from "../../../src/run/random.ts";

describe("words", () => {
  test.each([
    ["A Dog's life, DOG!", ["a", "dog's", "life", "dog"]],
    ["une fille près de l'eau", ["une", "fille", "près", "de", "l'eau"]],
    ["Девочка с мячом.", ["девочка", "с", "мячом"]],
    ["فتاة تلعب بالكرة", ["فتاة", "تلعب", "بالكرة"]],
    ["कुत्ता दौड़ता है", ["कुत्ता", "दौड़ता", "है"]],
    ["😀 -- ...", []],
  ])("%s", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test("scripts without spaces are cut into words", () => {
    expect(wordsOf("女人在跑步").length).toBeGreaterThan(1);
    expect(wordsOf("女性が走っている")).toContain("女性");
  });

  test("composed and decomposed letters are the same word", () => {
    expect(wordsOf("cafe\u0301")).toEqual(wordsOf("caf\u00E9"));
  });
});

test("the formula of Monroe, Colaresi and Quinn, by hand", () => {
  // 3 of 4 captions of a have x, 1 of 4 of b; y is in all others: 4 words each, 8 in all
  const captions = ["x x", "x", "x", "y", "x", "y", "y", "y"];
  const groups = encode(["a", "a", "a", "a", "b", "b", "b", "b"]);
  const { groups: found } = captionWords(captions, groups, { minCaptions: 1, prior: 8 });
  const alpha = (8 * 4) / 8;
  const logOdds =
    Math.log((3 + alpha) / (4 + 8 - 3 - alpha)) - Math.log((1 + alpha) / (4 + 8 - 1 - alpha));
  const z = logOdds / Math.sqrt(1 / (3 + alpha) + 1 / (1 + alpha));
  expect(found[0]!.words).toEqual([
    {
      word: "x",
      captions: 3,
      others: 1,
      logOdds: expect.closeTo(logOdds, 12),
      z: expect.closeTo(z, 12),
      pHolm: expect.closeTo(2 * twoSidedNormal(z), 12),
    },
  ]);
});

const FILLER = "a b c d e f g h i j k l m n o p q r s t".split(" ").map((of) => `word${of}`);
function random2(n: number, clusters: number, seed: string) {
  const draw = random("captions", seed);
  const codes = Int32Array.from({ length: n }, () => draw.int(clusters));
  const captions = Array.from({ length: n }, () =>
    Array.from({ length: 8 }, () => FILLER[Math.floor(FILLER.length * draw.uniform() ** 2)]!).join(
      " ",
    ),
  );
  return {
    draw,
    captions,
    column: { values: Array.from({ length: clusters }, (_, c) => `${c}`), codes },
  };
}

test("a planted word ranks first in its cluster, and in no other", () => {
  const { draw, captions, column } = random2(400, 4, "planted");
  const planted = captions.map((text, i) =>
    draw.uniform() < (column.codes[i] === 2 ? 0.4 : 0.05) ? `${text} kitchen` : text,
  );
  const { groups, reason } = captionWords(planted, column);
  expect(reason).toBeNull();
  expect(groups[2]!.words[0]).toMatchObject({ word: "kitchen" });
  expect(groups[2]!.words[0]!.pHolm).toBeLessThan(0.001);
  for (const c of [0, 1, 3])
    expect(groups[c]!.words.map(({ word }) => word)).not.toContain("kitchen");
});

test("simulation: of captions that ignore clusters, at most 5% of the sets have any word below 0.05", () => {
  const RUNS = 200;
  const found = Array.from({ length: RUNS }, (_, run) => {
    const { captions, column } = random2(200, 5, `null ${run}`);
    return captionWords(captions, column).groups.some(({ words }) =>
      words.some(({ pHolm }) => pHolm <= 0.05),
    );
  }).filter(Boolean).length;
  expect(found / RUNS).toBeLessThan(0.05 + 2 * Math.sqrt((0.05 * 0.95) / RUNS));
});

test("lists: gendered and emotional words, with shares of the rest", () => {
  const captions = [
    ...Array.from({ length: 30 }, () => "A woman and her daughter, lovely"),
    ...Array.from({ length: 30 }, () => "Two men; he is angry"),
    ...Array.from({ length: 10 }, () => "a red car"),
  ];
  const column = encode(captions.map((_, i) => (i < 30 ? "a" : i < 60 ? "b" : "c")));
  const { groups } = captionWords(captions, column);
  const shares = groups.map(({ lists }) =>
    (["male", "female", "positive", "negative"] as const).map((list) => lists[list].share.value),
  );
  expect(shares).toEqual([
    [0, 1, 1, 0],
    [1, 0, 0, 1],
    [0, 0, 0, 0],
  ]);
  expect(groups[0]!.lists.female).toMatchObject({ rest: { value: 0 } });
  expect(groups[0]!.lists.female.pHolm).toBeLessThan(1e-6);
});

test("terms: their rates, several words in a row, and null for one that no caption has", () => {
  const captions = ["a police officer", "an officer of the police", null, "", "ein Polizist"];
  const {
    groups,
    missing,
    captions: n,
  } = captionWords(captions, encode(["a", "a", "a", "b", "b"]), {
    terms: ["Police officer", "CEO", "POLIZIST"],
  });
  expect([n, missing]).toEqual([3, 2]);
  expect(groups[0]!.terms).toMatchObject([
    { value: 0.5 },
    { value: null, reason: 'no caption has "CEO"' },
    { value: 0 },
  ]);
  expect(groups[1]!.terms[2]).toMatchObject({ value: 1 });
});

test("no captions, one group, other scripts alone: reasons, no NaN", () => {
  const none = captionWords([null, null], encode(["a", "b"]));
  expect(none).toMatchObject({ captions: 0, reason: "no row has both a caption and a group" });
  const one = captionWords(["x", "x"], encode(["a", "a"]));
  expect(one).toMatchObject({ reason: "all captions are of one group" });
  const chinese = captionWords(["女人在跑步", "男人在跑步"], encode(["a", "b"]), {
    minCaptions: 1,
  });
  expect(chinese.groups[0]!.lists.female.share).toMatchObject({ value: 0 });
  expect(chinese.groups[0]!.words.map(({ word }) => word)).toContain("女人");
  expect(JSON.stringify([none, one, chinese])).not.toMatch(/NaN|Infinity/);
});
