import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.slow.test.ts"],
    globalSetup: ["test/cache-folder.ts", "test/built.ts"],
    testTimeout: 1_800_000,
    maxWorkers: 1,
  },
});
