package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
)

// writer owns the writing connection. Its statements run without a deadline:
// a write is over when the disk says so.
type writer struct {
	connection
	fault func(step string) error
	tree  chain.Tree
	// latest remembers the latest leaf about a subject; what it does not know
	// may yet be on disk.
	latest map[string]uint64
	stale  bool // tree and latest are not what is on disk: read them again
	boot   uint64
	// What the leaf under way adds to the tree, and the same as it is stored.
	added  []chain.Hash
	hashes []byte
	found  []uint64 // its causes
}

func newWriter(ctx context.Context, db *sql.DB, fault func(string) error) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("writing connection: %w", err)
	}
	w := &writer{
		connection: connection{db: db, conn: conn, changes: make(map[string]driver.StmtExecContext)},
		fault:      fault, latest: make(map[string]uint64),
	}
	if w.fault == nil {
		w.fault = func(string) error { return nil }
	}
	if err := w.begun(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// begun counts the boot and reads the edge of the log.
func (w *writer) begun() error {
	var text string
	err := w.row(`SELECT value FROM setting WHERE name = 'boot'`).Scan(&text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("boot counter: %w", err)
	}
	before, _ := strconv.ParseUint(text, 10, 64)
	w.boot = before + 1
	err = w.exec(`INSERT OR REPLACE INTO setting (name, value) VALUES ('boot', ?)`,
		strconv.FormatUint(w.boot, 10))
	if err != nil {
		return fmt.Errorf("boot counter: %w", err)
	}
	return w.readEdge()
}

// readEdge takes the edge of the log from what is on disk.
func (w *writer) readEdge() error {
	var size uint64
	if err := w.row(`SELECT coalesce(max(seq) + 1, 0) FROM leaf`).Scan(&size); err != nil {
		return fmt.Errorf("size of the log: %w", err)
	}
	tree, err := chain.OpenTree(size, w)
	if err != nil {
		return err
	}
	w.tree, w.stale = tree, false
	clear(w.latest)
	return nil
}

// Hashes reads hashes of the tree from the leaves that they stand with.
func (w *writer) Hashes(indexes []uint64) ([]chain.Hash, error) {
	out := make([]chain.Hash, len(indexes))
	for i, at := range indexes {
		var b []byte
		leaf, before := chain.HashPlace(at)
		if err := w.row(`SELECT substr(hashes, ?, ?) FROM leaf WHERE seq = ?`,
			before*hashBytes+1, hashBytes, leaf).Scan(&b); err != nil {
			return nil, fmt.Errorf("hash %d: %w", at, err)
		}
		if len(b) != hashBytes {
			return nil, fmt.Errorf("hash %d: %w", at, errNotThere)
		}
		out[i] = chain.Hash(b)
	}
	return out, nil
}

var _ chain.Hashes = (*writer)(nil)

// write is the writer's goroutine: it ends when the queue is closed and empty.
func (s *Store) write(w *writer, c *checkpointer) {
	defer close(s.stopped)
	defer func() { _ = errors.Join(c.close(), w.close()) }()
	probe := time.NewTicker(probeEvery)
	defer probe.Stop()
	due := time.NewTimer(behindMax)
	defer due.Stop()
	var began time.Time
	copying := false
	for {
		select {
		case <-s.queue.later:
			due.Reset(behindMax)
			continue
		case <-probe.C:
			if s.Degraded() != nil {
				s.commit(w, nil)
			}
			continue
		case <-c.copied:
			w.settle()
			copying = false
			continue
		case <-s.queue.now:
		case <-due.C:
		}
		time.Sleep(time.Until(began.Add(commitsApart)))
		began = time.Now()
		list, closed := s.queue.take()
		for batch := range slices.Chunk(list, batchMax) {
			s.commit(w, batch)
		}
		s.queue.given(list)
		if !copying && w.grown() {
			copying = true
			wake(c.ask)
		}
		if closed {
			return
		}
	}
}

// commit writes a batch in one transaction and calls every done. An empty
// batch is the probe of a degraded store.
func (s *Store) commit(w *writer, batch []request) {
	began := time.Now()
	results, err := w.write(batch)
	if err != nil {
		err = fmt.Errorf("%w: %w", fact.ErrNotWritable, err)
		s.degraded.Store(&err)
	} else {
		s.degraded.Store(nil)
		s.publish(w.tree.Head())
		s.Commits.Add(time.Since(began))
	}
	for i, r := range batch {
		switch {
		case err != nil:
			r.done(err)
		case results != nil:
			r.done(results[i])
		default:
			r.done(nil)
		}
	}
}

// ownError is that of one entry, when the disk has no part in it.
type ownError struct{ error }

// write writes a batch in one transaction. results[i] is the error of entry i
// alone, nil results mean that there is none; the returned error is that of
// them all, and then nothing was written.
func (w *writer) write(batch []request) (results []error, err error) {
	err = w.transaction(batch, func(e chain.Entry, _ int) error {
		err := w.apply(e)
		if err != nil && !ofDisk(err) {
			err = ownError{err}
		}
		return err
	})
	if !errors.As(err, new(ownError)) {
		return nil, err
	}
	// Again, each in a savepoint of its own, so that who is at fault falls alone.
	results = make([]error, len(batch))
	err = w.transaction(batch, func(e chain.Entry, i int) (disk error) {
		results[i], disk = w.alone(e)
		return disk
	})
	return results, err
}

// transaction has every entry of a batch applied, and commits.
func (w *writer) transaction(batch []request, apply func(e chain.Entry, i int) error) (err error) {
	defer func() {
		if err != nil {
			_ = w.exec("ROLLBACK") // an error here means that SQLite rolled back already
			w.stale = true         // a commit that failed may yet have reached the disk
		}
	}()
	if err := w.step("begin", "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if w.stale {
		if err := w.readEdge(); err != nil {
			return err
		}
	}
	if empty(batch) { // dirty a page, or the commit would not touch the disk
		if err := w.exec(`INSERT OR REPLACE INTO setting (name, value) VALUES ('probe', ?)`,
			time.Now().UTC().Format(time.RFC3339Nano)); err != nil {
			return err
		}
	}
	for i := range batch {
		if err := w.fault("apply"); err != nil {
			return err
		}
		if err := apply(batch[i].entry, i); err != nil {
			return err
		}
		if i%burstMax == burstMax-1 {
			runtime.Gosched() // calls go on meanwhile, on one processor too
		}
	}
	return w.step("commit", "COMMIT")
}

// empty tells a batch that changes nothing: the probe, or a caller that only
// wants to know that what came before is on disk.
func empty(batch []request) bool {
	for _, r := range batch {
		if len(r.entry.Drafts)+len(r.entry.Rows) > 0 {
			return false
		}
	}
	return true
}

func (w *writer) step(name, statement string) error {
	if err := w.fault(name); err != nil {
		return err
	}
	return w.exec(statement)
}

// alone applies one entry in a savepoint: own is the error of the entry alone.
func (w *writer) alone(e chain.Entry) (own, disk error) {
	if err := w.exec("SAVEPOINT entry"); err != nil {
		return nil, err
	}
	before := w.tree.Clone()
	own = w.apply(e)
	switch {
	case own == nil:
		return nil, w.exec("RELEASE entry")
	case ofDisk(own):
		return nil, own
	}
	w.tree = before
	clear(w.latest)
	if err := w.exec("ROLLBACK TO entry"); err != nil {
		return nil, err
	}
	return own, w.exec("RELEASE entry")
}

// ofDisk tells the failures of the disk from those of one entry.
func ofDisk(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return false
	}
	switch se.Code() & primaryCode {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_TOOBIG, lib.SQLITE_MISMATCH, lib.SQLITE_RANGE, lib.SQLITE_ERROR:
		return false
	}
	return true
}

