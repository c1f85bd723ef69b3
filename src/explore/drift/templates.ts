/** @file The prompts of a drift study: of every activity one that names no age, and one for each age. */
import type { TEMPLATE_SETS } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";

/** The group that names no age, and the ages in their order. */
export const GROUPS = ["neutral", "young", "middle", "older"] as const;
export type Group = (typeof GROUPS)[number];

/** What a person does in a picture. */
export interface Activity {
  /** Lower case, such as "waking up". */
  readonly activity: string;
  readonly category: string | null;
}

/** One prompt of a quadruplet. */
export interface Prompt extends Activity {
  /** Unique, and the same in every run: "waking up / older". */
  readonly id: string;
  readonly text: string;
  readonly group: Group;
}

/** The prompt of each group, with {activity} where the activity goes. */
export type Templates = Readonly<Record<Group, string>>;

const DOCUMENT: Templates = {
  neutral: "An ultra realistic portrait photo of a person {activity}",
  young: "An ultra realistic portrait photo of a 25 years-old young person {activity}",
  middle: "An ultra realistic portrait photo of a 45 year-old middle-aged person {activity}",
  older: "An ultra realistic portrait photo of a 75 years-old older person {activity}",
};

/**
 * Those of the study's text; of its code, where the middle one says "person" twice; and with the grammar of all three
 * ages mended and alike, for "25 years-old" beside "45 year-old" is a difference of its own.
 */
const TEMPLATES: Readonly<Record<(typeof TEMPLATE_SETS)[number], Templates>> = {
  document: DOCUMENT,
  code: {
    ...DOCUMENT,
    middle:
      "An ultra realistic portrait photo of a 45 year-old person middle-aged person {activity}",
  },
  grammatical: {
    neutral: DOCUMENT.neutral,
    young: "An ultra realistic portrait photo of a 25-year-old young person {activity}",
    middle: "An ultra realistic portrait photo of a 45-year-old middle-aged person {activity}",
    older: "An ultra realistic portrait photo of a 75-year-old older person {activity}",
  },
};

/** A text as prompts are compared and files are named: lower case, composed characters (NFC). */
export const canonical = (text: string): string => text.toLowerCase().normalize("NFC");

/** An activity as it stands in prompts: lower case, one space between words. */
export const activityText = (text: string): string => canonical(text).trim().replace(/\s+/g, " ");

/**
 * Four prompts an activity, in the order of GROUPS.
 * @param activities their texts may be in any case
 * @param templates a named set, or your own
 * @throws {UsageError} when a template lacks {activity}, or two prompts are the same text
 */
export function quadrupletsOf(
  activities: readonly Activity[],
  templates: (typeof TEMPLATE_SETS)[number] | Templates,
): Prompt[] {
  const set = typeof templates === "string" ? TEMPLATES[templates] : templates;
  for (const group of GROUPS)
    if (!set[group].includes("{activity}"))
      throw new UsageError(
        `templates.${group}: expected a prompt with {activity} in it, received "${set[group]}"`,
      );
  const seen = new Map<string, string>();
  return activities.flatMap((given) => {
    const activity = activityText(given.activity);
    if (activity === "") throw new UsageError("activities: expected words, received an empty one");
    return GROUPS.map((group) => {
      const text = set[group].replaceAll("{activity}", () => activity);
      const id = `${activity} / ${group}`;
      const earlier = seen.get(canonical(text));
      if (earlier !== undefined)
        throw new UsageError(
          `prompts: "${id}" and "${earlier}" are the same text, "${text}"; remove one of the activities, or let each template name its age`,
        );
      seen.set(canonical(text), id);
      return { id, text, group, activity, category: given.category };
    });
  });
}
