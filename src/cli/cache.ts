/** @file `equiclip cache`: what is kept from run to run, and how to get rid of it. */
import type { Argv, CommandModule } from "yargs";
import { time } from "../report/format.ts";
import { cell, left, right } from "../report/tables/table.ts";
import { tableText } from "../report/terminal/table.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import {
  type CachedTable,
  type Prune,
  listCache,
  pruneCache,
  removeEmptyTables,
} from "../run/cache/files.ts";
import { defaultCacheFolder } from "../run/cache/folder.ts";
import { UsageError } from "../run/errors.ts";
import { jsonOption } from "./options.ts";

interface Args {
  folder: string | undefined;
  json: boolean | undefined;
}
interface PruneArgs extends Args {
  limit: string | undefined;
  older: string | undefined;
  all: boolean | undefined;
}

const common = (y: Argv): Argv<Args> =>
  y
    .option("folder", {
      type: "string",
      defaultDescription: "EQUICLIP_CACHE, else the operating system's",
      describe: "folder of the cache",
    })
    .option("json", jsonOption);

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const DAY = 86_400_000;
/** Hashes are told apart by their beginning. */
const short = (text: string): string => text.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, "$1");
const bytes = (count: number): string =>
  count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(2)} GB`;
/** What people tell tables apart by; `--json` has all of it. */
const shown = ({ about }: CachedTable): string =>
  Object.entries(about)
    .filter(([, value]) => !value.startsWith("{"))
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(", ");

function listText(folder: string, tables: readonly CachedTable[]): string {
  if (tables.length === 0) return `${folder}: nothing is cached`;
  const total = tables.reduce((sum, table) => sum + table.bytes, 0);
  return tableText(
    {
      title: `${folder}: ${bytes(total)}`,
      columns: [left("what"), left("of"), right("rows"), right("size"), left("last used")],
      rows: tables.map((table) => [
        cell(table.kind),
        cell(shown(table)),
        cell(String(table.rows)),
        cell(bytes(table.bytes)),
        cell(time(new Date(table.used).toISOString())),
      ]),
      notes: [],
    },
    terminalOf(process.stdout),
  );
}

const UNITS: Readonly<Record<string, number>> = { "": 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** Bytes of `5GB`, `200 MB` or a plain number. */
function byteSize(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([KMG]?B?)\s*$/i.exec(text) ?? [];
  const factor = UNITS[(unit ?? "").toUpperCase()];
  if (number === undefined || factor === undefined)
    throw new UsageError(`--limit: expected bytes, such as 500MB or 5GB, received "${text}"`);
  return Number(number) * factor;
}

function pruneOf({ limit, older, all }: PruneArgs): Prune {
  const given = [limit, older, all].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      `cache prune: expected one of --limit, --older and --all, received ${given.length || "none"}`,
    );
  if (limit !== undefined) return { limit: byteSize(limit) };
  if (older === undefined) return { limit: 0 };
  const days = older.trim() === "" ? NaN : Number(older);
  if (!(days >= 0)) throw new UsageError(`--older: expected days, such as 30, received "${older}"`);
  return { before: Date.now() - days * DAY };
}

const listCommand: CommandModule<object, Args> = {
  command: ["list", "$0"],
  describe: "print what is there: of which weights, how much, when it was last used",
  builder: (y) => common(y).example("$0 cache list --json", "every table, with its folder"),
  handler: async ({ folder = defaultCacheFolder(), json }) => {
    const tables = await listCache(folder);
    const told = tables.map((table) => ({ ...table, used: new Date(table.used).toISOString() }));
    print(json ? JSON.stringify({ folder, tables: told }) : listText(folder, tables));
  },
};

const pruneCommand: CommandModule<object, PruneArgs> = {
  command: "prune",
  describe: "remove what was not used for longest",
  builder: (y) =>
    common(y)
      .option("limit", { type: "string", describe: "keep at most so many bytes, such as 5GB" })
      .option("older", { type: "string", describe: "remove what was not used for so many days" })
      .option("all", { type: "boolean", describe: "remove everything" })
      .example("$0 cache prune --limit 5GB", "the last used 5 GB stay")
      .example("$0 cache prune --older 30", "what was not used for a month goes"),
  handler: async (args) => {
    const folder = args.folder ?? defaultCacheFolder();
    const { removed, bytes: rest } = await pruneCache(folder, pruneOf(args));
    await removeEmptyTables(folder);
    print(
      args.json
        ? JSON.stringify({ folder, removed, bytes: rest })
        : `${folder}: removed ${removed.files} files, ${bytes(removed.bytes)}; ${bytes(rest)} are left`,
    );
  },
};

export const cacheCommand: CommandModule = {
  command: "cache",
  describe: "list and prune what is kept from run to run",
  builder: (y) =>
    y
      .command(listCommand)
      .command(pruneCommand)
      .example("$0 cache", "what is there")
      .example("$0 cache prune --limit 5GB", "make room"),
  handler: () => {},
};
