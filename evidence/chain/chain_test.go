package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
)

// book is a log in memory.
type book struct {
	records     []Record
	hashes      []Hash
	checkpoints []Checkpoint
	tree        Tree
	signer      *Signer
}

// Hashes implements Hashes.
func (b *book) Hashes(at []uint64) ([]Hash, error) {
	var out []Hash
	for _, i := range at {
		if i >= uint64(len(b.hashes)) {
			return nil, fmt.Errorf("no hash %d", i)
		}
		out = append(out, b.hashes[i])
	}
	return out, nil
}

var day = time.Date(2015, 3, 11, 0, 0, 0, 0, time.UTC)

// counter gives salts that differ.
type counter struct{ n byte }

// Read fills p with the next number.
func (c *counter) Read(p []byte) (int, error) {
	c.n++
	for i := range p {
		p[i] = c.n
	}
	return len(p), nil
}

func sample(i int) fact.Fact {
	switch i % 3 {
	case 0:
		return fact.CallStarted{Call: fmt.Sprint(i), From: "201", To: fmt.Sprint("03", i), At: day}
	case 1:
		return fact.UnitStarted{Version: "v", Boot: uint64(i), At: day}
	default:
		return fact.AuthenticationFailed{Source: "192.0.2.1", Count: i, First: day, Last: day}
	}
}

// write makes a log of n leaves with checkpoints at the given sizes.
func write(t testing.TB, n int, sizes ...uint64) *book {
	t.Helper()
	secret, _, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "u1")
	if err != nil {
		t.Fatal(err)
	}
	b := &book{}
	if b.signer, err = NewSigner(secret); err != nil {
		t.Fatal(err)
	}
	d := Drafter{Unit: "u1", Boot: 1, Salt: &counter{}}
	for i := range n {
		draft, err := d.Draft(sample(i), day)
		if err != nil {
			t.Fatal(err)
		}
		r := draft.Record(uint64(i), nil)
		b.records = append(b.records, r)
		b.hashes = append(b.hashes, b.tree.Append(nil, r.Leaf)...)
		for _, size := range sizes {
			if size == uint64(i+1) {
				c, err := b.signer.Sign(b.tree.Head())
				if err != nil {
					t.Fatal(err)
				}
				b.checkpoints = append(b.checkpoints, c)
			}
		}
	}
	return b
}

func (b *book) leaves() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, r := range b.records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (b *book) stored() iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		for i, h := range b.hashes {
			if !yield(Stored{Index: uint64(i), Hash: h}, nil) {
				return
			}
		}
	}
}

