package budget

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

func aRate(rt *rapid.T) tariff.Rate {
	return tariff.Rate{
		PerUnit: tariff.Money(rapid.Int64Range(0, 400_000).Draw(rt, "per unit")),
		Unit: rapid.SampledFrom([]time.Duration{
			time.Second, 6 * time.Second, time.Minute, 3 * time.Minute,
		}).Draw(rt, "unit"),
		Connect: tariff.Money(rapid.Int64Range(0, 50_000).Draw(rt, "connect")),
		Minimum: tariff.Money(rapid.Int64Range(0, 50_000).Draw(rt, "minimum")),
	}
}

// TestNoTalkIsUnpaid: whatever is granted, and whenever the call ends, what the
// carrier counts is set aside; its clock may have run longer than ours.
func TestNoTalkIsUnpaid(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := Need{
			Pot: rapid.SampledFrom(Pots()).Draw(rt, "pot"), Rate: aRate(rt), Charges: []fact.Charge{{Account: "unit"}},
			Most:   tariff.Money(rapid.Int64Range(0, 5_000_000).Draw(rt, "most")),
			Length: time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(rt, "length")),
		}
		if n.Most > 0 && n.Least() > n.Most {
			rt.Skip("too dear to begin")
		}
		began := time.Date(2015, 3, 11, 0, 0, 0, 0, time.UTC)
		m := Meter{Need: n, Held: n.First()}
		if rapid.Bool().Draw(rt, "tight") {
			room := tariff.Money(rapid.Int64Range(0, int64(n.First())).Draw(rt, "room"))
			amount, ok := n.Within(room)
			if !ok {
				return
			}
			if amount > room {
				rt.Fatalf("%v within %v", amount, room)
			}
			m.Held = amount
		}
		m.Answered = began
		for range rapid.IntRange(0, 40).Draw(rt, "renewals") {
			at := m.RenewAt()
			if at.IsZero() {
				break
			}
			if at.After(m.CutAt()) && m.CutAt().After(began) {
				rt.Fatalf("asked for more at %v, cut at %v", at, m.CutAt())
			}
			more := m.More(at)
			if rapid.IntRange(0, 4).Draw(rt, "full") == 0 {
				room := tariff.Money(rapid.Int64Range(0, int64(more)).Draw(rt, "left"))
				if more = m.MoreWithin(room); more > room {
					rt.Fatalf("%v within %v", more, room)
				}
				if more == 0 {
					break
				}
			}
			before := m.CutAt()
			m.Held += more
			if !m.CutAt().After(before) {
				rt.Fatalf("%v more, and the end stays %v", more, before)
			}
		}
		longest := m.CutAt().Sub(began)
		talk := time.Duration(rapid.Int64Range(0, int64(max(min(longest, 24*time.Hour), 0))).Draw(rt, "talk"))
		late := time.Duration(rapid.Int64Range(0, int64(guard-skew)).Draw(rt, "late"))
		theirs := time.Duration(rapid.Int64Range(0, int64(skew)).Draw(rt, "skew"))
		talk += late
		settled := tariff.Money(m.Settle(began.Add(talk)).Cost)
		if billed := n.Rate.Cost(talk + theirs); billed > settled || settled > m.Held && longest > 0 {
			rt.Fatalf("billed %v, settled at %v, set aside %v", billed, settled, m.Held)
		}
		if n.Most > 0 && m.Held > n.Most {
			rt.Fatalf("%v set aside for one call, at most %v", m.Held, n.Most)
		}
		if n.Length > 0 && longest > n.Length {
			rt.Fatalf("%v of talk, at most %v", longest, n.Length)
		}
	})
}

func TestRenewalsComeWhileTheCallGoesOn(t *testing.T) {
	abroad := Meter{
		Need: Need{Pot: Abroad, Rate: tariff.Rate{PerUnit: 175_000, Unit: time.Minute}, Charges: []fact.Charge{{}}},
		Held: 175_000,
	}
	if !abroad.CutAt().IsZero() || !abroad.RenewAt().IsZero() {
		t.Error("a call that rings has an end")
	}
	at := time.Date(2015, 3, 11, 0, 0, 0, 0, time.UTC)
	abroad.Answered = at
	if got := abroad.CutAt().Sub(at); got != 57*time.Second {
		t.Errorf("cut after %v", got)
	}
	if got := abroad.RenewAt().Sub(at); got != 12*time.Second {
		t.Errorf("renewed after %v", got)
	}
	if got := abroad.More(abroad.RenewAt()); got != 175_000 {
		t.Errorf("%v more", got)
	}
	if got := abroad.More(at.Add(time.Hour)); got != 2*175_000 {
		t.Errorf("%v more after an hour", got)
	}
}

// TestWhatEndsACall: its length, or the money.
func TestWhatEndsACall(t *testing.T) {
	m := Meter{
		Need: Need{Rate: tariff.Rate{PerUnit: 10, Unit: time.Minute}, Charges: []fact.Charge{{}}},
		Held: 20, Answered: time.Date(2015, 3, 11, 0, 0, 0, 0, time.UTC),
	}
	talk := 2*time.Minute - guard // that is paid for
	for length, want := range map[time.Duration]bool{0: false, talk + 1: false, talk: true, time.Minute: true} {
		if m.Length = length; m.Longest() != want {
			t.Errorf("%v: ended by its length: %v", length, !want)
		}
		if end := m.CutAt().Sub(m.Answered); want && end != length || !want && end != talk {
			t.Errorf("%v: ended after %v", length, end)
		}
	}
}

