package store

import (
	"context"
	"strings"

	"github.com/sekisho/sekisho/fact"
)

// projectAlert keeps when a channel last carried an alert of a kind, and when
// it last failed to.
func projectAlert(x executor, f fact.Fact, seq uint64) error {
	switch f := f.(type) {
	case fact.AlertSent:
		return one(x.change(`INSERT INTO alert_last (name, sent, leaf) VALUES (?1, ?2, ?3)
			ON CONFLICT (name) DO UPDATE SET sent = ?2, leaf = ?3`,
			f.Channel+"/"+f.AlertKind, nanos(f.At), seq))
	case fact.AlertFailed:
		return one(x.change(`INSERT INTO alert_last (name, failed, why, leaf) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (name) DO UPDATE SET failed = ?2, why = ?3, leaf = ?4`,
			f.Channel+"/"+f.AlertKind, nanos(f.At), f.Why, seq))
	}
	return nil
}

// AlertsLast lists when channels last carried alerts, by channel and kind.
func (r *Reader) AlertsLast(ctx context.Context) ([]fact.AlertLast, error) {
	var out []fact.AlertLast
	err := r.each(ctx, func(scan func(...any) error) error {
		var name, why string
		var sent, failed int64
		if err := scan(&name, &sent, &failed, &why); err != nil {
			return err
		}
		channel, kind, _ := strings.Cut(name, "/")
		out = append(out, fact.AlertLast{
			AlertKind: kind, Channel: channel, Sent: instant(sent), Failed: instant(failed), Why: why,
		})
		return nil
	}, `SELECT name, sent, failed, why FROM alert_last ORDER BY name`)
	return out, err
}

// AlertMemory lists what alerts must not have forgotten, by name.
func (r *Reader) AlertMemory(ctx context.Context) ([]fact.AlertMemory, error) {
	var out []fact.AlertMemory
	err := r.each(ctx, func(scan func(...any) error) error {
		var m fact.AlertMemory
		err := scan(&m.Name, &m.Doc)
		out = append(out, m)
		return err
	}, `SELECT name, doc FROM alert_memory ORDER BY name`)
	return out, err
}
