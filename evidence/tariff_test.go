package evidence_test

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// TestTariffsAreEvidence: prices that are not those that were imported are
// found, however many there are, and those of the past are kept.
func TestTariffsAreEvidence(t *testing.T) {
	rates := strings.Repeat("232,シエラレオネ,Sierra Leone,175,60\n", 10_000)
	first := fact.Tariff{File: "a.csv", Rows: 10_000, Rates: fact.Bulk(rates), Created: day, CreatedBy: "owner"}
	second := first
	second.File, second.Rates = "b.csv", fact.Bulk("232,,,180,60\n")
	writes := append(history(),
		fact.Write{Facts: []fact.Fact{fact.TariffImported{Tariff: first}}},
		fact.Write{Facts: []fact.Fact{fact.TariffImported{Tariff: second, Before: first.Rates.Mark()}}},
	)
	if r := verify(t, live(t, writes)); !r.OK || r.Leaves != 15 {
		t.Fatal(r)
	}
	for name, c := range map[string]struct {
		statement string
		index     uint64
		where     string
	}{
		"price changed": {
			`UPDATE tariff_rates SET rates = CAST(replace(rates, '180', '1.8') AS BLOB) WHERE leaf = 14`,
			14, "tariff_rates",
		},
		"price of then changed": {
			`UPDATE tariff_rates SET rates = CAST(replace(rates, '175', '17') AS BLOB) WHERE leaf = 13`,
			13, "tariff_rates",
		},
		"prices dropped":        {`DELETE FROM tariff_rates WHERE leaf = 13`, 13, "tariff_rates"},
		"prices emptied":        {`UPDATE tariff_rates SET rates = x'' WHERE leaf = 14`, 14, "tariff_rates"},
		"prices slipped in":     {`INSERT INTO tariff_rates VALUES ('', x'', 14)`, 14, "tariff_rates"},
		"the old one put back":  {`UPDATE tariff SET doc = replace(doc, 'b.csv', 'a.csv')`, 14, "tariff"},
		"for another line":      {`INSERT INTO tariff SELECT 'hikari', doc, leaf FROM tariff`, 14, "tariff"},
		"the tariff taken away": {`DELETE FROM tariff`, 14, "tariff"},
		"exchanged with its mark": {
			`UPDATE tariff_rates SET rates = x'31', ` +
				`mark = 'sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b' WHERE leaf = 14`,
			14, "tariff_rates",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := live(t, writes)
			tamper(t, dir, c.statement)
			r := verify(t, dir)
			if r.OK || r.BadIndex == nil || *r.BadIndex != c.index || r.Where != c.where {
				t.Errorf("%s; want leaf %d in %s", r, c.index, c.where)
			}
		})
	}
}