func number1(class number.Class, digits string) number.Destination {
	return number.Destination{Class: class, Digits: digits}
}

// TestAlertsHaveABudget of their own: nothing of the office's bounds them, nor do
// they take anything from it.
func TestAlertsHaveABudget(t *testing.T) {
	p, err := New(Settings{Shut: map[string]string{"unit/home": fact.WindowDay, "unit/mobile": fact.WindowDay}})
	if err != nil {
		t.Fatal(err)
	}
	for account, to := range map[string]number.Destination{
		"alert/home": number1(number.Geographic, "81312345678"), "alert/mobile": number1(number.Mobile, "819012345678"),
	} {
		n, refusal := p.Need(Who{Alerts: true}, "hikari", to, time.Now())
		if refusal != nil || len(n.Charges) != 1 || n.Charges[0].Account != account || n.Length != 5*time.Minute {
			t.Errorf("%s: %+v, %+v", account, n, refusal)
		}
	}
}

const forwarded203 = "forward/203/abroad extension/203/abroad unit/abroad "

// TestNeed says which budgets a call is charged to.
func TestNeed(t *testing.T) {
	rates, err := tariff.NewTable([]tariff.Rate{
		{Prefix: "232", PerUnit: 175_000, Unit: time.Minute},
		{Prefix: "870", PerUnit: 300_000, Unit: 6 * time.Second},
		{Prefix: "geographic", PerUnit: 8_800, Unit: 3 * time.Minute},
		{Prefix: "freephone", Unit: time.Minute},
		{Prefix: "44", PerUnit: 20_000, Unit: time.Minute, Connect: 600_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Settings{
		Tariff: func(string) *tariff.Table { return rates },
		Limits: []fact.Limit{
			{Budget: "group/300/abroad", Caps: fact.Caps{Day: 1}},
			{Budget: "extension/202/abroad", Call: 100_000},
			{Budget: "customer/home", Caps: fact.Caps{Day: 1}},
		},
		Groups: map[string][]string{"201": {"300", "301"}}, Shut: map[string]string{"unit/home": fact.WindowDay},
	})
	if err != nil {
		t.Fatal(err)
	}
	const of203 = "extension/203/abroad unit/abroad "
	talks, sends := Who{Extension: "203"}, Who{Extension: "203", Forwards: true}
	leone, home := number1(number.International, "23276123456"), number1(number.Geographic, "81312345678")
	for _, c := range []struct {
		name     string
		who      Who
		to       number.Destination
		accounts string
		why      string
	}{
		{"abroad", Who{Extension: "201"}, leone, "extension/201/abroad group/300/abroad unit/abroad ", ""},
		{"forwarded", sends, leone, forwarded203, ""},
		{"one call", Who{Extension: "202"}, leone, "extension/202/abroad unit/abroad ", TooDearForOne},
		{"nobody's", Who{}, leone, "unit/abroad ", ""},
		{"satellite", talks, number1(number.Satellite, "870773111111"), of203, TooDearPerMinute},
		{"connect fee", talks, number1(number.International, "442079460000"), of203, TooDearToConnect},
		{"shut", Who{Extension: "203"}, home, "extension/203/home unit/home customer/home ", fact.WindowShut},
		{"free", Who{Extension: "203"}, number1(number.Freephone, "120444444"), "", ""},
		{"emergency", Who{Extension: "203"}, number1(number.Emergency, "110"), "", ""},
	} {
		n, refusal := p.Need(c.who, "hikari", c.to, time.Now())
		var accounts, why string
		for _, ch := range n.Charges {
			accounts += ch.Account + " "
		}
		if refusal != nil {
			why = refusal.Why
		}
		if accounts != c.accounts || why != c.why {
			t.Errorf("%s: %s, %q; want %s, %q", c.name, accounts, why, c.accounts, c.why)
		}
	}
	if n, r := (*Plan)(nil).Need(Who{}, "", leone, time.Now()); !n.Nothing() || r != nil {
		t.Error("no plan, but a budget")
	}
	if _, err := New(Settings{Limits: []fact.Limit{{Budget: "unit/201/abroad"}}}); err == nil {
		t.Error("bounds of no budget were taken")
	}
}

// TestWarnAt: who talks is told when the call has been answered for so long, of whatever it
// costs; without such a bound never.
func TestWarnAt(t *testing.T) {
	answered := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		warn     time.Duration
		answered time.Time
		want     time.Time
	}{
		{25 * time.Minute, answered, answered.Add(25 * time.Minute)},
		{25 * time.Minute, time.Time{}, time.Time{}},
		{0, answered, time.Time{}},
	} {
		m := Meter{Need: Need{Warn: c.warn}, Answered: c.answered}
		if got := m.WarnAt(); !got.Equal(c.want) {
			t.Errorf("warn after %v, answered %v: %v, want %v", c.warn, c.answered, got, c.want)
		}
	}
}
