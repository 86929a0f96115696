package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// Reel is a recording that is being made.
type Reel struct {
	a    *Archive
	id   string
	name string
	file file // nil until Run has opened it; Run's

	mu      sync.Mutex
	waits   []byte // for the disk
	taken   int64  // bytes that were said
	lost    int64  // of them that the disk was too slow for
	over    bool
	why     string
	written bool // the fact that it began is on disk
	refused bool // or will never be

	named bool   // the file has its name; Run's
	sound int64  // bytes in the file; Run's
	spare []byte // room for the next to wait; Run's
	told  bool   // that something was lost; Run's
}

// Begin begins a recording of a call. The error says why there can be none.
func (a *Archive) Begin(r fact.Recording) (*Reel, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || len(a.reels) >= ReelsMax || a.full() {
		return nil, ErrFull
	}
	r.ID, r.File = fmt.Sprintf("%d-%s", r.Began.UnixMilli(), random(6)), random(nameBytes)
	reel := &Reel{a: a, id: r.ID, name: r.File}
	a.reels[r.ID], a.kept[r.ID] = reel, r
	a.cfg.Committer.Commit(fact.Write{Facts: []fact.Fact{fact.RecordingBegun{Recording: r}}}, reel.begun)
	return reel, nil
}

// begun takes in whether it is on record that it began: else nothing is kept.
func (r *Reel) begun(err error) {
	r.mu.Lock()
	r.written, r.refused = err == nil, err != nil
	r.mu.Unlock()
	if err != nil {
		r.a.log.Error("a call is not recorded: that is not on record", "recording", r.id, "error", err)
	}
	r.a.nudge()
}

// Take takes what was said (media.Sink).
func (r *Reel) Take(mu []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.refused {
		return false
	}
	r.taken += int64(len(mu))
	if len(r.waits)+len(mu) > ReelWaits {
		r.lost += int64(len(mu))
		r.a.lost.Add(int64(len(mu)))
	} else {
		r.waits = append(r.waits, mu...)
	}
	if r.taken >= int64(RecordingMax/time.Second)*bytesPerSecond {
		r.why = fact.RecordingLong
		return false
	}
	return true
}

// Over ends the recording (media.Sink).
func (r *Reel) Over() {
	r.mu.Lock()
	r.over = true
	r.mu.Unlock()
	r.a.nudge()
}

// Pause puts on record that the recording is silent from now on, or no more.
func (r *Reel) Pause(on bool, by string, at time.Time) {
	f := fact.RecordingPaused{ID: r.id, On: on, By: by, At: at.UTC()}
	r.a.cfg.Committer.Commit(fact.Write{Facts: []fact.Fact{f}}, func(err error) {
		if err != nil {
			r.a.log.Error("that a recording is silent is not on record", "recording", r.id, "error", err)
		}
	})
}

func (a *Archive) nudge() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Run writes what is recorded, until ctx ends and all that is written.
func (a *Archive) Run(ctx context.Context) {
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		var write <-chan time.Time // while something is recorded, or can't be
		if a.making() || a.low.Load() {
			write = time.After(writeEvery)
		}
		select {
		case <-ctx.Done():
			a.writeAll(ctx, true)
			return
		case <-look.C:
			a.expire(ctx, time.Now())
			a.forget(time.Now())
			a.measure()
			look.Reset(lookEvery)
		case <-write:
			a.writeAll(ctx, false)
		case <-a.wake:
			a.writeAll(ctx, false)
		}
	}
}

func (a *Archive) making() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.reels) > 0
}

// writeAll writes what waits of all reels, and ends those that are over, or all.
func (a *Archive) writeAll(ctx context.Context, end bool) {
	a.measure()
	a.mu.Lock()
	reels, full := make([]*Reel, 0, len(a.reels)), a.full()
	for _, r := range a.reels {
		reels = append(reels, r)
	}
	a.mu.Unlock()
	for _, r := range reels {
		r.write(ctx, end, full)
	}
}

// full tells whether no more may be written. The caller holds a.mu.
func (a *Archive) full() bool { return a.low.Load() || a.bytes >= a.cfg.BytesMax }

