// Calls an export of a module, as a small program of a user would: FILE EXPORT ARGUMENT...

import { readFileSync } from "node:fs";

const [file, name, ...args] = process.argv.slice(2);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {});
console.log(exports[name](...args.map(Number)));
