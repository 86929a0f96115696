package budget

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/sekisho/sekisho/fact"
)

// errDisk is what a source says that can't be read.
var errDisk = errors.New("no disk")

// broken is a disk that fails after so many reads; -1 for never.
type broken struct {
	*disk
	reads int
}

func (b *broken) read() error {
	if b.reads == 0 {
		return errDisk
	}
	b.reads--
	return nil
}

func (b *broken) Account(id string) (*Account, error) {
	if err := b.read(); err != nil {
		return nil, err
	}
	return b.disk.Account(id)
}

func (b *broken) Hour() (int64, error) {
	if err := b.read(); err != nil {
		return 0, err
	}
	return b.disk.Hour()
}

func (b *broken) Calls() (map[string][]Leg, error) {
	if err := b.read(); err != nil {
		return nil, err
	}
	return b.disk.Calls()
}

func (b *broken) Ended(call string) (bool, error) {
	if err := b.read(); err != nil {
		return false, err
	}
	return b.disk.Ended(call)
}

// script plays a ledger by lines, and writes down all that it has in memory
// after each one that changed it.
type script struct {
	t      *testing.T
	disk   *broken
	ledger *Ledger
	leaf   uint64
	last   string
}

// atHour reads "11.14": 14:30 on 11 March 2015 in Japan; a day beyond the 31st is in
// April.
func atHour(t *testing.T, s string) time.Time {
	t.Helper()
	day, hour, _ := strings.Cut(s, ".")
	d, err := strconv.Atoi(day)
	h, err2 := strconv.Atoi(hour)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return time.Date(2015, time.March, d, h, 30, 0, 0, tokyo)
}

func hourSaid(hour int64) string {
	if hour == 0 {
		return "0"
	}
	return time.Unix(hour*3600, 0).UTC().Format("2.15") // hours are those of Japan
}

