package chain

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// Stored is one row of the hash table.
type Stored struct {
	Index uint64
	Hash  Hash
}

// Finding is what Verify found: the first leaf that is not what it was.
type Finding struct {
	Index uint64 // first bad leaf
	Last  uint64 // last leaf that may be meant, where the exact one can't be told; else Index
	Why   text.Message
}

// Result is what Verify saw.
type Result struct {
	Head        Head // of the leaves as they are
	Checkpoints int  // checkpoints that agree
	Signed      uint64
	Erased      int // personal fields that are gone, with their salts
	Bad         *Finding
}

// Verify reads the leaves and the hash table in their order and compares them
// with each other and with checkpoints whose signatures are known to be good.
// It stops at the first bad leaf. see, unless nil, is given each good leaf with
// its fact; a text.Fault of its makes the leaf a bad one. The error is about
// reading, not about what was read.
//
// What it can't see is stated: leaves after the last checkpoint that somebody
// with the database in hand rewrote together with all their hashes.
func Verify(unit string, leaves iter.Seq2[Record, error], hashes iter.Seq2[Stored, error],
	checkpoints []Checkpoint, see func(Record, fact.Fact) error,
) (Result, error) {
	next, stop := iter.Pull2(hashes)
	defer stop()
	v := verification{unit: unit, hashes: next, see: see}
	v.checkpoints = slices.SortedFunc(slices.Values(checkpoints), func(a, b Checkpoint) int {
		return cmp.Compare(a.Size, b.Size)
	})
	err := v.run(leaves)
	v.result.Head = v.tree.Head()
	return v.result, err
}

type verification struct {
	unit        string
	hashes      func() (Stored, error, bool)
	checkpoints []Checkpoint
	see         func(Record, fact.Fact) error
	tree        Tree
	good        uint64   // size of the last checkpoint that agreed
	suspect     *Finding // a subtree hash that disagreed; the next checkpoint tells what is wrong
	result      Result
}

func (v *verification) bad(index, last uint64, why text.Key, args ...any) {
	if v.result.Bad == nil {
		v.result.Bad = &Finding{Index: index, Last: last, Why: text.Of(why, args...)}
	}
}

func (v *verification) run(leaves iter.Seq2[Record, error]) error {
	v.meet()
	for r, err := range leaves {
		if err != nil {
			return fmt.Errorf("read leaf %d: %w", v.tree.Size(), err)
		}
		if err := v.leaf(r); err != nil {
			return err
		}
		if v.result.Bad != nil {
			return nil
		}
		if v.meet(); v.result.Bad != nil {
			return nil
		}
	}
	return v.end()
}

// leaf checks one record and the hashes stored with it.
func (v *verification) leaf(r Record) error {
	n := v.tree.Size()
	if r.Seq != n {
		v.bad(n, n, "evidence.leaf.missing", r.Seq)
		return nil
	}
	f, fault := v.whole(r)
	if fault != nil {
		v.result.Bad = &Finding{Index: n, Last: n, Why: fault.Message}
		return nil
	}
	for level, h := range v.tree.Append(nil, r.Leaf) {
		s, err, more := v.hashes()
		if err != nil {
			return fmt.Errorf("read hash of leaf %d: %w", n, err)
		}
		want := FirstHash(n) + uint64(level)
		switch {
		case !more || s.Index != want:
			v.bad(n, n, "evidence.leaf.hash-none", want)
			return nil
		case s.Hash != h && level == 0:
			v.bad(n, n, "evidence.leaf.hash")
			return nil
		case s.Hash != h && v.suspect == nil:
			v.suspect = &Finding{Index: n + 1 - 1<<level, Last: n}
		}
	}
	if v.see != nil {
		err := v.see(r, f)
		if why, ok := text.MessageOf(err); ok {
			v.bad(n, n, "evidence.leaf.unfounded", why)
			return nil
		}
		return err
	}
	return nil
}

