// pg-boss, as its documentation drives it: send and insert; fetch and complete; work() with LISTEN/NOTIFY for wake-ups.
// Not work() for rates: it handles one job an interval unless its cached statistics say otherwise.
import { PgBoss } from "pg-boss";
import { PAYLOAD, Wakes, repeat, serve } from "./line.mjs";

const QUEUE = "bench";

async function withBoss(max, body, options = {}) {
  const { PGHOST, PGUSER, PGPASSWORD, PGDATABASE } = process.env;
  const boss = new PgBoss({
    host: PGHOST,
    user: PGUSER,
    password: PGPASSWORD,
    database: PGDATABASE,
    max,
    ...options,
  });
  boss.on("error", (error) => process.stderr.write(`${error}\n`));
  await boss.start();
  await body(boss);
  await boss.stop({ graceful: false, close: true });
}

const jobs = (count) => Array.from({ length: count }, () => ({ data: PAYLOAD }));

async function fetchAndComplete(boss, batchSize, line) {
  const found = await boss.fetch(QUEUE, { batchSize });
  if (found.length) {
    for (const _ of found) line.mark();
    await boss.complete(QUEUE, batchSize === 1 ? found[0].id : found.map((job) => job.id));
  }
}

await serve({
  install: (_, line) =>
    withBoss(1, async (boss) => {
      await line.ready();
      await boss.createQueue(QUEUE, { notify: true });
      await line.done({});
    }),

  fill: (request, line) =>
    withBoss(1, async (boss) => {
      await line.ready();
      for (let i = 0; i < request.count / 1000; i += 1) await boss.insert(QUEUE, jobs(1000));
      await line.done({});
    }),

  enqueue: (request, line) =>
    withBoss(request.workers, async (boss) => {
      await line.ready();
      const { count, seconds } = await repeat(
        () => boss.send(QUEUE, PAYLOAD),
        request.seconds,
        request.workers,
      );
      await line.done({ tasks: count, seconds });
    }),

  "enqueue batches": (request, line) =>
    withBoss(request.workers, async (boss) => {
      await line.ready();
      const { count, seconds } = await repeat(
        () => boss.insert(QUEUE, jobs(request.batch)),
        request.seconds,
        request.workers,
      );
      await line.done({ tasks: count * request.batch, seconds });
    }),

  work: (request, line) =>
    withBoss(request.workers, async (boss) => {
      await line.ready();
      let working = true;
      const lane = async () => {
        while (working) await fetchAndComplete(boss, request.batch, line);
      };
      const lanes = Array.from({ length: request.workers }, lane);
      await line.done(await line.workFor(request.seconds));
      working = false;
      await Promise.all(lanes);
    }),

  wakeup: (request, line) =>
    withBoss(
      4,
      async (boss) => {
        const wakes = new Wakes();
        await boss.work(QUEUE, async () => wakes.handled());
        await line.ready();
        await wakes.sample(() => boss.send(QUEUE, PAYLOAD), request.count, request.pause_s);
        await line.done({ samples: wakes.samples });
      },
      { useListenNotify: true },
    ),
});
