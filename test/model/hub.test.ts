/** @file The Hub: download into the standard cache, offline from it, and every way a download can fail. */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchFromHub } from "../../src/model/hub.ts";
import { readSafetensors, writeSafetensors } from "../../src/model/safetensors.ts";
import { EquiclipError } from "../../src/run/errors.ts";
import { python } from "../golden.ts";
import { serveHub, type HubServer } from "../hub-server.ts";

const id = "someone/tiny-clip";
let hub: HubServer;
let source: string;
let cacheDir: string;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-hub-"));
  source = join(folder, "repository");
  cacheDir = join(folder, "cache");
  mkdirSync(source);
  writeFileSync(join(source, "config.json"), '{"model_type":"clip"}');
  writeFileSync(join(source, "vocab.json"), '{"ü":0}');
  writeFileSync(join(source, "preprocessor_config.json"), "{}");
  writeFileSync(join(source, "README.md"), "not needed");
  writeFileSync(join(source, "flax_model.msgpack"), "not needed");
  await writeSafetensors(
    join(source, "model.safetensors"),
    new Map([
      ["w", { shape: [5000], data: Float32Array.from({ length: 5000 }, (_, i) => Math.sqrt(i)) }],
    ]),
  );
  hub = await serveHub(id, source);
  for (const name of ["HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE"]) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

const fetched = (revision?: string): Promise<string> =>
  fetchFromHub(id, { revision, cacheDir, hubUrl: hub.url });
const failure = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(thrown).toBeInstanceOf(EquiclipError);
  expect(String(thrown)).not.toContain("\n");
  return String(thrown);
};
const filesUnder = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }).sort() : [];

describe("download", () => {
  it("lays the cache out as Python does, with the needed files alone", async () => {
    const progress: [number, number][] = [];
    const folder = await fetchFromHub(id, {
      cacheDir,
      hubUrl: `${hub.url}/`,
      onProgress: (received, total) => void progress.push([received, total]),
    });
    const cache = join(cacheDir, "models--someone--tiny-clip");
    expect(folder).toBe(join(cache, "snapshots", hub.commit));
    expect(readdirSync(folder).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "preprocessor_config.json",
      "vocab.json",
    ]);
    for (const name of readdirSync(folder)) {
      expect(readFileSync(join(folder, name)).equals(readFileSync(join(source, name)))).toBe(true);
      expect(realpathSync(join(folder, name))).toContain(join(cache, "blobs"));
    }
    expect(readFileSync(join(cache, "refs", "main"), "utf8")).toBe(hub.commit);
    const size = readFileSync(join(source, "model.safetensors")).length;
    expect(progress.at(-1)).toEqual([size, size]);
  });

  it.skipIf(!python)(
    "is a cache that Python's huggingface_hub reads (EQUICLIP_PYTHON)",
    async () => {
      await fetched();
      const script = `from huggingface_hub import snapshot_download, scan_cache_dir
import sys
print(snapshot_download(sys.argv[1], cache_dir=sys.argv[2], local_files_only=True))
print(scan_cache_dir(sys.argv[2]).warnings)`;
      const [folder, warnings] = execFileSync(python!, ["-c", script, id, cacheDir], {
        encoding: "utf8",
      }).split("\n");
      expect([folder, warnings]).toEqual([
        join(cacheDir, "models--someone--tiny-clip", "snapshots", hub.commit),
        "[]",
      ]);
    },
  );

  it("fetches every shard that the index names", async () => {
    await hub.close();
    const [w1, w2] = [1, 2].map(
      (x) => new Map([[`w${x}`, { shape: [], data: Float32Array.of(x) }]]),
    );
    await writeSafetensors(join(source, "a.safetensors"), w1!);
    await writeSafetensors(join(source, "b.safetensors"), w2!);
    rmSync(join(source, "model.safetensors"));
    writeFileSync(
      join(source, "model.safetensors.index.json"),
      JSON.stringify({ weight_map: { w1: "a.safetensors", w2: "b.safetensors" } }),
    );
    hub = await serveHub(id, source);
    expect(readdirSync(await fetched()).sort()).toEqual([
      "a.safetensors",
      "b.safetensors",
      "config.json",
      "model.safetensors.index.json",
      "preprocessor_config.json",
      "vocab.json",
    ]);
  });

  it("sends the token", async () => {
    await hub.close();
    hub = await serveHub(id, source, "hf_right");
    expect(await failure(fetched())).toMatch(/answered 401.*HF_TOKEN/);
    vi.stubEnv("HF_TOKEN", "hf_right");
    expect(existsSync(join(await fetched(), "config.json"))).toBe(true);
  });

  it("takes endpoint and cache from the environment", async () => {
    vi.stubEnv("HF_ENDPOINT", hub.url);
    vi.stubEnv("HF_HUB_CACHE", cacheDir);
    expect(await fetchFromHub(id)).toBe(await fetched());
  });
});

