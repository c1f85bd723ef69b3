import { expect, test } from "vitest";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";

const of = (...activities: string[]) =>
  activities.map((activity) => ({ activity, category: null }));
const texts = (...args: Parameters<typeof quadrupletsOf>) =>
  quadrupletsOf(...args).map(({ text }) => text);

test("C000-01: two activities, eight prompts, word for word, activities in lower case", () => {
  expect(texts(of("Sleeping", "waking  UP "), "document")).toEqual([
    "An ultra realistic portrait photo of a person sleeping",
    "An ultra realistic portrait photo of a 25 years-old young person sleeping",
    "An ultra realistic portrait photo of a 45 year-old middle-aged person sleeping",
    "An ultra realistic portrait photo of a 75 years-old older person sleeping",
    "An ultra realistic portrait photo of a person waking up",
    "An ultra realistic portrait photo of a 25 years-old young person waking up",
    "An ultra realistic portrait photo of a 45 year-old middle-aged person waking up",
    "An ultra realistic portrait photo of a 75 years-old older person waking up",
  ]);
});

test("C000-02: each set has its own middle prompt", () => {
  const middle = (["document", "code", "grammatical"] as const).map(
    (set) => texts(of("napping"), set)[2],
  );
  expect(middle).toEqual([
    "An ultra realistic portrait photo of a 45 year-old middle-aged person napping",
    "An ultra realistic portrait photo of a 45 year-old person middle-aged person napping",
    "An ultra realistic portrait photo of a 45-year-old middle-aged person napping",
  ]);
});

test("the grammatical ages differ in the age and its word alone", () => {
  const ages = texts(of("napping"), "grammatical").slice(1);
  expect(new Set(ages.map((text) => text.replace(/\d+-year-old \S+/, "AGE")))).toEqual(
    new Set(["An ultra realistic portrait photo of a AGE person napping"]),
  );
});

test("own templates; an activity is put in as it is, though it looks like a pattern", () => {
  const own = {
    neutral: "{activity}: {activity}",
    young: "young {activity}",
    middle: "mid {activity}",
    older: "old {activity}",
  };
  expect(texts(of("earning $& a day"), own)).toEqual([
    "earning $& a day: earning $& a day",
    "young earning $& a day",
    "mid earning $& a day",
    "old earning $& a day",
  ]);
});

test("what a prompt is about stays with it, whatever words it has", () => {
  const prompts = quadrupletsOf(
    [{ activity: "Caring for older adults", category: "care of others" }],
    "document",
  );
  expect(
    prompts.map(({ id, group, activity, category }) => [id, group, activity, category]),
  ).toEqual(
    ["neutral", "young", "middle", "older"].map((group) => [
      `caring for older adults / ${group}`,
      group,
      "caring for older adults",
      "care of others",
    ]),
  );
});

test("errors: no place for the activity, the same prompt twice", () => {
  const own = { neutral: "a {activity}", young: "a young one", middle: "b {activity}", older: "c" };
  expect(() => quadrupletsOf(of("x"), own)).toThrow(
    'templates.young: expected a prompt with {activity} in it, received "a young one"',
  );
  expect(() => quadrupletsOf(of("Sleeping", "sleeping"), "code")).toThrow(
    '"sleeping / neutral" and "sleeping / neutral" are the same text',
  );
  const same = {
    neutral: "A {activity}",
    young: "a {activity}",
    middle: "b {activity}",
    older: "c {activity}",
  };
  expect(() => quadrupletsOf(of("x"), same)).toThrow('"x / young" and "x / neutral"');
  expect(() => quadrupletsOf(of(" "), "code")).toThrow("expected words");
});
