/** @file Models from the Hugging Face Hub: fetched once into the standard cache, and from then on read without network. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  downloadFile,
  getHFHubCachePath,
  HUB_URL,
  HubApiError,
  modelInfo,
  pathsInfo,
} from "@huggingface/hub";
import { EquiclipError, messageOf } from "../run/errors.ts";
import {
  cachedCommit,
  isCommit,
  modelCache,
  rememberCommit,
  snapshotFolder,
  storeFile,
  type RemoteFile,
} from "./hub-cache.ts";
import { TOKENIZER_FILES } from "./tokenizer-files.ts";
import { chooseWeightFile, readShardNames, weightFileNames } from "./weight-files.ts";

export interface HubOptions {
  /** Branch, tag or commit; `main` by default. A commit that is whole in the cache is not looked up again. */
  readonly revision?: string | undefined;
  /** `HF_HUB_CACHE`, `HF_HOME/hub` or `~/.cache/huggingface/hub` by default. */
  readonly cacheDir?: string | undefined;
  /** `HF_ENDPOINT` or https://huggingface.co by default. */
  readonly hubUrl?: string | undefined;
  /** `HF_TOKEN` by default. */
  readonly token?: string | undefined;
  /** Told after every chunk of the weights: bytes so far and in all. */
  readonly onProgress?: ((received: number, total: number) => void) | undefined;
}

const PROCESSOR_FILES = ["preprocessor_config.json", "processor_config.json"];
/** What a CLIP needs besides weights, as far as the repository has it. */
const SMALL_FILES = ["config.json", ...PROCESSOR_FILES, ...TOKENIZER_FILES];

/** A repository at one commit, with what the client needs to ask about it. */
interface Remote {
  readonly repo: string;
  readonly revision: string;
  readonly hubUrl: string;
  readonly accessToken?: string;
}

/**
 * The local folder of a model of the Hub, downloading what is not in the cache. Without network (or with `HF_HUB_OFFLINE=1`)
 * the commit that was fetched last is used. Throws EquiclipError when the model is neither to be had nor in the cache.
 */
export async function fetchFromHub(id: string, options: HubOptions = {}): Promise<string> {
  const { revision = "main", cacheDir = getHFHubCachePath(), onProgress } = options;
  const cache = modelCache(cacheDir, id);
  const cached = await cachedSnapshot(cache, revision);
  if (cached && isCommit(revision) && hasProcessors(cached)) return cached;

  const token = options.token ?? process.env["HF_TOKEN"];
  const remote = {
    repo: id,
    hubUrl: (options.hubUrl ?? process.env["HF_ENDPOINT"] ?? HUB_URL).replace(/\/$/, ""),
    ...(token && { accessToken: token }),
  };
  const fail = (cause: unknown): EquiclipError =>
    explain(cause, id, revision, remote.hubUrl, cacheDir);
  let found: Awaited<ReturnType<typeof lookUp>>;
  try {
    found = await lookUp(remote, revision);
  } catch (cause) {
    if (cached && !isRefusal(cause)) return cached;
    throw fail(cause);
  }
  try {
    await download({ ...remote, revision: found.sha }, new Set(found.filePaths), cache, onProgress);
    await rememberCommit(cache, revision, found.sha);
    return snapshotFolder(cache, found.sha);
  } catch (cause) {
    throw fail(cause);
  }
}

/** The commit that a revision stands for, and its files. */
async function lookUp(remote: Omit<Remote, "revision">, revision: string) {
  if (isOffline()) throw new Error("HF_HUB_OFFLINE is set");
  return modelInfo({
    ...remote,
    name: remote.repo,
    revision,
    additionalFields: ["sha", "filePaths"],
  });
}

const isOffline = (): boolean => /^(1|on|yes|true)$/i.test(process.env["HF_HUB_OFFLINE"] ?? "");

/** The Hub answered, and the answer was no: a cached copy would hide a wrong name or a withdrawn model. */
const isRefusal = (cause: unknown): cause is HubApiError =>
  cause instanceof HubApiError && cause.statusCode >= 400 && cause.statusCode < 500;

