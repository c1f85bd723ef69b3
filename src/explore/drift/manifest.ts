/** @file The pictures of a drift study: a table that says what each shows, or a folder of files named by their prompts. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, posix, resolve } from "node:path";
import { isImageName, listFiles } from "../../data/list-files.ts";
import type { Manifest, Rejected, Row } from "../../data/row.ts";
import { UsageError } from "../../run/errors.ts";
import { parseTable } from "./activities.ts";
import { fileNameOf, promptOfFileName } from "./file-names.ts";
import { type Group, type Prompt, activityText, canonical, GROUPS } from "./templates.ts";

export interface Pictures {
  /** Rows have the labels group, activity and (where the activity has one) category, and the number seed if it is known. */
  readonly manifest: Manifest;
  /** What each row shows; its text is the one that the table gives, if it gives one. */
  readonly prompts: readonly Prompt[];
  /** Prompts without a picture, and why. */
  readonly missing: readonly { readonly prompt: Prompt; readonly reason: string }[];
  /** Images and records of no prompt of this study. */
  readonly unused: readonly string[];
}

/** What a file or a record turns out to be. */
type Found =
  | { readonly row: Row; readonly prompt: Prompt }
  | { readonly missing: Prompt; readonly reason: string }
  | { readonly rejected: Rejected }
  | { readonly unused: string };

/** Study 000's plots call them so. */
const ALIASES: Readonly<Record<string, Group>> = { "middle-aged": "middle", person: "neutral" };

/**
 * Finds the pictures of prompts. A table (.csv, .tsv) has the columns image (path relative to the table), and prompt, or
 * group and activity; seed if one likes. A folder has files named by `fileNameOf`. What a picture shows is what the
 * table says, or the known prompt that its name is: never words that an activity happens to contain. Several pictures
 * of one prompt are all taken.
 * @param mayBeEmpty whether nothing at all may be there, because missing pictures are drawn
 * @throws {UsageError} when there is nothing and `mayBeEmpty` is false, or a table lacks its columns
 */
export async function readPictures(
  path: string,
  prompts: readonly Prompt[],
  mayBeEmpty = false,
): Promise<Pictures> {
  const isTable = /\.[ct]sv$/i.test(path);
  const exists = (await stat(path).catch(() => null)) !== null;
  if (!exists && !mayBeEmpty)
    throw new UsageError(
      `${path}: no such ${isTable ? "file" : "folder"}; expected a table of pictures or a folder of them, check data.images`,
    );
  const found = !exists
    ? []
    : isTable
      ? await inTable(path, prompts)
      : await inFolder(path, prompts, mayBeEmpty);
  const shown = found.flatMap((item) => ("row" in item ? [item] : []));
  const drawn = new Set(shown.map(({ prompt }) => prompt.id));
  const reasons = new Map(
    found.flatMap((item) => ("missing" in item ? [[item.missing.id, item.reason] as const] : [])),
  );
  return {
    manifest: {
      source: path,
      rows: shown.map(({ row }) => row),
      rejected: found.flatMap((item) => ("rejected" in item ? [item.rejected] : [])),
    },
    prompts: shown.map(({ prompt }) => prompt),
    missing: prompts
      .filter(({ id }) => !drawn.has(id))
      .map((prompt) => ({
        prompt,
        reason:
          reasons.get(prompt.id) ??
          (isTable ? "no line in the table" : `no file ${fileNameOf(prompt.text)}`),
      })),
    unused: found.flatMap((item) => ("unused" in item ? [item.unused] : [])),
  };
}

function rowOf(
  id: string,
  path: string,
  { group, activity, category }: Prompt,
  seed: number | null,
): Row {
  return {
    id,
    path,
    labels: { group, activity, ...(category === null ? {} : { category }) },
    numbers: seed === null ? {} : { seed },
    split: null,
    weight: 1,
    origin: null,
    cluster: null,
  };
}