// whole checks what a record holds against its own leaf.
func (v *verification) whole(r Record) (fact.Fact, *text.Fault) {
	wrong := func(why text.Key, args ...any) (fact.Fact, *text.Fault) { return nil, text.Wrong(nil, why, args...) }
	var l Leaf
	if err := json.Unmarshal(r.Leaf, &l); err != nil {
		return wrong("evidence.leaf.form")
	}
	if canonical, err := json.Marshal(l); err != nil || !bytes.Equal(canonical, r.Leaf) {
		return wrong("evidence.leaf.form")
	}
	switch {
	case l.V != leafVersion:
		return wrong("evidence.leaf.version", l.V)
	case l.Unit != v.unit:
		return wrong("evidence.leaf.unit")
	case l.Seq != r.Seq:
		return wrong("evidence.leaf.place", l.Seq)
	case l.Type != r.Kind:
		return wrong("evidence.leaf.kind", l.Type, r.Kind)
	case digest(r.Body) != l.BodyHash:
		return wrong("evidence.leaf.body")
	case slices.ContainsFunc(l.Cause, func(c uint64) bool { return c >= l.Seq }):
		return wrong("evidence.leaf.cause")
	}
	if fault := v.commitments(r, l); fault != nil {
		return nil, fault
	}
	f, err := r.Fact()
	if err != nil {
		return wrong("evidence.leaf.unread", r.Kind)
	}
	var subject string
	if linked, ok := f.(fact.Linked); ok {
		subject = linked.Links().Subject
	}
	if subject != r.Subject {
		return wrong("evidence.leaf.subject", subject, r.Subject)
	}
	return f, nil
}

func (v *verification) commitments(r Record, l Leaf) *text.Fault {
	beside := map[string]opened{}
	if len(r.Private) > 0 {
		if err := json.Unmarshal(r.Private, &beside); err != nil {
			return text.Wrong(nil, "evidence.leaf.fields")
		}
		if canonical, err := json.Marshal(beside); err != nil || !bytes.Equal(canonical, r.Private) {
			return text.Wrong(nil, "evidence.leaf.fields")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(beside)) {
		o := beside[name]
		if l.Commit[name] == "" || digest(o.Salt, o.Value) != l.Commit[name] {
			return text.Wrong(nil, "evidence.leaf.field", name)
		}
	}
	v.result.Erased += len(l.Commit) - len(beside)
	return nil
}

// meet compares the tree with the checkpoints of its size.
func (v *verification) meet() {
	size := v.tree.Size()
	for len(v.checkpoints) > 0 && v.checkpoints[0].Size == size {
		c := v.checkpoints[0]
		v.checkpoints = v.checkpoints[1:]
		switch same := c.Root == v.tree.Head().Root; {
		case same && v.suspect != nil: // the leaves are good, so the table is bad
			v.bad(v.suspect.Last, v.suspect.Last, "evidence.tree.table")
		case same:
			v.good, v.result.Signed = size, size
			v.result.Checkpoints++
		case v.suspect != nil:
			v.bad(v.suspect.Index, v.suspect.Last, "evidence.tree.leaf")
		default:
			v.bad(v.good, max(size, 1)-1, "evidence.checkpoint.root", size, v.good)
		}
	}
}

// end looks at what is left when the leaves have run out.
func (v *verification) end() error {
	size := v.tree.Size()
	if len(v.checkpoints) > 0 {
		v.bad(size, v.checkpoints[0].Size-1, "evidence.leaf.signed-away", v.checkpoints[0].Size)
		return nil
	}
	if v.suspect != nil {
		v.bad(v.suspect.Index, v.suspect.Last, "evidence.tree.apart")
		return nil
	}
	s, err, more := v.hashes()
	if err != nil {
		return fmt.Errorf("read hashes after leaf %d: %w", size, err)
	}
	if more {
		v.bad(size, size, "evidence.leaf.hash-left", s.Index)
	}
	return nil
}
