/** @file The tokenizer of a CLIP folder: prompts to token ids, as transformers' CLIPTokenizer makes them. */
import { UsageError } from "../run/errors.ts";
import { bytePairEncoder, normalize } from "./bpe.ts";
import {
  type AddedToken,
  type TokenizerFiles,
  parseTokenizerFiles,
  readTokenizerFiles,
} from "./tokenizer-files.ts";

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
  /** What it was made of, to be saved beside the weights. */
  readonly files: TokenizerFiles;
  /** BOS, the text, EOS: at most `maxLength` ids (>= 2); a longer text is cut and EOS stays last. */
  encode(text: string, maxLength: number): Int32Array;
  /** Texts as one batch, padded to the longest of them (not to `maxLength`). */
  encodeBatch(texts: readonly string[], maxLength: number): TokenBatch;
}

/** Reads the tokenizer of a Hugging Face folder. Throws UsageError when its files are missing or malformed. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  return createTokenizer(await readTokenizerFiles(folder), folder);
}

/**
 * Makes a tokenizer of file contents. The splitting rules are CLIP's, whatever `tokenizer.json` says of them
 * (transformers 5 does the same); vocabulary, merges and special tokens are the files'. No HTML unescaping, no ftfy.
 * @param where names the folder in errors. Throws UsageError.
 */
export function createTokenizer(files: TokenizerFiles, where: string): Tokenizer {
  const { vocabulary, merges, added, special } = parseTokenizerFiles(files, where);
  const idOf = (token: string): number => {
    const known = vocabulary.get(token);
    if (known !== undefined) return known;
    throw new UsageError(
      `${where}: the vocabulary lacks the special token ${JSON.stringify(token)}; take the tokenizer files of the model's original folder`,
    );
  };
  const bosId = idOf(special.bos);
  const eosId = idOf(special.eos);
  const padId = idOf(special.pad);
  const encodeWords = bytePairEncoder({ vocabulary, merges, unknownId: eosId });
  const inText = splitter(added.filter((token) => !token.normalized));
  const inNormalized = splitter(added.filter((token) => token.normalized));
  const idsOf = (text: string): number[] =>
    inText(text).flatMap((raw) =>
      typeof raw === "number"
        ? raw
        : inNormalized(normalize(raw)).flatMap((part) =>
            typeof part === "number" ? part : encodeWords(part),
          ),
    );
  const encode = (text: string, maxLength: number): Int32Array =>
    Int32Array.of(bosId, ...idsOf(text).slice(0, maxLength - 2), eosId);
  return {
    bosId,
    eosId,
    padId,
    vocabSize: [...vocabulary.values()].reduce((most, known) => Math.max(most, known + 1), 0),
    files,
    encode,
    encodeBatch: (texts, maxLength) => {
      const rows = texts.map((text) => encode(text, maxLength));
      const length = rows.reduce((most, row) => Math.max(most, row.length), 0);
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
function splitter(tokens: readonly AddedToken[]): (text: string) => (string | number)[] {
  if (tokens.length === 0) return (text) => [text];
  const ids = new Map(tokens.map((token) => [token.content, token.id]));
  const spelled = tokens.map(({ content }) => content.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const pattern = new RegExp(`(${spelled.join("|")})`); // a captured separator stays in split()'s result
  return (text) =>
    text
      .split(pattern)
      .filter((part) => part !== "")
      .map((part) => ids.get(part) ?? part);
}
