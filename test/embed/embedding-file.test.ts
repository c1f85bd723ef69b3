/** @file Files of embeddings: what NumPy, safetensors and Parquet writers make, round trips, and every way to be wrong. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, test } from "vitest";
import { readEmbeddings, writeEmbeddings } from "../../src/embed/embedding-file.ts";
import type { EmbeddingFile } from "../../src/embed/format.ts";
import { encodeSafetensors } from "../../src/model/safetensors.ts";
import type { StoredTensor } from "../../src/model/weights.ts";
import { faceapi, hasFaceapi, python } from "../golden.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-embed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(at(name), bytes);
  return at(name);
};
const embeddings = (rows: readonly (readonly number[])[], rest: Partial<EmbeddingFile> = {}) => ({
  x: Float32Array.from(rows.flat()),
  n: rows.length,
  d: rows[0]!.length,
  ids: null,
  metadata: {},
  ...rest,
});
/** Exact in 16 bits. */
const ROWS = [
  [0.5, -2, 3],
  [4, 0, -0.25],
];
const READ = { x: Float32Array.from(ROWS.flat()), n: 2, d: 3 };

describe("round trip", () => {
  const anyFile = fc
    .record({ n: fc.integer({ min: 1, max: 40 }), d: fc.integer({ min: 1, max: 9 }) })
    .chain(({ n, d }) =>
      fc.record({
        x: fc
          .array(
            fc.float({ noNaN: true, noDefaultInfinity: true }).map((v) => v || 1),
            { minLength: n * d, maxLength: n * d },
          )
          .map((v) => Float32Array.from(v)),
        n: fc.constant(n),
        d: fc.constant(d),
        ids: fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: n, maxLength: n }),
        metadata: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string({ unit: "grapheme" }), {
          noNullPrototype: true,
        }),
      }),
    );
  test.each(["safetensors", "parquet", "npy"])(".%s", (ending) =>
    fc.assert(
      fc.asyncProperty(anyFile, async (written) => {
        const path = at(`any.${ending}`);
        await writeEmbeddings(path, written);
        const ids = ending === "npy" ? null : written.ids;
        expect(await readEmbeddings(path)).toEqual({ ...written, ids });
      }),
      { numRuns: 40 },
    ),
  );

  test("equal embeddings give equal bytes, and nothing is left beside them", async () => {
    const before = readdirSync(folder);
    for (const ending of ["safetensors", "parquet", "npy"]) {
      const written = embeddings(ROWS, { ids: ["a", "b"], metadata: { model: "m" } });
      await writeEmbeddings(at(`1.${ending}`), written);
      await writeEmbeddings(at(`2.${ending}`), written);
      expect(readFileSync(at(`1.${ending}`)).equals(readFileSync(at(`2.${ending}`)))).toBe(true);
    }
    expect(readdirSync(folder).length - before.length).toBe(8); // and a .json for each .npy
  });
});

