//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo"

	"github.com/sekisho/sekisho/app/control"
	practice "github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/ear"
)

// Ten yen for six seconds have calls of seconds tell what others tell in minutes.
const (
	quickPrices = "prefix,yen,unit_seconds\n1,10,6\n"
	quickUnit   = 6 * time.Second
	quickPrice  = int64(10_000)
	quickMost   = 4 * quickPrice // of an extension: 24 seconds

	keptRounds = 5
	keptPhones = 3
)

// quick is what the carrier bills by it.
func quick(r practice.Reading, talk time.Duration) int64 {
	if r.Class != practice.International {
		return r.Price(talk)
	}
	return int64((talk+quickUnit-1)/quickUnit) * quickPrice
}

// quickly has the unit know these prices.
func (u *unit) quickly() {
	u.Helper()
	file := filepath.Join(u.dir, "quick.csv")
	u.must(os.WriteFile(file, []byte(quickPrices), 0o600))
	u.cli("tariff", "import", file, "--yes", "--reason", "test")
}

// short gives an extension 24 seconds abroad, its person much more, and a PIN.
func (u *unit) short(extension string) (pin string) {
	u.Helper()
	for budget, yen := range map[string]int64{
		"extension/" + extension + "/abroad": quickMost / 1000, "person/" + extension + "/abroad": 3000,
	} {
		u.cli("budget", "set", budget, "--day", fmt.Sprint(yen), "--incident", fmt.Sprint(yen), "--reason", "test")
	}
	u.cli("gate", "open", "US", "--for", extension, "--until", "1h", "--reason", "test")
	return u.draws(extension)
}

// keeper is somebody who talks abroad and has a PIN.
type keeper struct {
	*caller

	pin    string
	number string
	ear    net.PacketConn
	dialog *sipgo.DialogClientSession
}

// keeper makes one that has called before, as everybody in an office has.
func (u *unit) keeper(n int) *keeper {
	u.Helper()
	extension := fmt.Sprint(201 + n)
	a := u.sipp(u.phone(extension, "udp", true))
	a.register(3600)
	a.calls("0398765432", "uac", "TALK", "100")
	k := &keeper{caller: u.caller(a.Phone), number: fmt.Sprintf("0101212555%02d05", 10+n), pin: u.short(extension)}
	var err error
	k.ear, err = net.ListenPacket("udp", netip.AddrPortFrom(k.at.Addr(), mediaPort).String())
	u.must(err)
	u.Cleanup(func() { k.ear.Close() })
	return k
}

// talks calls, and comes back when the caller is asked for its PIN.
func (k *keeper) talks() {
	k.Helper()
	var err error
	k.dialog, err = k.reach(k.ctx, k.number)
	k.must(err)
	k.must(k.ear.SetReadDeadline(time.Now().Add(quickUnit)))
	for buf := make([]byte, 2048); ; {
		n, _, err := k.ear.ReadFrom(buf)
		k.must(err)
		if n == 12+160 && ear.Total(ear.FromMu(buf[12:n])) > -35 {
			return
		}
	}
}

// TestKillsAfterAPIN kills a unit (kill -9) with calls that a PIN keeps, calls of
// people who are being asked, and calls whose PIN is typed at this moment. What was
// set aside counts as spent, once, each part in the budget that it came from; the
// carrier bills no more than that and the units that it began while there was no
// unit; who has proved itself calls on.
func TestKillsAfterAPIN(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 4*time.Minute)
	c := w.billing(quick)
	u := w.startUnit("announcements_max = 8\n")
	u.lineTo(&carrier{world: w, at: c.Addr()}, "202", "--channels", "40")
	u.quickly()
	for _, budget := range []string{"unit/abroad", "people/abroad"} {
		u.cli("budget", "set", budget, "--at-once", "20", "--until", "1h", "--reason", "test")
	}
	killed := map[string]time.Time{}
	var all []*keeper
	for round := range keptRounds {
		var now []*keeper
		for range keptPhones {
			now = append(now, u.keeper(len(all)+len(now)))
		}
		for _, k := range now {
			k.talks()
		}
		all = append(all, now...)
		kept, late := now[0], now[2] // and one who types nothing
		w.must(kept.types(w.ctx, kept.dialog, kept.pin+"#"))
		w.until(quickUnit, "the rest is paid by the person", func() bool { return u.person(kept).Calls == 1 })
		w.must(late.types(w.ctx, late.dialog, late.pin))
		go func() { _ = late.types(w.ctx, late.dialog, "#") }() // nobody may be there to answer
		wait(w.ctx, time.Duration(round*round)*30*time.Millisecond)
		u.proc.Kill()
		for _, k := range now {
			killed[k.number] = time.Now()
		}
		u.start()
		u.lineUp()
	}
	u.billed(c)
	u.keptAgree(c, all, killed)
	w.must(all[0].call(w.ctx, all[0].number, 200*time.Millisecond))
	if got := entries(c, all[0].number); len(got) != 2 || got[1].Answer.IsZero() {
		t.Errorf("who has proved itself calls again: %+v", got)
	}
	u.verified()
}

