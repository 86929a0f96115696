package main

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed equivalents.txt
var equivalentsText string

// equivalents are the mutants that no test can notice, with the reason each.
type equivalents map[string]string

// readEquivalents reads blocks of two lines, a mutant's key and, indented, why
// it changes nothing. Lines that begin with # are comments.
func readEquivalents(text string) (equivalents, error) {
	list := equivalents{}
	key, n := "", 0
	for line := range strings.Lines(text) {
		n++
		reason := strings.HasPrefix(line, "\t")
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case reason && key == "":
			return nil, fmt.Errorf("line %d: a reason without a mutant", n)
		case reason:
			list[key] = line
			key = ""
		case key != "":
			return nil, fmt.Errorf("line %d: the mutant before has no reason", n)
		default:
			if _, twice := list[line]; twice {
				return nil, fmt.Errorf("line %d: listed twice", n)
			}
			key = line
		}
	}
	if key != "" {
		return nil, fmt.Errorf("line %d: the last mutant has no reason", n)
	}
	return list, nil
}
