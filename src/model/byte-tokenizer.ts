/** @file A tokenizer without training: one token per UTF-8 byte, in the files that Python's CLIPTokenizer loads. */
import { BYTE_CHARACTERS } from "./bpe.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";
import { tokenizerJson } from "./tokenizer-json.ts";

const BOS = "<|startoftext|>";
const EOS = "<|endoftext|>";

/** CLIP's order: characters by code point, the same at the end of a word, the special tokens. */
const characters = BYTE_CHARACTERS.toSorted();
const tokens = [...characters, ...characters.map((character) => `${character}</w>`), BOS, EOS];
const vocabulary = new Map(tokens.map((token, id) => [token, id]));

/** Tokens of it: a model of no more has learnt no words. */
export const BYTE_VOCABULARY = tokens.length;

const named = { bos_token: BOS, eos_token: EOS, pad_token: EOS, unk_token: EOS };

/** 514 tokens: 256 bytes, 256 bytes that end a word, start and end of text. Prompts are cut at `maxLength` ids. */
export const byteTokenizerFiles = (maxLength: number): Required<TokenizerFiles> => ({
  "tokenizer.json": tokenizerJson({
    vocabulary,
    merges: [],
    special: { bos: BOS, eos: EOS, pad: EOS },
  }),
  "vocab.json": JSON.stringify(Object.fromEntries(vocabulary)),
  "merges.txt": "#version: 0.2\n",
  "tokenizer_config.json": JSON.stringify({
    tokenizer_class: "CLIPTokenizer",
    model_max_length: maxLength,
    add_prefix_space: false,
    do_lower_case: true,
    errors: "replace",
    ...named,
  }),
  "special_tokens_map.json": JSON.stringify(named),
});
