/** @file The page of an exploration in a real browser: hover, filters, highlight, lasso, search, zoom; nothing logged or fetched. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExplorePage } from "../../../src/report/explore/page-data.ts";
import { explorePageHtml } from "../../../src/report/explore/page.ts";
import * as own from "../../../src/report/explore/script.ts";
import { escapeHtml } from "../../../src/report/html/template.ts";
import { type Chromium, type Tab, hasChromium, startChromium } from "./chromium.ts";
import { facesPage, manyPage } from "./sample-page.ts";

const WIDTH = 1360;
const HEIGHT = 1100;
const SHIFT = 8;

/** Where points lie in the window. */
async function places(tab: Tab, coordinates: Float32Array) {
  const { x, y, width, height, view } = await tab.read<Record<string, number> & { view: string }>(
    `(() => {
      const stage = document.getElementById("x-stage");
      const { x, y, width, height } = document.getElementById("x-above").getBoundingClientRect();
      return { x, y, width, height, view: stage.dataset.view };
    })()`,
  );
  const [cx, cy, scale] = (view as unknown as string).split(" ").map(Number);
  return (point: number): [number, number] => [
    x! + width! / 2 + (coordinates[2 * point]! - cx!) * scale!,
    y! + height! / 2 - (coordinates[2 * point + 1]! - cy!) * scale!,
  ];
}

const choose = (tab: Tab, selector: string, value: string | number) =>
  tab.read(
    `(() => {
      const select = document.querySelector(${JSON.stringify(selector)});
      select.value = ${JSON.stringify(String(value))};
      select.dispatchEvent(new Event("change"));
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    })()`,
  );

const shown = (tab: Tab) =>
  tab.read<number>(`Number(document.getElementById("x-stage").dataset.shown)`);
const text = (tab: Tab, id: string) =>
  tab.read<string>(`document.getElementById("${id}").textContent`);
/** Pixels of the points' canvas that have colour, and how strong the strongest is. */
const ink = (tab: Tab) =>
  tab.read<{ pixels: number; alpha: number }>(
    `(() => {
      const canvas = document.getElementById("x-points");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let pixels = 0, alpha = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) { pixels++; alpha = Math.max(alpha, data[i]); }
      return { pixels, alpha };
    })()`,
  );
const press = (tab: Tab, selector: string, isShift = false) =>
  tab.read(
    `(() => {
      document.querySelector(${JSON.stringify(selector)}).dispatchEvent(
        new MouseEvent("click", { bubbles: true, shiftKey: ${isShift} }));
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    })()`,
  );

