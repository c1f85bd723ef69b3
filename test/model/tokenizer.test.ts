/** @file The tokenizer against transformers' ids, and its behaviour on batches and broken folders. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BYTE_CHARACTERS } from "../../src/model/bpe.ts";
import { type TokenizerFiles, readTokenizerFiles } from "../../src/model/tokenizer-files.ts";
import { createTokenizer, loadTokenizer } from "../../src/model/tokenizer.ts";
import { hasReference, hasSharedModels, python, reference, sharedModels } from "../golden.ts";

const folder = sharedModels("clip-vit-base-patch32-tokenizer");

/** Every byte inside and at the end of a word, no merges: 514 ids. */
const bytes = [...BYTE_CHARACTERS, ...BYTE_CHARACTERS.map((character) => `${character}</w>`)];
const vocabulary = Object.fromEntries(
  [...bytes, "<|startoftext|>", "<|endoftext|>"].map((token, id) => [token, id]),
);
const byteFiles = { "vocab.json": JSON.stringify(vocabulary), "merges.txt": "#version: 0.2\n" };
const byteLevel = createTokenizer(byteFiles, "bytes");

interface Golden {
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

describe.skipIf(!hasReference || !hasSharedModels)("CLIP's published tokenizer", async () => {
  const golden: Golden = hasReference
    ? JSON.parse(readFileSync(reference("tokenizer", "golden.json"), "utf8"))
    : { texts: [] };
  if (!hasSharedModels) return; // vitest runs this even when it skips the tests
  const files = await readTokenizerFiles(folder);
  const { "vocab.json": vocab = "", "merges.txt": merges = "", ...whole } = files;
  const published = createTokenizer(whole, folder);

  test.each(golden.texts.map(({ text, ids }) => [text.slice(0, 40), text, ids] as const))(
    "%j",
    (_, text, ids) => {
      expect([...published.encode(text, 77)]).toEqual(ids);
    },
  );

  test("vocab.json and merges.txt alone give the same ids, CRLF or not", () => {
    const crlf = merges.replaceAll("\n", "\r\n");
    const old = createTokenizer({ "vocab.json": vocab, "merges.txt": crlf }, folder);
    for (const { text, ids } of golden.texts) expect([...old.encode(text, 77)]).toEqual(ids);
    expect([old.bosId, old.eosId, old.padId, old.vocabSize]).toEqual([49406, 49407, 49407, 49408]);
  });

  test.skipIf(python === undefined)("agrees with the tokenizers library on random text", () => {
    const spice = ["<|startoftext|>", "<|EndOfText|>", "<|endoftext|>", "ΣΑΣ", "\u0085", "\ufeff"];
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(...spice, " ", "'s", "a photo"),
    );
    const texts = fc
      .sample(fc.array(piece, { maxLength: 8 }), { numRuns: 2000, seed: 7 })
      .map((pieces) => pieces.join(""))
      .filter((text) => !/\p{Unassigned}/u.test(text)); // Unicode versions differ there
    const script = `import sys, json
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
print(json.dumps([tokenizer.encode(text).ids for text in json.load(sys.stdin)]))`;
    const out = execFileSync(python!, ["-c", script, `${folder}/tokenizer.json`], {
      input: JSON.stringify(texts),
    });
    const expected: number[][] = JSON.parse(out.toString());
    const wrong = texts.filter(
      (text, i) => String([...published.encode(text, 1e6)]) !== String(expected[i]),
    );
    expect(texts.length).toBeGreaterThan(500);
    expect(wrong).toEqual([]);
  });
});

describe("a byte-level vocabulary", () => {
  test("spells words in bytes and marks their ends", () => {
    const id = (token: string): number => vocabulary[token]!;
    expect([...byteLevel.encode(" A  é", 77)]).toEqual(
      ["<|startoftext|>", "a</w>", "Ã", "©</w>", "<|endoftext|>"].map(id),
    );
  });

  test("any text: BOS first, EOS last, never longer than asked, every id in the vocabulary", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 2, max: 20 }), (text, most) => {
        const ids = byteLevel.encode(text, most);
        expect(ids[0]).toBe(byteLevel.bosId);
        expect(ids.at(-1)).toBe(byteLevel.eosId);
        expect(ids.length).toBeLessThanOrEqual(most);
        expect(ids.every((id) => id >= 0 && id < byteLevel.vocabSize)).toBe(true);
        const whole = byteLevel.encode(text, 1e6);
        expect([...ids.subarray(0, -1)]).toEqual([...whole.subarray(0, ids.length - 1)]);
      }),
    );
  });

  test("a batch is padded to its longest text, not to the limit", () => {
    const batch = byteLevel.encodeBatch(["man", "", "a woman"], 77);
    expect(batch.shape).toEqual([3, 8]);
    expect([...batch.lengths]).toEqual([5, 2, 8]);
    const { bosId, eosId, padId } = byteLevel;
    expect([...batch.data.subarray(8, 16)]).toEqual([bosId, eosId, ...Array(6).fill(padId)]);
    expect(byteLevel.encodeBatch([], 77)).toEqual({
      shape: [0, 0],
      data: new Int32Array(0),
      lengths: new Int32Array(0),
    });
  });

  test("merges apply by rank, leftmost first", () => {
    const words = { ...vocabulary, ab: 514, bc: 515, "abc</w>": 516, aa: 517 };
    const tokenizer = createTokenizer(
      { "vocab.json": JSON.stringify(words), "merges.txt": "a b\na a\nab c</w>\n" },
      "merges",
    );
    const spelled = (text: string): number[] => [...tokenizer.encode(text, 77).subarray(1, -1)];
    expect(spelled("abc")).toEqual([516]);
    expect(spelled("aaad")).toEqual([517, vocabulary["a"], vocabulary["d</w>"]]);
    expect(spelled("aab")).toEqual([517, vocabulary["b</w>"]]);
  });

  test("a very long word is encoded in reasonable time", () => {
    const start = performance.now();
    expect(byteLevel.encode("é".repeat(50_000), 77)).toHaveLength(77);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("broken folders say what is wrong in one line", () => {
  test.each<[string, TokenizerFiles, RegExp]>([
    ["empty", {}, /expected tokenizer.json, or vocab.json and merges.txt, found neither/],
    ["half", { "vocab.json": "{}" }, /found vocab.json/],
    ["not JSON", { "tokenizer.json": "{" }, /tokenizer.json: expected JSON/],
    ["Unigram", { "tokenizer.json": '{"model": {"type": "Unigram"}}' }, /json: model.type/],
    ["merges", { ...byteFiles, "merges.txt": "a b c\n" }, /merges.txt: 0: expected two tokens/],
    ["no BOS", { "vocab.json": '{"a": 0}', "merges.txt": "" }, /lacks .* "<\|startoftext\|>"/],
    ["pad", { ...byteFiles, "tokenizer_config.json": '{"pad_token": "[P]"}' }, /lacks .*\[P\]/],
  ])("%s", (_, files, message) => {
    expect(() => createTokenizer(files, "folder")).toThrow(message);
    expect(() => createTokenizer(files, "folder")).toThrow(/^[^\n]*folder[^\n]*$/);
  });

  test("a folder that is not there", async () => {
    await expect(loadTokenizer("/no/such/folder")).rejects.toThrow(/no\/such\/folder: expected/);
  });
});
