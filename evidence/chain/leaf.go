package chain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
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
}

// Draft is a leaf without its place.
type Draft struct {
	Fact    fact.Fact
	Kind    string
	Subject string
	Causes  []string // subjects
	body    []byte
	private []byte
	leaf    Leaf
}

// Drafter makes drafts for one unit and one boot.
type Drafter struct {
	Unit string
	Boot uint64
	// Salt gives the salts of commitments: a CSPRNG, safe for concurrent use.
	Salt io.Reader
}

// Draft prepares the leaf of a fact that happened at wall. The error says
// that the fact can't be written down (too large, no struct) or that Salt
// gave nothing.
func (d *Drafter) Draft(f fact.Fact, wall time.Time) (Draft, error) {
	fields, err := split(f)
	if err != nil {
		return Draft{}, fmt.Errorf("draft %s: %w", f.Kind(), err)
	}
	out := Draft{Fact: f, Kind: f.Kind(), body: fields.body}
	if len(fields.private) > 0 {
		var commit map[string]string
		if commit, out.private, err = commitTo(fields.private, d.Salt); err != nil {
			return Draft{}, fmt.Errorf("draft %s: %w", f.Kind(), err)
		}
		out.leaf.Commit = commit
	}
	var links fact.Links
	if l, ok := f.(fact.Linked); ok {
		links = l.Links()
	}
	if len(links.Causes) > causesMax {
		return Draft{}, fmt.Errorf("draft %s: %d causes, at most %d", f.Kind(), len(links.Causes), causesMax)
	}
	out.Subject = Text(links.Subject)
	for _, c := range links.Causes {
		out.Causes = append(out.Causes, Text(c))
	}
	out.leaf.V, out.leaf.Unit, out.leaf.Boot = leafVersion, d.Unit, d.Boot
	out.leaf.Wall, out.leaf.Type, out.leaf.Actor = wall.UTC(), out.Kind, Text(links.Actor)
	out.leaf.BodyHash = digest(fields.body)
	if out.leaf.Commit == nil {
		out.leaf.Commit = map[string]string{}
	}
	return out, nil
}

// Record gives the draft its place in the log and the indexes of its causes.
func (d *Draft) Record(seq uint64, causes []uint64) (Record, error) {
	l := d.leaf
	l.Seq, l.Cause = seq, causes
	if causes == nil {
		l.Cause = []uint64{}
	}
	leaf, err := json.Marshal(l)
	if err != nil {
		return Record{}, fmt.Errorf("leaf %d: %w", seq, err)
	}
	return Record{
		Seq: seq, Kind: d.Kind, Subject: d.Subject, Leaf: leaf, Body: d.body, Private: d.private,
	}, nil
}

// opened is one personal field as stored beside the leaf.
type opened struct {
	Salt  []byte          `json:"s"`
	Value json.RawMessage `json:"v"`
}

func commitTo(fields []field, salts io.Reader) (commit map[string]string, private []byte, err error) {
	commit = make(map[string]string, len(fields))
	beside := make(map[string]opened, len(fields))
	salt := make([]byte, saltBytes*len(fields))
	if _, err := io.ReadFull(salts, salt); err != nil {
		return nil, nil, fmt.Errorf("salt: %w", err)
	}
	for i, f := range fields {
		s := salt[i*saltBytes : (i+1)*saltBytes]
		commit[f.name] = digest(s, f.value)
		beside[f.name] = opened{Salt: s, Value: f.value}
	}
	if private, err = json.Marshal(beside); err != nil {
		return nil, nil, fmt.Errorf("personal fields: %w", err)
	}
	return commit, private, nil
}

func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
