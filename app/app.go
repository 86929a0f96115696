package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/metrics"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/archive"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Options is what New needs.
type Options struct {
	Config config.Config
	File   string // where Config was read from, "" for the defaults
	Data   string // data directory
	Log    *slog.Logger
	// Alone says that the process is for this unit alone: it then sets how many
	// goroutines run at once.
	Alone bool

	handed *handover // nil for a unit that opens its store itself
}

// App is one running unit.
type App struct {
	options Options
	log     *slog.Logger
	unitID  string
	started time.Time

	store     *store.Store
	recorder  *recorder.Recorder
	desk      *desk.Desk
	prover    *prover.Prover
	boxPINs   *prover.Prover // of mailboxes, apart: who guesses at them must not keep people from calling
	roomPINs  *prover.Prover // of conference rooms, apart from both
	phones    *phone.Registry
	lines     *line.Lines
	sites     *site.Sites
	siteKey   *plane.SiteKey
	relay     *media.Relay
	shelf     atomic.Pointer[book.Shelf]
	greetings sync.Map      // what menus say, by their numbers: []byte of µ-law
	prompts   prompt.Book   // what the unit says otherwise
	unplayed  *text.Message // why the recording for callers on hold is not played, nil if it is
	metrics   *metrics.Metrics
	alerts    *alert.Service
	packets   packetFilter
	unit      *unit.Unit
	stack     *stack.Stack
	voice     []plane.Listener
	managed   []plane.Listener // of the management plane
	web       []net.Listener   // the same, open
	readers   []plane.Listener // of the telephone books
	shelves   []net.Listener   // the same, open
	keeps     bool             // loops keep their places while there is traffic
	host      plane.Host
	ways      plane.Routes

	stranded string        // the copy it runs on because the disk took nothing, ""
	spare    bool          // it runs on a copy of its spare
	cut      error         // what every write gets of a unit that runs on a copy; nil for one that is well
	adrift   atomic.Bool   // the store is open: from now on such writes fail
	away     chan found    // says that the server is back; nil where nobody looks for it
	spareDue chan struct{} // wakes the keeper of the spare
	// doubted tells that an older or changed database was put in place.
	doubted bool

	control net.Listener
	claim   claim
	// linesChanged wakes the refresher of the lines' addresses.
	linesChanged chan struct{}
	sitesChanged chan struct{} // wakes the finder of the sites' addresses
	siteRenewed  chan struct{} // wakes who ends what was proved by the old key
	// budgetsChanged wakes the one that reads which budgets are exhausted.
	budgetsChanged chan struct{}

	asking sync.Mutex // one asking of UDP listeners at a time: the stack watches one address

	mu     sync.Mutex // one change at a time
	state  settings
	boxes  *mailboxes
	outbox *outbox
	greets *greetings // of mailboxes
	// archive has the recordings of calls, nil where none are made.
	archive *archive.Archive
	// suspects are extensions that the watch is sure of.
	suspects  chan desk.Suspect
	wakes     chan struct{} // somebody is to be woken at another time
	logins    chan login    // people whose PIN was right
	deskTries wrongPINs
	roomTries wrongPINs
	wishes    chan wish // what phones asked for by feature codes
	kept      watchKept
	// tariffs is what calls are billed by: everybody reads it, bind writes it.
	tariffs atomic.Pointer[tariff.Book]

	cancel  context.CancelFunc
	wait    sync.WaitGroup
	closers []func() error // in the order of opening; closed in reverse
}

// New opens a unit on its data directory. What was opened is closed again
// when something fails. Where the directory takes no writes the unit is
// stranded, but starts (see stranded.go); so does one whose database server is
// away (see spare.go).
func New(ctx context.Context, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a, err := open(ctx, o, "")
	if err == nil {
		return a, nil
	}
	file := evidence.StoreFile
	if o.Config.Store.Engine == store.PostgreSQL {
		file = spareFile
	}
	dir, ok := refuge(o.Data, file)
	if !ok {
		return nil, err
	}
	o.Log.Error("the disk takes no writes: emergency and internal calls only", "data", o.Data, "copy", dir, "err", err)
	o.Data = dir
	a, second := open(ctx, o, dir)
	if second != nil {
		return nil, errors.Join(err, second, os.RemoveAll(dir))
	}
	return a, nil
}

