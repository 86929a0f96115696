package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// box is a channel whose server can be down.
type box struct {
	mu   sync.Mutex
	down error
	got  []Letter
	at   []time.Time
	all  []time.Time // attempts
}

func (b *box) Send(_ context.Context, l Letter) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = append(b.all, time.Now())
	if b.down != nil {
		return "", b.down
	}
	b.got, b.at = append(b.got, l), append(b.at, time.Now())
	return "250 OK", nil
}

func (b *box) set(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = err
}

// ledger keeps writes as the store does.
type ledger struct {
	mu    sync.Mutex
	facts []fact.Fact
	rows  map[string]string
}

func (l *ledger) commit(w fact.Write, done func(error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.facts = append(l.facts, w.Facts...)
	for _, r := range w.Rows {
		m, ok := r.(fact.AlertMemory)
		if !ok {
			continue
		}
		if m.Doc == "" {
			delete(l.rows, m.Name)
		} else {
			l.rows[m.Name] = m.Doc
		}
	}
	done(nil)
}

func (l *ledger) memory() (out []fact.AlertMemory) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, doc := range l.rows {
		out = append(out, fact.AlertMemory{Name: name, Doc: doc})
	}
	return out
}

// owes counts the rows of deliveries.
func (l *ledger) owes() (n int) {
	for _, m := range l.memory() {
		if strings.HasPrefix(m.Name, owedPrefix) {
			n++
		}
	}
	return n
}

func (l *ledger) kinds() (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.facts {
		switch f := f.(type) {
		case fact.AlertSent:
			out = append(out, fmt.Sprintf("sent %s %d", f.Channel, f.Tries))
		case fact.AlertFailed:
			out = append(out, fmt.Sprintf("failed %s %s %v", f.Channel, f.Why, f.GivenUp))
		}
	}
	return out
}

func service(l *ledger, routes ...Route) *Service {
	return New(Config{
		Routes: routes, Lang: text.JA, Unit: func() string { return "u1" }, Jitter: func() float64 { return 1 },
		Commit: l.commit, Log: slog.New(slog.DiscardHandler),
	})
}

// run runs a service until the returned function is called.
func run(t *testing.T, s *Service, memory []fact.AlertMemory) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { s.Run(ctx, memory) })
	return func() { cancel(); done.Wait() }
}

func attack(s *Service, first, calls int) {
	for i := range calls {
		s.Observe([]fact.Fact{fact.CallJudged{
			Call: fmt.Sprint("c", first+i), Party: fact.Party{Extension: "201", Device: "201-1"},
			Class: "international", Area: "SL", Verb: "refuse", Rule: "international",
		}})
	}
}

func newLedger() *ledger { return &ledger{rows: map[string]string{}} }

// TestAServerThatIsDownGetsItAfterARestart: tried again with growing pauses,
// kept over a restart, delivered once, and then forgotten.
func TestAServerThatIsDownGetsItAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, mail, hook := newLedger(), &box{down: syscall.ECONNREFUSED}, &box{}
		routes := []Route{{Name: "mail", Channel: mail}, {Name: "hook", Channel: hook}}
		s := service(l, routes...)
		stop := run(t, s, nil)
		attack(s, 0, 2)
		began := time.Now()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(hook.got) != 1 || hook.at[0].After(began.Add(time.Second)) {
			t.Fatalf("a channel waits for another's server: %+v", hook.at)
		}
		var pauses []string
		for i := 1; i < len(mail.all); i++ {
			pauses = append(pauses, mail.all[i].Sub(mail.all[i-1]).String())
		}
		if got := fmt.Sprint(pauses); got != "[2s 4s 8s 16s]" {
			t.Errorf("pauses %s", got)
		}
		stop()
		if l.owes() != 1 {
			t.Fatalf("%d deliveries are kept, want 1: %v", l.owes(), l.memory())
		}
		mail.set(nil)
		s = service(l, routes...)
		stop = run(t, s, l.memory())
		time.Sleep(time.Second)
		synctest.Wait()
		if len(mail.got) != 1 || len(hook.got) != 1 || mail.got[0].ID != hook.got[0].ID || l.owes() != 0 {
			t.Errorf("mail %d, hook %d, %d kept", len(mail.got), len(hook.got), l.owes())
		}
		attack(s, 2, 5)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if len(mail.got) != 2 || mail.got[1].Notice != "over" {
			t.Errorf("after the restart the same episode goes on: %+v", mail.got)
		}
		stop()
		if len(l.memory()) != 0 {
			t.Errorf("left in memory: %v", l.memory())
		}
		failed := 0
		for _, k := range l.kinds() {
			if k == "failed mail refused false" {
				failed++
			}
		}
		if failed != 1 || len(l.kinds()) != 5 {
			t.Errorf("facts %v", l.kinds())
		}
	})
}

func TestItIsGivenUpAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, mail := newLedger(), &box{down: errors.New("no")}
		s := service(l, Route{Name: "mail", Channel: mail})
		stop := run(t, s, nil)
		attack(s, 0, 2)
		time.Sleep(30 * time.Hour)
		synctest.Wait()
		stop()
		given := 0
		for _, k := range l.kinds() {
			if k == "failed mail error true" {
				given++
			}
		}
		if given != 2 || l.owes() != 0 || len(l.kinds()) != 4 { // the alert, and that it was over
			t.Errorf("facts %v, %d kept", l.kinds(), l.owes())
		}
		if len(mail.all) > 600 {
			t.Errorf("%d attempts", len(mail.all))
		}
	})
}

// TestAQueueIsBounded: the oldest makes room, and that is on record.
func TestAQueueIsBounded(t *testing.T) {
	l := newLedger()
	s := service(l, Route{Name: "mail", Channel: &box{}})
	for i := range owedMax + 3 {
		a := watch.Alert{ID: fmt.Sprint("a", i), Kind: watch.Barred, Notice: watch.Begun}
		s.act(watch.Step{Alerts: []watch.Alert{a}})
	}
	if l.owes() != owedMax || s.Channels()[0].Owed != owedMax || len(l.kinds()) != 3 {
		t.Errorf("%d rows, %d owed, facts %v", l.owes(), s.Channels()[0].Owed, l.kinds())
	}
}

func TestAChannelThatIsGoneOwesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		s := service(l, Route{Name: "old", Channel: &box{}})
		s.act(watch.Step{Alerts: []watch.Alert{{ID: "a1", Kind: watch.Barred, Notice: watch.Begun}}})
		stop := run(t, service(l), l.memory())
		synctest.Wait()
		stop()
		if l.owes() != 0 || fmt.Sprint(l.kinds()) != "[failed old channel-gone true]" {
			t.Errorf("%v %v", l.memory(), l.kinds())
		}
	})
}

// TestObserveNeverBlocks: nobody looks, and the log's goroutine goes on.
func TestObserveNeverBlocks(t *testing.T) {
	s := service(newLedger())
	attack(s, 0, eventsMax+7)
	if s.lost.Load() != 7 {
		t.Errorf("%d lost, want 7", s.lost.Load())
	}
}

func TestATestSaysWhatTheServerSaid(t *testing.T) {
	l := newLedger()
	s := service(l, Route{Name: "good", Channel: &box{}},
		Route{Name: "bad", Channel: &box{down: &Failure{Word: "status 550"}}})
	if _, err := s.Test(t.Context(), "none"); !errors.Is(err, ErrChannel) {
		t.Errorf("no such channel: %v", err)
	}
	tried, err := s.Test(t.Context(), "")
	if err != nil || len(tried) != 2 || tried[0].Answer != "250 OK" || Word(tried[1].Err) != "status 550" {
		t.Errorf("%+v %v", tried, err)
	}
	if fmt.Sprint(l.kinds()) != "[sent good 1 failed bad status 550 true]" {
		t.Errorf("facts %v", l.kinds())
	}
}

func TestSecretsAreForTheirOwner(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		holds string
		mode  os.FileMode
		ok    bool
	}{
		"good": {"secret\n", 0o600, true}, "open": {"secret\n", 0o640, false}, "empty": {"\n", 0o600, false},
		"two": {"a\nb\n", 0o600, false}, "large": {strings.Repeat("a", SecretBytesMax+1), 0o600, false},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.holds), c.mode); err != nil {
			t.Fatal(err)
		}
		got, err := Secret(path)
		if (err == nil) != c.ok || c.ok && got != "secret" || !c.ok && !errors.Is(err, ErrSecret) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestALetterSaysWhatIsToBeDone(t *testing.T) {
	w := watch.New(watch.Settings{Thresholds: map[watch.Kind]int{watch.Barred: 1}})
	a := w.Take(fact.CallJudged{
		Call: "c", Party: fact.Party{Extension: "201", Device: "201-1"}, Class: "international", Area: "SL",
		Number: "23276123456", Verb: "refuse", Rule: "international",
	}, time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)).Alerts[0]
	for lang, want := range map[text.Lang]string{
		text.JA: "【通報】u1: 内線 201 から規制対象の発信が続いています\n発生: 2015-03-11 12:00:00 JST\n" +
			"内容: シエラレオネ へ発信しようとし、関所が止めました\n" +
			"実施済み: この発信は関所がすべて止めており、外線には出ていません。\n" +
			"次にすること: 本人に確認し、心当たりがなければ止めてください: sekisho phone disable 201-1",
		text.EN: "[Alert] u1: extension 201 keeps trying barred calls\nSince: 2015-03-11 12:00:00 JST\n" +
			"What happened: a call to Sierra Leone was refused\n" +
			"Done already: The gate refused all of these calls; none went out.\n" +
			"Do now: Ask whose phone it is; if they know nothing of it, stop it: sekisho phone disable 201-1",
	} {
		if got := write(a, "u1", lang).Text(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
