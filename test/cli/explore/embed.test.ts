/** @file Embeddings that are kept: nothing is computed twice, what changed is, and a command that was stopped goes on. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type EmbedRowsOptions, embedRows, embedTexts } from "../../../src/cli/explore/embed.ts";
import {
  EncoderAbsentError,
  type OpenedEncoder,
  openEncoder,
} from "../../../src/cli/explore/encoders.ts";
import { tokenReader } from "../../../src/cli/explore/tokens.ts";
import type { Row } from "../../../src/data/row.ts";
import { writeEmbeddings } from "../../../src/embed/embedding-file.ts";
import type { ImageEncoder, RawEmbeddings } from "../../../src/embed/encoder.ts";
import { saveClip } from "../../../src/model/folder.ts";
import { InterruptedError } from "../../../src/run/errors.ts";
import { silent } from "../../../src/run/progress.ts";
import { flatImage, noiseImage, rowOf, toSharp } from "../../data/images.ts";
import { trainedClip } from "../../model/trained.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-explore-embed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: readonly string[]): string => join(folder, ...parts);
const PIXELS = {
  kind: "pixels",
  size: 4,
  lightness: "luma",
  range: "unit",
  fit: "stretch",
} as const;

/** Noise under these names; one name's picture is always the same. */
async function pictures(under: string, names: readonly string[], side = 8): Promise<Row[]> {
  for (const name of names) {
    mkdirSync(dirname(at(under, name)), { recursive: true });
    await toSharp(noiseImage(side, side, name)).toFile(at(under, name));
  }
  return names.map((name) => rowOf(at(under), name));
}

const options = (kept: string, more: Partial<EmbedRowsOptions> = {}): EmbedRowsOptions => ({
  normalise: false,
  maxBad: 0,
  folder: at(kept),
  signal: new AbortController().signal,
  progress: silent,
  ...more,
});

/** An encoder, and how many images it has computed. */
async function counted(
  name = "pixels",
  change: (raw: RawEmbeddings) => RawEmbeddings = (raw) => raw,
) {
  const opened = await openEncoder({ ...PIXELS, as: name }, 4, silent);
  const image = opened.image!;
  const count = { images: 0 };
  const counting: ImageEncoder = {
    ...image,
    embed: async (images) => {
      count.images += images.length;
      return change(await image.embed(images));
    },
  };
  return { count, encoder: { ...opened, image: counting } satisfies OpenedEncoder };
}

const NAMES = ["a/1.png", "b/1.png", "c.png", "d.png", "e.png", "f.png"];

describe("kept embeddings", () => {
  test("are read by the next run; what changed is computed again, and nothing else", async () => {
    const rows = await pictures("kept", NAMES);
    const { encoder, count } = await counted();
    const first = await embedRows(rows, encoder, options("k1"));
    expect({ computed: first.computed, ...count }).toEqual({ computed: 6, images: 6 });
    const again = await embedRows(rows, encoder, options("k1"));
    expect(again).toEqual({ ...first, computed: 0 });
    expect(count.images).toBe(6);

    // other bytes under a name; another order; a row more; a row less
    await toSharp(noiseImage(8, 8, "other")).toFile(rows[2]!.path);
    const more = await pictures("kept", ["g.png"]);
    const changed = [more[0]!, ...rows.slice(1).toReversed()];
    const third = await embedRows(changed, encoder, options("k1"));
    expect(third.computed).toBe(2);
    const fresh = await embedRows(changed, encoder, options("k2"));
    expect(fresh.computed).toBe(6);
    expect(third.x).toEqual(fresh.x);
    const d = 16;
    expect(third.x.subarray(5 * d, 6 * d)).toEqual(first.x.subarray(d, 2 * d)); // b/1.png

    // another preprocessing under the same name
    const signed = await openEncoder({ ...PIXELS, range: "signed" }, 4, silent);
    expect((await embedRows(rows, signed, options("k1"))).computed).toBe(6);
    expect((await embedRows(rows, encoder, options("k1"))).computed).toBe(0);
  });

  test("a damaged file of kept ones is computed again", async () => {
    const rows = await pictures("damaged", NAMES);
    const { encoder } = await counted();
    const first = await embedRows(rows, encoder, options("k3"));
    const files = readdirSync(at("k3"), { recursive: true, encoding: "utf8" });
    const shard = files.find((file) => file.endsWith(".safetensors"));
    const bytes = readFileSync(at("k3", shard!));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(at("k3", shard!), bytes);
    expect(await embedRows(rows, encoder, options("k3"))).toEqual(first);
  });

  test("identical images are computed once", async () => {
    const [row, ...rest] = await pictures("same", ["1.png"]);
    expect(rest).toEqual([]);
    copyFileSync(row!.path, at("same", "2.png"));
    const { encoder, count } = await counted();
    const { x, n } = await embedRows([row!, rowOf(at("same"), "2.png")], encoder, options("k4"));
    expect([n, count.images]).toEqual([2, 1]);
    expect(x.subarray(0, 16)).toEqual(x.subarray(16));
  });

  test("of an encoder that now gives other numbers a row: all again, and it is said", async () => {
    const rows = await pictures("size", NAMES);
    const before = await counted();
    await embedRows(rows.slice(0, 5), before.encoder, options("k5"));
    const half = ({ x, d }: RawEmbeddings) => ({ x: x.filter((_, i) => i % 2 === 0), d: d / 2 });
    const { encoder, count } = await counted("pixels", half);
    const found = await embedRows(rows, encoder, options("k5"));
    expect({ d: found.d, n: found.n, computed: found.computed }).toEqual({
      d: 8,
      n: 6,
      computed: 6,
    });
    expect(found.notes).toEqual([
      "pixels: rows of 16 numbers were kept, the encoder gives 8 now; all were embedded again",
    ]);
    expect(count.images).toBe(1 + 6);
    expect(await embedRows(rows, encoder, options("k5"))).toMatchObject({ computed: 0, d: 8 });
  });

  test("an encoder whose rows differ in size within a run is refused, and so is a number that is none", async () => {
    const rows = await pictures("within", NAMES);
    let calls = 0;
    const changing = await counted("x", (raw) => (calls++ ? { x: raw.x.slice(1), d: 15 } : raw));
    await expect(embedRows(rows, changing.encoder, options("k6"))).rejects.toThrow(
      "x: expected 16 numbers a row as before, received 15",
    );
    const bad = await counted("y", ({ x, d }) => ({ x: x.map((v, i) => (i === 20 ? NaN : v)), d }));
    await expect(embedRows(rows, bad.encoder, options("k7"))).rejects.toThrow(
      "y: b/1.png: number 4 of its embedding is NaN",
    );
  });

  test("interrupted, the next run computes the rest", async () => {
    const rows = await pictures("stopped", NAMES);
    const stop = new AbortController();
    const { encoder, count } = await counted("pixels", (raw) => {
      stop.abort();
      return raw;
    });
    await expect(embedRows(rows, encoder, options("k8", { signal: stop.signal }))).rejects.toThrow(
      InterruptedError,
    );
    expect(count.images).toBe(4);
    const whole = await embedRows(rows, (await counted()).encoder, options("k8"));
    expect(whole.computed).toBe(2);
    expect(whole.x).toEqual((await embedRows(rows, (await counted()).encoder, options("k9"))).x);
  });
});

