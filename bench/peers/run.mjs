// Runs a WASI program with this process's standard input and output: FILE ARGUMENT...

import { readFileSync, writeSync } from "node:fs";
import { runProgram } from "./wasi.mjs";

const [file, ...args] = process.argv.slice(2);
const { output, code } = runProgram(new WebAssembly.Module(readFileSync(file)), [file, ...args], readFileSync(0));
for (let at = 0; at < output.length; ) at += writeSync(1, output, at);
process.exit(code);
