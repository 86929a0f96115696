package phone

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"pgregory.net/rapid"
)

// table is what the store makes of the rows it is given.
type table map[string]fact.Binding

func (t table) apply(rows []fact.Row) {
	for _, row := range rows {
		switch row := row.(type) {
		case fact.Binding:
			t[row.Contact] = row
		case fact.BindingGone:
			if row.Contact == "" {
				clear(t)
			}
			delete(t, row.Contact)
		}
	}
}

// Whatever is registered, refreshed, taken away and run out, in any order: a
// refused request changes nothing, contacts are bounded, the store has the
// same contacts as the registry, and a restart gives them back.
func TestRegistrarProperty(t *testing.T) {
	o := newOffice(t)
	rapid.Check(t, func(rt *rapid.T) {
		o.restart()
		if err := o.Restore([]fact.Phone{o.row}, nil, o.now); err != nil {
			rt.Fatal(err)
		}
		store := table{}
		cseq := 1
		o.ledger.take()
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			o.now = o.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "pass")) * time.Second)
			before := o.contacts("201")
			lines := drawRegister(rt)
			a := o.register(desk, cseq, lines...)
			cseq += 2
			if after := o.contacts("201"); a.Status != 200 && after != before {
				rt.Fatalf("%v was answered %d and changed %s to %s", lines, a.Status, before, after)
			}
			ticked := rapid.Bool().Draw(rt, "tick")
			if ticked {
				o.Tick(o.now)
			}
			store.apply(o.ledger.rows)
			o.ledger.rowCount()
			checkStore(rt, o, store, ticked)
		}
	})
}

// drawRegister gives the lines of a REGISTER.
func drawRegister(t *rapid.T) []string {
	if rapid.IntRange(0, 19).Draw(t, "star") == 0 {
		return []string{"Contact: *", "Expires: 0"}
	}
	lines := []string{fmt.Sprintf("Call-ID: id%d", rapid.IntRange(0, 2).Draw(t, "id"))}
	for range rapid.IntRange(0, 3).Draw(t, "contacts") {
		host := "192.0.2.10"
		if rapid.IntRange(0, 19).Draw(t, "line") == 0 {
			host = lineAddr.String()
		}
		contact := fmt.Sprintf("Contact: <sip:c%d@%s>;expires=%d", rapid.IntRange(0, 6).Draw(t, "n"), host,
			rapid.SampledFrom([]int{0, 30, 60, 61, 100, 600}).Draw(t, "life"))
		if n := rapid.IntRange(0, 4).Draw(t, "instance"); n > 2 {
			contact += fmt.Sprintf(`;+sip.instance="<%d>"`, n)
		}
		lines = append(lines, contact)
	}
	return lines
}

// checkStore compares the store with the registry, and with what a restart
// makes of it.
func checkStore(t *rapid.T, o *office, store table, ticked bool) {
	want := map[string]bool{}
	for _, c := range o.Lookup("201", o.now) {
		want[c.RequestURI] = true
		kept, ok := store[c.RequestURI]
		if lag := c.Expires.Sub(kept.Expires); !ok || ticked && lag.Abs() > RefreshLag {
			t.Fatalf("%s is in the store until %s, registered until %s", c.RequestURI, kept.Expires, c.Expires)
		}
		if kept.CallID != c.CallID {
			t.Fatalf("%s is of %s in the store, of %s here", c.RequestURI, kept.CallID, c.CallID)
		}
	}
	if len(want) > ContactsMax {
		t.Fatalf("%d contacts", len(want))
	}
	if !ticked {
		return // what ran out, or was shortened, is written by the next Tick
	}
	var rows []fact.Binding
	for _, b := range store {
		if !want[b.Contact] && b.Expires.After(o.now) {
			t.Fatalf("%s is left in the store", b.Contact)
		}
		rows = append(rows, b)
	}
	slices.SortFunc(rows, func(a, b fact.Binding) int { return a.Created.Compare(b.Created) })
	r, err := New(o.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Restore([]fact.Phone{o.row}, rows, o.now); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Lookup("201", o.now) {
		if !want[c.RequestURI] {
			t.Fatalf("a restart brings back %s", c.RequestURI)
		}
	}
}
