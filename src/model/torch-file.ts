/**
 * @file The two containers of `torch.save`: a zip (torch 1.6 and later) and a run of pickles before raw storages (earlier).
 * Layouts: torch/serialization.py, `_save` and `_legacy_save`.
 */
import type { FileHandle } from "node:fs/promises";
import yauzl from "yauzl";
import { messageOf } from "../run/errors.ts";
import { DTYPES } from "./dtype.ts";
import { readRange, withFile } from "./file-range.ts";
import { readPickle } from "./pickle.ts";
import { torchWorld, type Refuse, type Storage } from "./torch-objects.ts";

/** What was saved, and where in the file each of its storages begins. */
interface TorchFile {
  readonly value: unknown;
  readonly begin: (storage: Storage) => number;
}

const bytesOf = ({ dtype, length }: Storage): number => length * DTYPES[dtype].bytes;

/** Opens `path`, hands over its contents, and closes it. */
export const withTorchFile = <T>(
  path: string,
  refuse: Refuse,
  use: (contents: TorchFile, file: FileHandle) => Promise<T>,
): Promise<T> =>
  withFile(path, async (file, size) => {
    const start = Buffer.from(await readRange(file, path, 0, Math.min(size, 4)));
    const contents = start.equals(Buffer.from("PK\x03\x04"))
      ? await openZip(file, path, refuse)
      : await openLegacy(file, path, size, refuse);
    return use(contents, file);
  });

/** `<root>/data.pkl` and `<root>/data/<key>`, stored without compression. */
async function openZip(file: FileHandle, path: string, refuse: Refuse): Promise<TorchFile> {
  const places = await zipPlaces(path).catch((cause: unknown) => {
    throw refuse(`its zip is damaged: ${messageOf(cause)}`, "download it again");
  });
  const pickle = [...places].find(([name]) => /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) throw refuse("its zip has no data.pkl");
  const root = pickle[0].slice(0, -"data.pkl".length);
  const read = async ({ begin, bytes }: Place): Promise<Buffer> =>
    Buffer.from(await readRange(file, path, begin, bytes));

  const order = places.get(`${root}byteorder`);
  if (order && (await read(order)).toString() !== "little")
    throw refuse("it was saved on a big-endian machine", "save it again on a little-endian one");
  const { value } = readPickle(await read(pickle[1]), torchWorld(new Map(), refuse));
  return {
    value,
    begin: (storage) => {
      const place = places.get(`${root}data/${storage.key}`);
      if (place?.bytes !== bytesOf(storage))
        throw refuse(
          `expected ${bytesOf(storage)} bytes in ${root}data/${storage.key}, received ${place?.bytes ?? "no such entry"}`,
          "download it again",
        );
      return place.begin;
    },
  };
}

/** Where an entry of the zip lies in the file. */
interface Place {
  readonly begin: number;
  readonly bytes: number;
}

async function zipPlaces(path: string): Promise<Map<string, Place>> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    const places = new Map<string, Place>();
    for await (const entry of zip.eachEntry()) {
      const { fileName, compressionMethod, uncompressedSize: bytes } = entry;
      if (compressionMethod !== 0)
        throw new Error(`${fileName} is compressed, which torch never does`);
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      places.set(fileName, { begin: fileDataStart, bytes });
    }
    return places;
  } finally {
    zip.close();
  }
}

const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
/** The pickles take about a hundred bytes a tensor; the storages after them are not read here. */
const LEGACY_PICKLES = 64 * 2 ** 20;

/** Five pickles (magic, protocol, system, objects, storage keys), then each storage: its length (8 bytes) and its numbers. */
async function openLegacy(
  file: FileHandle,
  path: string,
  size: number,
  refuse: Refuse,
): Promise<TorchFile> {
  const head = Buffer.from(await readRange(file, path, 0, Math.min(size, LEGACY_PICKLES)));
  const storages = new Map<string, Storage>();
  const world = torchWorld(storages, refuse);
  let position = 0;
  const next = (): unknown => {
    const { value, end } = readPickle(head.subarray(position), world);
    position += end;
    return value;
  };
  if (next() !== LEGACY_MAGIC) throw refuse("it was not written by torch.save");
  next(); // protocol
  const system = next();
  if (system instanceof Map && system.get("little_endian") === false)
    throw refuse("it was saved on a big-endian machine", "save it again on a little-endian one");
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw refuse("it lists no storages");

  const begins = new Map<unknown, number>();
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage) throw refuse(`it holds a storage "${String(key)}" that no tensor uses`);
    begins.set(key, position + 8);
    position += 8 + bytesOf(storage);
  }
  if (position !== size)
    throw refuse(`expected a file of ${position} bytes, received ${size}`, "download it again");
  return {
    value,
    begin: ({ key }) => {
      const begin = begins.get(key);
      if (begin === undefined) throw refuse(`its storage "${key}" is missing`);
      return begin;
    },
  };
}
