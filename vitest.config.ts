import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // Real servers and promtool are started from tests; five seconds is not enough for them on a small machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests with a real server mostly wait for it, so that more of them than there are cores fit at a time.
    maxWorkers: 3,
    slowTestThreshold: 2_000,
  },
});
