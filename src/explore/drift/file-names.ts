/** @file Files named by their prompts: lower case, `_` for spaces, `.png`; back again, too. */
import { createHash } from "node:crypto";
import { isImageName } from "../../data/list-files.ts";
import { canonical } from "./templates.ts";

/** What file systems do not take, and what the scheme itself says something by. */
const ESCAPED = /[%_~/\\:*?"<>|\u0000-\u001f\u007f]/g; // oxlint-disable-line no-control-regex
/** A name that begins with a dot is hidden; these are devices on Windows, whatever follows the first dot. */
const FIRST = /^(?:\.|(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?=\.|$))/;
/** Bytes: 255 is the most that file systems take, and a file that is being written has a longer name. */
const LONGEST = 200;
const KEPT = 170;
const CUT = /~[0-9a-f]{16}$/;

const escape = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;

/**
 * The file name of a prompt, study 000's scheme: `an_ultra_realistic_portrait_photo_of_a_person_sleeping.png`. What a
 * file system does not take, and `_`, `%` and `~`, become `%` and two hexadecimal digits. Names beyond 200 bytes are cut
 * and end in `~` and 16 digits of the SHA-256 of the prompt. Prompts that differ in case alone have one name.
 */
export function fileNameOf(prompt: string): string {
  const text = canonical(prompt);
  const stem = text
    .replace(ESCAPED, escape)
    .replaceAll(" ", "_")
    .replace(FIRST, (start) => escape(start) + start.slice(1));
  if (Buffer.byteLength(stem) <= LONGEST) return `${stem}.png`;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${beginning(stem)}~${hash}.png`;
}

/** So many whole characters as fit, and no half of an escape. */
function beginning(stem: string): string {
  let kept = "";
  for (const character of stem) {
    if (Buffer.byteLength(kept + character) > KEPT) break;
    kept += character;
  }
  return kept.replace(/%.?$/, "");
}

/**
 * The prompt that a file is named by, in lower case. Names that the study's own code wrote, without escapes, are read
 * as well. Null for a file that is no image by its name, and for a name that was cut: find that one among known prompts.
 */
export function promptOfFileName(name: string): string | null {
  const stem = name.replace(/\.[^.]*$/, "");
  if ((!isImageName(name) && !/\.bmp$/i.test(name)) || CUT.test(stem)) return null;
  const spaced = stem.replaceAll("_", " ");
  return canonical(
    spaced.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
  );
}
