/** @file One record of a caption set, by the names of its columns: whatever set it is of, what it says and of whom. */
import { type Caption, GENDERS, genderNamed } from "./caption.ts";

export type CaptionRecord = Readonly<Record<string, unknown>>;
type Flags = Pick<Caption, "male" | "female">;

/** What is wrong with a record. */
export class BadRecord extends Error {}

const NEUTRAL = new Set(["gender-neutral", "neutral", "non-binary", "unknown", ""]);

/** Null for a label that is no gender. */
function flagsOf(label: string): Flags | null {
  const gender = genderNamed(label);
  return gender === null && !NEUTRAL.has(label)
    ? null
    : { male: gender === "male", female: gender === "female" };
}

/**
 * Classes by number, as Hugging Face's `md_gender_bias` has them. `gender` counts so only beside the columns of its
 * configs: other sets number men 0, and a label that is read wrong would not be seen.
 */
const CLASSES: readonly {
  readonly column: string;
  readonly beside: readonly string[];
  readonly names: readonly string[];
}[] = [
  { column: "labels", beside: [], names: dimensions("ABOUT", "PARTNER", "SELF") },
  { column: "binary_label", beside: [], names: dimensions("ABOUT") },
  {
    column: "gender",
    beside: ["persona", "chosen_topic"],
    names: ["gender-neutral", "female", "male"],
  },
  { column: "assigned_gender", beside: [], names: ["M", "F"] },
];

function dimensions(...names: readonly string[]): string[] {
  return names.flatMap((name) => [`${name}:female`, `${name}:male`]);
}

/** Columns that say of whom a text tells, the first that is there: two flags, or labels. */
const LABELS = ["labels", "binary_label", "gender", "assigned_gender"] as const;
const TEXTS = ["caption", "text", "sentence", "name"] as const;

/** Inferred labels of a lower score say nothing, as in ParlAI's own reader of them. */
const LEAST_SCORE = 0.8;

/** What the columns of a set are, once for all of its records. */
export type ReadRecord = (record: CaptionRecord, row: number) => readonly Caption[];

/**
 * - `word_masculine`, `word_feminine`: a pair (`gendered_words`)
 * - `sentid`, `sentence`: Winogender's sentences, `occupation.participant.answer.gender.txt`
 * - `occupation(0)`, `other-participant(1)`, `sentence`: Winogender's templates, a pair each
 * - a text (`caption`, `text`, `sentence`, `name`) beside flags (`male`, `female`) or labels
 * @returns null when the columns say neither
 */
export function recordReader(columns: readonly string[]): ReadRecord | null {
  const has = (...names: readonly string[]): boolean =>
    names.every((name) => columns.includes(name));
  if (has("word_masculine", "word_feminine"))
    return (record, row) => [
      { text: textOf(record, "word_masculine"), male: true, female: false, pair: `${row}` },
      { text: textOf(record, "word_feminine"), male: false, female: true, pair: `${row}` },
    ];
  if (has("sentid", "sentence")) return winogender;
  if (has("occupation(0)", "other-participant(1)", "sentence")) return winogenderTemplate;
  const text = TEXTS.find((name) => has(name));
  if (text === undefined) return null;
  if (has("male", "female"))
    return (record) => [
      {
        text: textOf(record, text),
        male: flagOf(record, "male"),
        female: flagOf(record, "female"),
        pair: null,
      },
    ];
  const label = LABELS.find((name) => has(name));
  if (label === undefined) return null;
  const names = CLASSES.find(
    ({ column, beside }) =>
      column === label && (beside.length === 0 || beside.some((name) => has(name))),
  )?.names;
  return (record) => [
    {
      text: textOf(record, text),
      ...(isUnsure(record) ? flagsOf("")! : labelled(label, record[label], names ?? [])),
      pair: null,
    },
  ];
}

const isUnsure = ({ binary_score: score }: CaptionRecord): boolean =>
  score != null && score !== "" && Number(score) < LEAST_SCORE;

function winogender(record: CaptionRecord): readonly Caption[] {
  const id = textOf(record, "sentid");
  const [, pair, gender] = /^(.+)\.(male|female|neutral)(?:\.txt)?$/.exec(id) ?? [];
  if (pair === undefined)
    throw new BadRecord(
      `column "sentid": expected a name such as nurse.patient.1.female.txt, received "${id}"`,
    );
  return [{ text: textOf(record, "sentence"), ...flagsOf(gender!)!, pair }];
}

const PRONOUNS = {
  male: { NOM: "he", ACC: "him", POSS: "his" },
  female: { NOM: "she", ACC: "her", POSS: "her" },
} as const;

function winogenderTemplate(record: CaptionRecord, row: number): readonly Caption[] {
  const template = textOf(record, "sentence")
    .replaceAll("$OCCUPATION", () => textOf(record, "occupation(0)"))
    .replaceAll("$PARTICIPANT", () => textOf(record, "other-participant(1)"));
  return GENDERS.map((gender) => ({
    text: template.replaceAll(
      /\$(NOM|ACC|POSS)_PRONOUN/g,
      (_, of: keyof (typeof PRONOUNS)["male"]) => PRONOUNS[gender][of],
    ),
    ...flagsOf(gender)!,
    pair: `${row}`,
  }));
}

function textOf(record: CaptionRecord, column: string): string {
  const value = record[column];
  const text = typeof value === "string" ? value.trim().replaceAll(/\s+/g, " ") : "";
  if (text === "")
    throw new BadRecord(`column "${column}": expected a text, received ${shown(value)}`);
  return text;
}

const YES: ReadonlyMap<string, boolean> = new Map([
  ...["true", "1", "yes"].map((name) => [name, true] as const),
  ...["false", "0", "no"].map((name) => [name, false] as const),
]);

function flagOf(record: CaptionRecord, column: string): boolean {
  const value = record[column];
  const flag = YES.get(String(value).toLowerCase());
  if (flag === undefined)
    throw new BadRecord(`column "${column}": expected true or false, received ${shown(value)}`);
  return flag;
}

/** All that a label, or a list of them, says: of the person told about, not of who speaks or listens. */
function labelled(column: string, value: unknown, names: readonly string[]): Flags {
  const flags = labelsOf(value).map((label) => {
    const name = /^\d+$/.test(label) ? names[Number(label)] : label;
    const about = name?.toLowerCase().replace(/^about:/, "");
    const found = about === undefined ? null : flagsOf(/^(self|partner):/.test(about) ? "" : about);
    if (found === null)
      throw new BadRecord(
        `column "${column}": expected male, female, neutral or ABOUT:male, ABOUT:female, ABOUT:gender-neutral, received "${label}"`,
      );
    return found;
  });
  return {
    male: flags.some(({ male }) => male),
    female: flags.some(({ female }) => female),
  };
}

/** Of an array, of its text in CSV (`['ABOUT:male']`, `[1 4]`) or of ParlAI's list (`a|b`). */
const labelsOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.map(String)
    : typeof value === "string"
      ? (value.match(/[\w:-]+/g) ?? [""])
      : [value == null ? "" : String(value)];

const shown = (value: unknown): string =>
  value == null ? "nothing" : `"${String(value).slice(0, 40)}"`;
