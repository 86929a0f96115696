package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// fileBytesMax bounds a configuration file.
const fileBytesMax = 1 << 20

// Finding is one thing wrong in a configuration, at a line (0 where none can
// be named).
type Finding struct {
	File string
	Line int
	Key  string
	What string
}

// Error gives file:line: what.
func (f Finding) Error() string {
	at := f.File
	if f.Line > 0 {
		at += ":" + strconv.Itoa(f.Line)
	}
	if f.Key != "" {
		return fmt.Sprintf("%s: %s: %s", at, f.Key, f.What)
	}
	return fmt.Sprintf("%s: %s", at, f.What)
}

// Findings is all that is wrong, in the order of the file.
type Findings []Finding

func (f Findings) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads a file over the defaults and checks it. path "" gives the
// defaults. The error is Findings where the contents are wrong.
func Load(path string) (Config, error) {
	c := Default()
	if path == "" {
		return c, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	if info.Size() > fileBytesMax {
		return c, Findings{{File: path, What: fmt.Sprintf("the file is larger than %d bytes", fileBytesMax)}}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	return Parse(path, string(b))
}

// Parse reads a configuration from text; path is for the findings only.
func Parse(path, text string) (Config, error) {
	c := Default()
	listen := c.Voice.Listen
	c.Voice.Listen = nil // the decoder would merge the file's listeners into the defaults, element by element
	meta, err := toml.Decode(text, &c)
	if err != nil {
		return c, Findings{syntaxFinding(path, err)}
	}
	if !meta.IsDefined("voice", "listen") {
		c.Voice.Listen = listen
	}
	for i := range c.Voice.Listen {
		if c.Voice.Listen[i].Digest == nil {
			c.Voice.Listen[i].Digest = listen[0].Digest
		}
	}
	var found Findings
	for _, key := range meta.Undecoded() {
		found = append(found, Finding{
			File: path, Line: lineOf(text, key), Key: key.String(), What: "this key is unknown" + meant(key.String()),
		})
	}
	for _, f := range c.check() {
		f.File, f.Line = path, lineOf(text, strings.Split(f.Key, "."))
		found = append(found, f)
	}
	if len(found) > 0 {
		return c, found
	}
	return c, nil
}

var lineInMessage = regexp.MustCompile(`^toml: line (\d+) (?:\(last key "([^"]*)"\))?:? ?`)

// syntaxFinding gives the line of what the decoder could not read.
func syntaxFinding(path string, err error) Finding {
	if p, ok := errors.AsType[toml.ParseError](err); ok {
		return Finding{File: path, Line: p.Position.Line, What: p.Message}
	}
	what := err.Error()
	m := lineInMessage.FindStringSubmatch(what)
	if m == nil {
		return Finding{File: path, What: what}
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		line = 0
	}
	return Finding{File: path, Line: line, Key: m[2], What: strings.TrimPrefix(what, m[0])}
}

// lineOf finds the line on which a dotted key is set. TOML's decoder tells
// positions of syntax errors only, so we look for the key below its table.
func lineOf(text string, key []string) int {
	if len(key) == 0 {
		return 0
	}
	table, last := strings.Join(key[:len(key)-1], "."), key[len(key)-1]
	now, first := "", 0
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			now = strings.Trim(strings.SplitN(line, "]", 2)[0], "[] ")
			if now == strings.Join(key, ".") {
				return i + 1
			}
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		switch {
		case !ok || strings.HasPrefix(line, "#"):
		case now == table && name == last, now == "" && name == strings.Join(key, "."):
			return i + 1
		case first == 0 && strings.Contains(line, last) && (table == "" || strings.HasPrefix(table, now)):
			first = i + 1
		}
	}
	return first
}

// meant suggests the known key that differs least from a typo.
func meant(key string) string {
	best, dist := "", 3
	for _, k := range knownKeys() {
		if d := distance(key, k); d < dist {
			best, dist = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// Exists tells whether a configuration file is there.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
