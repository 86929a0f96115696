package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
)

// The files of a unit's data folder that are evidence.
const (
	StoreFile  = "sekisho.db"          // state and log
	KeyFile    = "evidence.key"        // signs checkpoints; mode 0600
	AnchorFile = "evidence.checkpoint" // the latest checkpoint, outside the database
)

const noteBytesMax = 1 << 14

// Report says what Verify found.
type Report struct {
	OK          bool   `json:"ok"`
	Unit        string `json:"unit"`
	Leaves      uint64 `json:"leaves"` // leaves read; up to the bad one where one was found
	Root        string `json:"root"`   // base64
	Checkpoint  uint64 `json:"checkpoint"`
	Checkpoints int    `json:"checkpoints"`
	Erased      int    `json:"erased"` // personal fields withheld or erased
	// BadIndex is the first leaf that is not what it was, BadLast the last one
	// that may be meant; nil when OK.
	BadIndex *uint64 `json:"bad_index,omitempty"`
	BadLast  *uint64 `json:"bad_last,omitempty"`
	Where    string  `json:"where,omitempty"` // "log", "checkpoint", the table, or "state" for any
	// Why is a sentence of text: its key is stable.
	Why text.Message `json:"why,omitzero"`
}

// String is the report as one line of English.
func (r Report) String() string {
	if r.OK {
		return fmt.Sprintf("ok: %d leaves, root %s, checkpoint %d", r.Leaves, r.Root, r.Checkpoint)
	}
	at := "?"
	if r.BadIndex != nil {
		at = fmt.Sprint(*r.BadIndex)
		if r.BadLast != nil && *r.BadLast > *r.BadIndex {
			at = fmt.Sprintf("%d (or up to %d)", *r.BadIndex, *r.BadLast)
		}
	}
	return fmt.Sprintf("bad: leaf %s, %s: %s", at, r.Where, r.Why.Say(text.EN))
}

func (r *Report) bad(index, last uint64, where string, why text.Message) {
	r.OK, r.BadIndex, r.BadLast, r.Where, r.Why = false, &index, &last, where, why
}

// ErrNoKey says that there is a store, but not the key that signed it.
var ErrNoKey = errors.New("the evidence key is missing")

// VerifyDir verifies a unit's data folder. The error says that something
// could not be read for a reason that lies outside the evidence: ErrNoKey,
// store.ErrVersion, fs.ErrNotExist where there is neither key nor store. What is
// wrong with the evidence, a store that is missing, damaged or no store of ours
// included, stands in the Report.
func VerifyDir(ctx context.Context, dir string) (Report, error) {
	return VerifyStore(ctx, dir, store.Config{Path: filepath.Join(dir, StoreFile)})
}

// VerifyStore is VerifyDir for a store that may stand somewhere else: the key
// and the latest checkpoint are in the folder.
func VerifyStore(ctx context.Context, dir string, where store.Config) (Report, error) {
	var storeErr error
	if where.DSN == "" {
		_, storeErr = os.Stat(where.Path)
	}
	signer, err := recorder.ReadKey(filepath.Join(dir, KeyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) && storeErr == nil:
		return Report{}, fmt.Errorf("%w: %w", ErrNoKey, err)
	case err != nil:
		return Report{}, err
	}
	anchor, err := readAnchor(filepath.Join(dir, AnchorFile))
	if err != nil {
		return Report{}, err
	}
	if errors.Is(storeErr, fs.ErrNotExist) {
		return unread(signer.Public(), anchor, text.Of("evidence.gone"))
	}
	r, err := store.OpenReader(ctx, where)
	if why, damaged := store.Damage(err); damaged {
		return unread(signer.Public(), anchor, why)
	}
	if err != nil {
		return Report{}, err
	}
	report, err := Verify(ctx, r, signer.Public(), anchor)
	return report, errors.Join(err, r.Close())
}

// unread is the report on a store of which nothing can be read.
func unread(public string, anchor []byte, why text.Message) (Report, error) {
	report, verifier, err := begin(public)
	if err != nil {
		return Report{}, err
	}
	report.endless(verifier, anchor, why)
	return report, nil
}

func readAnchor(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("anchored checkpoint: %w", err)
	}
	defer func() { _ = f.Close() }()
	note, err := io.ReadAll(io.LimitReader(f, noteBytesMax))
	if err != nil {
		return nil, fmt.Errorf("anchored checkpoint: %w", err)
	}
	return note, nil
}

// Verify verifies a store with the public half of the unit's key; anchor is
// the latest checkpoint known from elsewhere, nil for none.
func Verify(ctx context.Context, r *store.Reader, public string, anchor []byte) (Report, error) {
	report, verifier, err := begin(public)
	if err != nil {
		return Report{}, err
	}
	err = r.Snapshot(ctx, func(snapshot *store.Reader) error {
		return report.read(ctx, snapshot, verifier, anchor)
	})
	if why, damaged := store.Damage(err); damaged {
		report.endless(verifier, anchor, why)
		return report, nil
	}
	return report, err
}

func begin(public string) (Report, *chain.Verifier, error) {
	verifier, err := chain.NewVerifier(public)
	name, _, _ := strings.Cut(public, "+")
	return Report{OK: true, Unit: strings.TrimPrefix(name, chain.Origin(""))}, verifier, err
}

// endless says that reading came to an end too early: in the log at the leaf
// after those that were read, or in the state, where any leaf may be meant.
func (r *Report) endless(v *chain.Verifier, anchor []byte, why text.Message) {
	if r.Root != "" {
		r.bad(0, max(r.Leaves, 1)-1, "state", why)
		return
	}
	last := r.Leaves
	if c, err := v.Open(anchor); err == nil && c.Size > last {
		last = c.Size - 1
	}
	r.bad(r.Leaves, last, "log", why)
}

func (r *Report) read(ctx context.Context, s *store.Reader, v *chain.Verifier, anchor []byte) error {
	checkpoints, forged, err := open(ctx, s, v, anchor)
	if err != nil {
		return err
	}
	replay, err := store.NewReplay(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = replay.Close() }()
	result, err := chain.Verify(r.Unit, s.Leaves(ctx, 0), s.StoredHashes(ctx), checkpoints,
		func(rec chain.Record, f fact.Fact) error { return replay.Apply(rec.Seq, f) })
	if r.Leaves = result.Head.Size; err != nil {
		return err
	}
	r.Root, r.Erased = result.Head.Root.String(), result.Erased
	r.Checkpoint, r.Checkpoints = result.Signed, result.Checkpoints
	switch {
	case result.Bad != nil:
		r.bad(result.Bad.Index, result.Bad.Last, "log", result.Bad.Why)
		return nil
	case !forged.IsZero():
		r.bad(result.Signed, max(result.Signed, result.Head.Size), "checkpoint", forged)
		return nil
	}
	d, err := replay.Compare(ctx, s)
	if err != nil {
		return err
	}
	if d != nil {
		r.bad(d.Leaf, d.Leaf, d.Table, d.Why)
	}
	return nil
}

// open reads the checkpoints and checks their signatures; forged is the first
// that is not ours.
func open(ctx context.Context, s *store.Reader, v *chain.Verifier, anchor []byte,
) (list []chain.Checkpoint, forged text.Message, err error) {
	notes, err := s.Checkpoints(ctx)
	if err != nil {
		return nil, text.Message{}, err
	}
	if anchor != nil {
		notes = append(notes, anchor)
	}
	for _, note := range notes {
		c, err := v.Open(note)
		switch {
		case err == nil:
			list = append(list, c)
		case forged.IsZero():
			forged, _ = text.MessageOf(err)
		}
	}
	return list, forged, nil
}
