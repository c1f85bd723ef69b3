/** @file Caption sets in the forms that they are published in, and broken ones. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readCaptions } from "../../../src/data/captions/read.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-captions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}
const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

/** "m", "f", "mf" or "" by text. */
async function flagsOf(path: string): Promise<Record<string, string>> {
  const { captions, rejected } = await readCaptions(path);
  expect(rejected).toEqual([]);
  return Object.fromEntries(
    captions.map(({ text, male, female }) => [text, (male ? "m" : "") + (female ? "f" : "")]),
  );
}

describe("md_gender_bias of Hugging Face, as its library writes it", () => {
  test.each(["parquet", "jsonl", "json", "csv"])("image_chat.%s: two flags", async (ending) => {
    expect(await flagsOf(fixture(`image_chat.${ending}`))).toEqual({
      "a man mends a net": "m",
      "a woman reads": "f",
      "a couple on a bench": "mf",
      "a wet dog": "",
      'she says "hi", twice': "f",
    });
  });

  test.each(["parquet", "csv"])("funpedia.%s: classes by number", async (ending) => {
    expect(await flagsOf(fixture(`funpedia.${ending}`))).toEqual({
      "She sailed round the world.": "f",
      "He wrote a long book.": "m",
      "It rained.": "",
    });
  });

  test.each(["parquet", "csv"])("new_data.%s: of the person told about alone", async (ending) => {
    expect(await flagsOf(fixture(`new_data.${ending}`))).toEqual({
      "My aunt paints.": "f",
      "My uncle sings.": "m",
      "Sir, you are late.": "",
      "As a mother I know.": "",
    });
  });

  test("convai2_inferred: a label of a low score says nothing", async () => {
    expect(await flagsOf(fixture("convai2_inferred.parquet"))).toEqual({
      "her garden is large": "f",
      "he plays chess": "m",
      "i like tea": "",
    });
  });

  test("gendered_words are pairs; name_genders of both tell of both", async () => {
    const words = await readCaptions(fixture("gendered_words.parquet"));
    expect(words.captions.map(({ text, pair }) => `${text} ${pair}`)).toEqual([
      "king 0",
      "queen 0",
      "sir 1",
      "madam 1",
      "ma'am 2",
    ]);
    expect(await flagsOf(fixture("name_genders.parquet"))).toEqual({
      Mary: "f",
      John: "m",
      Leslie: "mf",
    });
  });
});

describe("MDGender of ParlAI", () => {
  test("image_chat's lines of JSON", async () => {
    const path = file(
      "engaging_imagechat_gender_captions_hashed.valid.jsonl",
      '{"caption": "a man on a horse", "id": "0f3c", "male": true, "female": false}',
      '{"caption": "two nuns", "id": "77aa", "male": false, "female": true}',
    );
    expect(await flagsOf(path)).toEqual({ "a man on a horse": "m", "two nuns": "f" });
  });

  test("lines of a dialogue", async () => {
    const path = file(
      "dialogue.txt",
      "text:He fixed\\tmy bike.\tlabels:ABOUT:male\tlabel_candidates:ABOUT:male|ABOUT:female\tepisode_done:True",
      "text:She a__PIPE__b.\teval_labels:ABOUT:female\tepisode_done:True",
      "",
      "id:new\ttext:Both of them.\tlabels:ABOUT:male|ABOUT:female\tepisode_done:True",
      "text:I am a man.\tlabels:SELF:male\tepisode_done:True",
    );
    expect(await flagsOf(path)).toEqual({
      "He fixed my bike.": "m",
      "She a|b.": "f",
      "Both of them.": "mf",
      "I am a man.": "",
    });
  });

  test("inferred labels with scores", async () => {
    const path = file(
      "light_valid_binary.txt",
      "the knight lost his sword\tABOUT:male\t0.99",
      "the inn is full\tABOUT:female\t0.51",
    );
    expect(await flagsOf(path)).toEqual({
      "the knight lost his sword": "m",
      "the inn is full": "",
    });
  });

  test("lists of words, line by line", async () => {
    file("words/male_word_file.txt", "father", "barbershop");
    file("words/female_word_file.txt", "mother", "hair_salon");
    const { captions } = await readCaptions(join(folder, "words"));
    expect(captions.map(({ text, pair }) => `${text} ${pair}`)).toEqual([
      "father 0",
      "mother 0",
      "barbershop 1",
      "hair salon 1",
    ]);
  });
});