func (b *book) verify(t testing.TB) Result {
	t.Helper()
	r, err := Verify("u1", b.leaves(), b.stored(), b.checkpoints, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rehash writes the hash table anew from leaf i on, as somebody would who
// knows how.
func (b *book) rehash() {
	b.tree, b.hashes = Tree{}, nil
	for _, r := range b.records {
		b.hashes = append(b.hashes, b.tree.Append(nil, r.Leaf)...)
	}
}

// replace puts other words into a leaf.
func (b *book) replace(t testing.TB, i int, old, with string) {
	t.Helper()
	changed := bytes.Replace(b.records[i].Leaf, []byte(old), []byte(with), 1)
	if bytes.Equal(changed, b.records[i].Leaf) {
		t.Fatalf("leaf %d has no %q: %s", i, old, b.records[i].Leaf)
	}
	b.records[i].Leaf = changed
}

func TestVerifyGood(t *testing.T) {
	for n := range 40 {
		b := write(t, n, 1, 7, 8, 33)
		r := b.verify(t)
		if r.Bad != nil || r.Head != b.tree.Head() || r.Checkpoints != len(b.checkpoints) {
			t.Errorf("%d leaves: %+v", n, r)
		}
	}
}

func TestErasedFieldsStillVerify(t *testing.T) {
	b := write(t, 6)
	for i := range b.records {
		b.records[i].Private = nil
	}
	if r := b.verify(t); r.Bad != nil || r.Erased != 4 {
		t.Errorf("%+v", r)
	}
	f, err := b.records[0].Fact()
	if got, ok := f.(fact.CallStarted); err != nil || !ok || got.To != "" || got.Call != "0" {
		t.Errorf("%+v %v", f, err)
	}
}

func TestVerifyTellsReadErrors(t *testing.T) {
	errRead := errors.New("disk")
	b := write(t, 3)
	leaves := func(yield func(Record, error) bool) { yield(Record{}, errRead) }
	if _, err := Verify("u1", leaves, b.stored(), nil, nil); !errors.Is(err, errRead) {
		t.Errorf("leaves: %v", err)
	}
	hashes := func(yield func(Stored, error) bool) { yield(Stored{}, errRead) }
	if _, err := Verify("u1", b.leaves(), hashes, nil, nil); !errors.Is(err, errRead) {
		t.Errorf("hashes: %v", err)
	}
}

// TestTreeAgreesWithTlog holds our edge against x/mod's own bookkeeping.
func TestTreeAgreesWithTlog(t *testing.T) {
	b := write(t, 70)
	for n := range uint64(71) {
		tree, err := OpenTree(n, b)
		if err != nil {
			t.Fatal(err)
		}
		want, err := tlog.TreeHash(int64(n), reader{b})
		if err != nil {
			t.Fatal(err)
		}
		if head := tree.Head(); head.Size != n || head.Root != Hash(want) {
			t.Errorf("%d leaves: %v, want %v", n, head, want)
		}
	}
	if got := uint64(len(b.hashes)); got != HashCount(70) {
		t.Errorf("%d hashes, want %d", got, HashCount(70))
	}
	if emptyRoot != Hash(sha256.Sum256(nil)) {
		t.Error("the empty root is wrong")
	}
}

func TestProofs(t *testing.T) {
	b := write(t, 50)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(1, 50).Draw(t, "size")
		n := rapid.Uint64Range(0, size-1).Draw(t, "leaf")
		before := rapid.Uint64Range(1, size).Draw(t, "before")
		head, old := headOf(t, b, size), headOf(t, b, before)
		p, err := ProveInclusion(size, n, b)
		if err != nil {
			t.Fatal(err)
		}
		leaf := LeafHash(b.records[n].Leaf)
		if err := CheckInclusion(p, head, n, leaf); err != nil {
			t.Fatal(err)
		}
		other := leaf
		other[3] ^= 1
		if CheckInclusion(p, head, n, other) == nil {
			t.Fatal("another leaf is included too")
		}
		c, err := ProveConsistency(size, before, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckConsistency(c, head, old); err != nil {
			t.Fatal(err)
		}
		old.Root[0] ^= 1
		if CheckConsistency(c, head, old) == nil {
			t.Fatal("another history is consistent too")
		}
	})
}

func headOf(t *rapid.T, b *book, size uint64) Head {
	tree, err := OpenTree(size, b)
	if err != nil {
		t.Fatal(err)
	}
	return tree.Head()
}

func TestCheckpoint(t *testing.T) {
	b := write(t, 5, 5)
	v, err := NewVerifier(b.signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	signed := b.checkpoints[0].Note
	c, err := v.Open(signed)
	if err != nil || c.Head != b.tree.Head() {
		t.Fatalf("%+v %v", c, err)
	}
	if text := string(signed); !strings.HasPrefix(text, "unit/u1\n5\n"+b.tree.Head().Root.String()+"\n\n— unit/u1 ") {
		t.Errorf("not the C2SP form:\n%s", text)
	}
	for name, note := range map[string]string{
		"other size": strings.Replace(string(signed), "\n5\n", "\n6\n", 1),
		"unsigned":   strings.SplitAfter(string(signed), "\n\n")[0],
		"empty":      "",
		"too long":   strings.Repeat("x", checkpointsMax+1),
	} {
		if _, err := v.Open([]byte(note)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	other, _, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{8}, 64)), "u1")
	if err != nil {
		t.Fatal(err)
	}
	forger, err := NewSigner(other)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forger.Sign(b.tree.Head())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(forged.Note); err == nil {
		t.Error("another key's checkpoint was taken")
	}
	if b.signer.Unit() != "u1" {
		t.Errorf("the key is for %q", b.signer.Unit())
	}
	for _, unit := range []string{"", "a b", "a+b", "東京　本社"} {
		if _, _, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{8}, 64)), unit); err == nil {
			t.Errorf("a key for unit %q", unit)
		}
	}
	for _, bad := range []string{"", "PRIVATE+KEY+unit/u1+00000000+AAAA", other + "A"} {
		if _, err := NewSigner(bad); err == nil {
			t.Errorf("key %q was taken", bad)
		}
	}
}

