package book

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
)

// Why a file is not read.
var (
	ErrFileSize = errors.New("a file has at most 4 MiB")
	ErrEncoding = errors.New("neither UTF-8 nor Shift_JIS")
	ErrColumns  = errors.New("no column for names, or none for numbers")
	ErrNothing  = errors.New("no entries")
)

// Fault is an entry of a file that is not taken.
type Fault struct {
	Line int // of the file, from 1
	Err  error
}

// Read reads the entries of a CSV with a heading or of vCards, in UTF-8 or Shift_JIS.
// What can't be taken is left out and told.
func Read(file []byte) ([]Entry, []Fault, error) {
	if len(file) > FileMax {
		return nil, nil, ErrFileSize
	}
	text, err := decode(file)
	if err != nil {
		return nil, nil, err
	}
	var found []lined
	if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "BEGIN:VCARD") {
		found = cards(text)
	} else if found, err = rows(text); err != nil {
		return nil, nil, err
	}
	var entries []Entry
	var faults []Fault
	for _, f := range found {
		if err := f.Check(); err == nil {
			entries = append(entries, f.Entry)
		} else if len(faults) < FaultsMax {
			faults = append(faults, Fault{Line: f.line, Err: err})
		}
	}
	if len(found) == 0 {
		return nil, nil, ErrNothing
	}
	return entries, faults, nil
}

// lined is an entry and where it stands.
type lined struct {
	Entry
	line int
}

// decode gives a file as UTF-8. What is valid UTF-8 is that: Japanese in Shift_JIS
// practically never is.
func decode(file []byte) (string, error) {
	if utf8.Valid(file) {
		return string(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))), nil
	}
	text, err := japanese.ShiftJIS.NewDecoder().Bytes(file)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", ErrEncoding
	}
	return string(text), nil
}

// Headings of CSV, as programs and people write them.
var (
	nameHeads   = []string{"name", "full name", "display name", "氏名", "名前", "名称", "会社名", "宛名"}
	kanaHeads   = []string{"kana", "reading", "フリガナ", "ふりがな", "よみ", "ヨミ", "読み", "よみがな", "カナ"}
	numberHeads = []string{
		"number", "phone", "telephone", "tel", "mobile", "電話番号", "電話", "番号", "tel1", "携帯", "携帯電話", "携帯番号",
	}
)

// rows reads CSV. Each column of numbers makes an entry.
func rows(text string) ([]lined, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	heads, err := r.Read() // of a string, with any quotes: it fails at the end only
	if err != nil {
		return nil, ErrNothing
	}
	name, kana := -1, -1
	var numbers []int
	for i, h := range heads {
		h = strings.ToLower(strings.TrimSpace(h))
		switch {
		case name < 0 && slices.Contains(nameHeads, h):
			name = i
		case kana < 0 && slices.Contains(kanaHeads, h):
			kana = i
		case slices.Contains(numberHeads, h):
			numbers = append(numbers, i)
		}
	}
	if name < 0 || len(numbers) == 0 {
		return nil, ErrColumns
	}
	var out []lined
	for {
		row, err := r.Read()
		if err != nil {
			return out, nil
		}
		line, _ := r.FieldPos(0)
		for _, i := range numbers {
			if n := cell(row, i); n != "" {
				out = append(out, lined{Entry{Name: cell(row, name), Kana: cell(row, kana), Number: n}, line})
			}
		}
	}
}

// ReadNumbers reads a list of numbers: the first column of a CSV, or one a line. A
// first line that holds none is a heading.
func ReadNumbers(file []byte) ([]string, []Fault, error) {
	if len(file) > FileMax {
		return nil, nil, ErrFileSize
	}
	text, err := decode(file)
	if err != nil {
		return nil, nil, err
	}
	var out []string
	var faults []Fault
	line := 0
	for row := range strings.Lines(text) {
		line++
		first, _, _ := strings.Cut(strings.TrimSpace(row), ",")
		n := strings.Trim(first, `"`)
		switch {
		case Key(n) != "":
			out = append(out, n)
		case n != "" && line > 1 && len(faults) < FaultsMax:
			faults = append(faults, Fault{Line: line, Err: fmt.Errorf("%q: %w", n, ErrNumber)})
		}
	}
	if len(out) == 0 {
		return nil, nil, ErrNothing
	}
	return out, faults, nil
}

func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	s := strings.TrimSpace(row[i])
	if rest, ok := strings.CutPrefix(s, "'"); ok && plain(rest) == s {
		return rest
	}
	return s
}

// cards reads vCards. Each number makes an entry.
func cards(text string) []lined {
	var out []lined
	var name, kana string
	var numbers []lined
	text = strings.ReplaceAll(text, "\r\n", "\n")
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		at := i + 1
		line := unfolded(lines[i:])
		i += len(line) - 1
		head, value, ok := strings.Cut(strings.Join(line, ""), ":")
		if !ok {
			continue
		}
		property, _, _ := strings.Cut(head, ";")
		if _, bare, grouped := strings.Cut(property, "."); grouped {
			property = bare
		}
		switch strings.ToUpper(property) {
		case "BEGIN":
			name, kana, numbers = "", "", nil
		case "FN":
			name = unescaped(value)
		case "X-PHONETIC-LAST-NAME", "X-PHONETIC-FIRST-NAME", "SOUND":
			if len(kana) <= NameBytesMax { // else it is no reading any more
				kana = strings.TrimSpace(kana + " " + strings.ReplaceAll(unescaped(value), ";", " "))
			}
		case "TEL":
			number, _, _ := strings.Cut(strings.TrimPrefix(unescaped(value), "tel:"), ";")
			numbers = append(numbers, lined{Entry{Number: number}, at})
		case "END":
			for _, n := range numbers {
				n.Name, n.Kana = name, kana
				out = append(out, n)
			}
			numbers = nil
		}
	}
	return out
}

// unfolded are the parts of the first line, which others go on with that begin with a
// space (RFC 6350 §3.2).
func unfolded(lines []string) []string {
	n := 1
	for n < len(lines) && (strings.HasPrefix(lines[n], " ") || strings.HasPrefix(lines[n], "\t")) {
		lines[n] = lines[n][1:]
		n++
	}
	return lines[:n]
}

// unescaped is a value of vCard as text (RFC 6350 §3.4).
func unescaped(s string) string {
	return strings.TrimSpace(strings.NewReplacer(`\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\\`, `\`).Replace(s))
}

// formula is how a cell begins that a spreadsheet would work out.
const formula = "=+-@"

// plain is a text that a spreadsheet leaves alone.
func plain(s string) string {
	if s != "" && strings.ContainsRune(formula, rune(s[0])) {
		return "'" + s
	}
	return s
}

// WriteCSV writes entries as Read reads them.
func WriteCSV(w io.Writer, entries []Entry) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"name", "kana", "number"}) // Flush tells
	for _, e := range entries {
		_ = c.Write([]string{plain(e.Name), plain(e.Kana), e.Number})
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("csv: %w", err)
	}
	return nil
}

// WriteVCard writes entries as vCards 4.0.
func WriteVCard(w io.Writer, entries []Entry) error {
	escape := strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`)
	for _, e := range entries {
		kana := ""
		if e.Kana != "" {
			kana = "X-PHONETIC-LAST-NAME:" + escape.Replace(e.Kana) + "\r\n"
		}
		if _, err := fmt.Fprintf(w, "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:%s\r\n%sTEL;VALUE=uri:tel:%s\r\nEND:VCARD\r\n",
			escape.Replace(e.Name), kana, Key(e.Number)); err != nil {
			return fmt.Errorf("vcard: %w", err)
		}
	}
	return nil
}
