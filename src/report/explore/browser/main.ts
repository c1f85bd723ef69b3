/** @file The page's script: what the reader asks, and what is drawn for it. */
/// <reference lib="dom" />
import type { MapData, PageData } from "./data.ts";
import type { View, makeGeometry } from "./geometry.ts";
import type { makeDots } from "./dots.ts";
import type { listenToPointers } from "./pointers.ts";
import type { MarkerPath, makeOutline } from "./outline.ts";
import type { Scene, Shape, makePaint } from "./paint.ts";
import type { makePanel } from "./panel.ts";
import type { makePoints } from "./points.ts";
import type { makeThumbs } from "./thumbs.ts";

/** The other files of this folder. */
export interface Parts {
  readonly makeGeometry: typeof makeGeometry;
  readonly makePoints: typeof makePoints;
  readonly makeOutline: typeof makeOutline;
  readonly makeDots: typeof makeDots;
  readonly makePaint: typeof makePaint;
  readonly makePanel: typeof makePanel;
  readonly makeThumbs: typeof makeThumbs;
  readonly listenToPointers: typeof listenToPointers;
}

/** Fills the page and listens to it. */
export function explorer(parts: Parts): void {
  const MOST_CHOSEN = 60;
  const STEP = 60;

  const element = <T extends HTMLElement>(id: string): T => {
    const found = document.getElementById(`x-${id}`);
    if (!found) throw new Error(`the page has no x-${id}`);
    return found as T;
  };
  const bytes = (text: string): ArrayBuffer =>
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
  const floats = (text: string): Float32Array => new Float32Array(bytes(text));
  const integers = (text: string): Int32Array => new Int32Array(bytes(text));

  const page = JSON.parse(element("data").textContent) as PageData;
  const codes = page.facets.map((facet) => integers(facet.codes));
  const geometry = parts.makeGeometry();
  const points = parts.makePoints(page, codes);
  const thumbs = parts.makeThumbs(
    page.sheets,
    page.sheets ? integers(page.sheets.slots) : new Int32Array(0),
  );
  const stage = element("stage");
  const above = element<HTMLCanvasElement>("above");
  const pathOf = parts.makeOutline();
  const outline: MarkerPath = (...of) => new Path2D(pathOf(...of));
  const dots = parts.makeDots(element<HTMLCanvasElement>("points"), outline);
  const paint = parts.makePaint(element<HTMLCanvasElement>("below"), above, dots, outline);
  const panel = parts.makePanel(page, points, thumbs, outline);
  const card = element("card");
  const lassoButton = element("lasso");
  const mapSelect = element<HTMLSelectElement>("map");
  const colourSelect = element<HTMLSelectElement>("colour");
  const search = element<HTMLInputElement>("search");
  const faint = element<HTMLInputElement>("faint");
  const filterSelects = [
    ...element("filters").querySelectorAll<HTMLSelectElement>("select[data-facet]"),
  ];

  const maps = new Map<
    MapData,
    { readonly coordinates: Float32Array; readonly rings: readonly (readonly Float32Array[])[] }
  >();
  const unpacked = (map: MapData) => {
    const known = maps.get(map);
    if (known) return known;
    const made = {
      coordinates: floats(map.coordinates),
      rings: map.layers.map(({ rings }) => rings.map(floats)),
    };
    maps.set(map, made);
    return made;
  };

  const levels = new Uint8Array(page.n);
  const pixels = new Float32Array(2 * page.n);
  const looks = new Int32Array(page.n);
  const off = new Set<string>();
  const hidden = new Set<number>();
  let size = { width: 1, height: 1 };
  let whole: View = { x: 0, y: 0, scale: 1 };
  let view = whole;
  let raised: number | null = null;
  let selected: readonly number[] = [];
  let chosen: readonly number[] = [];
  let hovered = -1;
  let pinned = -1;
  let isLasso = false;
  let lasso: readonly number[] = [];
  let shapes: readonly Shape[] = [];
  let marks = [page.unlabelled];
  let waiting: "all" | "over" | null = null;

  const map = (): MapData => page.maps[mapSelect.selectedIndex]!;
  const colour = (): number => Number(colourSelect.value);
  const coordinates = (): Float32Array => unpacked(map()).coordinates;
  const isOnMap = (point: number): boolean => Number.isFinite(coordinates()[2 * point]!);
  const filters = (): (number | null)[] => {
    const wanted: (number | null)[] = page.facets.map(() => null);
    for (const { value, dataset } of filterSelects)
      if (value !== "") wanted[Number(dataset["facet"])] = Number(value);
    return wanted;
  };

  function draw(): void {
    const scene: Scene = { view, pixels, levels, looks, marks, shapes };
    const zoom = view.scale / whole.scale;
    const began = performance.now();
    if (waiting === "all") {
      geometry.project(coordinates(), view, size, pixels);
      paint.draw(scene, zoom);
    }
    const style = getComputedStyle(stage);
    paint.drawOver(
      scene,
      { hovered, pinned, selected, chosen, lasso, nameOf: (point) => page.ids[point]! },
      zoom,
      style.getPropertyValue("color"),
      style.getPropertyValue("background-color"),
      style.getPropertyValue("outline-color"),
    );
    if (waiting === "all") stage.dataset["ms"] = (performance.now() - began).toFixed(2);
    stage.dataset["view"] = [view.x, view.y, view.scale].join(" ");
    waiting = null;
    placeCard();
  }

  /** Drawn once before the next frame, however often it is asked for. */
  function redraw(what: "all" | "over"): void {
    if (waiting === null) requestAnimationFrame(draw);
    if (waiting !== "all") waiting = what;
  }

  function look(next: View): void {
    view = next;
    redraw("all");
  }

  const zoom = (factor: number, x = size.width / 2, y = size.height / 2): void => {
    const scale = view.scale * factor;
    if (scale > whole.scale / 4 && scale < whole.scale * 2000)
      look(geometry.zoomAt(view, size, x, y, factor));
  };

  /** Levels, counts and legend after whatever was asked. */
  function ask(): void {
    const wanted = filters();
    const asked = { colour: colour(), hidden, raised, filters: wanted, isFaint: faint.checked };
    points.levels(asked, levels);
    const isFiltered = wanted.some((code) => code !== null);
    const passing: number[] = [];
    let shown = 0;
    for (let point = 0; point < page.n; point++) {
      if (!isOnMap(point)) levels[point] = 0;
      if (levels[point] === 0) continue;
      if (levels[point] === 2 && isFiltered) passing.push(point);
      shown++;
    }
    chosen = passing.length <= MOST_CHOSEN ? passing : [];
    element("status").textContent =
      shown === page.n
        ? `${panel.count(page.n)} points`
        : `${panel.count(shown)} of ${panel.count(page.n)} points shown`;
    stage.dataset["shown"] = String(shown);
    if (hovered >= 0 && levels[hovered] === 0) hover(-1);
    drawLegend(wanted);
    redraw("all");
  }

  function drawLegend(wanted: readonly (number | null)[]): void {
    const facet = page.facets[colour()];
    const ofAll = points.counts(colour(), isOnMap);
    const left = points.counts(
      colour(),
      (point) =>
        isOnMap(point) && wanted.every((code, i) => code === null || codes[i]![point] === code),
    );
    const last = ofAll.length - 1;
    const rows = facet
      ? Array.from(ofAll, (all, i) => ({
          code: i === last ? -1 : i,
          mark: marks[i]!,
          name: i === last ? "none" : facet.values[i]!,
          shown: left[i]!,
          all,
          isHidden: hidden.has(i === last ? -1 : i),
          isRaised: raised === (i === last ? -1 : i),
        })).filter(({ all }, i) => i < last || all > 0)
      : [];
    const focus = document.activeElement?.closest<HTMLElement>("#x-legend li")?.dataset["code"];
    const isRaise = document.activeElement?.classList.contains("raise") ?? false;
    element("legend").replaceChildren(
      ...panel.legend(
        rows,
        (code) => {
          if (!hidden.delete(code)) hidden.add(code);
          ask();
        },
        (code) => {
          raised = raised === code ? null : code;
          hidden.delete(code);
          ask();
        },
      ),
    );
    if (focus !== undefined)
      element("legend")
        .querySelector<HTMLElement>(`li[data-code="${focus}"] ${isRaise ? ".raise" : ".value"}`)
        ?.focus();
  }

  function takeColours(): void {
    const facet = page.facets[colour()];
    const none = facet?.values.length ?? 0;
    marks = [...(facet?.marks ?? []), page.unlabelled];
    for (let point = 0; point < page.n; point++) {
      const code = points.codeOf(colour(), point);
      looks[point] = code < 0 ? none : code;
    }
    hidden.clear();
    raised = null;
  }

  function drawLayers(): void {
    const { layers } = map();
    const { rings } = unpacked(map());
    shapes = layers.flatMap(({ name, facet, code, opacity }, i) =>
      off.has(name)
        ? []
        : [
            {
              rings: rings[i]!,
              opacity,
              colour: (page.facets[facet]?.marks[code] ?? page.unlabelled).colour,
            },
          ],
    );
    redraw("all");
  }

  function listLayers(): void {
    const names = [...new Set(map().layers.map(({ name }) => name))];
    element("layers").replaceChildren(
      ...names.map((name) => {
        const box = panel.make("input", "");
        box.type = "checkbox";
        box.checked = !off.has(name);
        box.addEventListener("change", () => {
          if (box.checked) off.delete(name);
          else off.add(name);
          drawLayers();
        });
        return panel.make("label", "check", box, name);
      }),
    );
  }

  function remap(): void {
    const { axes, note } = map();
    whole = geometry.fit(coordinates(), size);
    view = whole;
    let missing = 0;
    for (let point = 0; point < page.n; point++) if (!isOnMap(point)) missing++;
    element("note").textContent = [
      note,
      ...(missing > 0 ? [`${panel.count(missing)} points have no place on this map.`] : []),
    ].join(" ");
    for (const [i, id] of ["axis-x", "axis-y"].entries()) {
      element(id).textContent = axes?.[i] ?? "";
      element(id).hidden = axes === null;
    }
    above.setAttribute(
      "aria-label",
      `${map().title}: ${panel.count(page.n - missing)} points. Arrow keys move, plus and minus zoom, 0 shows all, full stop and comma step through points, Enter pins, Escape lets go.`,
    );
    listLayers();
    drawLayers();
    hover(-1);
    pin(-1);
    ask();
  }

  /** Beside its point, within the map. */
  function placeCard(): void {
    const point = pinned >= 0 ? pinned : hovered;
    card.hidden = point < 0;
    if (point < 0) return;
    const [x, y] = [pixels[2 * point]!, pixels[2 * point + 1]!];
    const { offsetWidth: width, offsetHeight: height } = card;
    const right = x + 16 + width <= size.width ? x + 16 : x - 16 - width;
    card.style.left = `${Math.max(4, Math.min(right, size.width - width - 4))}px`;
    card.style.top = `${Math.max(4, Math.min(y - height / 2, size.height - height - 4))}px`;
  }

  function showCard(): void {
    const point = pinned >= 0 ? pinned : hovered;
    card.classList.toggle("pinned", pinned >= 0);
    card.replaceChildren(...(point < 0 ? [] : [panel.card(point)]));
    if (pinned >= 0) card.append(panel.button("close", "Let go of this point", () => pin(-1), "×"));
    card.dataset["point"] = String(point);
    redraw("over");
  }

  function hover(point: number): void {
    if (point === hovered) return;
    hovered = point;
    if (pinned < 0) showCard();
    else redraw("over");
  }

  function pin(point: number): void {
    if (point === pinned) return;
    pinned = point;
    showCard();
  }

  /** The point in the middle of the view, pinned. */
  function show(point: number): void {
    if (!isOnMap(point)) return;
    const [x, y] = [coordinates()[2 * point]!, coordinates()[2 * point + 1]!];
    look({ x, y, scale: Math.max(view.scale, 4 * whole.scale) });
    pin(point);
    stage.scrollIntoView({ block: "nearest" });
  }

  function select(next: readonly number[], how: string): void {
    selected = next;
    element("selected").textContent =
      next.length === 0 ? how : `${panel.count(next.length)} points ${how}`;
    element("actions").hidden = next.length === 0;
    element("selection").replaceChildren(...panel.selection(next, show));
    redraw("over");
  }

  const idle = "Draw a lasso around points, or search, to list them here.";

  function selectWithin(ring: readonly number[]): void {
    const found: number[] = [];
    for (let point = 0; point < page.n; point++)
      if (levels[point]! > 0 && geometry.isInside(ring, pixels[2 * point]!, pixels[2 * point + 1]!))
        found.push(point);
    select(found, found.length === 0 ? "No point within the lasso." : "within the lasso");
  }

  const pointAt = (x: number, y: number, reach: number): number =>
    geometry.nearest(pixels, x, y, reach, (point) => levels[point]! > 0);

  function setLasso(next: boolean): void {
    isLasso = next;
    lassoButton.setAttribute("aria-pressed", String(next));
    stage.classList.toggle("lasso", next);
  }

  parts.listenToPointers(above, {
    isLasso: () => isLasso,
    hover: (x, y, reach) => hover(pointAt(x, y, reach)),
    leave: () => hover(-1),
    move: (dx, dy) => look(geometry.moved(view, dx, dy)),
    zoom: (factor, x, y) => zoom(factor, x, y),
    tap(x, y, reach) {
      const point = pointAt(x, y, reach);
      pin(point === pinned ? -1 : point);
    },
    drawing(ring) {
      lasso = ring;
      redraw("over");
    },
    drawn: selectWithin,
  });

  /** The next visible point in the order of the data. */
  function step(by: 1 | -1): void {
    const from = pinned >= 0 ? pinned : by === 1 ? -1 : page.n;
    for (let point = from + by; point >= 0 && point < page.n; point += by)
      if (levels[point]! > 0) {
        show(point);
        element("spoken").textContent = card.textContent;
        return;
      }
  }

  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => look(geometry.moved(view, STEP, 0)),
    ArrowRight: () => look(geometry.moved(view, -STEP, 0)),
    ArrowUp: () => look(geometry.moved(view, 0, STEP)),
    ArrowDown: () => look(geometry.moved(view, 0, -STEP)),
    "+": () => zoom(1.5),
    "=": () => zoom(1.5),
    "-": () => zoom(1 / 1.5),
    "0": () => look(whole),
    ".": () => step(1),
    ",": () => step(-1),
    Enter: () => pin(hovered),
    Escape: () => {
      pin(-1);
      setLasso(false);
    },
  };
  above.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });

  const onClick = (id: string, act: () => void): void => element(id).addEventListener("click", act);
  onClick("in", () => zoom(1.5));
  onClick("out", () => zoom(1 / 1.5));
  onClick("reset", () => look(whole));
  onClick("lasso", () => setLasso(!isLasso));
  onClick("clear", () => select([], idle));
  onClick("all-values", () => {
    hidden.clear();
    raised = null;
    ask();
  });
  onClick("copy", () => {
    const text = selected.map((point) => page.ids[point]!).join("\n");
    const said = (isDone: boolean): void => {
      element("spoken").textContent = isDone ? "Copied" : "Could not copy";
      element("copy").textContent = isDone ? "Copied" : "Could not copy";
      setTimeout(() => (element("copy").textContent = "Copy ids"), 1500);
    };
    // a page that came over plain http has no clipboard
    const copied = isSecureContext
      ? navigator.clipboard.writeText(text)
      : Promise.reject(new Error("no clipboard"));
    copied.then(
      () => said(true),
      () => said(false),
    );
  });
  onClick("csv", () => {
    const file = new Blob(["\uFEFF", points.csv(selected)], { type: "text/csv" });
    const link = panel.make("a", "");
    link.href = URL.createObjectURL(file);
    link.download = "selection.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  mapSelect.addEventListener("change", remap);
  colourSelect.addEventListener("change", () => {
    takeColours();
    ask();
  });
  faint.addEventListener("change", ask);
  for (const filter of filterSelects) filter.addEventListener("change", ask);
  let typed: ReturnType<typeof setTimeout> | undefined;
  const find = (): void => {
    clearTimeout(typed);
    const query = search.value.trim();
    const found = points.search(query);
    select(
      found,
      query === "" ? idle : found.length === 0 ? `Nothing holds “${query}”.` : `hold “${query}”`,
    );
  };
  search.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(find, 200);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") find();
  });

  for (const scheme of document.querySelectorAll('input[name="scheme"]'))
    scheme.addEventListener("change", () => redraw("all"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw("all"));
  new ResizeObserver(() => {
    const isWhole = view === whole;
    const { clientWidth, clientHeight } = stage;
    size = paint.resize(clientWidth, clientHeight, devicePixelRatio);
    whole = geometry.fit(coordinates(), size);
    if (isWhole) view = whole;
    redraw("all");
  }).observe(stage);

  document.documentElement.classList.add("live");
  size = paint.resize(stage.clientWidth, stage.clientHeight, devicePixelRatio);
  select([], idle);
  takeColours();
  remap();
}
