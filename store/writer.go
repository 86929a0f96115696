package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/store/engine"
)

// writer owns the writing connection.
type writer struct {
	connection
	fault func(step string) error
	tree  chain.Tree
	sure  uint64 // leaves that were committed before our eyes
	// latest remembers the latest leaf about a subject; what it does not know
	// may yet be on disk.
	latest map[string]uint64
	stale  bool // tree and latest are not what is on disk: read them again
	boot   uint64
	// What the leaf under way adds to the tree, and the same as it is stored.
	added  []chain.Hash
	hashes []byte
	found  []uint64 // its causes
	ledger *budget.Ledger
	costs  []int64 // of the calls that the entry under way ends, by its facts
}

// newWriter founds the database or brings it up to date, and counts the boot.
func newWriter(ctx context.Context, e engine.Engine, fault func(string) error) (*writer, error) {
	w := &writer{
		connection: connection{engine: e, about: e.About(), ctx: context.Background()},
		fault:      fault, latest: make(map[string]uint64), stale: true,
	}
	w.ledger = budget.NewLedger(accounts{w})
	if w.fault == nil {
		w.fault = func(string) error { return nil }
	}
	var err error
	if w.db, err = e.Open(ctx, false); err != nil {
		return nil, err
	}
	found := func() error { return migrate(ctx, w.db, w.about) }
	if founder, ok := e.(engine.Founder); ok {
		err = founder.Found(ctx, found)
	} else {
		err = found()
	}
	if err == nil {
		err = w.begun()
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// begun counts the boot and reads the edge of the log.
func (w *writer) begun() (err error) {
	defer func() {
		if err != nil {
			w.undo(err)
		}
	}()
	if err := w.begin(); err != nil {
		return err
	}
	before, err := w.text(`SELECT value FROM setting WHERE name = 'boot'`)
	if err != nil && !errors.Is(err, errNotThere) {
		return fmt.Errorf("boot counter: %w", err)
	}
	n, _ := strconv.ParseUint(before, 10, 64)
	w.boot = n + 1
	if err := w.exec(settingUpsert, "boot", strconv.FormatUint(w.boot, 10)); err != nil {
		return fmt.Errorf("boot counter: %w", err)
	}
	return w.commit()
}

// begin begins a transaction. Where somebody else has written since the last
// one it looks at all anew.
func (w *writer) begin() error {
	if err := w.connect(w.ctx); err != nil {
		return err
	}
	w.next()
	leaves, err := w.engine.Begin(w.ctx, w.conn)
	if w.blame(driven(err)) == engine.Connection { // it may have died while nobody used it
		w.lose()
		if err := w.connect(w.ctx); err != nil {
			return err
		}
		w.next()
		leaves, err = w.engine.Begin(w.ctx, w.conn)
	}
	if err != nil {
		return fmt.Errorf("begin: %w", driven(err))
	}
	if leaves != engine.Sole && uint64(leaves) != w.tree.Size() {
		w.stale = true
		w.ledger.Forget()
	}
	if !w.stale {
		return nil
	}
	if err := w.readEdge(); err != nil {
		return err
	}
	if w.tree.Size() < w.sure {
		return fmt.Errorf("%w: %d leaves, and there were %d", errShorter, w.tree.Size(), w.sure)
	}
	return nil
}

// errShorter says that a database has lost what it had said was written: an
// older copy of it was put in its place, or another server.
var errShorter = errors.New("the log is shorter than it was")

// commit makes the transaction durable.
func (w *writer) commit() error {
	w.next()
	if err := w.engine.Commit(w.ctx, w.conn); err != nil {
		return fmt.Errorf("commit: %w", driven(err))
	}
	w.sure = w.tree.Size()
	return nil
}

// undo ends a transaction that failed.
func (w *writer) undo(err error) {
	w.stale = true // a commit that failed may yet have reached the disk
	w.ledger.Forget()
	if w.conn == nil {
		return
	}
	lost := w.blame(err) == engine.Connection
	if !lost { // an error here means that SQLite rolled back already
		lost = w.blame(w.exec("ROLLBACK")) == engine.Connection
	}
	if lost {
		w.lose()
	}
}

// text reads the one text that a query finds.
func (w *writer) text(query string, args ...any) (value string, err error) {
	if err = w.row(query, args...).Scan(&value); errors.Is(err, sql.ErrNoRows) {
		err = errNotThere
	}
	return value, err
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
	var pace pace
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
		case <-c.done():
			w.settle()
			copying = false
			continue
		case <-s.queue.now:
		case <-due.C:
		}
		time.Sleep(time.Until(began.Add(pace.apart())))
		last := began
		began = time.Now()
		list, closed := s.queue.take()
		pace.took(len(list), began.Sub(last))
		for batch := range slices.Chunk(list, batchMax) {
			s.commit(w, batch)
		}
		s.queue.given(list)
		if !copying && c.grown(w) {
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
	for try := 1; try < racesMax && w.blame(err) == engine.Race; try++ {
		results, err = w.write(batch)
	}
	if err != nil {
		if w.blame(err) == engine.Connection {
			err = fmt.Errorf("%w: %w", ErrServer, err)
		}
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

// refusal is why an entry is not written at all: its facts can't follow those
// before, or a budget has no room for it.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// write writes a batch in one transaction. results[i] is the error of entry i
// alone, nil results mean that there is none; the returned error is that of
// them all, and then nothing was written.
func (w *writer) write(batch []request) (results []error, err error) {
	err = w.transaction(batch, func(e chain.Entry, i int) error {
		err := w.apply(e)
		switch {
		case errors.As(err, new(refusal)): // nothing of it is written
			if results == nil {
				results = make([]error, len(batch))
			}
			results[i] = err
			return nil
		case err != nil && w.blame(err) == engine.Entry:
			return ownError{err}
		}
		return err
	})
	if !errors.As(err, new(ownError)) {
		return results, err
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
	defer w.within()()
	defer func() {
		if err != nil {
			w.undo(err)
		}
	}()
	if err := w.fault("begin"); err != nil {
		return err
	}
	if err := w.begin(); err != nil {
		return err
	}
	if empty(batch) { // dirty a page, or the commit would not touch the disk
		if err := w.exec(settingUpsert, "probe", time.Now().UTC().Format(time.RFC3339Nano)); err != nil {
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
	if err := w.writeAccounts(); err != nil {
		return err
	}
	if err := w.fault("commit"); err != nil {
		return err
	}
	return w.commit()
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
	case w.blame(own) != engine.Entry:
		return nil, own
	}
	w.ledger.Undo()
	w.tree = before
	clear(w.latest)
	if err := w.exec("ROLLBACK TO entry"); err != nil {
		return nil, err
	}
	return own, w.exec("RELEASE entry")
}

func (w *writer) apply(e chain.Entry) error {
	if err := w.book(e.Drafts); err != nil {
		if errors.As(err, new(fromDriver)) { // nothing may follow in the same transaction
			return err
		}
		return refusal{err}
	}
	for i := range e.Drafts {
		if err := w.leaf(&e.Drafts[i], w.costs[i]); err != nil {
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

// leaf appends one leaf and lets the state follow its fact; cost is what the
// call cost that it ends.
func (w *writer) leaf(d *chain.Draft, cost int64) error {
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
	if err := project(w, d.Fact, seq, cost); err != nil {
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
