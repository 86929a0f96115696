package chain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Record is one stored leaf with what stands beside it.
type Record struct {
	Seq     uint64
	Kind    string
	Subject string
	Leaf    []byte // canonical JSON, what is hashed
	Body    []byte // JSON object of the fact's public fields
	Private []byte // JSON object of personal fields: {"field":{"s":salt,"v":value}}, "" when none
}

// Leaf is a leaf read.
type Leaf struct {
	V        int               `json:"v"`
	Unit     string            `json:"unit"`
	Seq      uint64            `json:"seq"`
	Wall     time.Time         `json:"wall"`
	Boot     uint64            `json:"boot"`
	Type     string            `json:"type"`
	Actor    string            `json:"actor"`
	Cause    []uint64          `json:"cause"`
	Commit   map[string]string `json:"commit"`
	BodyHash string            `json:"body_hash"`
}

// Read reads the record's leaf.
func (r Record) Read() (Leaf, error) {
	var l Leaf
	if err := json.Unmarshal(r.Leaf, &l); err != nil {
		return Leaf{}, fmt.Errorf("leaf %d: %w", r.Seq, err)
	}
	return l, nil
}

// Entry is one write on its way to the log: what of it becomes leaves, and
// the rows that change with them.
type Entry struct {
	Drafts []Draft
	Rows   []fact.Row
	Behind bool // as fact.Write has it
}

// Draft is a leaf without its place.
type Draft struct {
	Fact    fact.Fact
	Kind    string
	Subject string
	Causes  []string // subjects
	body    []byte
	private []byte
	// The leaf's JSON around what its place decides: before the index, between
	// index and causes, and after them.
	head, middle, tail []byte
}

// Drafter makes drafts for one unit and one boot.
type Drafter struct {
	Unit string
	Boot uint64
	// Salt gives the salts of commitments: a CSPRNG, safe for concurrent use.
	Salt io.Reader
}

// Draft prepares the leaf of a fact that happened at wall. The error says
// that the fact can't be written down (too large, no struct, a time without a
// JSON form) or that Salt gave nothing.
func (d *Drafter) Draft(f fact.Fact, wall time.Time) (Draft, error) {
	fields, err := split(f)
	if err != nil {
		return Draft{}, fmt.Errorf("draft %s: %w", f.Kind(), err)
	}
	var links fact.Links
	if l, ok := f.(fact.Linked); ok {
		links = l.Links()
	}
	if len(links.Causes) > causesMax {
		return Draft{}, fmt.Errorf("draft %s: %d causes, at most %d", f.Kind(), len(links.Causes), causesMax)
	}
	out := Draft{Fact: f, Kind: f.Kind(), Subject: Text(links.Subject), Causes: links.Causes, body: fields.body}
	for i, c := range out.Causes { // Links makes a new list each time
		out.Causes[i] = Text(c)
	}
	if err := d.write(&out, fields.private, wall.UTC(), Text(links.Actor)); err != nil {
		return Draft{}, fmt.Errorf("draft %s: %w", f.Kind(), err)
	}
	return out, nil
}

// write writes the leaf around its place, and the personal fields beside it.
func (d *Drafter) write(out *Draft, personal []field, wall time.Time, actor string) (err error) {
	b := make([]byte, 0, leafBytesUsual)
	b = append(strconv.AppendInt(append(b, `{"v":`...), leafVersion, 10), `,"unit":`...)
	b = append(appendText(b, d.Unit), `,"seq":`...)
	middle := len(b)
	if b, err = appendTime(append(b, `,"wall":`...), wall); err != nil {
		return err
	}
	b = strconv.AppendUint(append(b, `,"boot":`...), d.Boot, 10)
	b = appendText(append(b, `,"type":`...), out.Kind)
	b = append(appendText(append(b, `,"actor":`...), actor), `,"cause":[`...)
	tail := len(b)
	b = append(b, `],"commit":{`...)
	if len(personal) > 0 {
		if b, out.private, err = commitTo(b, personal, d.Salt); err != nil {
			return err
		}
	}
	b = append(appendDigest(append(b, `},"body_hash":`...), out.body), '}')
	out.head, out.middle, out.tail = b[:middle], b[middle:tail], b[tail:]
	return nil
}

// Record gives the draft its place in the log and the indexes of its causes.
func (d *Draft) Record(seq uint64, causes []uint64) Record {
	const digits = 20 // of the largest index, with a comma one more
	leaf := make([]byte, 0, len(d.head)+len(d.middle)+len(d.tail)+digits+(digits+1)*len(causes))
	leaf = append(strconv.AppendUint(append(leaf, d.head...), seq, 10), d.middle...)
	for i, c := range causes {
		if i > 0 {
			leaf = append(leaf, ',')
		}
		leaf = strconv.AppendUint(leaf, c, 10)
	}
	return Record{
		Seq: seq, Kind: d.Kind, Subject: d.Subject, Leaf: append(leaf, d.tail...), Body: d.body, Private: d.private,
	}
}

// opened is one personal field as stored beside the leaf.
type opened struct {
	Salt  []byte          `json:"s"`
	Value json.RawMessage `json:"v"`
}

// commitTo appends the commitments to personal fields, and gives what stands
// beside the leaf: fields, salts and values, by name as json.Marshal sorts them.
func commitTo(b []byte, personal []field, salts io.Reader) (commit, private []byte, err error) {
	salt := make([]byte, saltBytes*len(personal))
	if _, err := io.ReadFull(salts, salt); err != nil {
		return nil, nil, fmt.Errorf("salt: %w", err)
	}
	slices.SortFunc(personal, func(x, y field) int { return strings.Compare(x.name, y.name) })
	private = append(private, '{')
	var salted []byte
	for i, f := range personal {
		s := salt[i*saltBytes : (i+1)*saltBytes]
		if i > 0 {
			b, private = append(b, ','), append(private, ',')
		}
		salted = append(append(salted[:0], s...), f.value...)
		b = appendDigest(append(appendText(b, f.name), ':'), salted)
		private = append(appendText(private, f.name), `:{"s":"`...)
		private = base64.StdEncoding.AppendEncode(private, s)
		private = append(append(append(private, `","v":`...), f.value...), '}')
	}
	return b, append(private, '}'), nil
}

// appendDigest appends the base64 of a SHA-256 as JSON.
func appendDigest(b, of []byte) []byte {
	sum := sha256.Sum256(of)
	return append(base64.StdEncoding.AppendEncode(append(b, '"'), sum[:]), '"')
}

func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
