// The algorithms that programs in AssemblyScript are made of. Each export does n rounds of one of them and returns a
// number that depends on all.

class Random {
  private state: u32 = 2463534242;

  next(): u32 {
    this.state ^= this.state << 13;
    this.state ^= this.state >> 17;
    this.state ^= this.state << 5;
    return this.state;
  }
}

export function sieve(limit: i32): i32 {
  const composite = new Array<bool>(limit);
  let count = 0;
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (let j = 2 * i; j < limit; j += i) composite[j] = true;
  }
  return count;
}

function greatestCommonDivisor(a: u32, b: u32): u32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

export function gcd(n: i32): i32 {
  const random = new Random();
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum += greatestCommonDivisor(random.next(), random.next());
  return sum;
}

export function arithmetic(n: i32): f64 {
  let sum = 0.0;
  let sign = 1.0;
  for (let i = 0; i < n; i++) {
    sum += sign / (2 * <f64>i + 1);
    sign = -sign;
  }
  return 4 * sum;
}

class Item {
  constructor(public key: u32, public next: Item | null) {}
}

// Real work: a list of objects is built, reversed, sorted by merging and left to the collector.
function merge(a: Item | null, b: Item | null): Item | null {
  const head = new Item(0, null);
  let last = head;
  while (a != null && b != null) {
    if (a.key <= b.key) {
      last.next = a;
      last = a;
      a = a.next;
    } else {
      last.next = b;
      last = b;
      b = b.next;
    }
  }
  last.next = a != null ? a : b;
  return head.next;
}

function sorted(list: Item | null, length: i32): Item | null {
  if (length < 2) return list;
  const half = length / 2;
  let end = list!;
  for (let i = 1; i < half; i++) end = end.next!;
  const rest = end.next;
  end.next = null;
  return merge(sorted(list, half), sorted(rest, length - half));
}

export function lists(n: i32): i32 {
  const random = new Random();
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    let list: Item | null = null;
    for (let i = 0; i < 1000; i++) list = new Item(random.next() >> 8, list);
    list = sorted(list, 1000);
    while (list != null) {
      sum = sum * 31 + list.key;
      list = list.next;
    }
  }
  return sum;
}

export function strings(n: i32): i32 {
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    const words = new Array<string>();
    for (let i = 0; i < 50; i++) words.push("word" + (i * 7 % 50 + round).toString());
    const text = words.join(" ").toUpperCase();
    const parts = text.split(" ");
    for (let i = 0; i < parts.length; i++) {
      sum = sum * 31 + <u32>parts[i].length + <u32>parts[i].charCodeAt(parts[i].length - 1);
    }
    sum += <u32>text.indexOf("WORD" + (round + 49).toString());
  }
  return sum;
}

export function functional(n: i32): i32 {
  const numbers = new Array<i32>();
  for (let i = 0; i < 1000; i++) numbers.push(i);
  let sum = 0;
  for (let round = 0; round < n; round++) {
    numbers[round % 1000] += round;
    sum =
      sum * 31 +
      numbers
        .map<i32>((x: i32): i32 => x * 3 + 1)
        .filter((x: i32): bool => (x & 1) == 0)
        .reduce<i32>((total: i32, x: i32): i32 => total ^ x, round);
  }
  return sum;
}
