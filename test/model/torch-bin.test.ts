/** @file pytorch_model.bin: goldens, what torch itself writes, and files that try to run code. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSafetensors } from "../../src/model/safetensors.ts";
import { readTorchBin } from "../../src/model/torch-bin.ts";
import { EquiclipError } from "../../src/run/errors.ts";
import { hasReference, python, reference } from "../golden.ts";
import { zip } from "../zip.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-torch-"));
const path = join(folder, "pytorch_model.bin");
const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

/** A torch file around a pickle and storages. */
function forge(pickle: string, storages: Readonly<Record<string, Uint8Array>> = {}): string {
  const data = Object.entries(storages).map(([key, bytes]) => [`m/data/${key}`, bytes] as const);
  writeFileSync(path, zip({ "m/data.pkl": latin1(pickle), ...Object.fromEntries(data) }));
  return path;
}
const string = (text: string): string => `X${String.fromCharCode(text.length)}\0\0\0${text}`;
const byte = (n: number): string => `K${String.fromCharCode(n)}`;
const tuple = (...items: readonly string[]): string => `(${items.join("")}t`;
const numbers = (items: readonly number[]): string => tuple(...items.map(byte));
/** The opcodes of `{"w": tensor}` over a float storage "0" of `length` elements. */
const state = (length: number, offset: number, shape: number[], stride: number[]): string =>
  `\x80\x02}${string("w")}ctorch._utils\n_rebuild_tensor_v2\n${tuple(
    `${tuple(string("storage"), "ctorch\nFloatStorage\n", string("0"), string("cpu"), byte(length))}Q`,
    byte(offset),
    numbers(shape),
    numbers(stride),
    "\x89",
    "ccollections\nOrderedDict\n)R",
  )}Rs.`;
const six = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

describe.skipIf(!hasReference)("goldens", () => {
  it("holds the weights of the safetensors file, bit for bit", async () => {
    const bin = await readTorchBin(reference("clip-tiny", "pytorch_model.bin"));
    const safe = await readSafetensors(reference("clip-tiny", "model.safetensors"));
    expect(new Map([...bin].sort())).toEqual(new Map([...safe].sort()));
  });

  it("widens half and brain floats, and makes strided tensors row-major", async () => {
    const mixed = await readTorchBin(reference("clip-tiny", "mixed.bin"));
    const safe = await readSafetensors(reference("clip-tiny", "model.safetensors"));
    expect(mixed.get("strided")).toEqual({
      shape: [4, 3],
      data: Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11),
    });
    for (const [name, { shape, data }] of mixed) {
      const exact = safe.get(name);
      if (!exact) continue; // bf16 and strided
      expect(shape).toEqual(exact.shape);
      const worst = Math.max(...data.map((x, i) => Math.abs(x - exact.data[i]!)));
      expect(worst).toBeGreaterThan(0);
      expect(worst).toBeLessThanOrEqual(2 ** -11 * Math.max(...exact.data.map(Math.abs)));
    }
  });
});

