// Graphile Worker, as its documentation drives it: run() with concurrency; in batches by localQueue and batched
// completion, with the settings of its page on performance but for the size, which is the batch's.
import { Logger, makeWorkerUtils, run, runMigrations } from "graphile-worker";
import pg from "pg";
import { PAYLOAD, Wakes, repeat, serve } from "./line.mjs";

const logger = new Logger(() => () => {}); // a line a job is its default
const CONCURRENT_JOBS = 24;

async function withPool(max, body) {
  const pgPool = new pg.Pool({ max });
  const tell = (error) => process.stderr.write(`${error}\n`);
  pgPool.on("error", tell);
  pgPool.on("connect", (client) => client.on("error", tell));
  try {
    await body(pgPool);
  } finally {
    await pgPool.end();
  }
}

const withUtils = (max, body) =>
  withPool(max, async (pgPool) => {
    const utils = await makeWorkerUtils({ pgPool, logger });
    await body(utils);
    await utils.release();
  });

async function withRunner(request, pgPool, handle, body) {
  const batches = { localQueue: { size: request.batch }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const runner = await run({
    pgPool,
    logger,
    noHandleSignals: true,
    taskList: { task: async () => handle() },
    preset: {
      worker:
        request.batch > 1
          ? { concurrentJobs: CONCURRENT_JOBS, ...batches }
          : { concurrentJobs: request.workers },
    },
  });
  await body();
  await runner.stop();
}

await serve({
  install: (_, line) =>
    withPool(1, async (pgPool) => {
      await line.ready();
      await runMigrations({ pgPool, logger });
      await line.done({});
    }),

  fill: (request, line) =>
    withUtils(1, async (utils) => {
      await line.ready();
      for (let i = 0; i < request.count / 1000; i += 1) {
        await utils.addJobs(Array.from({ length: 1000 }, () => ({ identifier: "task", payload: PAYLOAD })));
      }
      await line.done({});
    }),

  enqueue: (request, line) =>
    withUtils(request.workers, async (utils) => {
      await line.ready();
      const { count, seconds } = await repeat(
        () => utils.addJob("task", PAYLOAD),
        request.seconds,
        request.workers,
      );
      await line.done({ tasks: count, seconds });
    }),

  "enqueue batches": (request, line) =>
    withUtils(request.workers, async (utils) => {
      const batch = Array.from({ length: request.batch }, () => ({ identifier: "task", payload: PAYLOAD }));
      await line.ready();
      const { count, seconds } = await repeat(() => utils.addJobs(batch), request.seconds, request.workers);
      await line.done({ tasks: count * request.batch, seconds });
    }),

  work: (request, line) =>
    withPool((request.batch > 1 ? CONCURRENT_JOBS : request.workers) + 1, async (pgPool) => {
      await line.ready();
      await withRunner(request, pgPool, () => line.mark(), async () => {
        await line.done(await line.workFor(request.seconds));
      });
    }),

  wakeup: (request, line) =>
    withPool(4, async (pgPool) => {
      const wakes = new Wakes();
      const utils = await makeWorkerUtils({ pgPool, logger });
      await withRunner({ workers: 1, batch: 1 }, pgPool, () => wakes.handled(), async () => {
        await line.ready();
        await wakes.sample(() => utils.addJob("task", PAYLOAD), request.count, request.pause_s);
        await line.done({ samples: wakes.samples });
      });
      await utils.release();
    }),
});
