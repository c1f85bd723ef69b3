/** @file Channels in blocks, onnxruntime's own layout for images on the CPU: [B, C, H, W] stored as [B, C / n, H, W, n]. */
import { type Convolution, type Shape, sizeOf } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";
import type { Attribute } from "./writer.ts";

const DOMAIN = "com.microsoft.nchwc";
type Attributes = Readonly<Record<string, Attribute>>;

/** A convolution by its window alone. */
type Window = Pick<Convolution, "stride" | "padding" | "dilation">;

/** Values in both layouts. What one layout is asked of and the other has is reordered once, and not at all where nobody asks. */
export class Blocks {
  readonly #emit: Emitter;
  /** Channels of a block, or null where the processor has no kernels for it. */
  readonly #size: number | null;
  /** What a value in the plain layout was reordered from. */
  readonly #origins = new Map<string, string>();

  constructor(emit: Emitter, size: number | null) {
    this.#emit = emit;
    this.#size = size;
  }

  /** Whether so many channels fill blocks. */
  fits(channels: number): boolean {
    return this.#size !== null && channels % this.#size === 0;
  }
  /** Whether a convolution may read so many: fewer than a block are read in the plain layout. */
  reads(channels: number): boolean {
    return this.fits(channels) || channels < (this.#size ?? 0);
  }

  /** A plain value in blocks. */
  of(x: string): string {
    return this.#origins.get(x) ?? this.#emit.node("ReorderInput", [x], {}, DOMAIN);
  }
  /** A value in blocks made plain: [B, channels, H, W]. */
  plain(y: string, channels: number): string {
    const attributes = { channels: { int: channels } };
    const x = this.#emit.node("ReorderOutput", [y], attributes, DOMAIN);
    this.#origins.set(x, y);
    return x;
  }
  /** A plain value with its channels last: [B, H, W, C]. */
  channelsLast(x: string, channels: number): string {
    const origin = this.#origins.get(x);
    return origin === undefined
      ? this.#emit.node("Transpose", [x], { perm: { ints: [0, 2, 3, 1] } })
      : this.#emit.node(
          "ReorderOutput",
          [origin],
          { channels: { int: channels }, channels_last: { int: 1 } },
          DOMAIN,
        );
  }

  /** @param w of `kernels` or `turned`; `bias` [O] */
  convolve(
    x: string,
    w: string,
    bias: string | null,
    { stride, padding, dilation }: Window,
    kernel: Shape,
    channels: { readonly in: number; readonly out: number },
  ): string {
    const from = this.fits(channels.in) ? this.of(x) : x;
    const attributes: Attributes = {
      kernel_shape: { ints: kernel },
      strides: { ints: stride },
      pads: { ints: padding },
      dilations: { ints: dilation },
    };
    const inputs = bias === null ? [from, w] : [from, w, bias];
    return this.plain(this.#emit.node("Conv", inputs, attributes, DOMAIN), channels.out);
  }

  /** Kernels w [O, I, kh, kw] in the order that convolutions read: [O / n, I / n, kh, kw, I of a block, O of a block]. */
  kernels(w: string, shape: Shape): string {
    const [out, into, ...window] = shape as [number, number, number, number];
    const n = this.#size!;
    const places = sizeOf(window);
    const block = this.fits(into) ? n : into;
    const parts = [out / n, n, into / block, block, places];
    const moved = this.#emit.node(
      "Transpose",
      [this.#emit.node("Reshape", [w, this.#emit.ints(parts)])],
      { perm: { ints: [0, 2, 4, 3, 1] } },
    );
    // the places of fewer channels than a block lie within each channel
    const ordered = this.fits(into)
      ? moved
      : this.#emit.node(
          "Transpose",
          [this.#emit.node("Reshape", [moved, this.#emit.ints([out / n, places, into, n])])],
          { perm: { ints: [0, 2, 1, 3] } },
        );
    return this.#emit.node("Reshape", [ordered, this.#emit.ints(shape)]);
  }

  /** The same of kernels that lead back: from O to I, each turned by half a turn. */
  turned(w: string, shape: Shape): string {
    const [out, into, ...window] = shape as [number, number, number, number];
    const n = this.#size!;
    const places = sizeOf(window);
    const reshape = (x: string, to: Shape): string =>
      this.#emit.node("Reshape", [x, this.#emit.ints(to)]);
    const move = (x: string, perm: Shape): string =>
      this.#emit.node("Transpose", [x], { perm: { ints: perm } });
    // places first: then what moves are whole rows of a block
    const first = move(reshape(w, [out * into, places]), [1, 0]);
    const backwards = Array.from({ length: places }, (_, i) => places - 1 - i);
    const turned = this.#emit.node("Gather", [first, this.#emit.ints(backwards)], {
      axis: { int: 0 },
    });
    const moved = move(reshape(turned, [places, out / n, n, into / n, n]), [3, 1, 0, 2, 4]);
    return reshape(moved, [into, out, ...window]);
  }
}
