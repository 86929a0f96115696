package store

import (
	"context"
	"errors"

	"github.com/sekisho/sekisho/fact"
)

// projectTariff lets the tariffs follow a fact. Rates stay when their tariff
// goes.
func projectTariff(x executor, f fact.Fact, seq uint64) error {
	switch f := f.(type) {
	case fact.TariffImported:
		_, err := x.change(`INSERT INTO tariff_rates (mark, rates, leaf) VALUES (?, ?, ?)
			ON CONFLICT (mark) DO NOTHING`,
			f.Rates.Mark(), secret(fact.Sealed(f.Rates)), seq)
		if err != nil {
			return err
		}
		return document(f.Tariff, func(doc string) (int64, error) {
			return x.change(`INSERT INTO tariff (line, doc, leaf) VALUES (?, ?, ?)
				ON CONFLICT (line) DO UPDATE SET doc = excluded.doc, leaf = excluded.leaf`, f.Line, doc, seq)
		})
	case fact.TariffRemoved:
		return one(x.change(`DELETE FROM tariff WHERE line = ?`, f.Line))
	}
	return nil
}

// Tariffs lists the tariffs in force by line, with their rates; nil rates where
// those that are kept are not those that were imported.
func (r *Reader) Tariffs(ctx context.Context) ([]fact.Tariff, error) {
	out, err := documents[fact.Tariff](ctx, r, `SELECT doc FROM tariff ORDER BY line`)
	for i := range out {
		t := &out[i]
		imported := t.Rates.Mark()
		t.Rates = nil
		err = errors.Join(err, r.each(ctx, func(scan func(...any) error) error {
			var rates []byte
			if err := scan(&rates); err != nil {
				return err
			}
			if kept := fact.Bulk(rates); kept.Mark() == imported {
				t.Rates = kept
			}
			return nil
		}, `SELECT rates FROM tariff_rates WHERE mark = ?`, imported))
	}
	return out, err
}
