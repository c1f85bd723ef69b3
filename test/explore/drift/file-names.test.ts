import fc from "fast-check";
import { expect, test } from "vitest";
import { fileNameOf, promptOfFileName } from "../../../src/explore/drift/file-names.ts";
import { canonical, quadrupletsOf } from "../../../src/explore/drift/templates.ts";

test("the study's names: lower case, underscores, .png; hyphens, digits and apostrophes stay", () => {
  const [neutral, young] = quadrupletsOf(
    [{ activity: "attending a child's 1st pick-up game", category: null }],
    "code",
  );
  expect(fileNameOf(neutral!.text)).toBe(
    "an_ultra_realistic_portrait_photo_of_a_person_attending_a_child's_1st_pick-up_game.png",
  );
  expect(promptOfFileName(fileNameOf(young!.text))).toBe(young!.text.toLowerCase());
});

test.each([
  ["a/b", "a%2fb.png"],
  ["a_b c", "a%5fb_c.png"],
  ["100% done", "100%25_done.png"],
  ["..", "%2e..png"],
  ["con", "%63on.png"],
  ["nul.x", "%6eul.x.png"],
  ["console", "console.png"],
  ["睡觉 Ärzte", "睡觉_ärzte.png"],
  ["a\u0308", "ä.png"],
  ["", ".png"],
])("%j is kept as %s", (text, name) => {
  expect(fileNameOf(text)).toBe(name);
});

test("C000-05: every text makes a legal name and comes back, in lower case", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string(), pieces), (text) => {
      const name = fileNameOf(text);
      expect(name).not.toMatch(/[/\\:*?"<>|\u0000-\u001f\u007f]/); // oxlint-disable-line no-control-regex
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(204);
      if (!name.includes("~")) expect(promptOfFileName(name)).toBe(canonical(text));
    }),
    { numRuns: 200 },
  );
});
const pieces = fc
  .array(fc.constantFrom("con", ".", "_", " ", "%", "%5f", "~", "'", "-", "7", "É", "ß", "é", "/"))
  .map((parts) => parts.join(""));

test("texts that differ have names that differ", () => {
  fc.assert(
    fc.property(pieces, pieces, (a, b) => {
      expect(fileNameOf(a) === fileNameOf(b)).toBe(canonical(a) === canonical(b));
    }),
    { numRuns: 500 },
  );
});

test("names too long for a file system are cut, and tell texts apart", () => {
  const long = (end: string) => "ß/".repeat(200) + end;
  const names = [fileNameOf(long("a")), fileNameOf(long("b"))];
  expect(names[0]).not.toBe(names[1]);
  expect(names[0]).toMatch(/^(ß%2f)+ß?~[0-9a-f]{16}\.png$/);
  expect(Buffer.byteLength(names[0]!)).toBeLessThan(200);
  expect(promptOfFileName(names[0]!)).toBeNull();
});

test("names from elsewhere: any image suffix, no escapes, decomposed characters", () => {
  expect(promptOfFileName("a_100%_sure_person.JPG")).toBe("a 100% sure person");
  expect(promptOfFileName("a\u0308.webp")).toBe("ä");
  expect(promptOfFileName("a_b.bmp")).toBe("a b");
  expect(promptOfFileName("notes.txt")).toBeNull();
  expect(promptOfFileName("png")).toBeNull();
});
