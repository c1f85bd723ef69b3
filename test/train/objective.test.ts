/** @file Captions: filled from labels, and encoded once each or once a row to the same loss. */
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/data/row.ts";
import { UsageError } from "../../src/run/errors.ts";
import { GENDERS, RACES } from "../../src/study/printed.ts";
import { fillCaption } from "../../src/train/captions.ts";
import { createNetwork } from "../../src/train/network.ts";
import { captionObjective } from "../../src/train/objective.ts";
import { tokenizerOf } from "../../src/train/prompts.ts";
import { createStep } from "../../src/train/step.ts";
import { captionTexts } from "../../src/train/texts.ts";
import { configOf, drawFaces, engine, storeOf, tinyModel } from "./faces.ts";
import { farthest } from "./python.ts";

describe("contrastive", () => {
  /** Loss and gradients of the first four rows. */
  async function step(
    captions: readonly string[],
    positives: "equal" | "own",
    weights: readonly number[] = [1, 1, 1, 1],
  ) {
    const model = await tinyModel();
    const store = await storeOf((await drawFaces()).validation, model, configOf());
    const network = createNetwork(model.config, model.weights, { kind: "full" }, 2, 0);
    const objective = captionObjective(
      captionTexts(model.config, tokenizerOf(model), captions),
      positives,
      4,
    );
    const compiled = await createStep(engine, network, objective, 4);
    const rows = [0, 1, 2, 3];
    const inputs = await store.batch(rows, null);
    const loss = await compiled.run({ rows, inputs, weights: Float32Array.from(weights) });
    await compiled.dispose();
    return { loss, gradients: compiled.gradients };
  }
  const captions = ["an angular face", "a rounded face", "an angular face", "a face"];
  const others = ["a much longer caption of another row", "b", "c", "d"];

  test.each(["equal", "own"] as const)(
    "%s: few captions are encoded once, many once a row, to the same gradients",
    async (positives) => {
      const few = await step(captions, positives);
      const many = await step([...captions, ...others], positives);
      expect(many.loss).toBeCloseTo(few.loss, 5);
      for (const [name, gradient] of few.gradients)
        expect(farthest(many.gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
    },
  );

  test("equal captions have equal embeddings, so both readings are one loss unless rows are weighed", async () => {
    const [equal, own] = [await step(captions, "equal"), await step(captions, "own")];
    expect(own.loss).toBeCloseTo(equal.loss, 5);
    for (const [name, gradient] of equal.gradients)
      expect(farthest(own.gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
    const weights = [1, 1, 4, 1];
    const weighed = await step(captions, "equal", weights);
    expect(Math.abs((await step(captions, "own", weights)).loss - weighed.loss)).toBeGreaterThan(
      1e-4,
    );
  });
});

describe("captions", () => {
  test("that the model reads as one, for they are cut or say nothing of the row, are refused", async () => {
    const model = await tinyModel();
    const of = (captions: readonly string[]) =>
      captionTexts(model.config, tokenizerOf(model), captions);
    const long = "a face ".repeat(30);
    expect(() => of([`${long} a man`, `${long} a woman`])).toThrow(
      "received 2 that are the same in their first 77 tokens",
    );
    expect(() => of(["a face", "a face"])).toThrow('received "a face" for every row');
    expect(of(["a man", "a woman", "a man"]).index).toEqual(Int32Array.from([0, 1, 0]));
  });

  const row: Row = {
    id: "a.jpg",
    path: "a.jpg",
    labels: { race: "asian", gender: "female" },
    numbers: { age: 27 },
    split: null,
    weight: 1,
    origin: null,
    cluster: null,
  };

  test("take labels and numbers of the row", () => {
    expect(fillCaption("a {race} {gender} person, {age} years, {age}", row)).toBe(
      "a asian female person, 27 years, 27",
    );
    expect(fillCaption("a face", row)).toBe("a face");
  });

  test("the study's, of all ten genders and races (C001-23)", () => {
    const captions = GENDERS.flatMap((gender) =>
      RACES.map((race) =>
        fillCaption("This is a person of {gender} gender and {race} race.", {
          ...row,
          labels: { gender, race },
        }),
      ),
    );
    expect(captions).toEqual([
      "This is a person of male gender and white race.",
      "This is a person of male gender and black race.",
      "This is a person of male gender and asian race.",
      "This is a person of male gender and indian race.",
      "This is a person of male gender and other race.",
      "This is a person of female gender and white race.",
      "This is a person of female gender and black race.",
      "This is a person of female gender and asian race.",
      "This is a person of female gender and indian race.",
      "This is a person of female gender and other race.",
    ]);
  });

  test("of what a row does not have are refused", () => {
    const fill = () => fillCaption("a {hair} person", row);
    expect(fill).toThrow(UsageError);
    expect(fill).toThrow(
      "train.caption: {hair}: a.jpg has no such label; expected one of race, gender, age",
    );
  });
});
