// A pipeline of goroutines over standard input: lines are read, hashed by several workers, gathered,
// sorted and written, to standard output and to a file if one is named.
//
//	pipeline [FILE]
package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
	"time"
)

const workers = 4

type result struct {
	number int
	line   string
	digest [sha256.Size]byte
}

func readLines(input io.Reader, lines chan<- result) {
	defer close(lines)
	scanner := bufio.NewScanner(input)
	for number := 1; scanner.Scan(); number++ {
		lines <- result{number: number, line: scanner.Text()}
	}
}

func hashLines(lines <-chan result, hashed chan<- result) {
	for next := range lines {
		next.digest = sha256.Sum256([]byte(next.line))
		if next.number%50 == 0 {
			time.Sleep(time.Millisecond) // let another worker overtake
		}
		hashed <- next
	}
}

func process(input io.Reader) []result {
	lines, hashed := make(chan result), make(chan result, 16)
	go readLines(input, lines)
	var group sync.WaitGroup
	for i := 0; i < workers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			hashLines(lines, hashed)
		}()
	}
	go func() {
		group.Wait()
		close(hashed)
	}()
	var results []result
	for next := range hashed {
		results = append(results, next)
	}
	sort.Slice(results, func(i, j int) bool { return results[i].number < results[j].number })
	return results
}

func write(output io.Writer, results []result) error {
	lengths := map[int]int{}
	for _, next := range results {
		lengths[len(next.line)]++
		if _, err := fmt.Fprintf(output, "%4d %x %q\n", next.number, next.digest[:4], next.line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(output, "lengths", lengths) // fmt prints a map sorted by key
	return err
}

func main() {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Println("recovered:", cause)
			os.Exit(3)
		}
	}()
	output := os.Stdout
	if len(os.Args) > 1 {
		file, err := os.Create(os.Args[1])
		if err != nil {
			fmt.Println("cannot create the file")
			os.Exit(1)
		}
		defer file.Close()
		output = file
	}
	if err := write(output, process(os.Stdin)); err != nil {
		panic(err)
	}
	if os.Getenv("PIPELINE_PANIC") != "" {
		var none []result
		fmt.Println(none[len(os.Args)].line)
	}
}