describe("views", () => {
  it("reads a part of a storage", async () => {
    forge(state(6, 2, [3], [1]), { 0: six });
    expect(await readTorchBin(path)).toEqual(
      new Map([["w", { shape: [3], data: Float32Array.of(3, 4, 5) }]]),
    );
  });
  it("ignores the stride of an axis of one", async () => {
    forge(state(6, 0, [1, 6], [77, 1]), { 0: six });
    expect((await readTorchBin(path)).get("w")!.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });
  it("takes every other element", async () => {
    forge(state(6, 1, [3], [2]), { 0: six });
    expect((await readTorchBin(path)).get("w")!.data).toEqual(Float32Array.of(2, 4, 6));
  });
});

describe("hostile and damaged files", () => {
  const ran = join(folder, "it-ran");
  const command = `touch ${ran}`;
  const bad: Record<string, [() => string, RegExp]> = {
    "os.system, called": [
      () => forge(`\x80\x02cos\nsystem\n${tuple(string(command))}R.`),
      /names os\.system/,
    ],
    "os.system in a protocol 4 pickle": [
      () => forge(`\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94${string(command)}\x85R.`),
      /names posix\.system/,
    ],
    "os.system in a bare pickle": [
      () => (writeFileSync(path, `cos\nsystem\n(S'${command}'\ntR.`), path),
      /names os\.system/,
    ],
    "eval among the weights": [
      () => forge(`\x80\x02}${string("w")}c__builtin__\neval\n${tuple(string("1"))}Rs.`),
      /names __builtin__\.eval/,
    ],
    "a name that every object has": [
      () => forge("\x80\x02c\nconstructor\n)R."),
      /names \.constructor/,
    ],
    "an instance made without a call": [
      () => forge(`\x80\x02(S'${command}'\nios\nsystem\n.`),
      /opcode 0x53/,
    ],
    "a storage type called as a function": [
      () => forge("\x80\x02ctorch\nFloatStorage\n)R."),
      /calls something that is no function of a tensor/,
    ],
    "a tensor beyond its storage": [
      () => forge(state(6, 4, [3], [1]), { 0: six }),
      /tensor "w" ends at element 7 of a storage of 6/,
    ],
    "a small storage said to be a huge tensor": [
      () => forge(state(6, 0, [255, 255, 255], [0, 0, 0]), { 0: six }),
      /tensor "w" has elements that share memory/,
    ],
    "a storage shorter than described": [
      () => forge(state(7, 0, [7], [1]), { 0: six }),
      /expected 28 bytes in m\/data\/0, received 24/,
    ],
    "a storage that is not there": [() => forge(state(6, 0, [6], [1])), /received no such entry/],
    "a pickle cut short": [() => forge(state(6, 0, [6], [1]).slice(0, -9)), /cut short/],
    "a training checkpoint": [
      () => forge(`\x80\x02}${string("epoch")}${byte(3)}s.`),
      /expected a tensor under "epoch".*torch\.save\(model\.state_dict\(\), path\)/,
    ],
    "a list": [() => forge("\x80\x02]."), /no dict of tensors/],
    "an empty stack": [() => forge("\x80\x020."), /empty stack/],
    "a compressed zip": [
      () => (writeFileSync(path, zip({ "m/data.pkl": latin1("\x80\x02}.") }, 8)), path),
      /m\/data\.pkl is compressed/,
    ],
    "a zip of something else": [
      () => (writeFileSync(path, zip({ "readme.txt": latin1("hello") })), path),
      /no data\.pkl/,
    ],
    "a big-endian file": [
      () => (
        writeFileSync(
          path,
          zip({ "m/data.pkl": latin1("\x80\x02}."), "m/byteorder": latin1("big") }),
        ),
        path
      ),
      /big-endian/,
    ],
    text: [
      () => (writeFileSync(path, "version https://git-lfs.github.com/spec/v1\n"), path),
      /opcode 0x76/,
    ],
    "an empty file": [() => (writeFileSync(path, ""), path), /cut short/],
  };
  it.each(Object.entries(bad))("%s", async (_, [make, message]) => {
    make();
    const error = await readTorchBin(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EquiclipError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(path);
    expect(String(error)).not.toContain("\n");
    expect(existsSync(ran)).toBe(false);
  });

  it("any truncation", async () => {
    const whole = zip({ "m/data.pkl": latin1(state(6, 0, [6], [1])), "m/data/0": six });
    for (let size = 0; size < whole.length; size++) {
      writeFileSync(path, whole.subarray(0, size));
      await expect(readTorchBin(path)).rejects.toThrow(EquiclipError);
    }
  });
});

describe.skipIf(!python)("files of this machine's torch (EQUICLIP_PYTHON)", () => {
  const script = `
import sys, collections, torch
folder = sys.argv[1]
torch.manual_seed(0)
m = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))  # state dict with _metadata and a long scalar
state = m.state_dict()
state["parameter"] = torch.nn.Parameter(torch.randn(2, 3).t())
state["tied"] = state["0.weight"]
state["part"] = state["0.weight"][1:3, ::2]
state["position_ids"] = torch.arange(77).expand((1, -1))
state["mask"] = torch.tensor([True, False])
state["double"] = torch.randn(3, dtype=torch.float64)
torch.save(state, f"{folder}/new.bin")
torch.save(state, f"{folder}/legacy.bin", _use_new_zipfile_serialization=False)
torch.save(state, f"{folder}/protocol4.bin", pickle_protocol=4)
class Evil:
    def __reduce__(self):
        import os
        return os.system, (f"touch {folder}/evil-ran",)
torch.save({"w": torch.zeros(2), "x": Evil()}, f"{folder}/evil.bin")
torch.save({"w": torch.zeros(2), "x": Evil()}, f"{folder}/evil-legacy.bin", _use_new_zipfile_serialization=False)
import json
json.dump({k: [list(v.shape), v.float().flatten().tolist()] for k, v in state.items()}, open(f"{folder}/expected.json", "w"))
`;
  it("reads the zip, the older layout and protocol 4, and runs none", async () => {
    execFileSync(python!, ["-c", script, folder]);
    const expected: Record<string, [number[], number[]]> = JSON.parse(
      readFileSync(join(folder, "expected.json"), "utf8"),
    );
    for (const file of ["new.bin", "legacy.bin", "protocol4.bin"]) {
      const tensors = await readTorchBin(join(folder, file));
      expect([...tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
      for (const [name, { shape, data }] of tensors)
        expect([shape, Array.from(data, Math.fround)], `${file} ${name}`).toEqual([
          expected[name]![0],
          expected[name]![1].map(Math.fround),
        ]);
    }
    for (const file of ["evil.bin", "evil-legacy.bin"])
      await expect(readTorchBin(join(folder, file))).rejects.toThrow("names posix.system");
    expect(existsSync(join(folder, "evil-ran"))).toBe(false);
    const legacy = readFileSync(join(folder, "legacy.bin"));
    writeFileSync(path, legacy.subarray(0, legacy.length - 1));
    await expect(readTorchBin(path)).rejects.toThrow(/expected a file of \d+ bytes/);
  });
});
