/** @file Texts of which a frozen part of the text tower is computed once. */
import type { Engine } from "../../engine/engine.ts";
import { input } from "../../graph/build.ts";
import { sizeOf } from "../../graph/node.ts";
import type { ClipConfig } from "../../model/clip/config.ts";
import { type Cut, cutShape, textAbove, textBelow } from "../../model/clip/cut.ts";
import { eosRows } from "../../model/clip/text.ts";
import { type Towers, createTowers } from "../network.ts";
import { type Texts, longest, textBatch } from "../texts.ts";

/** Texts at a time. */
const BATCH = 256;
/** Bytes of features that are held in memory; where there are more, texts are encoded whenever they are fed. */
const MEMORY = 2 ** 30;

/** The same texts, fed what lies below the cut made of them. @param towers weights below the cut never change. */
export async function frozenTexts(
  engine: Engine,
  towers: Pick<Towers, "config" | "weights">,
  cut: Cut | null,
  texts: Texts,
): Promise<Texts> {
  const { config } = towers;
  const { tokens } = texts;
  const length = longest(tokens);
  if (cut === null) return texts;
  const shape = cutShape(config, "text", cut, length);
  const size = sizeOf(shape);
  if (tokens.length * size * Float32Array.BYTES_PER_ELEMENT > MEMORY) return texts;
  const made = await encoded(engine, createTowers(config, towers.weights), cut, tokens, size);
  return {
    tokens,
    embeds: ({ layers }, count) =>
      textAbove(config, layers, cut, input("textFeatures", [count, ...shape]), () =>
        input("eosRows", [count], "int"),
      ),
    feeds: (some) => {
      const data = new Float32Array(some.length * size);
      some.forEach((text, i) => data.set(made.subarray(text * size, (text + 1) * size), i * size));
      return {
        textFeatures: { shape: [some.length, ...shape], data },
        eosRows: { shape: [some.length], data: eosOf(config, tokens, some) },
      };
    },
  };
}

const eosOf = (config: ClipConfig, tokens: Texts["tokens"], some: readonly number[]): Int32Array =>
  eosRows(
    config,
    some.map((i) => tokens[i]!),
  );

/** [texts, ...cutShape] */
async function encoded(
  engine: Engine,
  { config, layers, weights }: Towers,
  cut: Cut,
  tokens: Texts["tokens"],
  size: number,
): Promise<Float32Array> {
  const length = longest(tokens);
  const batch = Math.min(BATCH, tokens.length);
  const ids = input("inputIds", [batch, length], "int");
  const rows = input("eosRows", [batch], "int");
  const store = await engine.store(Object.fromEntries(weights));
  const features = textBelow(config, layers, cut, ids, rows);
  const program = await engine.compile({ features }, store);
  try {
    const out = new Float32Array(tokens.length * size);
    for (let from = 0; from < tokens.length; from += batch) {
      const some = tokens.slice(from, from + batch);
      while (some.length < batch) some.push(tokens[0]!);
      const result = await program.run({ ...textBatch(config, some, length) });
      const count = Math.min(batch, tokens.length - from);
      out.set((result["features"]!.data as Float32Array).subarray(0, count * size), from * size);
    }
    return out;
  } finally {
    await program.dispose();
    await store.dispose();
  }
}