/** The cached snapshot of a revision if it has a config and whole weights, else null. */
async function cachedSnapshot(cache: string, revision: string): Promise<string | null> {
  const commit = await cachedCommit(cache, revision);
  const folder = commit && snapshotFolder(cache, commit);
  if (!folder || !existsSync(join(folder, "config.json"))) return null;
  const weights = chooseWeightFile((name) => existsSync(join(folder, name)));
  if (!weights) return null;
  const shards = weights.index ? await readShardNames(join(folder, weights.name)) : [];
  return shards.every((name) => existsSync(join(folder, name))) ? folder : null;
}

/** Python may have cached a model's weights without these; then the Hub is asked for them. */
const hasProcessors = (folder: string): boolean =>
  PROCESSOR_FILES.some((name) => existsSync(join(folder, name))) &&
  TOKENIZER_FILES.some((name) => existsSync(join(folder, name)));

/** Fetches config, tokenizer and weights of one commit into its snapshot folder. */
async function download(
  remote: Remote,
  available: ReadonlySet<string>,
  cache: string,
  onProgress: HubOptions["onProgress"],
): Promise<void> {
  const weights = chooseWeightFile((name) => available.has(name));
  if (!available.has("config.json") || !weights)
    throw new EquiclipError(
      `${remote.repo} is no model that can be loaded: expected config.json and one of ${weightFileNames}, received ${[...available].slice(0, 8).join(", ") || "an empty repository"}; choose another id`,
    );
  const folder = snapshotFolder(cache, remote.revision);
  const small = SMALL_FILES.filter((name) => available.has(name));
  const first = weights.index ? [...small, weights.name] : small;
  await fetchFiles(remote, cache, first, undefined);
  const large = weights.index ? await readShardNames(join(folder, weights.name)) : [weights.name];
  await fetchFiles(remote, cache, large, onProgress);
}

async function fetchFiles(
  remote: Remote,
  cache: string,
  names: readonly string[],
  onProgress: HubOptions["onProgress"],
): Promise<void> {
  const missing = names.filter(
    (name) => !existsSync(join(snapshotFolder(cache, remote.revision), name)),
  );
  if (missing.length === 0) return;
  const files: RemoteFile[] = (await pathsInfo({ ...remote, paths: missing })).map(
    ({ path, size, oid, lfs }) => ({ name: path, size, etag: lfs?.oid ?? oid ?? "none" }),
  );
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let received = 0;
  for (const name of missing) {
    const file = files.find((candidate) => candidate.name === name);
    if (!file) throw new EquiclipError(`${remote.repo} lists ${name} but does not hold it`);
    const open = async (): Promise<Blob> => {
      const content = await downloadFile({ ...remote, path: name });
      if (!content) throw new EquiclipError(`${remote.repo} lists ${name} but does not hold it`);
      return content;
    };
    await storeFile(cache, remote.revision, file, open, (count) =>
      onProgress?.((received += count), total),
    );
  }
}

/** One line: which id, why, which cache folder, how to do without. */
function explain(
  cause: unknown,
  id: string,
  revision: string,
  hubUrl: string,
  cacheDir: string,
): EquiclipError {
  const local = "or pass the path of a local model folder instead of the id";
  const what = `model ${id} (revision ${revision})`;
  if (cause instanceof HubApiError && [401, 403].includes(cause.statusCode))
    return new EquiclipError(
      `${what}: ${hubUrl} answered ${cause.statusCode}: it is private, gated, or does not exist; check the id, set HF_TOKEN to a token that may read it, ${local}`,
      1,
      { cause },
    );
  if (cause instanceof HubApiError && cause.statusCode === 404)
    return new EquiclipError(
      `${what}: ${hubUrl} has no such model or revision; check the id, ${local} (a relative one starts with ./)`,
      1,
      { cause },
    );
  if (cause instanceof EquiclipError)
    return new EquiclipError(`${what}: ${cause.message}`, cause.exitCode, { cause });
  if (cause instanceof Error && "syscall" in cause)
    return new EquiclipError(
      `${what}: cannot be stored in the cache ${cacheDir} (${cause.message}); free space there, set HF_HUB_CACHE to a folder that can be written, ${local}`,
      1,
      { cause },
    );
  const detail = cause instanceof Error && cause.cause ? `: ${messageOf(cause.cause)}` : "";
  return new EquiclipError(
    `${what}: cannot be fetched from ${hubUrl} (${messageOf(cause).split("\n")[0]}${detail}) and is not whole in the cache ${cacheDir}; connect and try again, set HF_HUB_CACHE to a cache that has it, ${local}`,
    1,
    { cause },
  );
}