describe("cache", () => {
  it("serves a branch when the Hub is gone, and a commit without asking", async () => {
    const folder = await fetched();
    const asked = hub.requests.length;
    expect(await fetched(hub.commit)).toBe(folder);
    expect(hub.requests.length).toBe(asked);
    await hub.close();
    expect(await fetched()).toBe(folder);
    expect(await fetched("main")).toBe(folder);
  });

  it("is completed where Python left out tokenizer and image processor", async () => {
    const folder = await fetched(hub.commit);
    rmSync(join(folder, "vocab.json"));
    expect(await fetched(hub.commit)).toBe(folder);
    expect(existsSync(join(folder, "vocab.json"))).toBe(true);
  });

  it("does not download twice, and follows a branch that moved", async () => {
    const first = await fetched();
    const heavy = () => hub.requests.filter((request) => /resolve|cdn/.test(request)).length;
    const before = heavy();
    await fetched();
    expect(heavy()).toBe(before);
    await hub.close();
    writeFileSync(join(source, "config.json"), '{"model_type":"clip","changed":1}');
    hub = await serveHub(id, source);
    const second = await fetched();
    expect(second).not.toBe(first);
    expect(hub.requests.filter((request) => request.includes("cdn"))).toEqual([]); // the blob is shared
    expect(readFileSync(join(second, "config.json"), "utf8")).toContain("changed");
  });

  it("is asked for alone with HF_HUB_OFFLINE", async () => {
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    expect(await failure(fetched())).toContain("HF_HUB_OFFLINE is set");
    expect(hub.requests).toEqual([]);
    vi.stubEnv("HF_HUB_OFFLINE", undefined);
    const folder = await fetched();
    vi.stubEnv("HF_HUB_OFFLINE", "1");
    expect(await fetched()).toBe(folder);
  });

  it("is not trusted when a file of the snapshot is missing", async () => {
    const folder = await fetched();
    rmSync(join(folder, "model.safetensors"));
    await hub.close();
    expect(await failure(fetched())).toContain("is not whole in the cache");
  });
});

describe("failures", () => {
  it("names id, cache folder and the local way when there is no network", async () => {
    await hub.close();
    const message = await failure(fetched());
    for (const part of [id, hub.url, "ECONNREFUSED", cacheDir, "local model folder"])
      expect(message).toContain(part);
  });

  it.each(["breakDownloads", "corruptDownloads"] as const)(
    "%s: nothing is kept, and the next try succeeds",
    async (how) => {
      hub[how](true);
      expect(await failure(fetched())).toMatch(/someone\/tiny-clip.*(terminated|digest)/);
      const kept = filesUnder(cacheDir);
      expect(kept.filter((name) => /incomplete|model\.safetensors|refs/.test(name))).toEqual([]);
      hub[how](false);
      const weights = await readSafetensors(join(await fetched(), "model.safetensors"));
      expect(weights.get("w")!.data[4]).toBe(2);
    },
  );

  it("says when model or revision do not exist, whatever the cache holds", async () => {
    await fetched();
    expect(await failure(fetchFromHub("someone/other", { cacheDir, hubUrl: hub.url }))).toMatch(
      /someone\/other.*no such model/,
    );
    expect(await failure(fetched("v9"))).toMatch(/revision v9.*no such model or revision/);
  });

  it("says when a repository is no model", async () => {
    await hub.close();
    rmSync(join(source, "model.safetensors"));
    hub = await serveHub(id, source);
    expect(await failure(fetched())).toMatch(
      /expected config\.json and one of model\.safetensors.*received README\.md/,
    );
  });

  it("says when the cache cannot be written", async () => {
    writeFileSync(cacheDir, "a file");
    const message = await failure(fetched());
    expect(message).toMatch(/cannot be stored in the cache .*(ENOTDIR|EEXIST).*HF_HUB_CACHE/);
    expect(message).toContain(cacheDir);
  });
});
