/** @file placeholder while this command is written. */
import type { CommandModule } from "yargs";
export const dataCommand: CommandModule = { command: "data", describe: "x", handler: () => {} };
