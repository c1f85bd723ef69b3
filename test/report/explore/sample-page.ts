/** @file Pages of explorations: one of drawn faces, one of any number of points. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { makeSyntheticFaces } from "../../../src/data/synthetic.ts";
import type { ExplorePage, Facet, Layer } from "../../../src/report/explore/page-data.ts";
import { html } from "../../../src/report/html/template.ts";
import { random } from "../../../src/run/random.ts";

export const facetOf = (name: string, labels: readonly (string | null)[]): Facet => {
  const values = [...new Set(labels.filter((label) => label !== null))].sort();
  return {
    name,
    values,
    codes: Int32Array.from(labels, (label) => (label === null ? -1 : values.indexOf(label))),
  };
};

/** A ring around a point. */
export const ring = (x: number, y: number, r: number, corners = 40): Float32Array =>
  Float32Array.from({ length: 2 * corners }, (_, i) => {
    const angle = (2 * Math.PI * Math.floor(i / 2)) / corners;
    const reach = r * (1 + 0.15 * Math.sin(3 * angle + x));
    return i % 2 === 0 ? x + reach * Math.cos(angle) : y + reach * Math.sin(angle);
  });

/** Points around a centre for each of the labels. */
function cloud(labels: readonly string[], spread: number, seed: string): Float32Array {
  const names = [...new Set(labels)].sort();
  const rng = random(seed);
  const out = new Float32Array(2 * labels.length);
  labels.forEach((label, i) => {
    const angle = (2 * Math.PI * names.indexOf(label)) / names.length;
    out[2 * i] = 4 * Math.cos(angle) + spread * rng.normal();
    out[2 * i + 1] = 3 * Math.sin(angle) + spread * rng.normal();
  });
  return out;
}

const layersOf = (facet: Facet, coordinates: Float32Array): Layer[] =>
  facet.values.flatMap((value, code) => {
    const of = [...facet.codes.keys()].filter((i) => facet.codes[i] === code);
    const mean = (axis: number) =>
      of.reduce((sum, i) => sum + coordinates[2 * i + axis]!, 0) / of.length;
    return [
      {
        name: "density",
        facet: facet.name,
        value,
        opacity: 0.15,
        rings: [ring(mean(0), mean(1), 1.6), ring(mean(0), mean(1), 0.9)],
      },
      {
        name: "regions",
        facet: facet.name,
        value,
        opacity: 0.2,
        rings: [ring(mean(0), mean(1), 2.2, 6)],
      },
    ];
  });

/** Drawn faces with their pictures, groups and activities. */
export async function facesPage(count: number): Promise<ExplorePage> {
  const folder = await mkdtemp(join(tmpdir(), "equiclip-faces-"));
  try {
    const { rows } = await makeSyntheticFaces(join(folder, "faces"), {
      count,
      seed: 7,
      size: 96,
      bias: 0.6,
    });
    const thumbnails = await Promise.all(
      rows.map(({ path }) => sharp(path).resize(72, 72).jpeg().toBuffer()),
    );
    const groups = ["middle", "neutral", "older", "young"];
    const group = rows.map((_, i) => groups[i % 4]!);
    const activity = rows.map(
      (_, i) => `activity ${String(Math.floor(i / 4) + 1).padStart(2, "0")}`,
    );
    const tone = rows.map(({ labels }) => labels["tone"]!);
    const facets = [
      facetOf("tone", tone),
      facetOf("group", group),
      facetOf(
        "style",
        rows.map(({ labels }, i) => (i % 11 === 0 ? null : labels["style"]!)),
      ),
      facetOf("activity", activity),
    ];
    const umap = cloud(tone, 0.7, "umap");
    const pca = cloud(group, 1.4, "pca");
    pca.fill(Number.NaN, 0, 4);
    return {
      title: "Drawn faces: four tones in an embedding space",
      subtitle: `${count} drawn faces · CLIP ViT-B/32, debiased · 4 prompts an activity`,
      ids: rows.map(({ id }) => id),
      texts: rows.map((_, i) =>
        i % 7 === 0 ? null : `a photo of a ${group[i]} person doing ${activity[i]}`,
      ),
      thumbnails,
      facets,
      maps: [
        {
          title: "CLIP · UMAP",
          note: "Trustworthiness 0.94 (15 neighbours).",
          axes: null,
          coordinates: umap,
          layers: layersOf(facets[0]!, umap),
        },
        {
          title: "CLIP · PCA",
          note: "The axes hold 31.4% of the variance.",
          axes: ["component 1 (20.1%)", "component 2 (11.3%)"],
          coordinates: pca,
          layers: [],
        },
      ],
      sections: [{ id: "findings", title: "Findings", body: html`<p>What was found.</p>` }],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `n` points in `values` groups; names in several scripts and with what HTML reads as markup. */
export function manyPage(
  n: number,
  values: number,
  thumbnails: ExplorePage["thumbnails"] = null,
): ExplorePage {
  const rng = random("many", n);
  const names = ["</script><b>", 'größer & "mehr"', "女性", "امرأة", "महिला", "a'b", " "];
  const labels = Array.from({ length: n }, () =>
    `${String(rng.int(values)).padStart(2, "0")} ${names[rng.int(names.length)]}`.slice(0, 2),
  ).map((code) => `${code} ${names[Number(code) % names.length]}`);
  return {
    title: "Many <points>",
    subtitle: "",
    ids: labels.map((_, i) => `folder/${i}-<img src=x onerror=alert(1)>.jpg`),
    texts: null,
    thumbnails,
    facets: [
      facetOf("label", labels),
      facetOf(
        "one",
        labels.map(() => "all"),
      ),
    ],
    maps: [
      {
        title: "UMAP",
        note: "",
        axes: null,
        coordinates: cloud(labels, 0.5, "many"),
        layers: [],
      },
    ],
    sections: [],
  };
}
