/** @file One face as SVG in a 100 x 100 box: what shows of style, tone and age, and everything that varies besides. */
import type { Random } from "../../run/random.ts";
import { type Colour, hex, shade } from "./colour.ts";
import type { Cue, Person, Tone } from "./person.ts";
import { d, element, ellipse, f, line, path } from "./svg.ts";

/** Hue, and how vivid: far from any human skin. */
const SKIN: Readonly<Record<Tone, { readonly h: number; readonly s: number }>> = {
  amber: { h: 27, s: 0.88 },
  cobalt: { h: 216, s: 0.52 },
  jade: { h: 156, s: 0.4 },
  violet: { h: 278, s: 0.45 },
};

/** Everything a face is drawn from; cues squeezed into (-1, 1), positive towards angular. */
interface Look extends Record<Cue, number> {
  readonly rng: Random;
  /** Unique in the drawing, for gradients. */
  readonly id: string;
  readonly skin: Colour;
  readonly hairColour: Colour;
  /** 0 young to 1 old. */
  readonly old: number;
  /** Sideways turn of the head: shift of the features. */
  readonly yaw: number;
}

/** The SVG of a person; `rng` draws what is neither label nor cue: pose, light, hair, clothes, background. */
export function faceSvg(person: Person, rng: Random): string {
  const squeeze = (cue: number): number => Math.tanh(cue / 2);
  const { jaw, brows, hair, eyes, mouth } = person.cues;
  const old = Math.min(1, Math.max(0, (person.age - 28 + 6 * rng.normal()) / 50));
  const skin = {
    h: SKIN[person.tone].h + 5 * rng.normal(),
    s: SKIN[person.tone].s + rng.uniform(-0.12, 0.12) - 0.08 * old,
    l: rng.uniform(0.5, 0.7),
  };
  const look: Look = {
    rng,
    id: `f${person.index}`,
    skin,
    hairColour: hairColour(rng, old),
    old,
    yaw: 2.2 * rng.normal(),
    jaw: squeeze(jaw),
    brows: squeeze(brows),
    hair: squeeze(hair),
    eyes: squeeze(eyes),
    mouth: squeeze(mouth),
  };
  const pose = `translate(${f(50 + 1.5 * rng.normal())} ${f(54.5 + 1.5 * rng.normal())}) rotate(${f(3 * rng.normal())}) scale(${f(rng.uniform(1.1, 1.22))})`;
  const parts = [
    hairBehind(look),
    neckAndClothes(look),
    head(look),
    wrinkles(look),
    eyesAndBrows(look),
    noseAndMouth(look),
    hairInFront(look),
    rng.uniform() < 0.14 ? glasses(look) : "",
  ];
  return `${gradients(look)}${background(look)}<g transform="${pose}">${parts.join("")}</g>${light(look)}`;
}

function hairColour(rng: Random, old: number): Colour {
  const young = { h: rng.uniform(-10, 50), s: rng.uniform(0.15, 0.6), l: rng.uniform(0.12, 0.4) };
  const grey = Math.min(1, Math.max(0, 1.5 * old - 0.45 + 0.12 * rng.normal()));
  return {
    h: young.h,
    s: young.s * (1 - 0.85 * grey),
    l: young.l + grey * (0.62 - young.l),
  };
}

function gradients({ rng, id, skin }: Look): string {
  const stop = (offset: number, colour: string, opacity = 1): string =>
    element("stop", { offset, "stop-color": colour, "stop-opacity": opacity });
  const angle = rng.uniform(0, 360);
  const depth = rng.uniform(0.05, 0.3);
  const lit = rng.uniform(0.35, 0.65);
  const back = { h: rng.uniform(0, 360), s: rng.uniform(0.1, 0.4), l: rng.uniform(0.72, 0.9) };
  return (
    `<radialGradient id="${id}s" cx="${f(lit)}" cy="0.4" r="0.68">${stop(0, hex(shade(skin, 0.09)))}${stop(0.6, hex(skin))}${stop(1, hex(shade(skin, -0.13)))}</radialGradient>` +
    `<linearGradient id="${id}l" gradientTransform="rotate(${f(angle)} .5 .5)">${stop(0, "#fff", depth)}${stop(0.5, "#888", 0)}${stop(1, "#000", depth)}</linearGradient>` +
    `<radialGradient id="${id}b" cx="0.5" cy="0.45" r="0.8">${stop(0, hex(shade(back, 0.08)))}${stop(1, hex(shade(back, -0.1)))}</radialGradient>`
  );
}

