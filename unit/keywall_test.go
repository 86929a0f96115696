package unit

import (
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// keyPhone is a phone with a lamp for each outside-line key, or with a row of them. It
// shows what the NOTIFYs say that it has answered; some it refuses for now.
type keyPhone struct {
	*puppet
	rows bool // it knows of shared call appearances

	mu    sync.Mutex
	r     *rand.Rand // nil: it refuses none
	shown map[string]keyLamp
}

// keyLamp is what a lamp shows, and whether it tells the other party's number.
type keyLamp struct {
	said  string
	names bool
}

func (p *keyPhone) takes(m *sip.Message) {
	if !m.IsRequest() || m.Method() != sip.NOTIFY {
		p.inbox <- m
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.r != nil && p.r.IntN(40) == 0 {
		p.reply(m, 500, "", "", "Retry-After: 1")
		return
	}
	if event := string(m.Head(sip.HeaderEvent)); event != eventDialog {
		if event == eventRow {
			p.takesRow(m)
		}
		p.reply(m, 200, "", "")
		return
	}
	var d dialogInfo
	var by struct {
		Local []string `xml:"dialog>local>identity"`
	}
	if err := errors.Join(xml.Unmarshal(m.Body(), &d), xml.Unmarshal(m.Body(), &by)); err != nil || len(d.Dialog) != 1 {
		p.t.Errorf("%v in %s", err, m.Body())
		return
	}
	g := d.Dialog[0]
	l := keyLamp{g.State, g.Remote.Identity.URI != ""}
	if g.Param.Value == "no" {
		l.said += " held"
	}
	for _, who := range by.Local {
		l.said += " by " + strings.TrimSuffix(strings.TrimPrefix(who, "sip:"), "@office")
	}
	p.shown[strings.TrimSuffix(strings.TrimPrefix(d.Entity, "sip:"), "@office")] = l
	p.reply(m, 200, "", "")
}

// takesRow has a row show what is not idle, and all else idle.
func (p *keyPhone) takesRow(m *sip.Message) {
	clear(p.shown)
	for one := range strings.SplitSeq(appearances(m), ", ") {
		index, said, _ := strings.Cut(one, " ")
		said, _, names := strings.Cut(said, " ")
		p.shown["key"+index] = keyLamp{said, names}
	}
}

// onKey is what goes on at a key, as the phone and the carrier know that take part.
type onKey struct {
	does   string    // "seized", "tone", "dials", "rings", "talks", "holds", "keeps", "waits"
	who    *keyPhone // that has it, or had it last
	near   *talk     // its side
	bell   *talk     // what rings
	far    *talk     // the carrier's side
	lifted *talk     // the subscription by which it is seized
	direct bool      // the number was dialed without dial tone

	ear, mouth    *speaker // the phone's, the carrier's
	toNear, toFar netip.AddrPort
	heard         string // what it did when it was listened to
}

// looks is what the lamp of a key has to show to a phone.
func (k *onKey) looks(name string, to *keyPhone) string {
	switch {
	case to.rows && k == nil:
		return ""
	case to.rows:
		return map[string]string{
			"seized": "seized", "tone": "seized", "dials": "progressing", "rings": "alerting", "talks": "active",
			"holds": "held", "waits": "held", "keeps": "held-private",
		}[k.does]
	case k == nil:
		return "terminated"
	case k.does == "rings":
		return "early by " + name
	case k.does == "waits" && k.who == to: // it is nobody's any more
		return "confirmed held by " + name
	case k.does == "waits", k.does == "holds", k.does == "keeps":
		return "confirmed held by " + k.who.name
	}
	return "confirmed by " + k.who.name
}

// press is a call to a key: by its name, with or without the code for taking calls, or as
// an appearance.
func (p *keyPhone) press(i, draw int, body string) *talk {
	switch {
	case p.rows:
		return p.call(p.name, body, appearance(fmt.Sprint(i+1), ""))
	case draw == 0:
		return p.call("**"+keyName(i), body)
	}
	return p.call(keyName(i), body)
}

// names tells whether a phone is told whom the call is with; known is false where that
// does not matter.
func (k *onKey) names(to *keyPhone) (yes, known bool) {
	switch {
	case k == nil:
		return false, true
	case k.does == "rings", k.does == "holds", k.does == "waits":
		return true, true
	case to.rows && k.does == "seized":
		return false, true
	case k.does == "talks", k.does == "keeps":
		return k.who == to, true
	}
	return false, false
}

// keyWall is an office of phones whose users press outside-line keys as a draw wants.
type keyWall struct {
	*office

	t      *testing.T
	r      *rand.Rand
	phones []*keyPhone // that press keys, one call each
	bell   *keyPhone   // that rings, and has as many calls as there are
	on     [4]*onKey   // by key
	mark   byte
	late   time.Duration // the longest that a lamp was wrong of a phone that refuses nothing
}

func newKeyWall(t *testing.T, seed uint64) *keyWall {
	w := &keyWall{
		office: newOffice(t, officeConfig{shards: 1, announcements: 8, channels: 8}),
		t:      t, r: rand.New(rand.NewPCG(seed, 57)),
	}
	s := plan.Settings{Extensions: []string{"202"}, Features: plan.Features()}
	for i := range w.on {
		s.Routing = append(s.Routing, fact.KeySet{Key: keyName(i), Line: w.line(i)})
	}
	for i := range 4 {
		s.Extensions = append(s.Extensions, fmt.Sprint(211+i))
	}
	for _, l := range w.lines.List(time.Now()) {
		s.Lines = append(s.Lines, plan.Line{ID: l.ID, Numbers: l.Numbers, Number: l.Number.Line})
	}
	p, err := plan.New(s)
	w.must(err)
	w.unit.SetPlan(p)
	for i, ext := range s.Extensions {
		phone := &keyPhone{puppet: w.p202, shown: make(map[string]keyLamp)}
		if i == 0 {
			w.bell = phone
		} else {
			phone.puppet = newPuppet(t, w.h, ext, fmt.Sprintf("127.0.3.%d:5060", i), phoneSide)
			w.office.phones.add(phone.puppet)
			w.phones = append(w.phones, phone)
		}
		if i == 1 {
			phone.r = rand.New(rand.NewPCG(seed, 4))
		}
		phone.actBy(phone.takes)
		if phone.rows = i > 2; phone.rows {
			phone.row()
			continue
		}
		for n := range w.on {
			phone.watch(keyName(n))
		}
	}
	return w
}

func keyName(i int) string { return fmt.Sprintf("key%d", i+1) }

// line is that of a key: two keys have each.
func (w *keyWall) line(key int) string { return fmt.Sprintf("l%d", 1+key/2) }

func (w *keyWall) carrier(key int) *puppet {
	if key < 2 {
		return w.hikari
	}
	return w.backup
}

// idle is a phone that is in no call, nil for none.
func (w *keyWall) idle() *keyPhone {
	start := w.r.IntN(len(w.phones))
	for i := range w.phones {
		p := w.phones[(start+i)%len(w.phones)]
		if !slices.ContainsFunc(w.on[:], func(k *onKey) bool { return k != nil && k.who == p && k.does != "waits" }) {
			return p
		}
	}
	return nil
}

// speaks gives a description with the sound of one side of a key's call.
func (p *puppet) speaks(s *speaker, direction string) string {
	p.media = s.port()
	return p.description(direction)
}

func (s *speaker) port() int { return s.conn.LocalAddr().(*net.UDPAddr).Port }

// settles waits until every lamp shows what is so.
func (w *keyWall) settles() {
	w.t.Helper()
	all := append(slices.Clone(w.phones), w.bell)
	willing := slices.DeleteFunc(slices.Clone(all), func(p *keyPhone) bool { return p.r != nil })
	begin, end := time.Now(), time.Now().Add(patience)
	for _, phones := range [][]*keyPhone{willing, all} {
		for wrong := w.wrong(phones); wrong != ""; wrong = w.wrong(phones) {
			if time.Now().After(end) {
				w.t.Fatal(wrong)
			}
			time.Sleep(time.Millisecond)
		}
		if len(phones) == len(willing) {
			w.late = max(w.late, time.Since(begin))
		}
	}
}

// wrong names a lamp that shows what is not so, "" for none.
func (w *keyWall) wrong(phones []*keyPhone) string {
	for _, p := range phones {
		p.mu.Lock()
		for i, k := range w.on {
			name := keyName(i)
			got := p.shown[name]
			names, known := k.names(p)
			if want := k.looks(name, p); got.said != want || known && got.names != names {
				p.mu.Unlock()
				return fmt.Sprintf("%s's lamp of %s shows %+v, and it is %q (%v)", p.name, name, got, want, names)
			}
		}
		p.mu.Unlock()
	}
	return ""
}

// tells logs what goes on.
func (w *keyWall) tells(n int) {
	var on []string
	for i, k := range w.on {
		if k != nil {
			on = append(on, keyName(i)+" "+k.does+k.who.at())
		}
	}
	w.t.Logf("step %d: %s", n, strings.Join(on, ", "))
}

// listens measures who hears whom where something has changed.
func (w *keyWall) listens(i int, k *onKey) {
	if k == nil || k.heard == k.does+k.who.at() {
		return
	}
	k.heard = k.does + k.who.at()
	switch k.does {
	case "tone":
		k.ear.hearsSound()
	case "holds", "keeps", "waits":
		k.mouth.hearsSound()
	case "talks":
		w.mark = w.mark%200 + 2
		k.ear.say(k.toNear, w.mark, k.mouth)
		k.mouth.say(k.toFar, w.mark+1, k.ear)
		for n, o := range w.on {
			if n != i && o != nil && (o.ear.overhears(w.mark) || o.mouth.overhears(w.mark)) {
				w.t.Fatalf("what is said on %s is heard on %s", keyName(i), keyName(n))
			}
		}
	}
}

func (p *keyPhone) at() string {
	if p == nil {
		return ""
	}
	return " " + p.name
}

// hearsSound listens until something is heard that was not said by a puppet.
func (s *speaker) hearsSound() {
	s.t.Helper()
	for s.hears(0, time.Millisecond) { // what was said before
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if pcm := s.listen(100 * time.Millisecond); len(pcm) >= 800 && ear.Total(pcm) > -40 {
			return
		}
	}
	s.t.Fatal("nothing is heard")
}

// overhears tells whether what was said with a mark has come here.
func (s *speaker) overhears(mark byte) bool {
	if s == nil {
		return false
	}
	buf := make([]byte, 2048)
	_ = s.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			return false
		}
		if n == 12+160 && !slices.ContainsFunc(buf[12:n], func(b byte) bool { return b != mark }) {
			return true
		}
	}
}
