/** @file Safetensors: goldens to the byte, round trips, and every way a file can lie. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.ts";
import { EquiclipError } from "../../src/run/errors.ts";
import { hasReference, reference } from "../golden.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-safetensors-"));
const path = join(folder, "x.safetensors");

/** A file with any header at all. */
function forge(header: unknown, data: Uint8Array = new Uint8Array(0), claimed?: bigint): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json, data]));
  return path;
}
const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe.skipIf(!hasReference)("goldens", () => {
  it("writes what Python wrote, byte for byte", async () => {
    const golden = reference("clip-tiny", "model.safetensors");
    await writeSafetensors(path, await readSafetensors(golden));
    expect(readFileSync(path).equals(readFileSync(golden))).toBe(true);
  });

  it("keeps doubles and integers", async () => {
    const tensors = await readSafetensors(reference("erasure", "erasure.safetensors"));
    expect(tensors.get("X")).toMatchObject({ shape: [400, 24], data: expect.any(Float64Array) });
    expect(tensors.get("z2")).toMatchObject({ shape: [400], data: expect.any(Int32Array) });
  });
});

describe("round trip", () => {
  const float = fc.float({ noNaN: false });
  const tensor = fc.oneof(
    fc.array(float, { maxLength: 9 }).map((x) => Float32Array.from(x)),
    fc.array(fc.double(), { maxLength: 9 }).map((x) => Float64Array.from(x)),
    fc.array(fc.integer(), { maxLength: 9 }).map((x) => Int32Array.from(x)),
  );
  const name = fc.string({ unit: "binary", minLength: 1 }).filter((x) => x !== "__metadata__");

  it("gives back every tensor, whatever its name, type and order", () =>
    fc.assert(
      fc.asyncProperty(fc.dictionary(name, tensor), async (data) => {
        const tensors = new Map(
          Object.entries(data).map(([k, v]) => [k, { shape: [v.length], data: v }]),
        );
        await writeSafetensors(path, tensors);
        const bytes = readFileSync(path);
        expect((8 + Number(bytes.readBigUInt64LE(0))) % 8).toBe(0);
        const back = await readSafetensors(path);
        expect(new Map([...back].sort())).toEqual(new Map([...tensors].sort()));
        await writeSafetensors(path, new Map([...tensors].reverse()));
        expect(readFileSync(path).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    ));

  it("keeps scalars and empty tensors", async () => {
    const tensors = new Map([
      ["empty", { shape: [0, 3], data: new Float32Array(0) }],
      ["scalar", { shape: [], data: Float32Array.of(2.6592) }],
    ]);
    await writeSafetensors(path, tensors);
    expect(await readSafetensors(path)).toEqual(tensors);
  });
});

describe("narrow formats", () => {
  it("widens half and brain floats exactly, subnormals and infinities too", async () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x7c00, 0x8000, 0x3555);
    const half = [1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, Infinity, -0, 0.333251953125];
    forge({ h: entry("F16", [8], 0, 16) }, new Uint8Array(bits.buffer));
    expect([...(await readSafetensors(path)).get("h")!.data]).toEqual(half);
    const brain = Uint16Array.of(0x3f80, 0xc049, 0x7f80, 0x0001);
    forge({ b: entry("BF16", [2, 2], 0, 8) }, new Uint8Array(brain.buffer));
    expect([...(await readSafetensors(path)).get("b")!.data]).toEqual([
      1,
      -3.140625,
      Infinity,
      2 ** -133,
    ]);
  });

  it("reads small and long integers", async () => {
    forge({ i: entry("I8", [2], 0, 2) }, Uint8Array.of(255, 7));
    expect((await readSafetensors(path)).get("i")!.data).toEqual(Int32Array.of(-1, 7));
    forge(
      { l: entry("I64", [2], 0, 16) },
      new Uint8Array(BigInt64Array.of(-5n, 2147483647n).buffer),
    );
    expect((await readSafetensors(path)).get("l")!.data).toEqual(Int32Array.of(-5, 2147483647));
    forge({ l: entry("I64", [1], 0, 8) }, new Uint8Array(BigInt64Array.of(2n ** 40n).buffer));
    await expect(readSafetensors(path)).rejects.toThrow(
      'tensor "l": expected 64-bit integers within 32 bits, received 1099511627776',
    );
  });
});

describe("bad files", () => {
  const four = new Uint8Array(4);
  const bad: Record<string, [() => string, RegExp]> = {
    "an empty file": [() => (writeFileSync(path, ""), path), /at least 8 bytes, received 0/],
    "a header longer than the file": [
      () => forge({}, four, 1000n),
      /expected a header of 1000 bytes, received only 6 bytes/,
    ],
    "a header above the format's limit": [
      () => forge({}, four, 2n ** 63n),
      /header of at most 100000000 bytes, received 9223372036854775808/,
    ],
    "a header that is not JSON": [
      () => forge("{nope}"),
      /JSON object as header, received "\{nope\}"/,
    ],
    "a header that is a list": [() => forge([]), /JSON object as header/],
    "an unknown format": [
      () => forge({ w: entry("F8_E4M3", [4], 0, 4) }, four),
      /tensor "w" in one of F64, .*received F8_E4M3/,
    ],
    "a missing shape": [() => forge({ w: { dtype: "F32" } }), /tensor "w" with dtype, shape/],
    "a negative shape": [
      () => forge({ w: entry("F32", [-1], 0, 4) }, four),
      /tensor "w" with dtype/,
    ],
    "a size that is not the shape's": [
      () => forge({ w: entry("F32", [2], 0, 4) }, four),
      /expected 8 bytes for tensor "w" \(F32 \[2\]\), received 4/,
    ],
    "a shape that overflows": [
      () => forge({ w: entry("F32", [2 ** 40, 2 ** 40], 0, 4) }, four),
      /for tensor "w".*received 4/,
    ],
    "tensors that overlap": [
      () => forge({ a: entry("U8", [3], 0, 3), b: entry("U8", [2], 2, 4) }, four),
      /tensor "b" to begin at byte 3, received 2/,
    ],
    "a hole": [
      () => forge({ a: entry("U8", [1], 0, 1), b: entry("U8", [2], 2, 4) }, four),
      /tensor "b" to begin at byte 1, received 2/,
    ],
    "a tensor beyond the file": [
      () => forge({ a: entry("U8", [8], 0, 8) }, four),
      /tensor "a" to end at byte 8, received a file that ends at 4/,
    ],
    "bytes of no tensor": [
      () => forge({ a: entry("U8", [2], 0, 2) }, four),
      /expected 2 bytes of tensors, received 4/,
    ],
    "a name given twice": [
      () =>
        forge(
          `{"a\\u0062":${JSON.stringify(entry("U8", [4], 0, 4))}, "ab" :${JSON.stringify(entry("U8", [4], 0, 4))}}`,
          four,
        ),
      /tensor "ab" twice/,
    ],
    "no file": [
      () => join(folder, "absent.safetensors"),
      /cannot read .*absent.safetensors: ENOENT/,
    ],
    "a folder": [() => folder, /expected a file, received a folder/],
  };
  it.each(Object.entries(bad))("%s", async (_, [make, message]) => {
    const file = make();
    const error = await readSafetensors(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EquiclipError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(file);
    expect(String(error)).not.toContain("\n");
  });

  it("any truncation of a good file", async () => {
    await writeSafetensors(path, new Map([["w", { shape: [9], data: new Float32Array(9) }]]));
    const whole = readFileSync(path);
    for (let size = 0; size < whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      await expect(readSafetensors(path)).rejects.toThrow(EquiclipError);
    }
  });

  it("a target that cannot be written", async () => {
    writeFileSync(path, "a file, not a folder");
    const below = join(path, "model.safetensors");
    await expect(writeSafetensors(below, new Map())).rejects.toThrow(`cannot write ${below}`);
    expect(readFileSync(path, "utf8")).toBe("a file, not a folder");
    expect(readdirSync(folder)).toEqual(["x.safetensors"]);
  });
});
