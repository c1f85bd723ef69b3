/** @file Where a cache lies on this machine, and how large it may grow. */
import { homedir, platform } from "node:os";
import { join } from "node:path";

const GIGABYTE = 1e9;
export const DEFAULT_LIMIT_GB = 10;

/** Cache folders of users by operating system; elsewhere the XDG base directories. */
const HOMES: Readonly<Partial<Record<NodeJS.Platform, () => string>>> = {
  darwin: () => join(homedir(), "Library", "Caches", "equiclip"),
  win32: () =>
    join(process.env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "equiclip", "Cache"),
};
const xdg = (): string =>
  join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "equiclip");

/** `EQUICLIP_CACHE`, else where the operating system keeps caches. */
export const defaultCacheFolder = (): string =>
  process.env["EQUICLIP_CACHE"] || (HOMES[platform()] ?? xdg)();

/** A config's `cache` section. */
export interface CacheSettings {
  readonly enabled: boolean;
  readonly folder?: string | undefined;
  /** Gigabytes. */
  readonly limit: number;
}

/** Folder, and limit in bytes. */
export const placeOf = ({ folder, limit }: Omit<CacheSettings, "enabled">) => ({
  folder: folder ?? defaultCacheFolder(),
  limit: limit * GIGABYTE,
});