describe.skipIf(!hasChromium())("in Chromium", () => {
  let chromium: Chromium;
  let page: ExplorePage;
  let tab: Tab;
  const umap = () => page.maps[0]!.coordinates;
  const codes = (facet: number) => page.facets[facet]!.codes;

  beforeAll(async () => {
    chromium = startChromium();
    page = await facesPage(200);
    tab = await chromium.open(await explorePageHtml(page), WIDTH, HEIGHT);
  });
  afterAll(async () => {
    expect(tab.logged).toEqual([]);
    expect(tab.fetched).toEqual([]);
    await chromium.close();
  });

  it("shows the card of the point under the pointer, with its picture", async () => {
    const at = await places(tab, umap());
    await tab.mouse("mouseMoved", 5, 5);
    await tab.mouse("mouseMoved", ...at(12));
    const card = await text(tab, "x-card");
    for (const part of [page.ids[12]!, page.texts![12]!, "group", "middle"])
      expect(card).toContain(part);
    const drawn = `new Promise((done) => { const wait = () => document.querySelector("#x-card canvas[data-drawn]") ? done(true) : setTimeout(wait, 20); wait(); })`;
    expect(await tab.read(drawn)).toBe(true);
    const colour = await tab.read<number[]>(
      `[...document.querySelector("#x-card canvas").getContext("2d").getImageData(36, 36, 1, 1).data]`,
    );
    const { data } = await sharp(page.thumbnails![12]!).raw().toBuffer({ resolveWithObject: true });
    for (const c of [0, 1, 2])
      expect(Math.abs(colour[c]! - data[3 * (36 * 72 + 36) + c]!)).toBeLessThan(24);
  });

  it("keeps a card that was clicked until Escape", async () => {
    const at = await places(tab, umap());
    await tab.click(...at(12));
    await tab.mouse("mouseMoved", 5, 5);
    expect(await text(tab, "x-card")).toContain(page.ids[12]!);
    await tab.key("Escape");
    expect(await tab.read(`document.getElementById("x-card").hidden`)).toBe(true);
  });

  it("leaves only the points of an activity, or fades the others", async () => {
    await choose(tab, '#x-filters [data-facet="3"]', 4);
    expect(await shown(tab)).toBe(4);
    expect(await text(tab, "x-status")).toBe("4 of 200 points shown");
    const at = await places(tab, umap());
    const [inside, outside] = [4 * 4, 0];
    await tab.mouse("mouseMoved", ...at(inside));
    expect(await text(tab, "x-card")).toContain(page.ids[inside]!);
    await tab.mouse("mouseMoved", ...at(outside));
    expect(await text(tab, "x-card")).not.toContain(page.ids[outside]!);
    const yellow = await tab.read<number[]>(
      `(() => { const c = document.getElementById("x-above"); const r = c.getBoundingClientRect();
        return [...c.getContext("2d").getImageData(${at(inside)[0] - 6} - r.x, ${at(inside)[1]} - r.y, 1, 1).data]; })()`,
    );
    expect(yellow.slice(0, 3)).toEqual([255, 214, 10]);
    await press(tab, "#x-faint");
    expect(await shown(tab)).toBe(200);
    await press(tab, "#x-faint");
    await choose(tab, '#x-filters [data-facet="3"]', "");
    expect(await shown(tab)).toBe(200);
  });

  it("hides a value of the legend by a click and highlights one by shift-click", async () => {
    await press(tab, "#x-layers input");
    await press(tab, "#x-layers label:nth-child(2) input");
    const rows = codes(0).filter((code) => code === 1).length;
    const all = await ink(tab);
    await press(tab, '#x-legend [data-code="1"] .value');
    expect(await shown(tab)).toBe(200 - rows);
    expect((await ink(tab)).pixels).toBeLessThan(all.pixels);
    await press(tab, '#x-legend [data-code="1"] .value');
    await press(tab, '#x-legend [data-code="1"] .value', true);
    expect(await shown(tab)).toBe(200);
    const at = await places(tab, umap());
    const alphaAt = (point: number) =>
      tab.read<number>(
        `(() => { const c = document.getElementById("x-points"); const r = c.getBoundingClientRect();
          return c.getContext("2d").getImageData(${at(point)[0]} - r.x, ${at(point)[1]} - r.y, 1, 1).data[3]; })()`,
      );
    const one = codes(0).indexOf(1);
    const other = codes(0).indexOf(0);
    expect(await alphaAt(one)).toBeGreaterThan(170);
    expect(await alphaAt(other)).toBeLessThan(90);
    await press(tab, "#x-all-values");
    expect(await alphaAt(other)).toBeGreaterThan(170);
  });

  it("lists what a lasso goes round, with shares and lift", async () => {
    const at = await places(tab, umap());
    const members = [...codes(0).keys()].filter((i) => codes(0)[i] === 2);
    const spots = members.map(at);
    const [xs, ys] = [spots.map(([x]) => x), spots.map(([, y]) => y)];
    const [left, right] = [Math.min(...xs) - 6, Math.max(...xs) + 6];
    const [top, bottom] = [Math.min(...ys) - 6, Math.max(...ys) + 6];
    const expected = [...page.ids.keys()].filter((i) => {
      const [x, y] = at(i);
      return x > left && x < right && y > top && y < bottom;
    });
    await tab.drag(
      [
        [left, top],
        [right, top],
        [right, bottom],
        [left, bottom],
      ],
      SHIFT,
    );
    expect(await text(tab, "x-selected")).toBe(`${expected.length} points within the lasso`);
    const listed = await tab.read<string[]>(
      `[...document.querySelectorAll("#x-selection .list .name")].map((item) => item.textContent)`,
    );
    expect(listed).toEqual(expected.map((i) => page.ids[i]));
    const [row] = await tab.read<string[][]>(
      `[...document.querySelectorAll("#x-selection .shares:first-child tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent))`,
    );
    const inside = expected.filter((i) => codes(0)[i] === 2).length;
    const share = inside / expected.length;
    const ofAll = members.length / 200;
    expect(row).toEqual([
      page.facets[0]!.values[2],
      String(inside),
      `${(100 * share).toFixed(1)}%`,
      `${(100 * ofAll).toFixed(1)}%`,
      (share / ofAll).toFixed(2),
    ]);
    await press(tab, "#x-clear");
    expect(await tab.read(`document.querySelectorAll("#x-selection *").length`)).toBe(0);
  });

  it("finds ids and texts", async () => {
    await tab.read(
      `(() => { const box = document.getElementById("x-search"); box.value = "ACTIVITY 03"; box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" })); })()`,
    );
    const listed = await tab.read<string[]>(
      `[...document.querySelectorAll("#x-selection .list .name")].map((item) => item.textContent)`,
    );
    const expected = page.ids.filter((_, i) => page.texts![i]?.includes("activity 03"));
    expect(listed).toEqual(expected);
  });

  it("moves and zooms by pointer, wheel, buttons and keys, and goes back", async () => {
    const view = () => tab.read<string>(`document.getElementById("x-stage").dataset.view`);
    await press(tab, "#x-reset");
    const whole = await view();
    const before = (await places(tab, umap()))(12);
    await tab.drag([
      [500, 600],
      [560, 640],
    ]);
    const after = (await places(tab, umap()))(12);
    expect(after[0] - before[0]).toBeCloseTo(60, 1);
    expect(after[1] - before[1]).toBeCloseTo(40, 1);
    await tab.mouse("mouseWheel", after[0], after[1], { deltaX: 0, deltaY: -200 });
    const nearer = (await places(tab, umap()))(12);
    // the wheel's place is in whole pixels
    for (const axis of [0, 1] as const)
      expect(Math.abs(nearer[axis] - after[axis])).toBeLessThan(1);
    const scale = async () => Number((await view()).split(" ")[2]);
    const [near] = [await scale()];
    expect(near).toBeGreaterThan(1.5 * Number(whole.split(" ")[2]));
    await press(tab, "#x-out");
    expect(await scale()).toBeCloseTo(near / 1.5, 3);
    await tab.read(`document.getElementById("x-above").focus()`);
    await tab.key("+");
    expect(await scale()).toBeCloseTo(near, 3);
    await tab.key("0");
    expect(await view()).toBe(whole);
    await tab.key(".");
    expect(await text(tab, "x-card")).toContain(page.ids[0]!);
    await tab.key("Escape");
    await press(tab, "#x-reset");
  });

  it("shows another map, its axes, and how many points it lacks", async () => {
    await choose(tab, "#x-map", 1);
    expect(await text(tab, "x-axis-x")).toBe("component 1 (20.1%)");
    expect(await text(tab, "x-note")).toMatch(/2 points have no place on this map\.$/);
    expect(await shown(tab)).toBe(198);
    await choose(tab, "#x-colour", 2);
    const names = await tab.read<string[]>(
      `[...document.querySelectorAll("#x-legend .name")].map((item) => item.textContent)`,
    );
    expect(names).toEqual(["angular", "rounded", "none"]);
    await choose(tab, "#x-map", 0);
    await choose(tab, "#x-colour", 0);
  });

  it("takes 40 labels of any script, 20,000 points, and no markup from names", async () => {
    const many = await chromium.open(await explorePageHtml(manyPage(20_000, 40)), WIDTH, HEIGHT);
    expect(await shown(many)).toBe(20_000);
    expect(await many.read(`document.querySelectorAll("#x-legend li").length`)).toBe(40);
    expect(await many.read(`document.querySelectorAll("img, #x-legend b").length`)).toBe(0);
    const times = await many.read<number[]>(`(async () => {
      const stage = document.getElementById("x-stage");
      const above = document.getElementById("x-above");
      const times = [];
      for (let i = 0; i < 20; i++) {
        above.dispatchEvent(new WheelEvent("wheel", { deltaY: i < 10 ? -20 : 20, clientX: 500, clientY: 600 }));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        times.push(Number(stage.dataset.ms));
      }
      return times;
    })()`);
    const median = times.toSorted((a, b) => a - b)[times.length / 2]!;
    console.log(
      `20,000 points: ${median.toFixed(1)} ms to draw a frame (median of ${times.length})`,
    );
    expect(median).toBeGreaterThan(0);
    expect(many.logged).toEqual([]);
  });

  it.each([
    ["dark", WIDTH, true],
    ["phone", 390, false],
  ] as const)("is no wider than a %s screen", async (_, width, isDark) => {
    const other = await chromium.open(await explorePageHtml(page), width, 844, isDark);
    expect(await other.read(`document.documentElement.scrollWidth - innerWidth`)).toBe(0);
    expect(await shown(other)).toBe(200);
    expect(other.logged).toEqual([]);
  });

  it("moves, zooms and draws a lasso by touch, and copies and saves what it found", async () => {
    const phone = await chromium.open(await explorePageHtml(page), 390, 844);
    await phone.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 2 });
    await phone.send("Browser.grantPermissions", {
      permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
    });
    const box = await phone.read<{ x: number; y: number; width: number; height: number }>(
      `(() => {
        const above = document.getElementById("x-above");
        above.scrollIntoView({ block: "center", behavior: "instant" });
        const { x, y, width, height } = above.getBoundingClientRect();
        return { x, y, width, height };
      })()`,
    );
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const touch = (type: string, ...at: (readonly [number, number])[]) =>
      phone.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: at.map(([x, y], id) => ({ x, y, id })),
      });
    const view = async () => {
      await press(phone, "#x-spoken");
      const text = await phone.read<string>(`document.getElementById("x-stage").dataset.view`);
      return text.split(" ").map(Number);
    };
    const before = await view();
    await touch("touchStart", [x - 20, y], [x + 20, y]);
    await touch("touchMove", [x - 60, y], [x + 60, y]);
    await touch("touchEnd");
    const pinched = await view();
    expect(pinched[2]! / before[2]!).toBeCloseTo(3, 1);
    await touch("touchStart", [x, y]);
    await touch("touchMove", [x + 30, y]);
    await touch("touchEnd");
    expect((await view())[0]! - pinched[0]!).toBeCloseTo(-30 / pinched[2]!, 3);
    await press(phone, "#x-reset");
    await press(phone, "#x-lasso");
    const [left, top] = [box.x + 4, box.y + 4];
    const [right, bottom] = [box.x + box.width - 4, box.y + box.height - 4];
    await touch("touchStart", [left, top]);
    for (const corner of [
      [right, top],
      [right, bottom],
      [left, bottom],
    ] as const)
      await touch("touchMove", corner);
    await touch("touchEnd");
    expect(await text(phone, "x-selected")).toBe("200 points within the lasso");
    await press(phone, "#x-copy");
    await expect.poll(() => text(phone, "x-copy")).toBe("Copied");
    expect(await phone.read<string>(`navigator.clipboard.readText()`)).toBe(page.ids.join("\n"));
    await press(phone, "#x-csv");
    expect(phone.logged).toEqual([]);
  });

  it("shows two points in one place, with nothing known of them", async () => {
    const two = { ...manyPage(2, 1), facets: [] };
    two.maps[0]!.coordinates.fill(1);
    const other = await chromium.open(await explorePageHtml(two), 800, 600);
    expect(await shown(other)).toBe(2);
    expect((await ink(other)).pixels).toBeGreaterThan(10);
    expect(other.logged).toEqual([]);
  });

  it("has the same script when TypeScript runs as it is", async () => {
    const code = `import * as of from "./src/report/explore/script.ts"; process.stdout.write(JSON.stringify(of));`;
    const printed = execFileSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", code],
      { cwd: join(import.meta.dirname, "../../.."), encoding: "utf8" },
    );
    const tsx = JSON.parse(printed) as typeof own;
    const html = (await explorePageHtml(manyPage(10, 2)))
      .replace(own.SCRIPT, () => tsx.SCRIPT)
      .replace(escapeHtml(own.SCRIPT_HASH), escapeHtml(tsx.SCRIPT_HASH));
    const other = await chromium.open(html, 800, 600);
    expect(other.logged).toEqual([]);
    expect(await shown(other)).toBe(10);
  });

  it("runs no script but its own", async () => {
    const html = (await explorePageHtml(manyPage(10, 2))).replace(
      "</main>",
      "</main><script>1</script>",
    );
    const other = await chromium.open(html, 800, 600);
    expect(other.logged.join()).toMatch(/Content Security Policy/);
  });
});

