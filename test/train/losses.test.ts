/** @file Losses and their targets, by hand and against theorems. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "../../src/engine/reference.ts";
import { constant, gather, input, l2Normalize } from "../../src/graph/build.ts";
import type { Node } from "../../src/graph/node.ts";
import { averagePrompts, classPrototypes } from "../../src/model/clip/heads.ts";
import { contrastive, crossEntropy } from "../../src/train/losses.ts";
import {
  captionTargets,
  classTargets,
  distinctTexts,
  pairTargets,
} from "../../src/train/targets.ts";

const evaluate = async (node: Node, feeds = {}): Promise<number[]> => {
  const program = await reference.compile({ node });
  return [...(await program.run(feeds))["node"]!.data];
};
const table = (rows: readonly (readonly number[])[]): Node =>
  constant(rows.flat(), [rows.length, rows[0]!.length]);
const square = (data: Float32Array): Node => {
  const n = Math.sqrt(data.length);
  return constant([...data], [n, n]);
};

describe("crossEntropy", () => {
  test("rows count by weight; by hand", async () => {
    const logits = table([
      [0, Math.log(3)],
      [Math.log(4), 0],
      [9, 9],
    ]);
    const targets = table([
      [1, 0],
      [0.5, 0.5],
      [1, 0],
    ]);
    // row 0: -ln(1/4); row 1: -(ln(4/5) + ln(1/5)) / 2; row 2 has weight 0
    const expected = (1 * Math.log(4) + 3 * (-(Math.log(4 / 5) + Math.log(1 / 5)) / 2)) / 4;
    const [loss] = await evaluate(crossEntropy(logits, targets, constant([1, 3, 0], [3])));
    expect(loss).toBeCloseTo(expected, 12);
  });
});

describe("contrastive", () => {
  const s = Math.log(2);
  const images = [
    [3, 0],
    [0, 2],
  ];
  const texts = [
    [5, 0],
    [1, 1],
  ];
  const loss = (targets: Float32Array): Promise<number[]> =>
    evaluate(
      contrastive(table(images), table(texts), constant(s), square(targets), constant(1, [2])),
    );
  // cosines: image 0 to texts 1, 1/sqrt(2); image 1: 0, 1/sqrt(2); logits are twice that
  const a = 2;
  const b = Math.SQRT2;
  const lse = (x: number, y: number): number => Math.log(Math.exp(x) + Math.exp(y));

  test("two different captions: own pair is right; by hand", async () => {
    const toText = (lse(a, b) - a + (lse(0, b) - b)) / 2;
    const toImage = (lse(a, 0) - a + (lse(b, b) - b)) / 2;
    const expected = (toText + toImage) / 2;
    expect((await loss(captionTargets(["x", "y"])))[0]).toBeCloseTo(expected, 12);
    expect((await loss(pairTargets(2)))[0]).toBeCloseTo(expected, 12);
  });

  test("two equal captions: both are right; by hand", async () => {
    const toText = (lse(a, b) - (a + b) / 2 + (lse(0, b) - b / 2)) / 2;
    const toImage = (lse(a, 0) - a / 2 + (lse(b, b) - b)) / 2;
    expect((await loss(captionTargets(["x", "x"])))[0]).toBeCloseTo((toText + toImage) / 2, 12);
  });

  test("a batch of one caption cannot be told apart: with equal captions as positives, ln n is the least loss", async () => {
    const one = (rows: number[][]): Promise<number[]> =>
      evaluate(
        contrastive(
          table(rows),
          table([
            [1, 0],
            [1, 0],
            [1, 0],
          ]),
          constant(s),
          square(captionTargets(["x", "x", "x"])),
          constant(1, [3]),
        ),
      );
    expect(
      (
        await one([
          [1, 0],
          [1, 0],
          [1, 0],
        ])
      )[0],
    ).toBeCloseTo(Math.log(3), 6);
    expect(
      (
        await one([
          [1, 0],
          [0, 1],
          [1, 1],
        ])
      )[0],
    ).toBeGreaterThan(Math.log(3));
  });

  test("texts encoded once and gathered give the loss of texts encoded per row", async () => {
    const captions = ["x", "y", "x"];
    const { distinct, index } = distinctTexts(captions);
    const embeds = { x: [1, 2], y: [-1, 1] } as Record<string, number[]>;
    const rows = input("rows", [3], "int");
    const build = (t: Node): Node =>
      contrastive(
        table([
          [1, 0],
          [0, 1],
          [1, 1],
        ]),
        t,
        constant(s),
        square(captionTargets(captions)),
        constant(1, [3]),
      );
    const gathered = build(gather(table(distinct.map((t) => embeds[t]!)), rows));
    const [once] = await evaluate(gathered, { rows: { shape: [3], data: index } });
    const [each] = await evaluate(build(table(captions.map((t) => embeds[t]!))));
    expect(once).toBeCloseTo(each!, 14);
  });
});

describe("targets", () => {
  const captions = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 12 });

  test("caption targets are symmetric distributions over equal captions", () => {
    fc.assert(
      fc.property(captions, (texts) => {
        const n = texts.length;
        const targets = captionTargets(texts);
        texts.forEach((text, i) => {
          let total = 0;
          texts.forEach((other, j) => {
            expect(targets[i * n + j]! > 0).toBe(text === other);
            expect(targets[i * n + j]).toBe(targets[j * n + i]);
            total += targets[i * n + j]!;
          });
          expect(total).toBeCloseTo(1, 6);
        });
      }),
    );
  });

  test("different captions make plain CLIP's targets; labels make one-hot rows", () => {
    expect(captionTargets(["a", "b", "c"])).toEqual(pairTargets(3));
    expect([...classTargets([2, 0], 3)]).toEqual([0, 0, 1, 1, 0, 0]);
  });

  test("distinct texts with their index are the texts", () => {
    fc.assert(
      fc.property(captions, (texts) => {
        const { distinct, index } = distinctTexts(texts);
        expect(new Set(distinct).size).toBe(distinct.length);
        expect([...index].map((i) => distinct[i])).toEqual(texts);
      }),
    );
  });
});

describe("prompts", () => {
  test("each distinct prompt once; a class may share one, or list one twice", () => {
    const { prompts, averaging } = averagePrompts([["a", "b"], ["b"], ["c", "c", "a"]]);
    expect(prompts).toEqual(["a", "b", "c"]);
    const expected = [1 / 2, 1 / 2, 0, 0, 1, 0, 1 / 3, 0, 2 / 3];
    averaging.forEach((weight, i) => expect(weight).toBeCloseTo(expected[i]!, 15));
  });

  test("a prototype is the normalised mean of unit embeddings, whatever their lengths", async () => {
    const { averaging } = averagePrompts([["a", "b"], ["b"]]);
    const rows = await evaluate(
      classPrototypes(
        table([
          [5, 0],
          [0, 0.1],
        ]),
        constant(averaging, [2, 2]),
      ),
    );
    [Math.SQRT1_2, Math.SQRT1_2, 0, 1].forEach((x, i) => expect(rows[i]).toBeCloseTo(x, 12));
  });

  test("one prompt per class is that prompt's unit embedding", async () => {
    const embeds = table([
      [3, 4],
      [-1, 0],
    ]);
    const averaging = constant(averagePrompts([["a"], ["b"]]).averaging, [2, 2]);
    const prototypes = await evaluate(classPrototypes(embeds, averaging));
    const units = await evaluate(l2Normalize(embeds));
    prototypes.forEach((x, i) => expect(x).toBeCloseTo(units[i]!, 15));
  });
});
