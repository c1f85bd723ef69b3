/** @file A process with `explore pixels` alone, beside a command that takes any word for its subject. */
import yargs from "yargs";
import { hideBin } from "yargs/helpers";
import { pixelsCommand } from "../../../src/cli/explore/pixels.ts";

await yargs(hideBin(process.argv))
  .command({
    command: "explore",
    builder: (y) =>
      y
        .command({
          command: "$0 <subject>",
          builder: (z) => z.positional("subject", { type: "string" }),
          handler: ({ subject }) => {
            throw new Error(`${String(subject)} was taken for the subject of an exploration`);
          },
        })
        .command(pixelsCommand),
    handler: () => {},
  })
  .strict()
  .parseAsync();
