package main

import (
	"testing"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestBudgetsBoundEveryFamily: with every country open, no family gets more
// than the unit's two budgets for dear calls, by the carrier's books; and an
// office without calls abroad never notices them.
func TestBudgetsBoundEveryFamily(t *testing.T) {
	offices, families := shipped(t)
	c := cast{seed: 20150310, offices: offices}
	who := contestant{Name: purseName, Policy: Open, make: newPurse(pinsPreset)}
	lost := 0
	for i := range families {
		o, plan, opt := c.attackOn(&families[i], 0)
		opt.History = min(opt.History, 0)
		got, err := attacked(&who, o, short(plan, 150), opt)
		if err != nil || got.MilliYen > 13_000_000 || got.Attempts == 0 {
			t.Errorf("%s: %+v, %v", families[i].Name, got, err)
		}
		if got.MilliYen > 0 {
			lost++
		}
	}
	if lost < len(families)/2 {
		t.Errorf("only %d of %d families got a call through", lost, len(families))
	}
	for i := range offices {
		if offices[i].Name != "ticket-storm" {
			continue
		}
		s, err := c.peaceful(&who, &offices[i], 0, 500)
		if err != nil || s.Peace.Refused.All != 0 || s.Peace.Cut.All != 0 || s.Peace.Answered.All == 0 {
			t.Errorf("in peace: %+v, %v", s.Peace, err)
		}
	}
}

// TestRatesAreThePriceList: the unit and the carrier price an ordinary number
// alike, with prices dealt out, too.
func TestRatesAreThePriceList(t *testing.T) {
	offices, _ := shipped(t)
	for _, o := range offices {
		w, err := fraud.New(&o, nil, fraud.Options{Seed: 4, Start: firstDay(dice(1, 1)), Days: 1, Permute: true})
		if err != nil {
			t.Fatal(err)
		}
		s, err := newPurse(pinsPreset)(w.Site(), Open)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := s.(*purse)
		for _, area := range []string{"US", "GB", "SL", "JM", "KZ", "RU", "IT", "DO"} {
			want := w.Site().Prices.Abroad(area, "").MilliYen
			number := map[string]string{
				"US": "12125550123", "GB": "442079460123", "SL": "23276123456", "JM": "18765550123",
				"KZ": "77012345678", "RU": "74951234567", "IT": "390612345678", "DO": "18095550123",
			}[area]
			d := p.destination("+" + number)
			if r, known := p.table.Rate(d, w.Time()); !known || int64(r.PerUnit) != want || d.Area != area {
				t.Errorf("%s: %+v %v, want %d", area, r, known, want)
			}
		}
	}
}
