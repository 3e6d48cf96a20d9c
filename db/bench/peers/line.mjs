// How the bench talks to the program that drives a queue: see line.py, which this is in JavaScript.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export const PAYLOAD = {
  design: 4711,
  step: "test",
  files: ["board.kicad_pcb", "netlist.json"],
  note: "as it is",
};

const WARM_TASKS = 50;

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");
const seconds = () => performance.now() / 1e3;

export class Line {
  #marks = 0;
  #first;
  #begun = Promise.withResolvers();

  async ready() {
    say({ ready: true });
    await lines.next();
  }

  async done(result) {
    say(result);
    await lines.next();
  }

  mark() {
    this.#marks += 1;
    if (this.#marks > WARM_TASKS && this.#first === undefined) {
      this.#first = seconds();
      this.#begun.resolve();
    }
  }

  async workFor(duration) {
    await this.#begun.promise;
    await sleep(duration * 1e3);
    return { seconds: seconds() - this.#first, skipped: WARM_TASKS };
  }
}

// Call again and again in so many lanes; returns how often, and the seconds it took.
export async function repeat(call, duration, lanes) {
  const began = seconds();
  let count = 0;
  const lane = async () => {
    while (seconds() - began < duration) {
      await call();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { count, seconds: seconds() - began };
}

// Samples of a worker that is woken by one task at a time: ms of the enqueue, and ms from its commit to the worker.
export class Wakes {
  samples = [];
  #handled;

  handled() {
    this.#handled.resolve(seconds());
  }

  async sample(enqueue, count, pause) {
    for (let i = 0; i < count; i += 1) {
      await sleep(pause * 1e3);
      this.#handled = Promise.withResolvers();
      const began = seconds();
      await enqueue();
      const committed = seconds();
      const at = await this.#handled.promise;
      this.samples.push([(committed - began) * 1e3, (at - committed) * 1e3]);
    }
  }
}

// Answer requests until standard input ends.
export async function serve(handlers) {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) return;
    const request = JSON.parse(value);
    Object.assign(process.env, request.environment);
    await handlers[request.do](request, new Line());
    say({ closed: true });
  }
}
