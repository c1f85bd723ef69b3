/** @file The tokenizer of a CLIP folder: prompts to token ids, as transformers' CLIPTokenizer makes them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError, messageOf } from "../run/errors.ts";
import { bytePairEncoder, normalize } from "./bpe.ts";

/** The files a tokenizer may consist of; `tokenizer.json` alone is enough, and so are the two after it. */
export const TOKENIZER_FILES = [
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
] as const;
/** Their contents by name. */
export type TokenizerFiles = { readonly [F in (typeof TOKENIZER_FILES)[number]]?: string };

/** Token ids of several texts, padded on the right to the longest. */
export interface TokenBatch {
  readonly shape: readonly [texts: number, length: number];
  readonly data: Int32Array; // [texts, length]
  /** Ids of each text without the padding, BOS and EOS included. */
  readonly lengths: Int32Array; // [texts]
}

export interface Tokenizer {
  readonly bosId: number;
  readonly eosId: number;
  readonly padId: number;
  /** One more than the largest id. */
  readonly vocabSize: number;
  /** What it was read from, to be saved beside the weights. */
  readonly files: TokenizerFiles;
  /** BOS, the text, EOS: at most `maxLength` ids (>= 2); a longer text is cut and EOS stays last. */
  encode(text: string, maxLength: number): Int32Array;
  /** Texts as one padded batch; no longer than the longest of them. */
  encodeBatch(texts: readonly string[], maxLength: number): TokenBatch;
}

const id = z.int().min(0);
const vocabularyJson = z.record(z.string(), id);
const mergeJson = z.union([z.string(), z.tuple([z.string(), z.string()])]);
const tokenizerJson = z.object({
  added_tokens: z
    .array(z.object({ id, content: z.string().min(1), normalized: z.boolean().default(false) }))
    .default([]),
  model: z.object({
    type: z.literal("BPE").default("BPE"),
    end_of_word_suffix: z.literal("</w>"),
    vocab: vocabularyJson,
    merges: z.array(mergeJson),
  }),
});
const tokenJson = z.union([z.string(), z.object({ content: z.string() })]).nullish();
const specialJson = z.object({ bos_token: tokenJson, eos_token: tokenJson, pad_token: tokenJson });

/** A token found in the text before it is split; `normalized`: after lower-casing, so in any case. */
type Added = z.infer<typeof tokenizerJson>["added_tokens"][number];
interface Tables {
  readonly vocabulary: Map<string, number>;
  readonly merges: readonly (readonly [string, string])[];
  readonly added: readonly Added[];
}

/** Reads the tokenizer of a Hugging Face folder. Throws UsageError when its files are missing or malformed. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const found = await Promise.all(
    TOKENIZER_FILES.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8").catch((cause: unknown) => {
        if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
        throw new UsageError(`${join(folder, name)}: cannot be read: ${messageOf(cause)}`);
      });
      return [name, text] as const;
    }),
  );
  return parseTokenizer(Object.fromEntries(found.filter(([, text]) => text !== null)), folder);
}

/**
 * Makes a tokenizer of file contents. The splitting rules are CLIP's, whatever `tokenizer.json` says of them
 * (transformers 5 does the same); vocabulary, merges and special tokens are the files'.
 * @param where names the folder in errors. Throws UsageError.
 */
export function parseTokenizer(files: TokenizerFiles, where: string): Tokenizer {
  const { vocabulary, merges, added } = readTables(files, where);
  const names = specialNames(files, where);
  const idOf = (token: string): number => {
    const known = vocabulary.get(token);
    if (known === undefined) {
      throw new UsageError(
        `${where}: the vocabulary lacks the special token ${JSON.stringify(token)}; take the tokenizer files of the model's original folder`,
      );
    }
    return known;
  };
  const bosId = idOf(names.bos);
  const eosId = idOf(names.eos);
  const padId = idOf(names.pad);
  const encodeWords = bytePairEncoder({ vocabulary, merges, unknownId: eosId });
  const inText = splitter(added.filter((token) => !token.normalized));
  const inNormalized = splitter(added.filter((token) => token.normalized));
  const encodeAll = (text: string): number[] =>
    inText(text).flatMap((raw) =>
      typeof raw === "number"
        ? raw
        : inNormalized(normalize(raw)).flatMap((part) =>
            typeof part === "number" ? part : encodeWords(part),
          ),
    );
  const encode = (text: string, maxLength: number): Int32Array =>
    Int32Array.of(bosId, ...encodeAll(text).slice(0, maxLength - 2), eosId);
  return {
    bosId,
    eosId,
    padId,
    vocabSize: Math.max(...vocabulary.values()) + 1,
    files,
    encode,
    encodeBatch: (texts, maxLength) => {
      const rows = texts.map((text) => encode(text, maxLength));
      const length = Math.max(0, ...rows.map((row) => row.length));
      const data = new Int32Array(rows.length * length).fill(padId);
      rows.forEach((row, i) => data.set(row, i * length));
      return {
        shape: [rows.length, length],
        data,
        lengths: Int32Array.from(rows, (row) => row.length),
      };
    },
  };
}