// entries are the calls to a number in the carrier's books.
func entries(c *practice.Carrier, number string) (out []practice.Entry) {
	for _, e := range c.Books().Entries() {
		if strings.HasSuffix(number, e.Reading.Digits) {
			out = append(out, e)
		}
	}
	return out
}

// budget is a budget's state, empty where nothing was charged to it.
func (u *unit) budget(name string) control.Budget {
	u.Helper()
	for _, b := range query[[]control.Budget](u, "budget", "show", name) {
		if b.Budget == name {
			return b
		}
	}
	return control.Budget{}
}

func (u *unit) person(k *keeper) control.Budget {
	return u.budget("person/" + k.phone.Extension + "/abroad")
}

// keptAgree holds what calls cost by the unit, in all its budgets, against what the
// carrier bills.
func (u *unit) keptAgree(c *practice.Carrier, all []*keeper, killed map[string]time.Time) {
	u.Helper()
	records := map[string]control.CallRecord{}
	for _, r := range query[[]control.CallRecord](u, "calls", "--limit", "10000") {
		records[r.To] = r
	}
	var phones, people int64
	kept, over := 0, 0
	for i, k := range all {
		r, bills := records[k.number], entries(c, k.number)
		if len(bills) != 1 || bills[0].Answer.IsZero() || r.Reason != "restart" || r.Answered.IsZero() {
			u.Errorf("%s: %+v, in the carrier's books %+v", k.number, r, bills)
			continue
		}
		e := bills[0]
		phone, person := u.budget("extension/"+k.phone.Extension+"/abroad"), u.person(k)
		phones, people = phones+phone.Used24, people+person.Used24
		if phone.Used24 != quickMost || r.Cost != phone.Used24+person.Used24 {
			u.Errorf("%s costs %d; its phone has spent %d of %d, its person %d",
				k.number, r.Cost, phone.Used24, quickMost, person.Used24)
		}
		if proved := person.Used24 > 0; proved {
			kept++
			if i%keptPhones == 1 {
				u.Errorf("%s: nobody typed, and the person pays %d", k.number, person.Used24)
			}
		} else if i%keptPhones == 0 {
			u.Errorf("%s was kept by its PIN, and its person pays nothing", k.number)
		}
		// What begins between a kill and the BYE after it is nobody's to see.
		unseen := quick(e.Reading, e.End.Sub(e.Answer)) - quick(e.Reading, killed[k.number].Sub(e.Answer))
		if e.MilliYen > r.Cost {
			over++
		}
		if e.MilliYen > r.Cost+unseen {
			u.Errorf("%s costs %d and is billed %d, of which %d could not be seen",
				k.number, r.Cost, e.MilliYen, unseen)
		}
	}
	u.Logf("%d calls, %d kept by a PIN; phones spent %d, people %d; %d billed beyond",
		len(all), kept, phones, people, over)
	for name, want := range map[string]int64{"unit/abroad": phones, "people/abroad": people} {
		if got := u.budget(name).Used24; got != want {
			u.Errorf("%s has spent %d, those below it %d", name, got, want)
		}
	}
}
