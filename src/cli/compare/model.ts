/** @file Embeddings of a comparison's images and prompts by a model that its config names, kept in its folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { promptsOf } from "../../compare/prompts.ts";
import { tasksOf } from "../../compare/tasks.ts";
import type { Row } from "../../data/row.ts";
import { clipImages, clipTexts } from "../../embed/clip-encoder.ts";
import { embedImages } from "../../embed/embed-images.ts";
import { readEmbeddings, writeEmbeddings } from "../../embed/embedding-file.ts";
import type { Engine } from "../../engine/engine.ts";
import { onnxEngine } from "../../engine/onnx/engine.ts";
import type { ClipModel } from "../../model/folder.ts";
import type { CompareConfig } from "../../run/config/compare.ts";
import { unitRows } from "../../run/linalg/embeddings.ts";
import { type Progress, terminalProgress } from "../../run/progress.ts";
import { type EmbeddedConfig, openRows, readLabels } from "./data.ts";
import type { CompareFolder } from "./folder.ts";
import { defaultCache, namedModel } from "../session.ts";

/** Images at a time. */
const BATCH = 32;

/** The same comparison with embeddings in files; those that a model gives are computed once. */
export async function embedded(
  config: CompareConfig,
  { embeddings: root }: CompareFolder,
  signal: AbortSignal,
): Promise<EmbeddedConfig> {
  const { embeddings, threads } = config;
  if ("file" in embeddings) return { ...config, embeddings };
  const { model: name, normalise } = embeddings;
  const progress = terminalProgress();
  const model = await namedModel(name, progress);
  const engine = onnxEngine(threads === undefined ? {} : { threads });
  const { rows } = await readLabels(config.data, name, null);
  const file = join(root, "images.safetensors");
  const texts = join(root, "texts.safetensors");
  await writeImages(file, engine, model, rows, progress, signal);
  const whole: EmbeddedConfig = { ...config, embeddings: { file, texts, normalise } };
  await writeTexts(texts, engine, model, whole);
  return whole;
}

async function writeImages(
  file: string,
  engine: Engine,
  model: ClipModel,
  rows: readonly Row[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const encoder = await clipImages(engine, model, BATCH, defaultCache());
  try {
    const ids = rows.map(({ id }) => id);
    if (existsSync(file)) {
      const { ids: there, metadata } = await readEmbeddings(file);
      if (isDeepStrictEqual([there, metadata], [ids, encoder.about])) return;
    }
    const partial = `${file}.partial`;
    const options = { batchSize: BATCH, maxBad: 0, normalise: false, partial, progress, signal };
    const { x, d, finish } = await embedImages(rows, encoder, options);
    await writeEmbeddings(file, { x, n: rows.length, d, ids, metadata: encoder.about });
    await finish();
  } finally {
    await encoder.dispose();
  }
}

/** Every text that a prompt of a task needs, by name. */
async function writeTexts(
  file: string,
  engine: Engine,
  model: ClipModel,
  config: EmbeddedConfig,
): Promise<void> {
  const { rows } = await openRows(config);
  const known = new Map<string, Float32Array>();
  const d = model.config.projectionDim;
  await promptsOf(tasksOf(config, rows), rows, config.prompts, async (texts) => {
    const { x } = unitRows({ ...(await clipTexts(engine, model, texts)), n: texts.length });
    texts.forEach((text, i) => known.set(text, x.slice(i * d, (i + 1) * d)));
    return x;
  });
  const x = Float32Array.from([...known.values()].flatMap((row) => [...row]));
  await writeEmbeddings(file, { x, n: known.size, d, ids: [...known.keys()], metadata: {} });
}
