package storetest

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// tariffsFollow: rates far beyond what a leaf can hold, one list for all lines
// and one for a line, which goes with it.
func tariffsFollow(t *testing.T, open Open) {
	s := open(t, nil)
	tariff := func(line, price string) fact.Tariff {
		rates := strings.Repeat("232,シエラレオネ,Sierra Leone,"+price+",60\n", 20_000)
		return fact.Tariff{
			Line: line, File: "prices.csv", SHA256: "00", Rows: 20_000, Rates: fact.Bulk(rates), Created: Day,
			CreatedBy: "owner",
		}
	}
	all, own := tariff("", "175"), tariff("hikari", "180")
	must(t, s, facts(fact.LineAdded{Line: line}, fact.TariffImported{Tariff: all}, fact.TariffImported{Tariff: own}))
	same(t, "tariffs", get(t, s.Tariffs), []fact.Tariff{all, own})

	// The same rates again, and others for the line.
	again := all
	again.File = "again.csv"
	must(t, s, facts(fact.TariffImported{Tariff: again, Before: all.Rates.Mark()}))
	must(t, s, facts(fact.TariffImported{Tariff: tariff("hikari", "190"), Before: own.Rates.Mark()}))
	same(t, "tariffs", get(t, s.Tariffs), []fact.Tariff{again, tariff("hikari", "190")})

	must(t, s, facts(fact.LineRemoved{Line: "hikari"}))
	same(t, "tariffs", get(t, s.Tariffs), []fact.Tariff{again})
	must(t, s, facts(fact.TariffRemoved{Before: all.Rates.Mark(), At: Day}))
	if n := len(get(t, s.Tariffs)); n != 0 {
		t.Errorf("%d tariffs left", n)
	}
	if err := Write(t, s, facts(fact.TariffRemoved{})); err == nil {
		t.Error("a tariff that is not there was removed")
	}
}
