package app

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/gate/quarantine"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
)

// settingWatch is what the watch on how the office telephones remembers.
const settingWatch = "gate.tempo"

// By whom, and for what reason (a text key), the watch sets an extension apart.
const (
	byTempo     = "gate: tempo"
	reasonTempo = "quarantine.tempo"
)

// watchKept is how the memory of the watch is kept.
type watchKept struct {
	began time.Time // since when it remembers, if nothing of before could be read
	lost  bool      // there was something, and it could not be read
}

var errState = errors.New("state too large")

// openWatch makes the watch, with what it remembered at the last stop. What can't
// be read is left out: the watch judges the first day as any other.
func (a *App) openWatch(ctx context.Context) (*tempo.Watch, error) {
	w := tempo.New(tokyo)
	kept, err := a.store.Setting(ctx, settingWatch)
	if err != nil {
		return nil, fmt.Errorf("memory of the watch: %w", err)
	}
	if kept == "" {
		a.kept.began = now()
		return w, nil
	}
	state, err := unpackState(kept)
	if err == nil {
		err = w.Import(now(), state)
	}
	if err != nil {
		a.kept = watchKept{began: now(), lost: true}
		a.log.Error("what is known of how the office telephones can't be read; it begins anew", "err", err)
	}
	return w, nil
}

// keepWatch writes down what the watch remembers, now and then.
func (a *App) keepWatch(ctx context.Context) {
	tick := time.NewTicker(watchKeptEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		rows := a.watchRows()
		if err := a.commit(ctx, fact.Write{Rows: rows, Behind: true}); err != nil && ctx.Err() == nil {
			a.log.Warn("what is known of how the office telephones is not written", "err", err)
		}
	}
}

// watchRows is what is written of the watch's memory. Calls wait only while it
// is copied.
func (a *App) watchRows() []fact.Row {
	var w *tempo.Watch
	a.desk.Watching(func(of *tempo.Watch) { w = of.Copy() })
	state, err := w.Export(now())
	if err == nil {
		var kept string
		if kept, err = packState(state); err == nil {
			return []fact.Row{fact.Setting{Name: settingWatch, Value: kept}}
		}
	}
	a.log.Error("what is known of how the office telephones can't be kept", "err", err)
	return nil
}

// packState makes text of a state.
func packState(state []byte) (string, error) {
	var b bytes.Buffer
	f, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = f.Write(state)
	}
	if err == nil {
		err = f.Close()
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("pack the state: %w", err)
	case b.Len() > watchBytesMax:
		return "", fmt.Errorf("%w: %d bytes, at most %d", errState, b.Len(), watchBytesMax)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// unpackState reads it back, and no more than a state may have.
func unpackState(kept string) ([]byte, error) {
	f := flate.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(kept)))
	state, err := io.ReadAll(io.LimitReader(f, tempo.StateMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("unpack the state: %w", err)
	case len(state) > tempo.StateMax:
		return nil, fmt.Errorf("%w: more than %d bytes", errState, tempo.StateMax)
	}
	return state, nil
}

// suspect hears of an extension whose calls are no employee's: it wakes
// cutSuspects, because it is told on a call's own loop. Where too many wait, the
// next call of the extension is refused as this one was, and tells again.
func (a *App) suspect(s desk.Suspect) {
	select {
	case a.suspects <- s:
	default:
	}
}

// cutSuspects sets extensions and sites apart that the watch is sure of.
func (a *App) cutSuspects(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-a.suspects:
			if err := a.cutSuspect(ctx, s); err != nil && ctx.Err() == nil {
				a.log.Error("a suspect is set apart, but not as it should be", "ext", s.Extension, "site", s.Site,
					"err", err)
			}
		}
	}
}

