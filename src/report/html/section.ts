/** @file One section of the page. */
import type { Markup } from "./template.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}