async function inFolder(
  folder: string,
  prompts: readonly Prompt[],
  mayBeEmpty: boolean,
): Promise<Found[]> {
  const files = await listFiles(folder).catch((problem: unknown) => {
    if (mayBeEmpty) return [];
    throw problem;
  });
  const byText = new Map(prompts.map((prompt) => [canonical(prompt.text), prompt]));
  const byName = new Map(prompts.map((prompt) => [stemOf(fileNameOf(prompt.text)), prompt]));
  return files.flatMap((id): Found[] => {
    const name = basename(id);
    const prompt = byName.get(stemOf(name)) ?? byText.get(promptOfFileName(name) ?? "");
    if (!prompt || OTHER_SETTINGS.test(id)) return isImageName(name) ? [{ unused: id }] : [];
    const reason = "expected an image (.jpg, .png, .webp, .tiff, .gif or .avif)";
    if (!isImageName(name)) return [{ rejected: { id, reason } }];
    return [{ row: rowOf(id, resolve(folder, id), prompt, null), prompt }];
  });
}

/** Folders in which pictures lie that were drawn a second time, with other settings than those beside them. */
const OTHER_SETTINGS = /(?:^|\/)settings-[^/]*\//;

const stemOf = (name: string): string =>
  name
    .replace(/\.[^.]*$/, "")
    .normalize("NFC")
    .toLowerCase();

async function inTable(path: string, prompts: readonly Prompt[]): Promise<Found[]> {
  const [header, ...records] = parseTable(path, await readFile(path, "utf8"));
  const names = (header?.record ?? []).map((name) => name.toLowerCase());
  const has = (name: string): boolean => names.includes(name);
  if (!has("image") || !(has("prompt") || (has("group") && has("activity"))))
    throw new UsageError(
      `${path}:1: expected the columns image, and prompt or group and activity; received ${names.join(", ") || "no header"}`,
    );
  const find = promptFinder(prompts);
  const seen = new Map<string, number>();
  return Promise.all(
    records.map(async ({ record, line }): Promise<Found> => {
      const cell = (name: string): string => record[names.indexOf(name)] ?? "";
      const image = cell("image");
      const rejected = (reason: string): Found => ({
        rejected: { id: image || `line ${line}`, reason: `${basename(path)}:${line}: ${reason}` },
      });
      if (image === "") return rejected("image: expected a path, received none");
      const file = resolve(dirname(resolve(path)), image);
      const earlier = seen.get(file);
      seen.set(file, earlier ?? line);
      if (earlier !== undefined) return rejected(`image: line ${earlier} has "${image}" already`);
      const seed = cell("seed") === "" ? null : Number(cell("seed"));
      if (seed !== null && !Number.isSafeInteger(seed))
        return rejected(`seed: expected a whole number, received "${cell("seed")}"`);
      const prompt = find(cell("prompt"), cell("group"), cell("activity"));
      if (prompt === null) return { unused: image };
      if (typeof prompt === "string") return rejected(prompt);
      if ((await stat(file).catch(() => null)) === null)
        return { missing: prompt, reason: `${image}: no such file` };
      return { row: rowOf(posix.normalize(image), file, prompt, seed), prompt };
    }),
  );
}

/** Makes the function that tells the prompt of a record: null for none of these, text for what is wrong with it. */
function promptFinder(
  prompts: readonly Prompt[],
): (text: string, group: string, activity: string) => Prompt | string | null {
  const byText = new Map(prompts.map((prompt) => [canonical(prompt.text), prompt]));
  const byPlace = new Map(prompts.map((prompt) => [`${prompt.group} ${prompt.activity}`, prompt]));
  return (text, group, activity) => {
    const named = byText.get(canonical(text)) ?? null;
    if (group === "" || activity === "")
      return text === ""
        ? "expected a prompt, or a group and an activity; received neither"
        : named;
    const known = GROUPS.find((one) => one === group.toLowerCase()) ?? ALIASES[group.toLowerCase()];
    if (!known) return `group: expected ${GROUPS.join(", ")}, received "${group}"`;
    const placed = byPlace.get(`${known} ${activityText(activity)}`) ?? null;
    if (named && named.id !== placed?.id)
      return `prompt: it is that of "${named.id}", but group and activity say "${known}" and "${activity}"`;
    return placed && text !== "" ? { ...placed, text } : placed;
  };
}
