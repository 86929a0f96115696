package store

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/sekisho/sekisho/fact"
)

// projectRouting lets what is set about incoming calls follow: the fact itself
// is what is kept.
func projectRouting(x executor, f fact.Routed, seq uint64) error {
	if f.Gone() {
		return one(x.change(`DELETE FROM routing WHERE id = ?`, f.RoutingID()))
	}
	doc, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if bytes.Contains(doc, []byte(`\ufffd`)) { // as a later reading and writing would give it
		again, err := fact.Decode(f.Kind(), doc)
		if err != nil {
			return err
		}
		if doc, err = json.Marshal(again); err != nil {
			return err
		}
	}
	return one(x.change(`INSERT INTO routing (id, kind, doc, leaf) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, doc = excluded.doc, leaf = excluded.leaf`,
		f.RoutingID(), f.Kind(), string(doc), seq))
}

// Routing lists what is set about incoming calls, by ID.
func (r *Reader) Routing(ctx context.Context) ([]fact.Routed, error) {
	var out []fact.Routed
	err := r.each(ctx, func(scan func(...any) error) error {
		var kind string
		var doc []byte
		if err := scan(&kind, &doc); err != nil {
			return err
		}
		f, err := fact.Decode(kind, doc)
		if routed, ok := f.(fact.Routed); ok {
			out = append(out, routed)
		}
		return err
	}, `SELECT kind, doc FROM routing ORDER BY id`)
	return out, err
}