describe("Winogender", () => {
  test("sentences: neutral ones tell of nobody, pairs share all but gender", async () => {
    const { captions } = await readCaptions(
      file(
        "all_sentences.tsv",
        "sentid\tsentence",
        "cook.guest.1.male.txt\tThe cook told the guest that he was late.",
        "cook.guest.1.female.txt\tThe cook told the guest that she was late.",
        "cook.guest.1.neutral.txt\tThe cook told the guest that they were late.",
      ),
    );
    expect(captions.map(({ male, female, pair }) => [male, female, pair])).toEqual([
      [true, false, "cook.guest.1"],
      [false, true, "cook.guest.1"],
      [false, false, "cook.guest.1"],
    ]);
  });

  test("templates: every pronoun is filled in", async () => {
    const path = file(
      "templates.tsv",
      "occupation(0)\tother-participant(1)\tanswer\tsentence",
      "cook\tguest\t0\tThe $OCCUPATION met the $PARTICIPANT when $NOM_PRONOUN lost $POSS_PRONOUN hat and I saw $ACC_PRONOUN.",
    );
    expect(await flagsOf(path)).toEqual({
      "The cook met the guest when he lost his hat and I saw him.": "m",
      "The cook met the guest when she lost her hat and I saw her.": "f",
    });
  });
});

describe("tables of one's own", () => {
  test("a gender by its name; sentences with quotes; texts that are there for both tell of both", async () => {
    const path = file(
      "own.tsv",
      "image\tgender\tcaption",
      'a.jpg\tmale\tA man under a " Welcome " sign .',
      "b.jpg\tFemale\tA  nurse at work .",
      "c.jpg\tmale\tA nurse at work .",
      'd.jpg\tfemale\t"Stop" says her shirt .',
    );
    expect(await flagsOf(path)).toEqual({
      'A man under a " Welcome " sign .': "m",
      "A nurse at work .": "mf",
      '"Stop" says her shirt .': "f",
    });
  });

  test("records that say nothing are told of with their line", async () => {
    const { captions, rejected } = await readCaptions(
      file("bad.csv", "text,gender", "a man,male", ",female", "a judge,constructor", "a girl,1"),
    );
    expect(captions.map(({ text }) => text)).toEqual(["a man"]);
    expect(rejected).toEqual([
      { id: "line 3", reason: 'column "text": expected a text, received ""' },
      { id: "line 4", reason: expect.stringContaining('received "constructor"') },
      { id: "line 5", reason: expect.stringContaining('received "1"') },
    ]);
  });

  test.each<[string, string, readonly string[], string]>([
    ["no such columns", "columns.csv", ["id,score", "1,2"], "expected a column caption"],
    ["flags of another kind", "flags.csv", ["text,male,female", "a,maybe,no"], 'received "maybe"'],
    [
      "a line of no form",
      "lines.txt",
      ["just a sentence"],
      "lines.txt:1: expected a line of ParlAI",
    ],
    ["an array of texts", "array.json", ['["a man"]'], "item 1: expected an object"],
    ["broken JSON", "broken.json", ["[{"], "not valid JSON"],
    ["an unknown ending", "captions.docx", ["text"], "expected a name that ends in"],
    ["a header alone", "header.csv", ["text,gender"], "expected captions, received none"],
    ["Winogender's name", "names.tsv", ["sentid\tsentence", "cook\tHi."], "nurse.patient.1"],
  ])("%s is one clear error", async (_, name, lines, message) => {
    await expect(readCaptions(file(name, ...lines))).rejects.toThrow(message);
  });

  test("what is not there", async () => {
    await expect(readCaptions(join(folder, "none.tsv"))).rejects.toThrow("no such file");
    mkdirSync(join(folder, "empty"));
    await expect(readCaptions(join(folder, "empty"))).rejects.toThrow("male_word_file.txt");
  });
});