describe("the page", () => {
  it("has no explorer and no script without maps", async () => {
    const page = { ...manyPage(3, 2), maps: [] };
    const { document } = parseHTML(await explorePageHtml(page));
    expect(document.querySelectorAll("script, #x-stage")).toHaveLength(0);
  });

  it("says when pictures were made smaller or could not be read", async () => {
    const grey = await sharp({ create: { width: 72, height: 72, channels: 3, background: "#888" } })
      .jpeg()
      .toBuffer();
    const pictures = Array.from({ length: 4_100 }, (_, i) =>
      i === 3 ? grey.subarray(0, 40) : grey,
    );
    const html = await explorePageHtml(manyPage(4_100, 3, pictures));
    const { document } = parseHTML(html);
    const notes = [...document.querySelectorAll(".x-note")].map((note) => note.textContent);
    expect(notes).toContain("Pictures are 56 pixels wide, to keep the page small.");
    expect(notes).toContain("1 thumbnails could not be read.");
  });

  it("uses the browser's globals nowhere but in its own folder", () => {
    const src = join(import.meta.dirname, "../../../src");
    const users = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
      (file) =>
        file.endsWith(".ts") &&
        !file.includes(join("explore", "browser")) &&
        /reference lib="dom"|(?<![.\w])(window|document|navigator|localStorage)\.(?!ts\b)[a-z]/.test(
          readFileSync(join(src, file), "utf8"),
        ),
    );
    expect(users).toEqual([]);
  });
});
