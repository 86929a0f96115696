package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// opened is a recording that somebody is given.
type opened struct {
	file  *os.File
	by    string
	until time.Time
}

// Give looks whether a recording is what was recorded, puts on record that somebody is
// given it, and gives a ticket for Piece. Where it is another one that is on record, too,
// and the error wraps ErrChanged.
func (a *Archive) Give(ctx context.Context, id, by string) (r fact.Recording, ticket string, err error) {
	a.forget(time.Now())
	a.mu.Lock()
	r, ok := a.kept[id]
	full := len(a.opened) >= OpenMax
	a.mu.Unlock()
	switch {
	case !ok:
		return r, "", ErrNone
	case r.Ended.IsZero():
		return r, "", ErrRunning
	case full:
		return r, "", fmt.Errorf("%d are given already: %w", OpenMax, ErrFull)
	}
	f, sum, err := a.check(r)
	if err != nil {
		return r, "", err
	}
	read := fact.RecordingRead{ID: id, By: by, Changed: sum != r.SHA256, At: time.Now().UTC()}
	if err := a.commit(ctx, read); err != nil { // nobody is given it without a record
		return r, "", errors.Join(err, closed(f))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r = a.kept[id]
	r.Read(read)
	a.kept[id] = r
	if read.Changed {
		return r, "", errors.Join(ErrChanged, closed(f))
	}
	ticket = random(nameBytes)
	a.opened[ticket] = &opened{file: f, by: by, until: time.Now().Add(OpenTime)}
	return r, ticket, nil
}

// check opens a recording's file and gives its hash, "" where it has none.
func (a *Archive) check(r fact.Recording) (f *os.File, sum string, err error) {
	f, err = a.root.Open(r.File)
	if errors.Is(err, os.ErrNotExist) {
		return nil, "", nil
	}
	if err == nil {
		sum, _, err = hash(f)
	}
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("recording: %w", err), closed(f))
	}
	return f, sum, nil
}

func closed(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// Piece gives what stands at a place of the file that a ticket is for; nothing at its
// end, after which the ticket is none any more.
func (a *Archive) Piece(ticket, by string, at int64) ([]byte, error) {
	a.mu.Lock()
	o := a.opened[ticket]
	a.mu.Unlock()
	if o == nil || o.by != by || at < 0 {
		return nil, ErrNone
	}
	b := make([]byte, PieceMax)
	n, err := o.file.ReadAt(b, at)
	if n == 0 && errors.Is(err, io.EOF) {
		a.mu.Lock()
		delete(a.opened, ticket)
		a.mu.Unlock()
		return nil, o.file.Close()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return b[:n], nil
}

// forget closes what somebody was given and did not fetch.
func (a *Archive) forget(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ticket, o := range a.opened {
		if now.After(o.until) {
			_ = o.file.Close()
			delete(a.opened, ticket)
		}
	}
}