const background = ({ id }: Look): string =>
  element("rect", { width: 100, height: 100, fill: `url(#${id}b)` });
const light = ({ id }: Look): string =>
  element("rect", { width: 100, height: 100, fill: `url(#${id}l)` });

/** Long hair falls behind the neck to the shoulders; short hair ends behind the ears. */
function hairBehind({ hair, hairColour: colour, rng }: Look): string {
  const end = 16 - 26 * hair + 2 * rng.normal(); // 42 below the shoulders, -10 at the ears
  const wide = 26 - 3 * hair + rng.normal();
  const flare = 3 * rng.uniform();
  const hem = wide + flare - 2;
  const shape = d`M${-wide} -10C${-wide - 1} -54 ${wide + 1} -54 ${wide} -10C${wide + 1} 0 ${wide + flare} ${end - 12} ${hem} ${end - 3}Q${hem - 3} ${end + 3} ${hem - 12} ${end}L${12 - hem} ${end}Q${3 - hem} ${end + 3} ${-hem} ${end - 3}C${-wide - flare} ${end - 12} ${-wide - 1} 0 ${-wide} -10Z`;
  return path(shape, hex(shade(colour, -0.07)));
}

function neckAndClothes({ skin, rng }: Look): string {
  const cloth = { h: rng.uniform(0, 360), s: rng.uniform(0.2, 0.6), l: rng.uniform(0.25, 0.6) };
  const neck = 9.5 + rng.normal() * 0.6;
  const shoulder = rng.uniform(33, 42);
  const collar = d`M${-neck - 1} 35Q0 ${rng.uniform(42, 54)} ${neck + 1} 35`;
  return (
    path(d`M${-neck} 14L${-neck} 56L${neck} 56L${neck} 14Z`, hex(shade(skin, -0.06))) +
    path(d`M${-neck} 14L${-neck} 31Q0 42 ${neck} 31L${neck} 14Z`, hex(shade(skin, -0.16)), 0.7) +
    path(
      `${collar}${d`C${neck + 8} 40 ${shoulder} 42 ${shoulder + 2} 66L${-shoulder - 2} 66C${-shoulder} 42 ${-neck - 8} 40 ${-neck - 1} 35Z`}`,
      hex(cloth),
    ) +
    line(collar, hex(shade(cloth, -0.12)), 1.3)
  );
}