// cutSuspect sets an extension or a site apart until a person releases it, and cuts
// those of its calls that cost. It is in force before it is written.
func (a *App) cutSuspect(ctx context.Context, s desk.Suspect) error {
	target := quarantine.Target{Kind: quarantine.Extension, Value: s.Extension}
	if s.Extension == "" {
		target = quarantine.Target{Kind: quarantine.Site, Value: s.Site}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	is := func(q fact.Quarantine) bool {
		return q.Kind == string(target.Kind) && q.Value == target.Value && quarantine.InForce(&q, now())
	}
	if slices.ContainsFunc(a.state.apart, is) {
		return nil // by the call before this one
	}
	q := a.newQuarantine(target)
	q.CreatedBy, q.Reason = byTempo, reasonTempo
	var unkept error
	var written func(context.Context) error
	if len(a.state.apart) < quarantine.EntriesMax {
		unkept = a.setApart(append(slices.Clone(a.state.apart), q))
		written = a.begin(fact.Write{Facts: []fact.Fact{fact.QuarantineSet{Quarantine: q}}})
	} else {
		unkept = fmt.Errorf("%d things are set apart already", quarantine.EntriesMax)
	}
	cut, err := a.unit.CutCostly(ctx, target, unit.CutOf(q))
	a.log.Warn("the gate set apart what calls as fraud does", "ext", s.Extension, "site", s.Site,
		"quarantine", q.ID, "call", s.Call, "cut", cut)
	if written != nil {
		if lost := written(ctx); lost != nil {
			a.state.unwritten[q.ID] = true
			unkept = errors.Join(unkept, lost)
		}
	}
	return errors.Join(unkept, err)
}

// believe tells the watch that a person let an extension or a site go: what was odd
// about it is explained.
func (a *App) believe(released []control.Quarantine) {
	for _, q := range released {
		switch quarantine.Kind(q.Kind) {
		case quarantine.Extension:
			a.desk.Note(&tempo.Event{Kind: tempo.Released, Extension: q.Value})
		case quarantine.Site:
			a.desk.Note(&tempo.Event{Kind: tempo.Released, Site: q.Value})
		}
	}
}

// checkWatch says since when the watch remembers how the office telephones.
func (a *App) checkWatch() control.Check {
	c := control.Check{Name: "tempo", Result: control.ResultOK}
	n := 0
	a.desk.Watching(func(w *tempo.Watch) { n = len(w.Extensions()) })
	c.Detail = text.Of("check.tempo", n)
	if a.kept.lost {
		c.Result = control.ResultWarning
		c.Detail = text.Of("check.tempo.lost", a.kept.began.In(tokyo).Format(time.DateTime))
	}
	return c
}

// gateSigns tells what the watch knows and has lately seen.
func (a *App) gateSigns(ctx context.Context, _ control.Caller, r control.GateSignsRequest) (control.Signs, error) {
	var w *tempo.Watch
	a.desk.Watching(func(of *tempo.Watch) { w = of.Copy() })
	_ = a.commit(ctx, fact.Write{}) // what has just happened is still on its way to the disk
	rows, err := a.store.Calls(ctx, store.CallFilter{Extension: r.Extension, Odd: true, Limit: signsListedMax})
	if err != nil {
		return control.Signs{}, err
	}
	out := control.Signs{Areas: w.Areas()}
	of := w.Extensions()
	if r.Extension != "" {
		if !slices.Contains(a.phones.Extensions(), r.Extension) {
			return control.Signs{}, noPhone(r.Extension)
		}
		of = []string{r.Extension}
	}
	for _, extension := range of {
		k, _ := w.Known(now(), extension)
		out.Extensions = append(out.Extensions, control.SignsOf{Extension: extension, Known: known(&k)})
	}
	for _, site := range w.Sites() {
		if r.Extension == "" {
			k, _ := w.KnownSite(now(), site)
			out.Extensions = append(out.Extensions, control.SignsOf{Site: site, Known: knownCalls(&k)})
		}
	}
	for i := range rows {
		out.Seen = append(out.Seen, seen(&rows[i]))
	}
	return out, nil
}

// known says what is remembered about an extension.
func known(k *tempo.Known) []text.Message {
	at := func(t time.Time) string { return t.In(tokyo).Format(time.DateTime) }
	var out []text.Message
	if k.Networks == 0 {
		out = append(out, text.Of("tempo.known.nowhere"))
	} else {
		out = append(out, text.Of("tempo.known.networks", k.Networks, at(k.Here)))
	}
	out = append(out, knownCalls(k)...)
	if k.Contacts > 1 {
		out = append(out, text.Of("tempo.known.contacts", k.Contacts))
	}
	if !k.Forwarded.IsZero() {
		out = append(out, text.Of("tempo.known.forwarded", at(k.Forwarded)))
	}
	if !k.Fetched.IsZero() {
		out = append(out, text.Of("tempo.known.fetched", at(k.Fetched)))
	}
	if k.Lapses > 0 {
		out = append(out, text.Of("tempo.known.lapsed", k.Lapses, at(k.Lapsed)))
	}
	if !k.Proved.IsZero() {
		out = append(out, text.Of("tempo.known.proved", at(k.Proved)))
	}
	return out
}

// knownCalls says what calls are remembered: of a site that is all.
func knownCalls(k *tempo.Known) []text.Message {
	return []text.Message{text.Of("tempo.known.calls", k.Calls, k.Answered, k.New, k.Money)}
}

// seen says what was odd about a call.
func seen(c *fact.CallRecord) control.SignsSeen {
	s := control.SignsSeen{
		At: c.Judged, Call: c.Call, Extension: c.Extension, Site: unit.SiteOf(c.Device),
		To: c.To, Opinion: c.Opinion, Verdict: c.Verb, Rule: c.Rule,
	}
	for _, sign := range c.Signs {
		s.Signs = append(s.Signs, signSays(sign.Name, sign.Figures))
	}
	return s
}

// signSays is a sign's sentence.
func signSays(name string, figures [2]int64) text.Message {
	return text.Of(text.Key("tempo."+name), figures[0], figures[1])
}
