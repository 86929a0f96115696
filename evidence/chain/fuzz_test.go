package chain

import (
	"iter"
	"testing"
)

// FuzzVerify puts anything at all into a log of one leaf: Verify must say that
// it is bad, or that it is the very leaf, and never break.
func FuzzVerify(f *testing.F) {
	good := write(f, 1).records[0]
	f.Add(good.Leaf, good.Body, good.Private, good.Kind, good.Subject)
	f.Add([]byte(`{}`), []byte(`{}`), []byte(`{}`), "", "")
	f.Add([]byte(`null`), []byte(`[]`), []byte(`{"a":null}`), "call.started", "call/")
	f.Fuzz(func(t *testing.T, leaf, body, private []byte, kind, subject string) {
		r := Record{Leaf: leaf, Body: body, Private: private, Kind: kind, Subject: subject}
		var tree Tree
		hashes := tree.Append(nil, leaf)
		var leaves iter.Seq2[Record, error] = func(yield func(Record, error) bool) { yield(r, nil) }
		stored := func(yield func(Stored, error) bool) { yield(Stored{Hash: hashes[0]}, nil) }
		result, err := Verify("u1", leaves, stored, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if result.Bad == nil && result.Head != tree.Head() {
			t.Errorf("good, and another tree: %+v", result)
		}
	})
}

// FuzzOpen reads anything as a checkpoint.
func FuzzOpen(f *testing.F) {
	b := write(f, 3, 3)
	v, err := NewVerifier(b.signer.Public())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.checkpoints[0].Note)
	f.Add([]byte("unit/u1\n3\n\n— unit/u1 AAAA\n"))
	f.Fuzz(func(t *testing.T, note []byte) {
		if c, err := v.Open(note); err == nil && c.Head != b.tree.Head() {
			t.Errorf("a forged checkpoint at %d leaves", c.Size)
		}
	})
}