describe("images of all kinds", () => {
  test("formats, transparency, grey, EXIF rotation, shapes: a row each", async () => {
    const rgb = noiseImage(30, 20, "kinds");
    mkdirSync(at("kinds"));
    await toSharp(rgb).jpeg().toFile(at("kinds", "a.jpg"));
    await toSharp(rgb).webp().toFile(at("kinds", "b.webp"));
    await toSharp(rgb).greyscale().png().toFile(at("kinds", "c.png"));
    await toSharp(rgb).ensureAlpha(0).png().toFile(at("kinds", "d.png"));
    await toSharp(flatImage(3, 90, 10))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(at("kinds", "e.jpg"));
    const rows = ["a.jpg", "b.webp", "c.png", "d.png", "e.jpg"].map((name) =>
      rowOf(at("kinds"), name),
    );
    await saveClip(at("clip"), await trainedClip());
    const clip = await openEncoder({ kind: "clip", model: at("clip") }, 2, silent);
    const found = await embedRows(rows, clip, options("k10", { normalise: true }));
    expect([found.n, found.d, found.bad]).toEqual([5, 32, []]);
    for (let row = 0; row < 5; row++)
      expect(Math.hypot(...found.x.subarray(row * 32, (row + 1) * 32))).toBeCloseTo(1, 6);
    expect(found.about).toMatchObject({
      weights_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      preprocessing: expect.stringContaining("mean"),
    });
    // what is transparent is white
    const pixels = await openEncoder(PIXELS, 2, silent);
    const levels = await embedRows(rows, pixels, options("k10"));
    expect([...levels.x.subarray(3 * 16, 4 * 16)]).toEqual(Array(16).fill(1));
    await clip.dispose();
  });

  test("broken and missing ones are named and left out, within maxBad; two images are enough", async () => {
    const rows = await pictures("bad", ["1.png", "2.png", "3.png", "4.png"]);
    writeFileSync(rows[1]!.path, "no image");
    rmSync(rows[3]!.path);
    const { encoder } = await counted();
    const found = await embedRows(rows, encoder, options("k11", { maxBad: 0.5 }));
    expect(found).toMatchObject({ n: 2, kept: [0, 2], rows: [rows[0], rows[2]] });
    expect(found.bad).toEqual([
      { id: "2.png", reason: expect.stringContaining("not an image that can be read") },
      { id: "4.png", reason: "no such file" },
    ]);
    expect(found.x.length).toBe(2 * 16);
    await expect(embedRows(rows, encoder, options("k12", { maxBad: 0.25 }))).rejects.toThrow(
      /^2 of 4 images cannot be read, expected at most 1/,
    );
    await expect(
      embedRows([rows[1]!, rows[3]!], encoder, options("k13", { maxBad: 1 })),
    ).rejects.toThrow("pixels: none of 2 images can be read, the first 2.png");
  });

  test("a black picture has no direction: it stays, and that is said", async () => {
    const [white] = await pictures("black", ["1.png"]);
    await toSharp(flatImage(4, 4, 0)).toFile(at("black", "0.png"));
    const rows = [white!, rowOf(at("black"), "0.png")];
    const { encoder } = await counted();
    const { x, notes } = await embedRows(rows, encoder, options("k14", { normalise: true }));
    expect([...x.subarray(16)]).toEqual(Array(16).fill(0));
    expect(notes).toEqual([
      "pixels: 1 of 2 embeddings are all zeros, which have no direction; the first is 0.png",
    ]);
  });
});

