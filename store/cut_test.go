package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/store/storetest"
)

// recovery is how long a store may take to go on: the driver lets go of a
// connection on which nothing comes after 15 s, and with it goes what it holds.
const recovery = 40 * time.Second

// cable is the way to a server, which can be cut, and can lose everything
// without anybody being told.
type cable struct {
	mu    sync.Mutex
	conns []net.Conn
	deaf  atomic.Bool
}

func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := plane.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, conn)
	return wire{conn, c}, nil
}

func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

type wire struct {
	net.Conn
	cable *cable
}

func (w wire) Write(b []byte) (int, error) {
	if w.cable.deaf.Load() {
		return len(b), nil
	}
	return w.Conn.Write(b)
}

func control(name string) []fact.Fact { return []fact.Fact{fact.ControlUsed{Command: name}} }

// goesOn waits until a store takes writes again.
func goesOn(t *testing.T, s *store.Store) {
	t.Helper()
	for deadline := time.Now().Add(recovery); s.Degraded() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still degraded: %v", s.Degraded())
		}
	}
}

// wayIsCut: whoever waits is told soon, nothing is taken
// for written that is not, and the store goes on by itself.
func wayIsCut(t *testing.T, server *storetest.Server) {
	const soon = 8 * time.Second
	var c cable
	defer c.cut()           // what the driver still wants to cancel, too
	var cutting atomic.Bool // in the middle of a transaction
	s, err := store.Open(t.Context(), store.Config{
		DSN: server.Fresh(t), Dial: c.dial, Alone: true, Fault: func(step string) error {
			if step == "commit" && cutting.Swap(false) {
				c.cut()
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var written []string
	write := func(name string) error {
		err := storetest.Write(t, s, control(name))
		if err == nil {
			written = append(written, name)
		}
		return err
	}
	if err := write("first"); err != nil {
		t.Fatal(err)
	}
	c.cut()
	if err := write("after a cut while nobody wrote"); err != nil {
		t.Error(err)
	}
	cutting.Store(true)
	if err := write("cut"); !errors.Is(err, fact.ErrNotWritable) {
		t.Errorf("with the way cut: %v", err)
	}
	goesOn(t, s)
	if err := write("after the cut"); err != nil {
		t.Error(err)
	}
	c.deaf.Store(true)
	began := time.Now()
	if err := write("deaf"); !errors.Is(err, fact.ErrNotWritable) || time.Since(began) > soon {
		t.Errorf("where all is lost: %v after %v", err, time.Since(began))
	}
	c.deaf.Store(false)
	goesOn(t, s)
	if err := write("last"); err != nil {
		t.Error(err)
	}
	var there []string
	for rec, err := range s.Leaves(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		f, err := rec.Fact()
		if err != nil {
			t.Fatal(err)
		}
		there = append(there, f.(fact.ControlUsed).Command)
	}
	if got, want := strings.Join(there, ", "), strings.Join(written, ", "); got != want {
		t.Errorf("written are %q, and there are %q", want, got)
	}
}

// rolledBack: a server that has lost what it had said
// was written gets nothing more.
func rolledBack(t *testing.T, server *storetest.Server) {
	dsn := server.Fresh(t)
	s := onServer(dsn)(t, nil)
	for i := range 3 {
		if err := storetest.Write(t, s, control(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	server.SQL(t, dsn, "DELETE FROM leaf WHERE seq = 2")
	if err := storetest.Write(t, s, control("more")); !errors.Is(err, fact.ErrNotWritable) {
		t.Errorf("a write on a log that is shorter than it was: %v", err)
	}
}

// racesAreTriedAgain: a transaction that another one came between is done
// again, so many times, and then fails.
func racesAreTriedAgain(t *testing.T, server *storetest.Server) {
	dsn := server.Fresh(t)
	s := onServer(dsn)(t, nil)
	// The server says so for the first few that are tried.
	server.SQL(t, dsn, `CREATE SEQUENCE tries; CREATE FUNCTION race() RETURNS trigger AS $$ BEGIN
		IF nextval('tries') < 4 THEN RAISE EXCEPTION 'race' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$
		LANGUAGE plpgsql; CREATE TRIGGER race BEFORE INSERT ON leaf FOR EACH ROW EXECUTE FUNCTION race()`)
	if err := storetest.Write(t, s, control("x")); err != nil || s.Head().Size != 1 {
		t.Errorf("after three races: %v, %d leaves", err, s.Head().Size)
	}
	server.SQL(t, dsn, "ALTER SEQUENCE tries MINVALUE -1000 RESTART WITH -1000")
	if err := storetest.Write(t, s, control("y")); !errors.Is(err, fact.ErrNotWritable) {
		t.Errorf("races without end: %v", err)
	}
}

// nodeDSN makes the test binary a node that asks for money.
const nodeDSN = "SEKISHO_TEST_HOLD_ON"

const (
	nodeAsks = 5000
	flight   = 256
)

// askForMoney asks many at once, and says on standard output which calls got some.
func askForMoney(dsn string) error {
	s, err := store.Open(context.Background(), store.Config{DSN: dsn, Dial: plane.Dial})
	if err != nil {
		return err
	}
	drafter := chain.Drafter{Unit: "u1", Boot: s.Boot(), Salt: &storetest.Salts{}}
	var wait sync.WaitGroup
	slots := make(chan struct{}, flight)
	for i := range nodeAsks {
		m := move{what: "hold", call: fmt.Sprintf("b%dc%d", s.Boot(), i), amount: 1}
		m.account = fmt.Sprintf("extension/%d/abroad", 201+i%5)
		draft, err := drafter.Draft(m.fact(), storetest.Day)
		if err != nil {
			return err
		}
		slots <- struct{}{}
		wait.Add(1)
		s.Append(chain.Entry{Drafts: []chain.Draft{draft}}, func(err error) {
			if err == nil {
				fmt.Println(m.call)
			} else if !errors.As(err, new(*fact.Exhausted)) {
				fmt.Println("error", err)
			}
			<-slots
			wait.Done()
		})
	}
	wait.Wait()
	return s.Close()
}

// oneIsKilled: two processes ask for money ten thousand times, and one
// is killed in the middle of it. The other one goes on; what was granted is on
// record, and it is exactly what the budget had.
func oneIsKilled(t *testing.T, server *storetest.Server) {
	dsn := server.Fresh(t)
	s := onServer(dsn)(t, nil)
	var mu sync.Mutex
	granted := map[string]bool{}
	var wait sync.WaitGroup
	for node := range 2 {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		c.Env = append(os.Environ(), nodeDSN+"="+dsn)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			lines := bufio.NewScanner(out)
			for n := 0; lines.Scan(); n++ {
				mu.Lock()
				granted[lines.Text()] = true
				mu.Unlock()
				if node == 0 && n == 10 {
					_ = c.Process.Kill()
				}
			}
			if err := c.Wait(); (err == nil) != (node == 1) {
				t.Errorf("node %d ended with %v", node, err)
			}
		})
	}
	wait.Wait()
	if err := storetest.Write(t, s, nil); err != nil {
		t.Fatal(err)
	}
	calls, err := s.Calls(t.Context(), store.CallFilter{})
	if err != nil {
		t.Fatal(err)
	}
	recorded := map[string]bool{}
	for _, c := range calls {
		recorded[c.Call] = true
	}
	for call := range granted {
		if !recorded[call] {
			t.Errorf("%s was granted and is not on record", call)
		}
	}
	accounts, err := s.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		used := a.Used(storetest.Day).Day
		if a.ID == wholeUnit && (used != unitMax || a.Held != unitMax || len(calls) != unitMax) ||
			a.ID != wholeUnit && used > phoneMax {
			t.Errorf("%s has spent %d, of it %d held; %d calls", a.ID, used, a.Held, len(calls))
		}
	}
	if n := len(granted); n < 11 || n > unitMax {
		t.Errorf("%d were granted", n)
	}
}
