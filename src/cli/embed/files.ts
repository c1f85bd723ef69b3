/** @file From images and a model to files of embeddings. */
import { extname } from "node:path";
import { stringify } from "csv-stringify/sync";
import { writeCsv } from "../../data/csv.ts";
import { embedImages } from "../../embed/embed-images.ts";
import { formatOf, writeEmbeddings } from "../../embed/embedding-file.ts";
import type { RawEmbeddings } from "../../embed/encoder.ts";
import { clipImageProcessor } from "../../model/image-processor.ts";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { unitRows } from "../../run/linalg/embeddings.ts";
import { terminalProgress } from "../../run/progress.ts";
import { VERSION } from "../../run/version.ts";
import type { EmbedArgs } from "./options.ts";
import { embedSource, type LabelledText, readTexts } from "./source.ts";
import { type EncoderSpec, openAny } from "../encoders.ts";
import { savingWhenInterrupted } from "../interrupt.ts";
import { ANY, list, number, SHARE } from "../eval/table-options.ts";

/** The model that was asked for. */
function specOf(args: EmbedArgs): EncoderSpec<"clip" | "transformers" | "onnx"> {
  const { model, transformers, onnx, pool, input, output } = args;
  if (model !== undefined) return { kind: "clip", model };
  if (transformers !== undefined) return { kind: "transformers", model: transformers, pool };
  const size = args.size === undefined ? undefined : number("size", args.size, COUNTING);
  const [mean, std] = (["mean", "std"] as const).map((name) =>
    args[name] === undefined ? undefined : channels(name, args[name]),
  );
  return { kind: "onnx", file: onnx!, input, output, pool, size, mean, std };
}

type Channels = [r: number, g: number, b: number];

const COUNTING = {
  what: "a whole number of at least 1",
  holds: (x: number) => Number.isSafeInteger(x) && x >= 1,
};
const BATCH = {
  what: "a whole number of at least 2 (a product of one row is summed in another order)",
  holds: (x: number) => Number.isSafeInteger(x) && x >= 2,
};

function channels(option: string, value: string): Channels {
  const numbers = list(option, value).map((part) => number(option, part, ANY));
  if (numbers.length !== 3 || (option === "std" && numbers.some((x) => x <= 0)))
    throw new UsageError(
      `--${option} ${value}: expected three numbers${option === "std" ? " above 0" : ""}, such as ${clipImageProcessor(1)[option === "std" ? "std" : "mean"].join(",")}`,
    );
  return numbers as Channels;
}

const noTexts = (what: string): string =>
  `--texts needs a model with a text side, which ${what} does not give`;

/** The same name with more before its ending, or with another ending; a table that was embedded is never overwritten. */
const beside = (path: string, more: string, ending = extname(path)): string =>
  `${path.slice(0, path.length - extname(path).length)}${more}${ending}`;

/** Embeds what it is given and says what it wrote. Throws UsageError for options that do not fit. */
export async function embed(source: string, args: EmbedArgs): Promise<void> {
  const { out, image, labels, normalise, set = [], json = false } = args;
  const maxBad = number("max-bad", args["max-bad"] ?? "0", SHARE);
  const batchSize = number("batch-size", args["batch-size"] ?? "32", BATCH);
  formatOf(out); // a wrong name should not cost an hour
  const columns = labels === undefined ? [] : list("labels", labels);
  const prompts = args.texts === undefined ? null : await readTexts(args.texts);
  if (prompts && args.onnx !== undefined) throw new UsageError(noTexts("--onnx"));
  const progress = terminalProgress();
  const options = { set, image, labels: columns, maxBad };
  const manifest = await embedSource(source, options, progress);
  const spec = specOf(args);
  const name = spec.kind === "onnx" ? spec.file : spec.model;
  const { image: encoder, texts } = await openAny(spec, batchSize, progress);
  if (!encoder) throw new Error(`${name} embeds no images`);
  try {
    if (prompts && !texts) throw new UsageError(noTexts(name));
    const metadata = {
      model: name,
      ...encoder.about,
      normalised: String(normalise),
      created_by: `equiclip ${VERSION}`,
    };
    const done = await savingWhenInterrupted((signal) =>
      embedImages(manifest.rows, encoder, {
        batchSize,
        maxBad,
        normalise,
        partial: `${out}.partial`,
        progress,
        signal,
      }),
    );
    const { rows, bad, x, d } = done;
    const ids = rows.map(({ id }) => id);
    await writeEmbeddings(out, { x, n: rows.length, d, ids, metadata });
    const table = beside(out, ".rows", ".csv");
    await writeCsv(table, rows);
    const written: Written = {
      embeddings: out,
      manifest: table,
      rows: rows.length,
      dimensions: d,
      unreadable: bad.map(({ id, reason }) => ({ id, reason })),
      texts:
        prompts &&
        (await embedTexts(out, prompts, await texts!(textsOf(prompts)), normalise, metadata)),
    };
    await done.finish();
    print(written, json);
  } finally {
    await encoder.dispose();
  }
}

const textsOf = (prompts: readonly LabelledText[]): string[] => prompts.map(({ text }) => text);

/** Writes embeddings of prompts beside those of images, and which label each prompt stands for. */
async function embedTexts(
  out: string,
  prompts: readonly LabelledText[],
  raw: RawEmbeddings,
  normalise: boolean,
  metadata: Readonly<Record<string, string>>,
): Promise<Written["texts"]> {
  const n = prompts.length;
  const { x } = normalise ? unitRows({ ...raw, n }) : raw;
  const path = beside(out, ".texts");
  const table = beside(out, ".texts", ".csv");
  await writeEmbeddings(path, { x, n, d: raw.d, ids: textsOf(prompts), metadata });
  const records = prompts.map(({ text, label }) => [text, label ?? ""]);
  await writeFileAtomic(table, stringify([["text", "label"], ...records]));
  return { embeddings: path, manifest: table, rows: n };
}

interface Written {
  readonly embeddings: string;
  readonly manifest: string;
  readonly rows: number;
  readonly dimensions: number;
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  readonly texts: {
    readonly embeddings: string;
    readonly manifest: string;
    readonly rows: number;
  } | null;
}

const MOST_NAMED = 5;

function print(written: Written, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(written)}\n`);
  const { embeddings, manifest, rows, dimensions, unreadable, texts } = written;
  const lines = [
    `embeddings: ${embeddings} [${rows}, ${dimensions}]`,
    `manifest: ${manifest}`,
    ...(texts
      ? [`texts: ${texts.embeddings} [${texts.rows}, ${dimensions}]`, `prompts: ${texts.manifest}`]
      : []),
    ...(unreadable.length > 0 ? [`left out: ${unreadable.length} unreadable images`] : []),
    ...unreadable.slice(0, MOST_NAMED).map(({ id, reason }) => `  ${id}: ${reason}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