/** A .npy file from its parts. */
function npyBytes(dict: string, data: Uint8Array, version: readonly [number, number] = [1, 0]) {
  const header = Buffer.from(`${dict}\n`);
  const length = Buffer.alloc(version[0] === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.length);
  const start = Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from(version)]);
  return Buffer.concat([start, length, header, data]);
}
const dictOf = (descr: string, fortran: string, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;
const bytesOf = (data: Float32Array | Float64Array): Buffer => Buffer.from(data.buffer);
const FORTRAN = Float64Array.of(0.5, 4, -2, 0, 3, -0.25);

describe(".npy", () => {
  test("versions, widths, orders", async () => {
    const f8 = dictOf("<f8", "True", "2, 3");
    for (const version of [
      [1, 0],
      [2, 0],
      [3, 0],
    ] as const)
      expect(
        await readEmbeddings(file("x.npy", npyBytes(f8, bytesOf(FORTRAN), version))),
      ).toMatchObject(READ);
    const half = Buffer.from("003800c000420044000000b4", "hex");
    expect(
      await readEmbeddings(file("x.npy", npyBytes(dictOf("<f2", "False", "2, 3"), half))),
    ).toMatchObject(READ);
    const big = bytesOf(READ.x.slice()).swap32();
    expect(
      await readEmbeddings(file("x.npy", npyBytes(dictOf(">f4", "False", "2, 3"), big))),
    ).toMatchObject(READ);
  });

  const four = bytesOf(READ.x.slice());
  test.each([
    ["no magic", Buffer.from("hello, this is text"), 'it begins with "hello,"'],
    ["short", Buffer.from("hi"), "it has 2 bytes"],
    ["version 9", npyBytes("{}", four, [9, 0]), "version 9, expected 1, 2 or 3"],
    [
      "cut",
      npyBytes(dictOf("<f4", "False", "2, 4"), four),
      "expected 32 bytes for [2, 4], received 24",
    ],
    ["integers", npyBytes(dictOf("<i4", "False", "2, 3"), four), "received dtype i4"],
    ["objects", npyBytes(dictOf("|O", "False", "2, 3"), four), "received dtype O"],
    [
      "records",
      npyBytes("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,), }", four),
      "received records",
    ],
    ["a vector", npyBytes(dictOf("<f4", "False", "6,"), four), "received shape (6,)"],
    ["a cube", npyBytes(dictOf("<f4", "False", "1, 2, 3"), four), "received shape (1, 2, 3)"],
    ["no dict", npyBytes("['descr']", four), "received the header"],
  ])("%s", async (_what, bytes, message) => {
    await expect(readEmbeddings(file("bad.npy", bytes))).rejects.toThrow(message);
  });

  test("what is said beside it must be about it", async () => {
    await writeEmbeddings(at("said.npy"), embeddings(ROWS, { metadata: { model: "m" } }));
    writeFileSync(at("said.npy.json"), "[]");
    await expect(readEmbeddings(at("said.npy"))).rejects.toThrow(
      "said.npy.json: expected a JSON object",
    );
  });

  test.skipIf(!python)(
    "what numpy.save writes, and numpy.load reads what is written here",
    async () => {
      const script = `
import numpy as np, sys
from numpy.lib import format
x = np.array([[0.5, -2, 3], [4, 0, -0.25]])
for t in ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8"):
    for order in "CF":
        for v in ((1, 0), (2, 0), (3, 0)):
            with open(f"{sys.argv[1]}/py{'be' if t[0] == '>' else 'le'}{t[1:]}{order}{v[0]}.npy", "wb") as f:
                format.write_array(f, np.asarray(x, t, order), version=v)
y = np.load(sys.argv[1] + "/ours.npy")
assert y.dtype == np.float32 and (y == x).all()
np.save(sys.argv[1] + "/theirs.npy", y)
`;
      await writeEmbeddings(at("ours.npy"), embeddings(ROWS));
      execFileSync(python!, ["-c", script, folder]);
      const written = readdirSync(folder).filter((name) => /^py.*\.npy$/.test(name));
      expect(written).toHaveLength(36);
      for (const name of written) expect(await readEmbeddings(at(name)), name).toMatchObject(READ);
      expect(readFileSync(at("ours.npy")).equals(readFileSync(at("theirs.npy")))).toBe(true);
    },
  );
});

describe(".safetensors", () => {
  const matrix = { shape: [2, 3], data: READ.x };
  const other = { shape: [1, 6], data: READ.x.map((v) => v + 1) };
  const pair = encodeSafetensors(
    new Map([
      ["image", matrix],
      ["text", other],
    ]),
    {},
  );

  test("the only matrix, or the one that is named", async () => {
    const vector = { shape: [6], data: READ.x };
    const whole = { shape: [2, 3], data: Int32Array.from(READ.x) };
    const one = new Map<string, StoredTensor>([
      ["a", vector],
      ["b", matrix],
      ["c", whole],
    ]);
    const path = file("x.safetensors", Buffer.concat(encodeSafetensors(one, {})));
    expect(await readEmbeddings(path)).toMatchObject(READ);
    const two = file("two.safetensors", Buffer.concat(pair));
    expect(await readEmbeddings(two, { tensor: "text" })).toMatchObject({ n: 1, d: 6 });
    await expect(readEmbeddings(two)).rejects.toThrow(
      "expected one matrix of floats, received image (F32 [2, 3]), text (F32 [1, 6])",
    );
    await expect(readEmbeddings(two, { tensor: "img" })).rejects.toThrow('floats named "img"');
  });

  test.each([
    ["ids", "{}"],
    ["ids", "[1]"],
    ["ids", "not JSON"],
  ])("bad row names", async (key, text) => {
    const bytes = encodeSafetensors(new Map([["x", matrix]]), { [key]: text });
    const path = file("ids.safetensors", Buffer.concat(bytes));
    await expect(readEmbeddings(path)).rejects.toThrow("expected a JSON array of row names");
  });

  test.skipIf(!python)("16-bit floats and doubles that Python wrote", async () => {
    const script = `
import sys, torch
from safetensors.torch import save_file
x = torch.tensor([[0.5, -2, 3], [4, 0, -0.25]])
for name in ("float16", "bfloat16", "float32", "float64"):
    save_file({"x": x.to(getattr(torch, name))}, f"{sys.argv[1]}/{name}.safetensors", {"model": "clip"})
`;
    execFileSync(python!, ["-c", script, folder]);
    for (const name of ["float16", "bfloat16", "float32", "float64"])
      expect(await readEmbeddings(at(`${name}.safetensors`))).toEqual({
        ...READ,
        ids: null,
        metadata: { model: "clip" },
      });
  });
});

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];
type Schema = NonNullable<WriteOptions["schema"]>;

