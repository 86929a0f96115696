package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/sekisho/sekisho/tally"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// Errors of the package.
var (
	// ErrConfig says that a configuration can't work.
	ErrConfig = errors.New("sip stack configuration")
	// ErrLineAddress says that the phone side was asked to send to an address
	// that belongs to a line.
	ErrLineAddress = errors.New("address belongs to a line")
	// ErrNoWay says that there is no address, transport or connection to
	// send by.
	ErrNoWay = errors.New("no way to send")
	// ErrFull says that a shard has all the transactions or sessions it may.
	ErrFull = errors.New("shard is full")
	// ErrRefused says that a request could not be granted, and was answered so.
	ErrRefused = errors.New("request is refused")
	// ErrMethod says that this method can't be sent this way.
	ErrMethod = errors.New("method can't be sent this way")
)

// Stack is the SIP endpoint: its shards, listeners, lines and connections.
type Stack struct {
	Counters Counters
	// Waits are how long messages lay in the sockets and mailboxes before
	// they were looked at.
	Waits tally.Delays

	cfg       Config
	shards    []*Shard
	listeners []*listener          // of Config
	byName    map[string]*listener // the same
	conns     connTable
	sampler   sampler
	watch     atomic.Pointer[Watch]
	salt      uint64        // of stateless tags
	lookups   chan struct{} // a slot per name look-up under way

	linesMu sync.RWMutex
	lines   map[string]*Line
	own     [ownListenersMax]*listener // lines' own listeners
	opening sync.Mutex                 // one of them is opened or closed at a time; never held on a loop

	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once
	wg     sync.WaitGroup
}

// New makes a stack; Start sets it going.
func New(cfg Config) (*Stack, error) {
	if n := len(cfg.Packets); n == 0 || n > shardsMax {
		return nil, fmt.Errorf("%w: %d shards", ErrConfig, n)
	}
	if cfg.Handler == nil {
		return nil, fmt.Errorf("%w: no handler", ErrConfig)
	}
	if cfg.Session.Timers == (transaction.Config{}) {
		cfg.Session.Timers = transaction.Default()
	}
	st := &Stack{
		cfg: cfg, byName: make(map[string]*listener), lines: make(map[string]*Line),
		lookups: make(chan struct{}, lookupsMax),
	}
	st.conns.init()
	for i, l := range cfg.Listeners {
		made, err := st.newListener(i, l)
		if err != nil {
			return nil, err
		}
		st.byName[l.Name] = made
		st.listeners = append(st.listeners, made)
	}
	for i, p := range cfg.Packets {
		st.shards = append(st.shards, newShard(st, i, p))
	}
	st.salt = st.shards[0].randomUint64()
	return st, nil
}

// Start begins to serve. Everything it starts ends with ctx or Stop.
func (st *Stack) Start(ctx context.Context) error {
	st.ctx, st.cancel = context.WithCancel(ctx)
	for _, sh := range st.shards {
		st.wg.Go(sh.run)
	}
	context.AfterFunc(st.ctx, st.close)
	for _, l := range st.listeners {
		if l.Accept != nil {
			st.wg.Go(func() { st.accept(l) })
		}
	}
	return nil
}

// Stop ends every loop and connection and waits for them. What is under way
// is lost; the owner says goodbye first.
func (st *Stack) Stop() {
	if st.cancel == nil {
		return
	}
	st.cancel()
	st.close()
	st.wg.Wait()
}

// close takes away what the goroutines of the stack wait for.
func (st *Stack) close() {
	st.once.Do(func() {
		for _, l := range st.listeners {
			if l.Accept != nil {
				_ = l.Accept.Close()
			}
		}
		st.conns.closeAll()
		for _, sh := range st.shards {
			sh.Post(func(sh *Shard) { sh.stopping = true })
			_ = sh.packets.Close()
		}
	})
}

// Shards is the number of shards.
func (st *Stack) Shards() int { return len(st.shards) }

// Shard returns one of them.
func (st *Stack) Shard(i int) *Shard { return st.shards[i] }

func (st *Stack) log(msg string, args ...any) {
	if st.cfg.Log != nil {
		st.cfg.Log.Log(st.ctx, slog.LevelDebug, msg, args...)
	}
}

func (st *Stack) sessionConfig(c *session.Config) session.Config {
	if c != nil {
		return *c
	}
	return st.cfg.Session
}