/** A square jaw is wide and flat below, a round one narrow and curved. */
function head({ id, skin, jaw, rng, yaw }: Look): string {
  const wide = 22.5 + 0.8 * rng.normal();
  const corner = wide - 3.8 + 3.6 * jaw;
  const chin = 8.5 + 6.5 * jaw;
  const low = 30.5 - 0.6 * jaw + 0.7 * rng.normal();
  const bend = 8.5 - 5.5 * jaw; // how softly the cheek turns into the chin
  const outline = d`M${-wide} -6C${-wide} -24 ${-wide * 0.62} -33 0 -33C${wide * 0.62} -33 ${wide} -24 ${wide} -6C${wide} 5 ${corner + bend * 0.35} ${18 - bend * 0.5} ${corner} 18C${corner - bend * 0.45} ${18 + bend * 0.9} ${chin + bend * 0.6} ${low} ${chin} ${low}L${-chin} ${low}C${-chin - bend * 0.6} ${low} ${bend * 0.45 - corner} ${18 + bend * 0.9} ${-corner} 18C${-corner - bend * 0.35} ${18 - bend * 0.5} ${-wide} 5 ${-wide} -6Z`;
  const ear = (side: number): string =>
    ellipse(side * (wide + 0.6) - yaw * 0.3, 1, 3.4, 6, hex(shade(skin, -0.07))) +
    ellipse(side * (wide + 0.4) - yaw * 0.3, 1.4, 1.7, 3.6, hex(shade(skin, -0.17)));
  const blush = { h: 345, s: 0.6, l: skin.l + 0.05 };
  const cheek = (side: number): string => ellipse(side * 13.5 + yaw, 10, 5, 3.6, hex(blush), 0.2);
  return `${ear(-1)}${ear(1)}${path(outline, `url(#${id}s)`)}${cheek(-1)}${cheek(1)}`;
}

function wrinkles({ skin, old, yaw, rng }: Look): string {
  const colour = hex(shade(skin, -0.24));
  const seen = (start: number): number => Math.min(0.85, Math.max(0, (old - start) * 1.5));
  const forehead = [0, 1, 2].map((i) => {
    const y = -20.5 + 3.6 * i + 0.4 * rng.normal();
    const half = 9.5 + rng.normal();
    return line(
      d`M${yaw - half} ${y}Q${yaw} ${y - 1.8} ${yaw + half} ${y}`,
      colour,
      0.7,
      seen(0.2 + 0.12 * i),
    );
  });
  const both = [-1, 1].flatMap((s) => [
    // beside the nose, below the eyes, at the corners of the eyes
    line(d`M${s * 5.5 + yaw} 9Q${s * 9.8 + yaw} 12.5 ${s * 9.6 + yaw} 18`, colour, 0.9, seen(0.12)),
    line(
      d`M${s * 6.2 + yaw} 2.6Q${s * 9.8 + yaw} 5.2 ${s * 13.4 + yaw} 2.4`,
      colour,
      0.8,
      seen(0.25),
    ),
    line(
      d`M${s * 15.6 + yaw} -2.4L${s * 19 + yaw} -4.4M${s * 15.8 + yaw} -1.2L${s * 19.4 + yaw} -0.8M${s * 15.5 + yaw} 0L${s * 18.6 + yaw} 2.2`,
      colour,
      0.6,
      seen(0.3),
    ),
  ]);
  return [...forehead, ...both].join("");
}

/** Narrow eyes under straight heavy brows, or round eyes under thin arched ones. */
function eyesAndBrows({ skin, hairColour: hair, eyes, brows, rng, yaw, id }: Look): string {
  const half = 5.3 + 0.25 * rng.normal();
  const open = 3.2 - 1.5 * eyes + 0.2 * rng.normal();
  const iris = { h: rng.uniform(20, 260), s: rng.uniform(0.25, 0.65), l: rng.uniform(0.25, 0.45) };
  const gaze = 0.7 * rng.normal();
  const arch = 2.9 - 2.4 * brows;
  const thick = 2.1 + 1.3 * brows;
  const tilt = 1.1 * brows; // the inner end is lower
  const height = -7.6 + 0.6 * rng.normal() + 0.6 * brows;
  const browColour = hex({ ...shade(hair, -0.08), l: Math.min(hair.l - 0.08, 0.55) });
  return [-1, 1]
    .map((s) => {
      const x = s * 9.8 + yaw;
      const almond = d`M${x - half} -1Q${x} ${-1 - 2 * open} ${x + half} -1Q${x} ${-1 + 1.7 * open} ${x - half} -1Z`;
      const clip = `${id}e${s > 0 ? "r" : "l"}`;
      const [inner, outer] = [x - s * 5.2, x + s * 6];
      return (
        `<clipPath id="${clip}"><path d="${almond}"/></clipPath>` +
        path(almond, "#f6f5f2") +
        `<g clip-path="url(#${clip})">${ellipse(x + gaze, -1.3, 2.8, 2.8, hex(iris))}${ellipse(x + gaze, -1.3, 1.4, 1.4, "#15131a")}${ellipse(x + gaze + 0.8, -2.2, 0.6, 0.6, "#fff")}</g>` +
        line(
          d`M${x - half} -1Q${x} ${-1 - 2 * open} ${x + half} -1`,
          hex(shade(skin, -0.42)),
          0.9,
        ) +
        line(
          d`M${inner} ${height + tilt}Q${x + s * 0.8} ${height - arch} ${outer} ${height + 0.9 - tilt * 0.5}`,
          browColour,
          thick,
        )
      );
    })
    .join("");
}

/** Full lips, or a thin wide line. */
function noseAndMouth({ skin, mouth, rng, yaw }: Look): string {
  const shadow = hex(shade(skin, -0.2));
  const x = yaw * 1.35;
  const wing = 3 + 0.35 * rng.normal();
  const nose =
    line(
      d`M${x - 1.4} -1Q${x - 1.9 - yaw * 0.1} 5 ${x - wing} 8.6Q${x} 11.4 ${x + wing} 8.6`,
      shadow,
      0.95,
      0.85,
    ) + ellipse(x + 0.2, 6.4, 1.3, 2, hex(shade(skin, 0.1)), 0.5);
  const half = 6.7 + 1.8 * mouth + 0.5 * rng.normal();
  const full = 2.5 - 1.5 * mouth + 0.2 * rng.normal();
  const smile = 1.3 + 1.1 * rng.normal();
  const y = 18.6 + 0.5 * rng.normal();
  const m = yaw * 1.1;
  const lips = { h: skin.h - 18, s: skin.s + 0.08, l: skin.l - 0.17 };
  const corner = y - smile * 0.6;
  return (
    nose +
    path(
      d`M${m - half} ${corner}Q${m - half * 0.35} ${y - full * 1.1} ${m} ${y - full * 0.55}Q${m + half * 0.35} ${y - full * 1.1} ${m + half} ${corner}Q${m} ${y + smile + full * 2.1} ${m - half} ${corner}Z`,
      hex(lips),
    ) +
    line(
      d`M${m - half} ${corner}Q${m} ${y + smile + 0.2} ${m + half} ${corner}`,
      hex(shade(lips, -0.2)),
      0.75,
    )
  );
}

/** A parting, hair brushed back, or a fringe; the hair line recedes with age. */
function hairInFront({ hairColour: colour, old, rng, hair }: Look): string {
  const top = -21 - 4 * old + rng.normal();
  const side = rng.uniform() < 0.5 ? -1 : 1;
  const wide = 24;
  const temple = -5 - 2.5 * hair + rng.normal();
  const lift = -51 + 1.5 * rng.normal();
  const cap = d`M${-wide} ${temple}C${-wide - 4} ${lift} ${wide + 4} ${lift} ${wide} ${temple}`;
  const fronts = [
    d`C${wide - 2} -14 ${wide - 5} ${top + 4} ${side * 7} ${top - 3}C${side * 7 - 14} ${top + 4} ${2 - wide} -14 ${-wide} ${temple}Z`,
    d`C${wide - 1} -13 ${wide - 4} ${top + 1} ${wide - 10} ${top}Q0 ${top - 5} ${10 - wide} ${top}C${4 - wide} ${top + 1} ${1 - wide} -13 ${-wide} ${temple}Z`,
    d`C${wide - 2} -12 ${wide - 3} ${top + 6} ${wide - 8} ${top + 6}Q0 ${top + 9} ${8 - wide} ${top + 6}C${3 - wide} ${top + 6} ${2 - wide} -12 ${-wide} ${temple}Z`,
  ];
  const strands = [-15, -9, -3, 4, 10, 16].map((x) =>
    line(
      d`M${x} ${top - 1 - 0.02 * x * x}Q${x * 1.15} ${top - 8} ${x * 0.6} -35`,
      hex(shade(colour, x % 2 ? 0.09 : -0.07)),
      0.9,
      0.55,
    ),
  );
  return path(cap + fronts[rng.int(3)]!, hex(colour)) + strands.join("");
}

function glasses({ yaw, rng }: Look): string {
  const frame = hex({ h: rng.uniform(0, 360), s: 0.3, l: 0.2 });
  const lens = (s: number): string =>
    element("rect", {
      x: s * 9.8 + yaw - 7,
      y: -6.4,
      width: 14,
      height: 11,
      rx: 4,
      fill: "#fff",
      "fill-opacity": 0.12,
      stroke: frame,
      "stroke-width": 1.1,
    });
  return lens(-1) + lens(1) + line(d`M${yaw - 2.8} -2Q${yaw} -3.6 ${yaw + 2.8} -2`, frame, 1.1);
}