/** Cuts a text at the given tokens: their ids, and the strings between them. */
function splitter(tokens: readonly Added[]): (text: string) => (string | number)[] {
  if (tokens.length === 0) return (text) => [text];
  const ids = new Map(tokens.map((token) => [token.content, token.id]));
  const spelled = tokens.map(({ content }) => content.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const pattern = new RegExp(`(${spelled.join("|")})`); // a captured separator stays in split()'s result
  return (text) =>
    text
      .split(pattern)
      .filter(Boolean)
      .map((part) => ids.get(part) ?? part);
}

function readTables(files: TokenizerFiles, where: string): Tables {
  const { "tokenizer.json": whole, "vocab.json": vocab, "merges.txt": mergeLines } = files;
  if (whole !== undefined) {
    const { model, added_tokens: added } = parseFile(
      tokenizerJson,
      whole,
      join(where, "tokenizer.json"),
    );
    const vocabulary = new Map(Object.entries(model.vocab));
    for (const token of added) vocabulary.set(token.content, token.id);
    const merges = model.merges.map((merge) =>
      typeof merge === "string" ? pairOf(merge, join(where, "tokenizer.json")) : merge,
    );
    return { vocabulary, merges, added };
  }
  if (vocab === undefined || mergeLines === undefined) {
    throw new UsageError(
      `${where}: expected tokenizer.json, or vocab.json and merges.txt; found ${Object.keys(files).join(", ") || "none of them"}; copy them from the model's original folder`,
    );
  }
  const vocabulary = new Map(
    Object.entries(parseFile(vocabularyJson, vocab, join(where, "vocab.json"))),
  );
  const merges = mergeLines
    .split(/\r?\n/)
    .filter((line) => line !== "" && !line.startsWith("#version"))
    .map((line) => pairOf(line, join(where, "merges.txt")));
  const { bos, eos } = specialNames(files, where);
  const added = [bos, eos].flatMap((content) => {
    const known = vocabulary.get(content);
    return known === undefined ? [] : { id: known, content, normalized: false };
  });
  return { vocabulary, merges, added };
}

function pairOf(merge: string, file: string): [string, string] {
  const [left, right, ...rest] = merge.split(" ");
  if (left && right && rest.length === 0) return [left, right];
  throw new UsageError(
    `${file}: expected a merge of two tokens separated by a space, received ${JSON.stringify(merge)}; take the original file`,
  );
}

/** The special tokens' spellings: `tokenizer_config.json`, else `special_tokens_map.json`, else CLIP's own. */
function specialNames(
  files: TokenizerFiles,
  where: string,
): { bos: string; eos: string; pad: string } {
  const sources = (["tokenizer_config.json", "special_tokens_map.json"] as const).flatMap(
    (file) => {
      const text = files[file];
      return text === undefined ? [] : parseFile(specialJson, text, join(where, file));
    },
  );
  const named = (key: keyof z.infer<typeof specialJson>): string | undefined => {
    const token = sources.map((source) => source[key]).find((found) => found != null);
    return typeof token === "string" ? token : token?.content;
  };
  const eos = named("eos_token") ?? "<|endoftext|>";
  return { bos: named("bos_token") ?? "<|startoftext|>", eos, pad: named("pad_token") ?? eos };
}

function parseFile<S extends z.ZodType>(schema: S, text: string, file: string): z.infer<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(
      `${file}: expected JSON, received something else (${messageOf(cause)}); take the original file`,
    );
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(
    `${file}: ${path.join(".") || "the file"}: ${message}; expected the tokenizer of a CLIP model`,
  );
}
