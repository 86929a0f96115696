package main

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestCausesAddUp: each false refusal and each cut of an office in peace has a
// cause (peaceful says so where not), and the table names kind and cause.
func TestCausesAddUp(t *testing.T) {
	offices, _ := shipped(t)
	c := cast{seed: 7, offices: offices}
	who := contestant{Name: unitName, Policy: Open, make: newUnit(pinsPreset)}
	s := &score{contestant: who, Incidents: map[string][]Incident{}}
	for i := range offices {
		if offices[i].Name != "ngo" && offices[i].Name != "small-firm" {
			continue
		}
		got, err := c.peaceful(&who, &offices[i], 0, 1500)
		if err != nil {
			t.Fatal(err)
		}
		s.Peace.Add(&got.Peace)
		s.why(offices[i].Name).join(got.Why[offices[i].Name])
	}
	ngo, all := s.Why["ngo"].Tolls.sum(), fraud.Count{}
	for _, k := range s.Why {
		all.Add(k.Calls)
	}
	if ngo.Refused.All == 0 || ngo.Cut.All == 0 || all != s.Peace.Calls {
		t.Errorf("an office that calls dear countries: %+v, of %+v", ngo, all)
	}
	var out strings.Builder
	r := &Report{Results: []Result{s.result()}, Seconds: 1}
	if err := r.causes(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ngo", "small-firm", "budget extension/abroad incident"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
