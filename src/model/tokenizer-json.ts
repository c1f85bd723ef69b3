/** @file `tokenizer.json`: CLIP's pipeline over a vocabulary, as transformers and transformers.js read it. */
import {
  parseTokenizerFiles,
  type TokenizerFiles,
  type TokenizerTables,
} from "./tokenizer-files.ts";

/** What the tables leave to CLIP: lower case, its splitting rules, BOS and EOS around a text, bytes as characters. */
export function tokenizerJson({
  vocabulary,
  merges,
  special,
}: Omit<TokenizerTables, "added">): string {
  const { bos, eos } = special;
  const added = (content: string) => ({
    id: vocabulary.get(content)!,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [added(bos), added(eos)],
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
      sep: [eos, vocabulary.get(eos)],
      cls: [bos, vocabulary.get(bos)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: eos,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocabulary),
      merges,
    },
  });
}

/** The files, with a `tokenizer.json` made of the others where there is none. @param where names the folder in errors */
export const wholeTokenizerFiles = (files: TokenizerFiles, where: string): TokenizerFiles =>
  files["tokenizer.json"] === undefined
    ? { ...files, "tokenizer.json": tokenizerJson(parseTokenizerFiles(files, where)) }
    : files;
