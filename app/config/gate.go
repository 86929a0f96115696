package config

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/gate/policy"
	"github.com/sekisho/sekisho/text"
)

// ParseGate reads a policy from the contents of gate.toml and checks it; path
// is for the findings only, which the error is. The document has its entries in
// the order of the file.
func ParseGate(path, contents string) (policy.Document, error) {
	var d policy.Document
	if len(contents) > policy.TextBytesMax {
		what := text.Of("policy.large", len(contents), policy.TextBytesMax)
		return d, Findings{{File: path, What: what}}
	}
	meta, err := toml.Decode(contents, &d)
	if err != nil {
		return d, Findings{syntaxFinding(path, err)}
	}
	at := placesOf(contents)
	var found Findings
	told := map[string]bool{}
	for _, key := range meta.Undecoded() {
		name := key.String()
		if told[name] { // each table of an array gives it again
			continue
		}
		told[name] = true
		what := unknown(name, knownKeys(reflect.TypeFor[policy.Document]()))
		lines := at.everywhere(name)
		if len(lines) == 0 {
			lines = []int{0}
		}
		for _, line := range lines {
			found = append(found, Finding{File: path, Line: line, Key: name, What: what})
		}
	}
	for _, f := range d.Check() {
		found = append(found, Finding{File: path, Line: at.line(f.Path), Key: f.Path, What: f.What})
	}
	if len(found) > 0 {
		return d, found
	}
	return d, nil
}

// GateLine finds the line of a policy's text on which a path stands, such as
// "opening[1].until"; that of its table where it stands nowhere, 0 for none.
func GateLine(contents, path string) int { return placesOf(contents).line(path) }

// places are the lines on which a text sets its keys, by path.
type places []place

type place struct {
	path string
	line int
}

// placesOf finds the keys of a text. TOML's decoder tells positions of syntax
// errors only.
func placesOf(contents string) places {
	var out places
	count := map[string]int{}
	table := ""
	n := 0
	for line := range strings.SplitSeq(contents, "\n") {
		n++
		line = strings.TrimSpace(line)
		if head, ok := strings.CutPrefix(line, "["); ok {
			name, _, _ := strings.Cut(strings.TrimPrefix(head, "["), "]")
			table = strings.TrimSpace(name)
			if strings.HasPrefix(head, "[") {
				i := count[table]
				count[table]++
				table += "[" + strconv.Itoa(i) + "]"
			}
			out = append(out, place{path: table, line: n})
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		name = strings.Trim(strings.TrimSpace(name), `"'`)
		if table != "" {
			name = table + "." + name
		}
		out = append(out, place{path: name, line: n})
	}
	return out
}

// line is where a path stands, or the table it belongs to.
func (p places) line(path string) int {
	for {
		for _, one := range p {
			if one.path == path {
				return one.line
			}
		}
		i := strings.LastIndex(path, ".")
		if i < 0 {
			return 0
		}
		path = path[:i]
	}
}

// everywhere lists the lines of a key in whichever table of an array.
func (p places) everywhere(key string) []int {
	var out []int
	for _, one := range p {
		table, rest, _ := strings.Cut(one.path, "[")
		if _, after, ok := strings.Cut(rest, "]"); ok {
			table += after
		}
		if table == key {
			out = append(out, one.line)
		}
	}
	return out
}