// write writes what waits of a reel.
func (r *Reel) write(ctx context.Context, end, full bool) {
	r.mu.Lock()
	waits, over, refused, written, why, lost := r.waits, r.over || end, r.refused, r.written, r.why, r.lost
	r.waits, r.spare = r.spare[:0], waits
	if full && why == "" && !over {
		why, r.why, r.over, over = fact.RecordingFull, fact.RecordingFull, true, true
	}
	r.mu.Unlock()
	if refused {
		r.drop()
		return
	}
	if lost > 0 && !r.told {
		r.told = true
		r.a.log.Warn("the disk is too slow for a recording: some of it is left out", "recording", r.id)
	}
	if err := r.store(waits); err != nil {
		r.a.log.Error("a call is not recorded any more: the disk does not take it", "recording", r.id, "error", err)
		r.mu.Lock()
		r.over, r.why = true, fact.RecordingDisk
		r.mu.Unlock()
		why, over = fact.RecordingDisk, true
	}
	if written || end {
		r.rename()
	}
	if !over || !written && !end {
		return // or who ends it waits until it is on record
	}
	if why == "" {
		why = fact.RecordingOver
	}
	r.end(ctx, why, lost)
}

// rename gives the file its name: that it began is on record.
func (r *Reel) rename() {
	if r.named || r.file == nil {
		return
	}
	if err := r.a.root.Rename(r.name+part, r.name); err != nil {
		r.a.log.Error("a recording keeps its first name", "recording", r.id, "error", err)
		return
	}
	r.named = true
}

// remove takes the file away.
func (r *Reel) remove() {
	for _, name := range []string{r.name, r.name + part} {
		if err := r.a.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			r.a.log.Error("what is left of a recording is not removed", "recording", r.id, "error", err)
		}
	}
}

// store writes sound and the header with it: the file is playable whenever the unit's
// process dies.
func (r *Reel) store(sound []byte) (err error) {
	if r.file == nil {
		if r.file, err = r.a.create(r.name + part); err != nil {
			r.file = nil
			return err
		}
	}
	if len(sound) == 0 && r.sound > 0 {
		return nil
	}
	if _, err := r.file.WriteAt(sound, headerBytes+r.sound); err != nil {
		return err
	}
	r.sound += int64(len(sound))
	r.a.mu.Lock()
	r.a.bytes += int64(len(sound))
	r.a.mu.Unlock()
	_, err = r.file.WriteAt(header(r.sound), 0)
	return err
}

// end writes what the recording is.
func (r *Reel) end(ctx context.Context, why string, lost int64) {
	r.forget()
	var end fact.RecordingEnded
	err := errors.New("no file")
	if r.file != nil {
		end, err = finish(r.file, r.sound)
		err = errors.Join(err, r.file.Close())
	}
	if err != nil {
		r.a.log.Error("a recording is lost", "recording", r.id, "error", err)
		r.remove()
		err = r.a.gone(ctx, r.id, byUnit)
	} else {
		end.ID, end.Why, end.LostMS = r.id, why, int(lost*1000/bytesPerSecond)
		err = r.a.end(ctx, end)
	}
	if err != nil {
		r.a.log.Error("the end of a recording is not on record", "recording", r.id, "error", err)
	}
}

// forget takes a reel from those that are being made.
func (r *Reel) forget() {
	r.a.mu.Lock()
	defer r.a.mu.Unlock()
	delete(r.a.reels, r.id)
	r.a.bytes -= r.sound // what its fact says counts
}

// drop keeps nothing of what is not on record.
func (r *Reel) drop() {
	r.forget()
	if r.file != nil {
		_ = r.file.Close()
		r.remove()
	}
	r.a.mu.Lock()
	defer r.a.mu.Unlock()
	delete(r.a.kept, r.id)
}

// end writes that a recording is over.
func (a *Archive) end(ctx context.Context, f fact.RecordingEnded) error {
	f.At = time.Now().UTC()
	if err := a.commit(ctx, f); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.kept[f.ID]
	r.End(f)
	a.kept[f.ID] = r
	a.bytes += f.Bytes
	return nil
}

// finish makes a file whole and says what it is.
func finish(f file, sound int64) (end fact.RecordingEnded, err error) {
	if _, err := f.WriteAt(header(sound), 0); err != nil {
		return end, fmt.Errorf("header: %w", err)
	}
	if err := errors.Join(f.Truncate(headerBytes+sound), f.Sync()); err != nil {
		return end, fmt.Errorf("end: %w", err)
	}
	end.SHA256, end.Bytes, err = hash(f)
	end.Seconds = int((sound + bytesPerSecond - 1) / bytesPerSecond)
	return end, err
}

// hash is SHA-256 of a whole file.
func hash(f io.ReaderAt) (sum string, bytes int64, err error) {
	h := sha256.New()
	bytes, err = io.Copy(h, io.NewSectionReader(f, 0, 1<<62))
	if err != nil {
		return "", 0, fmt.Errorf("hash: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), bytes, nil
}