func (w *writer) apply(e chain.Entry) error {
	for i := range e.Drafts {
		if err := w.leaf(&e.Drafts[i]); err != nil {
			return err
		}
	}
	for _, r := range e.Rows {
		if err := w.put(r); err != nil {
			return fmt.Errorf("row %s: %w", r.Row(), err)
		}
	}
	return nil
}

// leaf appends one leaf and lets the state follow its fact.
func (w *writer) leaf(d *chain.Draft) error {
	seq := w.tree.Size()
	causes, err := w.causes(d.Causes)
	if err != nil {
		return err
	}
	r := d.Record(seq, causes)
	w.added, w.hashes = w.tree.Append(w.added[:0], r.Leaf), w.hashes[:0]
	for i := range w.added {
		w.hashes = append(w.hashes, w.added[i][:]...)
	}
	err = w.exec(`INSERT INTO leaf (seq, kind, subject, leaf, body, private, hashes) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		r.Seq, r.Kind, r.Subject, r.Leaf, r.Body, r.Private, w.hashes)
	if err != nil {
		return fmt.Errorf("leaf %d: %w", seq, err)
	}
	if err := project(w, d.Fact, seq); err != nil {
		return fmt.Errorf("%s: %w", d.Kind, err)
	}
	if d.Kind == callEnded {
		delete(w.latest, r.Subject)
	} else {
		w.remember(r.Subject, seq)
	}
	return nil
}

// causes finds the latest leaf about each subject, the ends of calls aside;
// one that no leaf tells of is left out. The list is good until the next call.
func (w *writer) causes(subjects []string) ([]uint64, error) {
	out := w.found[:0]
	for _, s := range subjects {
		seq, known := w.latest[s]
		if !known {
			var found sql.NullInt64
			err := w.row(`SELECT max(seq) FROM leaf WHERE subject = ? AND kind <> 'call.ended'`, s).Scan(&found)
			if err != nil {
				return nil, fmt.Errorf("cause %s: %w", s, err)
			}
			if !found.Valid {
				continue
			}
			seq = uint64(found.Int64)
			w.remember(s, seq)
		}
		out = append(out, seq)
	}
	w.found = out
	return out, nil
}

// remember notes the latest leaf about a subject. When there are too many all
// are forgotten: what is asked for again is found on disk.
func (w *writer) remember(subject string, seq uint64) {
	if len(w.latest) >= latestMax {
		clear(w.latest)
	}
	w.latest[subject] = seq
}
