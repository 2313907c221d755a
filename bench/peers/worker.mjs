// A process that runs jobs with a JavaScript runtime's WebAssembly, and times them: see worker.py.

import { createHash } from "node:crypto";
import { readFileSync, readSync, writeSync } from "node:fs";
import { runProgram, Wasi } from "./wasi.mjs";

let once = () => undefined;

function total({ user, system }) {
  return (user + system) / 1e6;
}

const clocks = {
  wall: () => performance.now() / 1000,
  cpu: () => total(process.threadCpuUsage()),
  process: () => total(process.cpuUsage()),
};

function compile(bytes) {
  return new WebAssembly.Module(bytes);
}

function prepare(module, job) {
  if (job.argv) {
    return () => {
      const { output, code } = runProgram(module, job.argv, job.stdin ? readFileSync(job.stdin) : Buffer.alloc(0));
      return [output, code];
    };
  }
  const wasi = new Wasi([], Buffer.alloc(0));
  const { exports } = new WebAssembly.Instance(module, wasi.imports(module));
  wasi.memory = exports.memory;
  if (exports._initialize) exports._initialize();
  const run = exports[job.export], args = job.args;
  return () => run(...args);
}

function describe(result) {
  if (Array.isArray(result)) {
    const [output, code] = result;
    const digest = createHash("sha256").update(output).digest("hex").slice(0, 16);
    return `exit ${code}, ${output.length} bytes, ${digest}`;
  }
  return result;
}

const handlers = {
  open({ job }) {
    const bytes = readFileSync(job.module);
    const start = performance.now();
    const module = compile(bytes);
    const seconds = (performance.now() - start) / 1000;
    once = prepare(module, job);
    return { seconds };
  },

  run({ clock, times }) {
    let result;
    const now = clocks[clock];
    const start = now();
    for (let i = 0; i < times; i++) result = once();
    const seconds = (now() - start) / times;
    return { seconds, result: describe(result) };
  },

  fresh({ job, clock = "wall" }) {
    const bytes = readFileSync(job.module);
    const now = clocks[clock];
    const start = now();
    const module = compile(bytes);
    const loaded = now();
    const result = prepare(module, job)();
    const done = now();
    return { load: loaded - start, seconds: done - start, result: describe(result) };
  },
};

function answer(request) {
  try {
    return handlers[request.do](request);
  } catch (error) {
    return { error: `${error.name}: ${String(error.message).split("\n")[0]}` };
  }
}

// Between requests the runtime gets to finish what it compiles in the background.
const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
const chunk = Buffer.alloc(65536);
let pending = "";
for (;;) {
  const length = readSync(0, chunk);
  if (length == 0) break;
  pending += chunk.toString("utf8", 0, length);
  for (let end; (end = pending.indexOf("\n")) >= 0; pending = pending.slice(end + 1)) {
    writeSync(1, JSON.stringify(answer(JSON.parse(pending.slice(0, end)))) + "\n");
  }
  await pause();
}
