package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/text"
)

// fileBytesMax bounds a configuration file.
const fileBytesMax = 1 << 20

// Finding is one thing wrong in a configuration, at a line (0 where none can
// be named).
type Finding struct {
	File string
	Line int
	Key  string
	What text.Message
}

// Say gives file:line: key: what.
func (f Finding) Say(l text.Lang) string { return f.Message().Say(l) }

// Message gives the same as a sentence for any language.
func (f Finding) Message() text.Message {
	at := f.File
	if f.Line > 0 {
		at += ":" + strconv.Itoa(f.Line)
	}
	if f.Key != "" {
		at += ": " + f.Key
	}
	return text.Of("config.finding", at, f.What)
}

// Findings is all that is wrong, in the order of the file.
type Findings []Finding

// Say gives a line for each finding.
func (f Findings) Say(l text.Lang) string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Say(l)
	}
	return strings.Join(lines, "\n")
}

// Error says them in English, for logs.
func (f Findings) Error() string { return f.Say(text.EN) }

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
		return c, Findings{{File: path, What: text.Of("config.large", fileBytesMax)}}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	return Parse(path, string(b))
}

// Parse reads a configuration from its contents; path is for the findings only.
func Parse(path, contents string) (Config, error) {
	c := Default()
	listen := c.Voice.Listen
	c.Voice.Listen = nil // the decoder would merge the file's listeners into the defaults, element by element
	meta, err := toml.Decode(contents, &c)
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
	ours := knownKeys(reflect.TypeFor[Config]())
	for _, key := range meta.Undecoded() {
		found = append(found, Finding{
			File: path, Line: lineOf(contents, key), Key: key.String(), What: unknown(key.String(), ours),
		})
	}
	for _, f := range c.check() {
		f.File, f.Line = path, lineOf(contents, strings.Split(f.Key, "."))
		found = append(found, f)
	}
	if len(found) > 0 {
		return c, found
	}
	return c, nil
}

var (
	lineInMessage = regexp.MustCompile(`^toml: line (\d+) (?:\(last key "([^"]*)"\))?:? ?`)
	typeInMessage = regexp.MustCompile(`destination has type (\w+)`)
	keyInMessage  = regexp.MustCompile(`^Key '([^']*)'`)
)

// syntaxFinding says what the decoder could not read, and where. The decoder's
// own words are English; they are sorted into what a person can do about it.
func syntaxFinding(path string, err error) Finding {
	if p, ok := errors.AsType[toml.ParseError](err); ok {
		f := Finding{File: path, Line: p.Position.Line, What: text.Of("config.syntax", max(p.Position.Col, 1))}
		if m := keyInMessage.FindStringSubmatch(p.Message); m != nil {
			f.Key, f.What = m[1], text.Of("config.twice")
		}
		return f
	}
	f := Finding{File: path, What: text.Of("config.unreadable")}
	what := err.Error()
	if m := lineInMessage.FindStringSubmatch(what); m != nil {
		f.Line, _ = strconv.Atoi(m[1]) // digits; 0 where they are too many
		f.Key = m[2]
	}
	if m := typeInMessage.FindStringSubmatch(what); m != nil {
		if _, ok := text.Lookup(text.Key("config.type." + m[1])); ok {
			f.What = text.Of(text.Key("config.type." + m[1]))
		}
	}
	return f
}

// lineOf finds the line on which a dotted key is set. TOML's decoder tells
// positions of syntax errors only, so we look for the key below its table.
func lineOf(contents string, key []string) int {
	if len(key) == 0 {
		return 0
	}
	table, last := strings.Join(key[:len(key)-1], "."), key[len(key)-1]
	now, first := "", 0
	for i, line := range strings.Split(contents, "\n") {
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

// unknown says that a key is none of ours, and suggests the known one that
// differs least from it.
func unknown(key string, known []string) text.Message {
	best, dist := "", 3
	for _, k := range known {
		if d := distance(key, k); d < dist {
			best, dist = k, d
		}
	}
	if best == "" {
		return text.Of("config.unknown")
	}
	return text.Of("config.unknown.meant", best)
}

// Exists tells whether a configuration file is there.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
