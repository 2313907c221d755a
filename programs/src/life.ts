// Conway's game of life on a torus, from standard input: lines of '.' and '#'.
//
//     life [GENERATIONS]
//
// Prints the last generation, then how often each number of living cells occurred.

class World {
  private cells: Array<Uint8Array>;

  constructor(readonly width: i32, readonly height: i32) {
    this.cells = new Array<Uint8Array>(height);
    for (let y = 0; y < height; y++) this.cells[y] = new Uint8Array(width);
  }

  static parse(text: string): World {
    const lines = text.split("\n").filter((line: string) => line.length > 0);
    if (lines.length == 0) throw new Error("no world to begin with");
    const world = new World(lines[0].length, lines.length);
    for (let y = 0; y < world.height; y++) {
      if (lines[y].length != world.width) throw new Error("line " + (y + 1).toString() + " has another length");
      for (let x = 0; x < world.width; x++) {
        world.cells[y][x] = lines[y].charAt(x) == "#" ? 1 : 0;
      }
    }
    return world;
  }

  neighbours(x: i32, y: i32): i32 {
    let count = 0;
    for (let dy = this.height - 1; dy <= this.height + 1; dy++) {
      const row = this.cells[(y + dy) % this.height];
      for (let dx = this.width - 1; dx <= this.width + 1; dx++) {
        count += row[(x + dx) % this.width];
      }
    }
    return count - this.cells[y][x];
  }

  // A new world each time: the old ones are for the garbage collector.
  next(): World {
    const world = new World(this.width, this.height);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const around = this.neighbours(x, y);
        world.cells[y][x] = around == 3 || (around == 2 && this.cells[y][x] == 1) ? 1 : 0;
      }
    }
    return world;
  }

  population(): i32 {
    let count = 0;
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) count += this.cells[y][x];
    }
    return count;
  }

  toString(): string {
    const lines = new Array<string>();
    for (let y = 0; y < this.height; y++) {
      let line = "";
      for (let x = 0; x < this.width; x++) line += this.cells[y][x] ? "#" : ".";
      lines.push(line);
    }
    return lines.join("\n");
  }
}

function readAll(): string {
  const chunks = new Array<string>();
  const buffer = new ArrayBuffer(4096);
  for (let count = process.stdin.read(buffer); count > 0; count = process.stdin.read(buffer)) {
    chunks.push(String.UTF8.decode(buffer.slice(0, count)));
  }
  return chunks.join("");
}

const generations = process.argv.length > 1 ? I32.parseInt(process.argv[1]) : 10;
let world = World.parse(readAll());
const populations = new Map<i32, i32>();
for (let i = 0; i < generations; i++) {
  world = world.next();
  const count = world.population();
  populations.set(count, (populations.has(count) ? populations.get(count) : 0) + 1);
}
process.stdout.write(world.toString() + "\n");
const counts = populations.keys().sort((a: i32, b: i32) => a - b);
for (let i = 0; i < counts.length; i++) {
  process.stdout.write(counts[i].toString() + ": " + populations.get(counts[i]).toString() + "\n");
}
process.exit(world.population() == 0 ? 1 : 0);