func whole(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// chargesOf reads "unit/abroad:day=100:month=500".
func chargesOf(t *testing.T, list []string) (out []fact.Charge) {
	t.Helper()
	for _, s := range list {
		parts := strings.Split(s, ":")
		c := fact.Charge{Account: parts[0]}
		for _, p := range parts[1:] {
			name, v, _ := strings.Cut(p, "=")
			n := whole(t, v)
			switch name {
			case "hour":
				c.Caps.Hour = n
			case "incident":
				c.Caps.Incident = n
			case "day":
				c.Caps.Day = n
			case "month":
				c.Caps.Month = n
			case "calls":
				c.Caps.AtOnce = int(n)
			case "numbers":
				c.Caps.Callees = int(n)
			}
		}
		out = append(out, c)
	}
	return out
}

// settled reads "1=30" and "2=30:unit/abroad", a leg that nothing was set aside
// for.
func settled(t *testing.T, list []string) (out []fact.Settlement) {
	t.Helper()
	for _, s := range list {
		leg, rest, _ := strings.Cut(s, "=")
		cost, account, charged := strings.Cut(rest, ":")
		g := fact.Settlement{Leg: int(whole(t, leg)), Cost: whole(t, cost)}
		if charged {
			g.Charges = []fact.Charge{{Account: account}}
		}
		out = append(out, g)
	}
	return out
}

func (s *script) fact(f []string) fact.Fact {
	switch f[0] {
	case "hold", "late", "prove": // CALL LEG AMOUNT HOUR CALLEE CHARGE…
		h := fact.Hold{
			Leg: int(whole(s.t, f[2])), Amount: whole(s.t, f[3]), At: atHour(s.t, f[4]),
			Callee: uint32(whole(s.t, f[5])), Charges: chargesOf(s.t, f[6:]),
		}
		proven := ""
		if f[0] == "prove" {
			proven = "201"
		}
		return fact.CallJudged{Call: f[1], First: f[0] != "late", Proven: proven, Hold: &h}
	case "renew": // CALL LEG AMOUNT HOUR CHARGE…
		h := fact.Hold{
			Leg: int(whole(s.t, f[2])), Amount: whole(s.t, f[3]), At: atHour(s.t, f[4]), Charges: chargesOf(s.t, f[5:]),
		}
		return fact.CallRenewed{Call: f[1], Hold: h}
	case "own": // CALL LEG AMOUNT HOUR CALLEE CHARGE…
		h := fact.Hold{
			Leg: int(whole(s.t, f[2])), Amount: whole(s.t, f[3]), At: atHour(s.t, f[4]),
			Callee: uint32(whole(s.t, f[5])), Charges: chargesOf(s.t, f[6:]),
		}
		return fact.CallRenewed{Call: f[1], Hold: h, Proven: "201"}
	case "settle": // CALL LEG=COST…
		return fact.CallJudged{Call: f[1], Settled: settled(s.t, f[2:])}
	case "end":
		return fact.CallEnded{Call: f[1], Settled: settled(s.t, f[2:])}
	case "exhausted": // ACCOUNT WINDOW EPOCH
		return fact.BudgetExhausted{Account: f[1], Window: f[2], Epoch: int(whole(s.t, f[3]))}
	case "nearing": // ACCOUNT WINDOW SHARE HOUR
		return fact.BudgetNearing{Account: f[1], Window: f[2], Share: int(whole(s.t, f[3])), At: atHour(s.t, f[4])}
	case "release": // ACCOUNT HOUR
		return fact.BudgetReleased{Account: f[1], At: atHour(s.t, f[2])}
	case "pin": // EXTENSION
		return fact.PINSet{PIN: fact.PIN{Extension: f[1]}}
	}
	s.t.Fatalf("no line %q", f)
	return nil
}

// line plays one line and says what came of it.
func (s *script) line(f []string) string {
	switch f[0] {
	case "begin":
		s.ledger.Begin()
	case "undo":
		s.ledger.Undo()
	case "forget":
		s.ledger.Forget()
	case "closed": // CALL
		s.disk.ended[f[1]] = true
	case "fail": // after so many reads
		s.disk.reads = int(whole(s.t, f[1]))
	case "now":
		return s.ledger.Now().Format(time.RFC3339)
	case "write":
		return s.write(f)
	default:
		s.leaf++
		cost, err := s.ledger.Follow(s.fact(f), s.leaf)
		var full *fact.Exhausted
		if errors.As(err, &full) {
			return fmt.Sprintf("full: %+v", *full)
		}
		if err != nil {
			return err.Error()
		}
		if cost != 0 {
			return fmt.Sprintf("cost %d", cost)
		}
	}
	return "ok"
}

func (s *script) write(f []string) string {
	var wrote []string
	failing := len(f) > 1
	err := s.ledger.Write(func(c Changed) error {
		if failing && f[1] == "accounts" {
			return errDisk
		}
		wrote = append(wrote, fmt.Sprintf("%s@%d", c.ID, c.Leaf))
		doc, err := json.Marshal(c.Account)
		s.disk.accounts[c.ID] = doc
		return err
	}, func(hour int64, leaf uint64) error {
		if failing && f[1] == "hour" {
			return errDisk
		}
		wrote = append(wrote, fmt.Sprintf("hour %s@%d", hourSaid(hour), leaf))
		s.disk.hour = hour
		return nil
	})
	if err != nil {
		return err.Error()
	}
	for call, legs := range s.ledger.calls {
		doc, err := json.Marshal(legs)
		if err != nil {
			s.t.Fatal(err)
		}
		s.disk.calls[call] = doc
	}
	return fmt.Sprint(wrote)
}

// TestLedgerScripts plays testdata/ledger.
func TestLedgerScripts(t *testing.T) {
	datadriven.RunTest(t, "testdata/ledger", func(t *testing.T, d *datadriven.TestData) string {
		s := &script{t: t, disk: &broken{disk: newDisk(), reads: -1}}
		s.ledger = NewLedger(s.disk)
		var out strings.Builder
		for line := range strings.Lines(d.Input) {
			line = strings.TrimSpace(line)
			fmt.Fprintf(&out, "%s -> %s\n", line, s.line(strings.Fields(line)))
			if now := s.state(); now != s.last {
				out.WriteString(now)
				s.last = now
			}
		}
		return out.String()
	})
}

// state writes down all that the ledger knows.
func (s *script) state() string {
	l := s.ledger
	var b strings.Builder
	fmt.Fprintf(&b, "  hour %s, to write: tick %d, %v\n", hourSaid(l.hour), l.ticked, l.changed)
	for _, id := range slices.Sorted(maps.Keys(l.accounts)) {
		a := l.accounts[id]
		fmt.Fprintf(&b, "  %s:", id)
		for _, h := range a.Hours {
			fmt.Fprintf(&b, " %s=%d", hourSaid(h.In), h.Amount)
		}
		fmt.Fprintf(&b, "; month %d=%d; held %d by %d", a.Month.In-2015*12+1, a.Month.Amount, a.Held, a.Open)
		if len(a.Callees) > 0 {
			fmt.Fprintf(&b, "; numbers %v on %s", a.Callees, hourSaid(a.Day*24))
		}
		if len(a.Told) > 0 {
			fmt.Fprintf(&b, "; told %v", a.Told)
		}
		for _, v := range a.Vouched {
			fmt.Fprintf(&b, "; vouches for %d at %s", v.Callee, hourSaid(v.In))
		}
		if a.Shut != "" || a.Epoch != 0 {
			fmt.Fprintf(&b, "; shut %q, epoch %d", a.Shut, a.Epoch)
		}
		b.WriteByte('\n')
	}
	for _, call := range slices.Sorted(maps.Keys(l.calls)) {
		for _, g := range l.Holding(call) {
			fmt.Fprintf(&b, "  %s leg %d:", call, g.Leg)
			for _, h := range g.Slices {
				fmt.Fprintf(&b, " %s=%d", hourSaid(h.In), h.Amount)
			}
			for _, k := range g.Stakes {
				fmt.Fprintf(&b, ", %s epoch %d since %d", k.Account, k.Epoch, k.Since)
				if k.From != 0 || k.Until != 0 {
					fmt.Fprintf(&b, " of %d to %d", k.From, k.Until)
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
