/** @file Where the bench keeps what it makes once: Python's libraries, models of random weights. */
import { homedir } from "node:os";
import { join } from "node:path";

export const cacheFolder = (name: string): string =>
  join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "equiclip", name);