func open(ctx context.Context, o Options, stranded string) (*App, error) {
	a := &App{
		options: o, log: o.Log, started: time.Now().UTC(), stranded: stranded, linesChanged: make(chan struct{}, 1),
		sitesChanged:   make(chan struct{}, 1),
		siteRenewed:    make(chan struct{}, 1),
		budgetsChanged: make(chan struct{}, 1), suspects: make(chan desk.Suspect, suspectsMax),
		wishes:   make(chan wish, wishesMax),
		logins:   make(chan login, wishesMax),
		wakes:    make(chan struct{}, wakesMax),
		spareDue: make(chan struct{}, 1),
	}
	a.boxes, a.outbox, a.greets = newMailboxes(a), newOutbox(a), &greetings{app: a}
	if h := o.handed; h != nil {
		a.onClose(h.store.Close)
	}
	if stranded != "" {
		a.cut = errStranded
		a.onClose(func() error { return os.RemoveAll(stranded) })
	}
	for _, step := range []func(context.Context) error{
		a.openControl, a.openAlerts, a.openStore, a.openParts, a.openSites, a.loadSettings, a.openRecordings,
		a.openUnit, a.openSIP,
		a.openManagement, a.openPhonebook, a.openLines, a.openFilter, a.openMetrics, a.takeOver,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, a.close())
		}
	}
	return a, nil
}

func (a *App) onClose(f func() error) { a.closers = append(a.closers, f) }

// close undoes what was opened, the latest first.
func (a *App) close() error {
	var all error
	for i := len(a.closers) - 1; i >= 0; i-- {
		all = errors.Join(all, a.closers[i]())
	}
	a.closers = nil
	return all
}

// openControl takes the data directory: who holds its lock is the one writer.
// The kernel lets go of the lock when the process ends, however it ends.
func (a *App) openControl(context.Context) error {
	if err := openData(a.options.Data); err != nil {
		return err
	}
	lock, err := lockData(a.path(lockFile))
	if err != nil {
		return err
	}
	a.onClose(lock.Close)
	l, err := plane.ListenControl(filepath.Join(a.options.Data, controlFile))
	if errors.Is(err, plane.ErrInUse) {
		return control.NewProblem(control.ExitConflict, "cli.data.inuse", "cli.data.inuse.do", a.options.Data)
	}
	if err != nil {
		return control.NewProblem(control.ExitFailed, "cli.data.unusable", "cli.data.unusable.do", err)
	}
	a.control = l
	a.onClose(func() error {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("control socket: %w", err)
		}
		return nil
	})
	return nil
}

func (a *App) path(name string) string { return filepath.Join(a.options.Data, name) }

// openStore opens the database, the evidence and its key.
func (a *App) openStore(ctx context.Context) error {
	st, err := a.openDatabase(ctx)
	if err != nil {
		return err
	}
	a.adrift.Store(true)
	a.store = st
	if a.options.handed == nil {
		a.onClose(st.Close)
	}
	id, err := st.Setting(ctx, settingUnit)
	if err != nil {
		return fmt.Errorf("unit ID: %w", err)
	}
	founded := st.Head().Size == 0 && !a.spare
	if id == "" {
		id = a.options.Config.Unit.Name + "-" + word(5)
	}
	signer, keyFounded, err := recorder.OpenKey(a.path(evidence.KeyFile), id)
	if err != nil {
		return fmt.Errorf("evidence key: %w", err)
	}
	if keyFounded && !founded {
		a.log.Error("the key that signs evidence was missing; a new one is used from now on", "key", evidence.KeyFile)
	}
	id = signer.Unit() // the key's word counts: evidence is verified against it
	a.unitID = id
	// No evidence is in a spare.
	if err := recorder.CheckAnchor(a.path(evidence.AnchorFile), signer, st.Head()); err != nil && !a.spare {
		a.log.Error("the evidence is not what it was when it was last signed; every opening is shut", "err", err)
		a.doubted = true
	}
	r, err := recorder.New(recorder.Config{
		Log: st, Unit: id, Boot: st.Boot(), Signer: signer, Anchor: recorder.FileAnchor(a.path(evidence.AnchorFile)),
		Report:  func(err error) { a.log.Error("checkpoint not made", "err", err) },
		Observe: a.alerts.Observe,
	})
	if err != nil {
		return fmt.Errorf("recorder: %w", err)
	}
	a.recorder = r
	a.onClose(r.Close)
	return a.note(ctx, fact.Write{
		Facts: []fact.Fact{fact.UnitStarted{Version: Version(), Boot: st.Boot(), At: a.started}},
		Rows:  []fact.Row{fact.Setting{Name: settingUnit, Value: id}},
	})
}

