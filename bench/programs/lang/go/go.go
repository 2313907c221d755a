// The algorithms that Go programs are made of, as a WASI reactor. Each export does n rounds of one of them and
// returns a number that depends on all.
package main

import (
	"sort"
	"strconv"
	"strings"
)

type random uint32

func (r *random) next() uint32 {
	*r ^= *r << 13
	*r ^= *r >> 17
	*r ^= *r << 5
	return uint32(*r)
}

const seed = 2463534242

//go:wasmexport sieve
func sieve(limit int32) int32 {
	composite := make([]bool, limit)
	count := int32(0)
	for i := int32(2); i < limit; i++ {
		if composite[i] {
			continue
		}
		count++
		for j := 2 * i; j < limit; j += i {
			composite[j] = true
		}
	}
	return count
}

type tree struct {
	left, right *tree
}

func build(depth int32) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func (t *tree) count() int32 {
	if t == nil {
		return 0
	}
	return 1 + t.left.count() + t.right.count()
}

//go:wasmexport trees
func trees(n int32) int32 {
	total := int32(0)
	for round := int32(0); round < n; round++ {
		total += build(10 + round%3).count()
	}
	return total
}

//go:wasmexport maps
func maps(n int32) int32 {
	source := random(seed)
	counts := map[uint32]int32{}
	for i := int32(0); i < n; i++ {
		counts[source.next()%5000]++
	}
	keys := make([]uint32, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		return counts[a] > counts[b] || counts[a] == counts[b] && a < b
	})
	sum := int32(0)
	for _, key := range keys {
		sum = sum*31 + int32(key) + counts[key]
	}
	return sum
}

//go:wasmexport text
func text(n int32) int32 {
	sum := int32(0)
	for round := int32(0); round < n; round++ {
		var built strings.Builder
		for i := int32(0); i < 100; i++ {
			built.WriteString("field")
			built.WriteString(strconv.Itoa(int(i * round)))
			built.WriteByte(',')
		}
		for _, part := range strings.Split(built.String(), ",") {
			number, err := strconv.Atoi(strings.TrimPrefix(part, "field"))
			if err == nil {
				sum = sum*31 + int32(number)
			}
		}
	}
	return sum
}

func main() {}
