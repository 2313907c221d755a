// As much of WASI preview 1 as programs need that read standard input and write standard output.
//
// Both JavaScript runtimes get it: Bun's node:wasi lacks parts, and a call of this costs less than one of Node's.

const SUCCESS = 0, BADF = 8, NOSYS = 52, SPIPE = 70;
const CHARACTER_DEVICE = 2, REGULAR_FILE = 4;

export class Exit extends Error {
  constructor(code) {
    super(`exit ${code}`);
    this.code = code;
  }
}

// Only what `namespace` asks for is provided; a function that is not here answers that it does not exist.
export class Wasi {
  constructor(argv, stdin) {
    this.argv = argv.map((argument) => new TextEncoder().encode(argument + "\0"));
    this.stdin = stdin;
    this.position = 0;
    this.output = [];
    this.memory = null;
  }

  view() {
    return new DataView(this.memory.buffer);
  }

  bytes() {
    return new Uint8Array(this.memory.buffer);
  }

  imports(module) {
    const functions = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      if (from != "wasi_snapshot_preview1") continue;
      functions[name] = this[name] ? this[name].bind(this) : () => NOSYS;
    }
    return { wasi_snapshot_preview1: functions };
  }

  result() {
    return Buffer.concat(this.output);
  }

  args_sizes_get(count, size) {
    this.view().setUint32(count, this.argv.length, true);
    this.view().setUint32(size, this.argv.reduce((sum, argument) => sum + argument.length, 0), true);
    return SUCCESS;
  }

  args_get(pointers, text) {
    for (const argument of this.argv) {
      this.view().setUint32(pointers, text, true);
      this.bytes().set(argument, text);
      pointers += 4;
      text += argument.length;
    }
    return SUCCESS;
  }

  environ_sizes_get(count, size) {
    this.view().setUint32(count, 0, true);
    this.view().setUint32(size, 0, true);
    return SUCCESS;
  }

  environ_get() {
    return SUCCESS;
  }

  clock_time_get(clock, precision, result) {
    const now = clock == 0 ? BigInt(Date.now()) * 1000000n : process.hrtime.bigint();
    this.view().setBigUint64(result, now, true);
    return SUCCESS;
  }

  clock_res_get(clock, result) {
    this.view().setBigUint64(result, 1000n, true);
    return SUCCESS;
  }

  random_get(start, length) {
    globalThis.crypto.getRandomValues(this.bytes().subarray(start, start + length));
    return SUCCESS;
  }

  fd_read(fd, vectors, count, result) {
    if (fd != 0) return BADF;
    const view = this.view();
    let total = 0;
    for (let i = 0; i < count; i++) {
      const start = view.getUint32(vectors + 8 * i, true), length = view.getUint32(vectors + 8 * i + 4, true);
      const piece = this.stdin.subarray(this.position, this.position + length);
      this.bytes().set(piece, start);
      this.position += piece.length;
      total += piece.length;
    }
    view.setUint32(result, total, true);
    return SUCCESS;
  }

  fd_write(fd, vectors, count, result) {
    if (fd != 1 && fd != 2) return BADF;
    const view = this.view();
    let total = 0;
    for (let i = 0; i < count; i++) {
      const start = view.getUint32(vectors + 8 * i, true), length = view.getUint32(vectors + 8 * i + 4, true);
      if (fd == 1) this.output.push(Buffer.from(this.bytes().slice(start, start + length)));
      total += length;
    }
    view.setUint32(result, total, true);
    return SUCCESS;
  }

  fd_fdstat_get(fd, result) {
    if (fd > 2) return BADF;
    this.bytes().fill(0, result, result + 24);
    this.view().setUint8(result, fd == 2 ? CHARACTER_DEVICE : REGULAR_FILE);
    this.view().setBigUint64(result + 8, ~0n, true);
    return SUCCESS;
  }

  fd_filestat_get(fd, result) {
    if (fd > 2) return BADF;
    this.bytes().fill(0, result, result + 64);
    this.view().setUint8(result + 16, fd == 2 ? CHARACTER_DEVICE : REGULAR_FILE);
    return SUCCESS;
  }

  fd_fdstat_set_flags() {
    return SUCCESS;
  }

  fd_seek() {
    return SPIPE;
  }

  fd_close() {
    return SUCCESS;
  }

  fd_prestat_get() {
    return BADF;
  }

  sched_yield() {
    return SUCCESS;
  }

  // Answers at once that each subscription came true: nobody waits here for anything but a clock.
  poll_oneoff(subscriptions, events, count, result) {
    const view = this.view();
    for (let i = 0; i < count; i++) {
      this.bytes().fill(0, events + 32 * i, events + 32 * i + 32);
      view.setBigUint64(events + 32 * i, view.getBigUint64(subscriptions + 48 * i, true), true);
      view.setUint8(events + 32 * i + 10, view.getUint8(subscriptions + 48 * i + 8));
    }
    view.setUint32(result, count, true);
    return SUCCESS;
  }

  proc_exit(code) {
    throw new Exit(code);
  }
}

// Runs a command to its end: what it wrote, and its exit code.
export function runProgram(module, argv, stdin) {
  const wasi = new Wasi(argv, stdin);
  const instance = new WebAssembly.Instance(module, wasi.imports(module));
  wasi.memory = instance.exports.memory;
  let code = 0;
  try {
    instance.exports._start();
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    code = error.code;
  }
  return { output: wasi.result(), code };
}
