/** @file What prompts and pictures are compared by: the study's six measures, and further encoders beside them. */

/** A measure of how alike two prompts, or their pictures, are. */
export interface Space {
  /** Unique among the spaces of a study. */
  readonly key: string;
  /** Of the table of quadruplets. */
  readonly column: string;
  /** What a line of the summary is called, and its first two columns. */
  readonly row: string;
  readonly metric: string;
  readonly modulo: string;
  /** Inside a sentence: "CLIP's image space". */
  readonly words: string;
  readonly of: "texts" | "pictures";
}

/** The study's columns, in their order. What it calls pre-image or UNET is an encoding of the finished picture. */
export const STUDY_SPACES = {
  prompt: {
    key: "prompt",
    column: "Cosine_Similarity_Prompt",
    row: "Prompt embeddings",
    metric: "Cosine similarity",
    modulo: "CLIP",
    words: "CLIP's text space",
    of: "texts",
  },
  image: {
    key: "image",
    column: "Cosine_Similarity_Image",
    row: "Image embeddings",
    metric: "Cosine similarity",
    modulo: "CLIP",
    words: "CLIP's image space",
    of: "pictures",
  },
  latent: {
    key: "latent",
    column: "Cosine_Similarity_Latent",
    row: "VAE latent of the final image",
    metric: "Cosine similarity",
    modulo: "UNET-VAE",
    words: "the VAE's latent space",
    of: "pictures",
  },
  resnet: {
    key: "resnet",
    column: "ResNet_Similarity",
    row: "Image embeddings",
    metric: "Cosine similarity",
    modulo: "Resnet",
    words: "ResNet's space",
    of: "pictures",
  },
  dino: {
    key: "dino",
    column: "Dino16_Similarity",
    row: "Image embeddings",
    metric: "Cosine similarity",
    modulo: "DINO",
    words: "DINO's space",
    of: "pictures",
  },
  split: {
    key: "split",
    column: "Split_Product",
    row: "Image embeddings",
    metric: "Split Product",
    modulo: "SPLIT",
    words: "the split product of DINO's patches",
    of: "pictures",
  },
} as const satisfies Readonly<Record<string, Space>>;

/** The order of the study's summary, which is another than that of its columns. */
export const SUMMARY_ORDER: readonly string[] = [
  "prompt",
  "latent",
  "resnet",
  "image",
  "dino",
  "split",
];

/** An encoder that the study does not have, named as the config names it. */
export const furtherSpace = (name: string, of: Space["of"]): Space => ({
  key: `${of} of ${name}`,
  column: `Cosine_Similarity_${of === "texts" ? "Prompt" : "Image"}_${name}`,
  row: of === "texts" ? "Prompt embeddings" : "Image embeddings",
  metric: "Cosine similarity",
  modulo: name,
  words: `${name}${name.endsWith("s") ? "'" : "'s"} ${of === "texts" ? "text" : "image"} space`,
  of,
});