describe(".parquet", () => {
  const write = (name: string, options: WriteOptions) =>
    file(name, new Uint8Array(parquetWriteBuffer({ ...options, rowGroupSize: 1 })));
  const columns = (names: readonly string[], extra: { name: string; data: unknown[] }[] = []) => [
    ...names.map((name, c) => ({
      name,
      data: ROWS.map((row) => row[c % 3]!),
      type: "DOUBLE" as const,
    })),
    ...(extra as { name: string; data: string[] }[]),
  ];

  test("a column for each dimension, in the order of their numbers", async () => {
    const ids = { name: "file", data: ["a.jpg", "b.jpg"] };
    const path = write("c.parquet", {
      columnData: columns(["e_0", "e_1", "e_2"], [ids]).toReversed(),
    });
    expect(await readEmbeddings(path, { id: "file" })).toMatchObject({ ...READ, ids: ids.data });
    expect(await readEmbeddings(path, { column: "e_" })).toMatchObject({ ...READ, ids: null });
    const twelve = Array.from({ length: 12 }, (_, i) => `f${i + 1}`);
    const wide = write("w.parquet", { columnData: columns(twelve) });
    const { x } = await readEmbeddings(wide);
    expect([...x.subarray(0, 12)]).toEqual([0, 1, 2, 3].flatMap(() => ROWS[0]));
  });

  const lists = (name: string) =>
    [
      { name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "DOUBLE", repetition_type: "OPTIONAL" },
    ] as const;
  const written = (
    name: string,
    schema: Schema,
    data: Readonly<Record<string, readonly (readonly number[] | null)[]>>,
  ): string =>
    write(name, {
      schema: [{ name: "root", num_children: Object.keys(data).length }, ...schema],
      columnData: Object.entries(data).map(([column, rows]) => ({ name: column, data: [...rows] })),
    });

  test("lists as Arrow writes them", async () => {
    const one = written("v.parquet", [...lists("v")], { v: ROWS });
    expect(await readEmbeddings(one)).toMatchObject(READ);
    const both = written("2.parquet", [...lists("v"), ...lists("w")], { v: ROWS, w: [[1], [2]] });
    expect(await readEmbeddings(both, { column: "w" })).toMatchObject({ n: 2, d: 1 });
    await expect(readEmbeddings(both)).rejects.toThrow(
      "expected one column of lists of floats, received v, w; name it",
    );
  });

  test("lists of other lengths", async () => {
    const short = written("s.parquet", [...lists("v")], { v: [[0.5, 1], [0.25]] });
    await expect(readEmbeddings(short)).rejects.toThrow(
      "row 1: expected a list of 2 numbers, received 1",
    );
    const none = written("n.parquet", [...lists("v")], { v: [[0.5, 1], null] });
    await expect(readEmbeddings(none)).rejects.toThrow(
      "row 1: expected a list of 2 numbers, received none",
    );
  });

  test("columns with a gap, and none at all", async () => {
    const gap = write("g.parquet", { columnData: columns(["e0", "e1", "e3"]) });
    await expect(readEmbeddings(gap)).rejects.toThrow("received e3 as number 3");
    const age = write("a.parquet", { columnData: columns(["age"]) });
    await expect(readEmbeddings(age)).rejects.toThrow("received age; name it");
  });

  test("missing numbers, missing columns, other files", async () => {
    const holes = write("h.parquet", {
      columnData: [0, 1].map((i) => ({
        name: `e${i}`,
        data: [1.5, i ? null : 2.5],
        type: "DOUBLE" as const,
      })),
    });
    await expect(readEmbeddings(holes)).rejects.toThrow("row 1, column 1 is NaN");
    await expect(readEmbeddings(holes, { column: "x" })).rejects.toThrow(
      'a column "x", or columns "x0"',
    );
    await expect(readEmbeddings(holes, { id: "name" })).rejects.toThrow('expected a column "name"');
    await expect(readEmbeddings(file("no.parquet", Buffer.from("PAR1 not")))).rejects.toThrow(
      "not a Parquet file",
    );
    await expect(readEmbeddings(at("none.parquet"))).rejects.toThrow(
      "none.parquet: cannot be read",
    );
  });
});

