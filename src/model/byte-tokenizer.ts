/** @file A tokenizer without training: one token per UTF-8 byte, in the files that Python's CLIPTokenizer loads. */
import { BYTE_CHARACTERS } from "./bpe.ts";
import type { TokenizerFiles } from "./tokenizer-files.ts";

const BOS = "<|startoftext|>";
const EOS = "<|endoftext|>";

/** CLIP's order: characters by code point, the same at the end of a word, the special tokens. */
const characters = BYTE_CHARACTERS.toSorted();
const tokens = [...characters, ...characters.map((character) => `${character}</w>`), BOS, EOS];
const vocabulary = Object.fromEntries(tokens.map((token, id) => [token, id]));

const special = (content: string) => ({
  id: vocabulary[content]!,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});
const named = { bos_token: BOS, eos_token: EOS, pad_token: EOS, unk_token: EOS };

/** The `tokenizer.json` of CLIP's pipeline over this vocabulary; merges: none. */
const tokenizerJson = {
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [special(BOS), special(EOS)],
  normalizer: {
    type: "Sequence",
    normalizers: [
      { type: "NFC" },
      { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
      { type: "Lowercase" },
    ],
  },
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [
      {
        type: "Split",
        pattern: {
          Regex:
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
        },
        behavior: "Removed",
        invert: true,
      },
      { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  },
  post_processor: {
    type: "RobertaProcessing",
    sep: [EOS, vocabulary[EOS]],
    cls: [BOS, vocabulary[BOS]],
    trim_offsets: false,
    add_prefix_space: false,
  },
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: "BPE",
    dropout: null,
    unk_token: EOS,
    continuing_subword_prefix: "",
    end_of_word_suffix: "</w>",
    fuse_unk: false,
    byte_fallback: false,
    vocab: vocabulary,
    merges: [],
  },
};

/** 514 tokens: 256 bytes, 256 bytes that end a word, start and end of text. Prompts are cut at `maxLength` ids. */
export const byteTokenizerFiles = (maxLength: number): Required<TokenizerFiles> => ({
  "tokenizer.json": JSON.stringify(tokenizerJson),
  "vocab.json": JSON.stringify(vocabulary),
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