// commit writes and waits until it is on disk.
func (a *App) commit(ctx context.Context, w fact.Write) error { return a.begin(w)(ctx) }

// begin hands a write to the disk and gives what waits until it is there.
func (a *App) begin(w fact.Write) (wait func(context.Context) error) {
	return a.beginThen(w, func(err error) error { return err })
}

// beginThen is begin, with what is to be done when it is known whether the write is there:
// also where nobody waits for that any more. It must not wait itself.
func (a *App) beginThen(w fact.Write, then func(error) error) (wait func(context.Context) error) {
	done := make(chan error, 1)
	a.recorder.Commit(w, func(err error) { done <- then(answered(err)) })
	return func(ctx context.Context) error { return onDisk(ctx, done) }
}

// answered says of the disk's answer what it answers to.
func answered(err error) error {
	if err != nil {
		return fmt.Errorf("not written: %w", err)
	}
	return nil
}

// onDisk waits until the disk has answered to a write, so long and no longer.
func onDisk(ctx context.Context, done <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, commitTimeMax)
	defer cancel()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("not written in time: %w", ctx.Err())
	}
}

// openParts makes the parts that know things: phones, lines, the desk.
func (a *App) openParts(ctx context.Context) error {
	key, err := sealKey(a.options.Data, a.store.Head().Size <= 1 && !a.spare)
	if err != nil {
		return err
	}
	watch, err := a.openWatch(ctx)
	if err != nil {
		return err
	}
	a.desk = desk.New(desk.Config{
		Committer: a.recorder, Exhausted: a.exhausted, Vouched: a.vouched, Watch: watch, Cut: a.suspect, Log: a.log,
	})
	at, err := netip.ParseAddrPort(a.options.Config.Voice.LineAddr)
	if err != nil {
		return fmt.Errorf("line_addr: %w", err)
	}
	a.lines, err = line.New(line.Config{
		SealKey: key, Shared: at, Resolver: plane.NewResolver(), Committer: a.recorder, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	rows, err := a.store.Lines(ctx)
	if err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	if err := a.lines.Restore(rows); err != nil {
		a.log.Error("lines left out", "err", err)
	}
	return errors.Join(a.openPhones(ctx, key), a.openPINs(ctx, key))
}

func (a *App) openPhones(ctx context.Context, key []byte) error {
	var err error
	a.phones, err = phone.New(phone.Config{
		Realm: a.options.Config.Voice.Realm, SealKey: key, NonceKey: random(phone.KeyBytes),
		Algorithms: algorithms(a.options.Config.Voice.Listen), IsLineAddr: a.lines.IsLineAddr,
		Emergency: emergency, Committer: a.recorder, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("phones: %w", err)
	}
	phones, err := a.store.Phones(ctx)
	if err != nil {
		return fmt.Errorf("phones: %w", err)
	}
	bindings, err := a.store.Bindings(ctx)
	if err != nil {
		return fmt.Errorf("bindings: %w", err)
	}
	if h := a.options.handed; h != nil {
		bindings = h.bindings
	}
	if err := a.phones.Restore(phones, bindings, time.Now()); err != nil {
		a.log.Error("phones left out", "err", err)
	}
	return nil
}

// Start lets calls in: first what a crash left behind is ended, then the
// control socket answers.
func (a *App) Start(ctx context.Context) error {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a.cancel = cancel
	if err := a.stack.Start(run); err != nil {
		cancel()
		return errors.Join(fmt.Errorf("sip: %w", err), a.close())
	}
	a.wait.Go(func() { a.desk.Run(run) })
	a.wait.Go(func() { a.prover.Run(run) })
	a.wait.Go(func() { a.boxPINs.Run(run) })
	a.wait.Go(func() { a.roomPINs.Run(run) })
	a.openOwnLines(run) // before the unit hangs up what was left on them
	a.wait.Go(func() { a.refreshLines(run) })
	a.wait.Go(func() { a.findSites(run) })
	a.wait.Go(func() { a.partSites(run) })
	a.wait.Go(func() { a.keepTime(run) })
	a.wait.Go(func() { a.watchBudgets(run) })
	a.wait.Go(func() { a.cutSuspects(run) })
	a.wait.Go(func() { a.serveWishes(run) })
	a.wait.Go(func() { a.boxes.fetch(run) })
	a.wait.Go(func() { a.outbox.run(run) })
	a.wait.Go(func() { a.deleteOutdated(run) })
	a.wait.Go(func() { a.keepRecordings(run) })
	a.wait.Go(func() { a.keepWatch(run) })
	a.wait.Go(func() { tendHeap(run) })
	a.wait.Go(func() { a.barWorst(run) })
	if a.keepsSpare() {
		spare := store.NewSpare(a.path(spareFile))
		a.renewSpare(run, spare)
		a.wait.Go(func() { a.keepSpare(run, spare) })
	}
	if a.away != nil {
		a.wait.Go(func() { a.seekServer(run) })
	}
	if err := errors.Join(a.rememberDialed(ctx), a.rememberMissed(ctx)); err != nil {
		a.log.Warn("what was dialed and missed last is not known", "err", err)
	}
	for _, extension := range a.boxes.filled() {
		a.unit.MessagesChanged(extension)
	}
	if err := a.unit.Start(ctx, a.stack, a.relay); err != nil {
		return errors.Join(fmt.Errorf("unit: %w", err), a.Stop())
	}
	a.wait.Go(func() { a.wakePeople(run) })
	a.wait.Go(func() { a.keepDesks(run) })
	if err := a.startAlerts(run); err != nil {
		return errors.Join(err, a.Stop())
	}
	a.serveManagement(run)
	a.servePhonebook(run)
	mux := a.operations()
	a.wait.Go(func() {
		if err := mux.Serve(run, a.control); err != nil {
			a.log.Error("control socket ended", "err", err)
		}
	})
	return nil
}

// Stop hangs up, ends every goroutine and closes what New opened.
func (a *App) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeMax)
	defer cancel()
	err := a.unit.Stop(ctx)
	a.stack.Stop()
	a.cancel()
	a.wait.Wait()
	select {
	case f := <-a.away: // nobody goes on with it
		if f.store != nil {
			err = errors.Join(err, f.store.Close())
		}
	default:
	}
	a.sites.Set(nil, time.Now()) // what is left to say of them is written
	stopped := fact.Write{
		Facts: []fact.Fact{fact.UnitStopped{Why: "told to", At: time.Now().UTC()}}, Rows: a.watchRows(),
	}
	// With time of its own: calls that did not end must not keep it off the record.
	err = errors.Join(err, a.note(context.Background(), stopped))
	closed := a.close()
	if a.cut != nil { // a last checkpoint that can't be written is no news
		a.log.Info("the unit that wrote nothing is closed", "err", closed)
		return err
	}
	return errors.Join(err, closed)
}

// Dial gives a client for the unit that runs on a data directory.
func Dial(data string) *control.Client {
	path := filepath.Join(data, controlFile)
	return control.NewClient(func(ctx context.Context) (net.Conn, error) { return plane.DialControl(ctx, path) })
}