describe("texts", () => {
  test("are kept, too, and texts of a file are looked up", async () => {
    await saveClip(at("clip2"), await trainedClip());
    const clip = await openEncoder({ kind: "clip", model: at("clip2"), as: "tiny" }, 2, silent);
    const texts = ["a doctor", "医生", "a doctor"];
    const first = await embedTexts(texts, clip, options("t1", { normalise: true }));
    expect([first.n, first.d, first.computed]).toEqual([3, 32, 2]);
    expect(first.x.subarray(0, 32)).toEqual(first.x.subarray(64));
    expect(Math.hypot(...first.x.subarray(0, 32))).toBeCloseTo(1, 6);
    expect(await embedTexts(texts, clip, options("t1", { normalise: true }))).toEqual({
      ...first,
      computed: 0,
    });
    const layer = await openEncoder({ kind: "clip", model: at("clip2"), layer: 1 }, 2, silent);
    await expect(embedTexts(texts, layer, options("t1"))).rejects.toThrow(
      "encoder clip: it has no text side",
    );
    await clip.dispose();
    await layer.dispose();
  });
});

describe("a file of embeddings", () => {
  const x = Float32Array.from({ length: 8 }, (_, i) => i + 1);

  test("is joined by name; rows without embeddings are counted", async () => {
    await writeEmbeddings(at("e.safetensors"), {
      x,
      n: 4,
      d: 2,
      ids: ["b/1.png", "a/1.png", "c.png", "nobody.png"],
      metadata: { model: "theirs" },
    });
    await writeEmbeddings(at("texts.safetensors"), {
      x: x.slice(0, 2),
      n: 1,
      d: 2,
      ids: ["a cook"],
      metadata: {},
    });
    const spec = { kind: "file", file: at("e.safetensors"), as: "faces" } as const;
    const opened = await openEncoder({ ...spec, texts: at("texts.safetensors") }, 4, silent);
    const rows = NAMES.slice(0, 4).map((name) => rowOf(at("nowhere"), name));
    const found = await embedRows(rows, opened, options("f1"));
    expect(found).toMatchObject({ n: 3, d: 2, kept: [0, 1, 2], computed: 0 });
    expect([...found.x]).toEqual([3, 4, 1, 2, 5, 6]);
    expect(found.bad).toEqual([{ id: "d.png", reason: "has no embedding in faces" }]);
    expect(found.notes).toEqual([
      "faces: 1 of 4 rows have no embedding",
      "faces: 1 embeddings of its file are of no row here.",
    ]);
    expect(found.about).toMatchObject({
      model: "theirs",
      file_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const texts = await embedTexts(["a cook"], opened, options("f1"));
    expect([...texts.x]).toEqual([1, 2]);
    await expect(embedTexts(["a nurse"], opened, options("f1"))).rejects.toThrow(
      'no embedding of the text "a nurse"',
    );
    await expect(embedRows([rowOf(at("nowhere"), "z.png")], opened, options("f1"))).rejects.toThrow(
      "faces: none of 1 rows (named like z.png) is among 4 embeddings",
    );
    expect(() => tokenReader(new Map(), opened)).toThrow(
      "encoder faces: it gives one row an image",
    );
  });
});

describe("an encoder that cannot be had", () => {
  test.each([
    [{ kind: "clip", model: "none-such-folder/x/y" }, "none-such-folder/x/y"],
    [{ kind: "onnx", file: "none.onnx", as: "vae" }, "none.onnx: cannot be read"],
    [{ kind: "file", file: "none.npy" }, "none.npy"],
  ] as const)("%j is named with the reason", async (spec, reason) => {
    const failed: unknown = await openEncoder(spec, 2, silent).catch((thrown: unknown) => thrown);
    expect(failed).toBeInstanceOf(EncoderAbsentError);
    const { encoder, message, reason: why } = failed as EncoderAbsentError;
    expect(encoder).toBe("as" in spec ? spec.as : spec.kind);
    expect(message).toBe(`encoder ${encoder}: ${why}`);
    expect(why).toContain(reason);
    expect(existsSync(at("absent"))).toBe(false);
  });
});
