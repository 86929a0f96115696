package desk_test

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/gate/tempo"
)

// TestAProofExplains what looked like fraud, as far as it can: the call of whom
// the desk would cut off passes with the PIN of whoever stands behind it.
func TestAProofExplains(t *testing.T) {
	for name, proves := range map[string]bool{"with its PIN": true, "without": false} {
		h := newHouse(t, 40)
		h.talk("0312345678", time.Minute)
		h.from, h.agent = netip.MustParseAddr("203.0.113.9"), "friendly"
		h.wait(14 * time.Hour) // midnight
		for i := range 2 {
			h.ask(h.request("0102327612345" + strconv.Itoa(i)))
		}
		r := h.request("01023276123452")
		if h.desk.Check(r).Verb != gate.VerbRefuse {
			t.Fatal("the third call is not to be cut")
		}
		want, said := gate.VerbRefuse, "cut"
		if proves {
			r.Proof, want, said = gate.Proof{Person: "201", At: h.now}, gate.VerbPass, "challenge"
		}
		if v, f := h.ask(r); v.Verb != want || f.Opinion != said || len(h.suspects) == 0 != proves {
			t.Errorf("%s: %v by %s, %s, suspects %+v", name, v.Verb, v.Rule, f.Opinion, h.suspects)
		}
	}
}

// TestWhatIsQuietProvesNothing: a PIN that nobody asked for makes no network
// known, and what is nobody's business is no opinion.
func TestWhatIsQuietProvesNothing(t *testing.T) {
	h := newHouse(t, 2)
	r := h.request(london)
	r.Proof = gate.Proof{Person: "201", At: h.now}
	if _, f := h.ask(r); f.Opinion != "" {
		t.Fatalf("it is %s", f.Opinion)
	}
	h.desk.Watching(func(w *tempo.Watch) {
		if k, known := w.Known(h.now, "201"); !known || !k.Proved.IsZero() {
			t.Errorf("known: %+v", k)
		}
	})
	h.ask(h.request("119"))
	if v := h.desk.Check(h.request("119")); v.Verb != gate.VerbPass || v.Rule != "emergency" {
		t.Errorf("an emergency call: %v by %s", v.Verb, v.Rule)
	}
	if n := h.desk.Tally.Opinions.Level(tempo.Quiet); n != 1 {
		t.Errorf("%d opinions, want one: of the call abroad", n)
	}
}

// TestSignsAreCountedAsTheyAre, weak or strong, and are so on record. A call that
// passed is one that is up: the watch is told of refusals alone.
func TestSignsAreCountedAsTheyAre(t *testing.T) {
	h := newHouse(t, 2)
	counted := func(weak, strong uint64) {
		t.Helper()
		if w, s := h.desk.Tally.Opinions.Sign("parallel"); w != weak || s != strong {
			t.Errorf("counted %d times weak, %d strong, want %d, %d", w, s, weak, strong)
		}
	}
	for i, want := range []struct{ weak, strong uint64 }{{0, 0}, {1, 0}, {2, 0}, {2, 1}, {2, 2}} {
		_, f := h.ask(h.request(london))
		counted(want.weak, want.strong)
		at := slices.IndexFunc(f.Signs, func(s fact.Sign) bool { return s.Name == "parallel" })
		if (at >= 0) != (i > 0) || i > 0 && f.Signs[at].Strong != (i >= 3) {
			t.Errorf("call %d: on record %+v", i, f.Signs)
		}
	}
}

// TestCuttingTellsNobody where nobody wants to know.
func TestCuttingTellsNobody(t *testing.T) {
	h := newHouse(t, 40)
	h.desk = desk.New(desk.Config{
		Committer: h.books, Policy: h.desk.Policy(), Now: func() time.Time { return h.now }, Watch: tempo.New(tokyo),
	})
	h.talk("0312345678", time.Minute)
	h.from, h.agent = netip.MustParseAddr("203.0.113.9"), "friendly"
	h.wait(14 * time.Hour)
	worst := ""
	for i := range 6 {
		_, f := h.ask(h.request("0102327612345" + strconv.Itoa(i)))
		worst = f.Opinion
	}
	if worst != "cut" || len(h.suspects) > 0 {
		t.Errorf("the last one is %q, suspects %+v", worst, h.suspects)
	}
}

// TestASiteIsSuspect: another site that dials wildly is told of, by its name, though
// every call is refused by a rule that is asked before; an ordinary one is not.
func TestASiteIsSuspect(t *testing.T) {
	h := newHouse(t, 40)
	of := func(dialed string) gate.Request {
		r := h.request(dialed)
		r.Origin = gate.Origin{
			Kind: gate.OriginSite, Site: "osaka", SiteExtension: "301", Device: "site/osaka", Authenticated: true,
		}
		return r
	}
	for range 8 {
		h.ask(of("0312345678"))
	}
	if len(h.suspects) > 0 {
		t.Errorf("for calls to Tokyo: %+v", h.suspects)
	}
	h.wait(14 * time.Hour) // midnight
	for i := range 6 {
		r := of("0102327612345" + strconv.Itoa(i))
		if v, _ := h.ask(r); v.Verb != gate.VerbRefuse || v.Rule == gate.RuleTempo {
			t.Fatalf("call %d: %v by %s", i, v.Verb, v.Rule)
		}
	}
	if len(h.suspects) == 0 || h.suspects[0].Site != "osaka" || h.suspects[0].Extension != "" {
		t.Errorf("suspects: %+v", h.suspects)
	}
}
