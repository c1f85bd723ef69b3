/** @file The kinds of numbers and texts that config keys take. */
import { z } from "zod";

export const fraction = z.number().min(0).max(1);
/** Of a running average: 1 would never see anything new. */
export const decay = z.number().min(0).lt(1);
export const positive = z.number().positive();
export const count = z.int().positive();
export const name = z.string().min(1);