// TestLeafIsCanonical pins the bytes that are hashed: they are forever.
func TestLeafIsCanonical(t *testing.T) {
	d := Drafter{Unit: "u1", Boot: 3, Salt: &counter{}}
	draft, err := d.Draft(fact.CallStarted{Call: "c1", To: "<&>", Direction: fact.Outgoing, At: day}, day.Add(1))
	if err != nil {
		t.Fatal(err)
	}
	r := draft.Record(7, []uint64{2, 5})
	salt := bytes.Repeat([]byte{1}, saltBytes)
	want := `{"v":1,"unit":"u1","seq":7,"wall":"2015-03-11T00:00:00.000000001Z","boot":3,"type":"call.started",` +
		`"actor":"","cause":[2,5],"commit":{"to":"` + digest(salt, []byte(`"\u003c\u0026\u003e"`)) + `"},` +
		`"body_hash":"` + digest(r.Body) + `"}`
	if string(r.Leaf) != want {
		t.Errorf("leaf\n%s\nwant\n%s", r.Leaf, want)
	}
	if body := `{"call":"c1","direction":"outgoing","at":"2015-03-11T00:00:00Z"}`; string(r.Body) != body {
		t.Errorf("body\n%s\nwant\n%s", r.Body, body)
	}
	if r.Subject != "call/c1" || bytes.Contains(r.Leaf, []byte("&")) || bytes.Contains(r.Body, []byte("&")) {
		t.Errorf("%q %s %s", r.Subject, r.Leaf, r.Body)
	}
}

func TestDraftRefuses(t *testing.T) {
	d := Drafter{Unit: "u1", Salt: &counter{}}
	for name, f := range map[string]fact.Fact{
		"too large":  fact.ControlUsed{Command: strings.Repeat("x", bodyBytesMax+1)},
		"a pointer":  &fact.ControlUsed{},
		"many links": linked{},
		"no JSON":    fact.UnitStarted{At: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, err := d.Draft(f, day); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	d.Salt = bytes.NewReader(nil)
	if _, err := d.Draft(fact.CallStarted{To: "1"}, day); err == nil {
		t.Error("drafted without salt")
	}
}

type linked struct{}

// Kind is "linked".
func (linked) Kind() string { return "linked" }

// Links are too many.
func (linked) Links() fact.Links { return fact.Links{Causes: make([]string, causesMax+1)} }

// TestFactsComeBack: every kind, with and without its personal fields, is
// read back from its record as it was.
func TestFactsComeBack(t *testing.T) {
	d := Drafter{Unit: "u1", Salt: &counter{}}
	for _, f := range fact.All() {
		draft, err := d.Draft(f, day)
		if err != nil {
			t.Fatal(err)
		}
		r := draft.Record(0, nil)
		back, err := r.Fact()
		if err != nil {
			t.Errorf("%s: %v", f.Kind(), err)
			continue
		}
		was, _ := json.Marshal(f)
		is, _ := json.Marshal(back)
		if !bytes.Equal(was, is) {
			t.Errorf("%s:\n%s\n%s", f.Kind(), was, is)
		}
	}
}
