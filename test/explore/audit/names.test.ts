/** @file Names of clusters: planted meanings come first, no first word twice, and what is named without texts. */
import { describe, expect, test } from "vitest";
import { captionWords } from "../../../src/explore/audit/captions.ts";
import { clusterGroups } from "../../../src/explore/audit/cluster-groups.ts";
import { dominance } from "../../../src/explore/audit/dominance.ts";
import { nameClusters } from "../../../src/explore/audit/names.ts";
import { EVERYDAY_NOUNS } from "../../../src/explore/audit/words/everyday-nouns.ts";
import { random } from "../../../src/run/random.ts";
import { points, tableOf } from "./samples.ts";

const WORDS = ["cat", "dog", "car", "tree", "sea"];
const D = 32;
/** Words share an offset, as CLIP's texts do; images share another. */
function space() {
  const draw = random("names");
  const vector = (): number[] => Array.from({ length: D }, () => draw.normal());
  const [texts, images] = [vector(), vector()];
  const meanings = WORDS.map(() => vector());
  const add = (a: readonly number[], b: readonly number[], times: number): number[] =>
    a.map((of, j) => of + times * b[j]!);
  return {
    texts: { words: WORDS, embeddings: points(meanings.map((of) => add(of, texts, 4))) },
    image: (of: number): number[] => add(add(vector(), images, 8), meanings[of]!, 2),
  };
}

describe("from texts", () => {
  const { texts, image } = space();
  const centres = [0, 2, 4].map(image);
  const found = nameClusters(
    { clusters: 3, centres: Float64Array.from(centres.flat()) },
    { texts },
  );

  test("cat pictures are called cat, though images and texts lie apart", () => {
    expect(found.map(({ words }) => words![0])).toEqual(["cat", "car", "sea"]);
    expect(found[0]).toMatchObject({ from: "text" });
    expect(found[0]!.words).toHaveLength(3);
    expect(found[0]!.scores![0]).toBeGreaterThan(found[0]!.scores![1]!);
  });

  test("two clusters of cats: one is called so first, the other something else", () => {
    const twice = Float64Array.from([...image(0), ...image(0), ...image(2)]);
    const names = nameClusters({ clusters: 3, centres: twice }, { texts });
    expect(new Set(names.map(({ words }) => words![0])).size).toBe(3);
    expect(names.slice(0, 2).filter(({ words }) => words!.includes("cat"))).toHaveLength(2);
  });

  test("more clusters than words, one cluster, one word, another dimension", () => {
    const many = nameClusters(
      { clusters: 7, centres: Float64Array.from(Array.from({ length: 7 }, () => image(1)).flat()) },
      { texts },
    );
    expect(many.every(({ words }) => words!.length === 3)).toBe(true);
    const one = nameClusters({ clusters: 1, centres: Float64Array.from(image(1)) }, { texts });
    expect(one[0]!.words).toHaveLength(3);
    const single = { words: ["cat"], embeddings: points([image(0)]) };
    expect(
      nameClusters({ clusters: 1, centres: Float64Array.from(image(1)) }, { texts: single }),
    ).toMatchObject([{ words: ["cat"] }]);
    expect(() => nameClusters({ clusters: 1, centres: new Float64Array(3) }, { texts })).toThrow(
      /words have 32 numbers and centres 3/,
    );
    expect(nameClusters({ clusters: 0, centres: new Float64Array() }, { texts })).toEqual([]);
  });
});

test("without texts: words of captions, else dominant groups, else null", () => {
  const { clustering, grouping } = tableOf([
    [40, 0, 0],
    [0, 40, 0],
    [20, 20, 20],
  ]);
  const flags = dominance(
    clusterGroups(clustering, [grouping], { permutations: 0, replicates: 0 }),
  );
  const texts = [...clustering.labels].map((c) =>
    c === 2 ? null : c === 0 ? "a kitchen" : "a thing",
  );
  const captions = captionWords(texts, { values: ["0", "1", "2"], codes: clustering.labels });
  const names = nameClusters(clustering, { captions, dominance: flags });
  expect(names.map(({ words, from }) => [words?.[0] ?? null, from])).toEqual([
    ["kitchen", "captions"],
    ["thing", "captions"],
    ["c", "groups"],
  ]);
  expect(nameClusters(clustering, { dominance: null })).toEqual(
    Array.from({ length: 3 }, () => ({ words: null, from: null, scores: null })),
  );
});

test("the default words are different, trimmed, and hold those of CIFAR-100 and COCO", () => {
  expect(new Set(EVERYDAY_NOUNS).size).toBe(EVERYDAY_NOUNS.length);
  expect(EVERYDAY_NOUNS.every((word) => word === word.trim() && word.length > 1)).toBe(true);
  for (const word of ["cat", "aquarium fish", "hair drier", "worm", "old woman"])
    expect(EVERYDAY_NOUNS).toContain(word);
});