describe("numbers and names that cannot be worked with", () => {
  const bad: readonly [string, EmbeddingFile, string][] = [
    [
      "NaN",
      embeddings(
        [
          [1, 2],
          [3, Number.NaN],
        ],
        { ids: ["a.jpg", "b.jpg"] },
      ),
      "row 1 (b.jpg), column 1 is NaN",
    ],
    ["infinity", embeddings([[-Infinity, 2]]), "row 0, column 0 is -Infinity"],
    [
      "zeros",
      embeddings([
        [0, 0],
        [1, 0],
        [0, 0],
      ]),
      "2 of 3 rows are all zeros, which have no direction: row 0, row 2",
    ],
    ["names", embeddings(ROWS, { ids: ["a", "a"] }), 'rows 0 and 1 are both named "a"'],
    [
      "count of names",
      embeddings(ROWS, { ids: ["a"] }),
      "expected a name for each of 2 rows, received 1",
    ],
    ["size", { ...embeddings(ROWS), n: 3 }, "received 6 numbers for [3, 3]"],
  ];
  test.each(bad)("%s: not written", async (_what, value, message) => {
    await expect(writeEmbeddings(at("never.npy"), value)).rejects.toThrow(message);
    expect(existsSync(at("never.npy"))).toBe(false);
  });

  test("not read either", async () => {
    const nan = new Map([["x", { shape: [2, 2], data: Float32Array.of(1, 2, 3, Number.NaN) }]]);
    const path = file("nan.safetensors", Buffer.concat(encodeSafetensors(nan, {})));
    await expect(readEmbeddings(path)).rejects.toThrow(`${path}: row 1, column 1 is NaN`);
  });

  test("another ending", async () => {
    await expect(readEmbeddings("x.csv")).rejects.toThrow(
      'ends in .safetensors, .npy, .parquet, received ".csv"',
    );
  });
});

test.skipIf(!hasFaceapi)("a face network's embeddings", async () => {
  expect(await readEmbeddings(faceapi("embeddings.npy"))).toMatchObject({
    n: 18_648,
    d: 128,
    ids: null,
  });
});
