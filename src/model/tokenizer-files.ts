/** @file The files of a CLIP tokenizer: which there are, and the tables they hold. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UsageError, messageOf } from "../run/errors.ts";

/** The files a tokenizer may consist of; `tokenizer.json` alone is enough, and so are the two after it. */
export const TOKENIZER_FILES = [
  "tokenizer.json",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
] as const;
type FileName = (typeof TOKENIZER_FILES)[number];
/** Their contents by name. */
export type TokenizerFiles = { readonly [F in FileName]?: string };

const id = z.int().min(0);
const vocabularyJson = z.record(z.string(), id);
const merge = z
  .string()
  .regex(/^[^ ]+ [^ ]+$/, { error: "expected two tokens separated by a space" });
// newer files write pairs
const mergeJson = z.union([
  merge,
  z.tuple([z.string(), z.string()]).transform((pair) => pair.join(" ")),
]);
const addedJson = z.object({
  id,
  content: z.string().min(1),
  normalized: z.boolean().default(false),
});
const tokenizerJson = z.object({
  added_tokens: z.array(addedJson).default([]),
  model: z.object({
    type: z.literal("BPE").default("BPE"),
    end_of_word_suffix: z.literal("</w>"),
    vocab: vocabularyJson,
    merges: z.array(mergeJson),
  }),
});
const tokenJson = z.union([z.string(), z.object({ content: z.string() })]).nullish();
const specialJson = z.object({ bos_token: tokenJson, eos_token: tokenJson, pad_token: tokenJson });

/** A token found in the text before it is split; `normalized`: found after lower-casing, so in any case. */
export type AddedToken = Readonly<z.infer<typeof addedJson>>;

export interface TokenizerTables {
  /** Token to id, special tokens included. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs "left right" in the order they merge. */
  readonly merges: readonly string[];
  readonly added: readonly AddedToken[];
  readonly special: { readonly bos: string; readonly eos: string; readonly pad: string };
}

/** The tokenizer files that the folder has. Throws UsageError when one cannot be read. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const found: { [F in FileName]?: string } = {};
  for (const name of TOKENIZER_FILES) {
    try {
      found[name] = await readFile(join(folder, name), "utf8");
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") continue;
      throw new UsageError(`${join(folder, name)}: cannot be read: ${messageOf(cause)}`);
    }
  }
  return found;
}

/** The tables in the files' contents. Throws UsageError, naming `where`, when they are missing or malformed. */
export function parseTokenizerFiles(files: TokenizerFiles, where: string): TokenizerTables {
  const special = specialTokens(files, where);
  const whole = files["tokenizer.json"];
  if (whole !== undefined) {
    const json = parseJson(tokenizerJson, whole, join(where, "tokenizer.json"));
    const added = json.added_tokens;
    const vocabulary = new Map(Object.entries(json.model.vocab));
    for (const token of added) vocabulary.set(token.content, token.id);
    return { vocabulary, merges: json.model.merges, added, special };
  }
  const { "vocab.json": vocab, "merges.txt": mergesText } = files;
  if (vocab === undefined || mergesText === undefined) {
    throw new UsageError(
      `${where}: expected tokenizer.json, or vocab.json and merges.txt, found ${Object.keys(files).join(", ") || "neither"}; copy them from the model's original folder`,
    );
  }
  const vocabulary = new Map(
    Object.entries(parseJson(vocabularyJson, vocab, join(where, "vocab.json"))),
  );
  const lines = mergesText.split(/\r?\n/).filter((line) => line && !line.startsWith("#version"));
  const merges = check(z.array(merge), lines, join(where, "merges.txt"));
  const added = [special.bos, special.eos].flatMap((content) => {
    const known = vocabulary.get(content);
    return known === undefined ? [] : { id: known, content, normalized: false };
  });
  return { vocabulary, merges, added, special };
}

/** The special tokens' spellings: `tokenizer_config.json`, else `special_tokens_map.json`, else CLIP's own. */
function specialTokens(files: TokenizerFiles, where: string): TokenizerTables["special"] {
  const sources = (["tokenizer_config.json", "special_tokens_map.json"] as const).flatMap(
    (name) => {
      const text = files[name];
      return text === undefined ? [] : parseJson(specialJson, text, join(where, name));
    },
  );
  const named = (key: keyof z.infer<typeof specialJson>): string | undefined => {
    const token = sources.map((source) => source[key]).find((found) => found != null);
    return typeof token === "string" ? token : token?.content;
  };
  const eos = named("eos_token") ?? "<|endoftext|>";
  return { bos: named("bos_token") ?? "<|startoftext|>", eos, pad: named("pad_token") ?? eos };
}

function parseJson<S extends z.ZodType>(schema: S, text: string, file: string): z.infer<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(
      `${file}: expected JSON, received something else (${messageOf(cause)}); take the original file`,
    );
  }
  return check(schema, json, file);
}

function check<S extends z.ZodType>(schema: S, value: unknown, file: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new UsageError(
    `${file}: ${path.join(".") || "the file"}: ${message}; expected the tokenizer of a CLIP model`,
  );
}
