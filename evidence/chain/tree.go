package chain

import (
	"encoding/base64"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 of the tree.
type Hash [32]byte

// String gives base64, as checkpoints write it.
func (h Hash) String() string { return base64.StdEncoding.EncodeToString(h[:]) }

// Head is a tree's size in leaves and its root.
type Head struct {
	Size uint64
	Root Hash
}

// Tree is the growing edge of the log: the roots of its complete subtrees,
// the largest first. The zero Tree is empty. Copy it with Clone.
type Tree struct {
	size uint64
	edge []Hash // one for each set bit of size, from the high bit down
}

// Size is the number of leaves.
func (t *Tree) Size() uint64 { return t.size }

// Clone copies the tree, to go back to it when a transaction fails.
func (t *Tree) Clone() Tree { return Tree{size: t.size, edge: append([]Hash(nil), t.edge...)} }

// Append adds a leaf and appends the hashes to store to stored, whose first
// stands at FirstHash(index of the leaf); the next ones follow it.
func (t *Tree) Append(stored []Hash, leaf []byte) []Hash {
	h := LeafHash(leaf)
	stored = append(stored, h)
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.edge) - 1
		h = Hash(tlog.NodeHash(tlog.Hash(t.edge[last]), tlog.Hash(h)))
		t.edge = t.edge[:last]
		stored = append(stored, h)
	}
	t.edge = append(t.edge, h)
	t.size++
	return stored
}

// Head gives size and root.
func (t *Tree) Head() Head {
	if t.size == 0 {
		return Head{Root: emptyRoot}
	}
	last := len(t.edge) - 1
	root := t.edge[last]
	for i := last - 1; i >= 0; i-- {
		root = Hash(tlog.NodeHash(tlog.Hash(t.edge[i]), tlog.Hash(root)))
	}
	return Head{Size: t.size, Root: root}
}

// emptyRoot is SHA-256 of nothing (RFC 6962 §2.1).
var emptyRoot = Hash{
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
}

// LeafHash is the RFC 6962 hash of a leaf.
func LeafHash(leaf []byte) Hash { return Hash(tlog.RecordHash(leaf)) }

// FirstHash is where the first hash of leaf n is stored.
func FirstHash(n uint64) uint64 { return uint64(tlog.StoredHashIndex(0, int64(n))) }

// HashPlace tells which leaf adds a stored hash, and how many it adds before.
func HashPlace(index uint64) (leaf uint64, before int) {
	level, n := tlog.SplitStoredHashIndex(int64(index))
	return uint64(n+1)<<level - 1, level
}

// HashCount is how many hashes a log of n leaves stores.
func HashCount(n uint64) uint64 { return uint64(tlog.StoredHashCount(int64(n))) }

// Hashes reads stored hashes by their index.
type Hashes interface {
	Hashes(indexes []uint64) ([]Hash, error)
}

type reader struct{ from Hashes }

// ReadHashes implements tlog.HashReader.
func (r reader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]uint64, len(indexes))
	for i, x := range indexes {
		list[i] = uint64(x)
	}
	got, err := r.from.Hashes(list)
	if err != nil {
		return nil, err
	}
	if len(got) != len(indexes) {
		return nil, fmt.Errorf("%d hashes read, asked for %d", len(got), len(indexes))
	}
	out := make([]tlog.Hash, len(got))
	for i, h := range got {
		out[i] = tlog.Hash(h)
	}
	return out, nil
}

// OpenTree rebuilds the growing edge of a log of size leaves from its hashes.
func OpenTree(size uint64, from Hashes) (Tree, error) {
	var at []uint64
	var begin uint64
	for level := 63; level >= 0; level-- {
		if size>>level&1 == 1 {
			at = append(at, uint64(tlog.StoredHashIndex(level, int64(begin>>level))))
			begin += 1 << level
		}
	}
	if len(at) == 0 {
		return Tree{}, nil
	}
	edge, err := from.Hashes(at)
	if err != nil {
		return Tree{}, fmt.Errorf("read the edge of %d leaves: %w", size, err)
	}
	if len(edge) != len(at) {
		return Tree{}, fmt.Errorf("edge of %d leaves: %d hashes of %d", size, len(edge), len(at))
	}
	return Tree{size: size, edge: edge}, nil
}

// Proof is a list of hashes that proves inclusion or consistency.
type Proof []Hash

// ProveInclusion proves that leaf n is in the log of the given size.
func ProveInclusion(size, n uint64, from Hashes) (Proof, error) {
	p, err := tlog.ProveRecord(int64(size), int64(n), reader{from})
	if err != nil {
		return nil, fmt.Errorf("prove leaf %d of %d: %w", n, size, err)
	}
	return fromTlog(p), nil
}

// CheckInclusion checks that the leaf hash stands at n under the head.
func CheckInclusion(p Proof, head Head, n uint64, leaf Hash) error {
	err := tlog.CheckRecord(toTlog(p), int64(head.Size), tlog.Hash(head.Root), int64(n), tlog.Hash(leaf))
	if err != nil {
		return fmt.Errorf("leaf %d of %d: %w", n, head.Size, err)
	}
	return nil
}

// ProveConsistency proves that the log of size now begins with the log of
// size before.
func ProveConsistency(now, before uint64, from Hashes) (Proof, error) {
	p, err := tlog.ProveTree(int64(now), int64(before), reader{from})
	if err != nil {
		return nil, fmt.Errorf("prove that %d leaves begin with %d: %w", now, before, err)
	}
	return fromTlog(p), nil
}

// CheckConsistency checks such a proof between two heads.
func CheckConsistency(p Proof, now, before Head) error {
	err := tlog.CheckTree(toTlog(p), int64(now.Size), tlog.Hash(now.Root),
		int64(before.Size), tlog.Hash(before.Root))
	if err != nil {
		return fmt.Errorf("%d leaves do not begin with %d: %w", now.Size, before.Size, err)
	}
	return nil
}

func toTlog(p Proof) []tlog.Hash {
	out := make([]tlog.Hash, len(p))
	for i, h := range p {
		out[i] = tlog.Hash(h)
	}
	return out
}

func fromTlog(p []tlog.Hash) Proof {
	out := make(Proof, len(p))
	for i, h := range p {
		out[i] = Hash(h)
	}
	return out
}
