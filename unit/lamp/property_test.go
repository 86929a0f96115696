package lamp

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// bound is how soon a change is known on every phone that answers.
const bound = 300 * time.Millisecond

// lit is one lamp of the property test, with its subscription: one message is
// under way at a time.
type lit struct {
	id      ID
	who     Watcher
	version uint32
	flight  []byte // a body whose answer is awaited
	lands   time.Time
	news    bool
	knows   string // by the last body that was acknowledged
}

// room is a board with its lamps, and what is true.
type room struct {
	t     *testing.T
	r     *rand.Rand
	now   time.Time
	b     *Board
	truth map[string]State
	lamps []*lit
}

func (m *room) send(l *lit) {
	l.news, l.version = false, l.version+1+uint32(m.r.IntN(3))
	l.flight, l.lands = m.b.Body(l.id, l.version), m.now.Add(time.Duration(m.r.IntN(40))*time.Millisecond)
}

// pass lets time go by: whoever is due is told, and answers.
func (m *room) pass(d time.Duration) {
	for until := m.now.Add(d); !m.now.After(until); m.now = m.now.Add(5 * time.Millisecond) {
		for _, id := range m.b.Due(m.now) {
			for _, l := range m.lamps {
				if l.id == id && l.flight != nil {
					l.news = true
				} else if l.id == id {
					m.send(l)
				}
			}
		}
		for _, l := range m.lamps {
			if l.flight == nil || l.lands.After(m.now) {
				continue
			}
			d := read(m.t, l.flight)
			if d.Version != l.version || d.Entity != "sip:"+l.who.Entity+"@unit" {
				m.t.Fatalf("version %d of %s, not %d of %s", d.Version, d.Entity, l.version, l.who.Entity)
			}
			if l.flight = nil; m.r.IntN(20) == 0 { // refused for now: the newest goes again
				m.send(l)
				continue
			}
			if l.knows = d.shows(); l.news {
				m.send(l)
			}
		}
	}
}

func (m *room) step() {
	names := []string{"201", "202", "park1", "key1", "key2"}
	name := names[m.r.IntN(len(names))]
	switch m.r.IntN(8) {
	case 0, 1, 2, 3:
		s := State{
			Phase: Phase(m.r.IntN(5)), Device: []string{"", "201-1", "202-1"}[m.r.IntN(3)], Private: m.r.IntN(3) == 0,
			Outgoing: m.r.IntN(2) == 0, Number: fmt.Sprint(m.r.IntN(3)), CallID: fmt.Sprint("c", m.r.IntN(2)),
		}
		s.Extension, _, _ = strings.Cut(s.Device, "-")
		m.truth[name] = s
		m.b.Set(name, s, m.now)
	case 4, 5:
		if len(m.lamps) > 40 {
			return
		}
		device := fmt.Sprintf("20%d-1", 1+m.r.IntN(4))
		w := Watcher{Entity: name, Device: device, Extension: device[:3]}
		id, err := m.b.Watch(w, m.now)
		if err != nil {
			m.t.Fatal(err)
		}
		l := &lit{id: id, who: w}
		m.send(l)
		m.lamps = append(m.lamps, l)
	case 6: // a refresh
		if len(m.lamps) > 0 {
			if l := m.lamps[m.r.IntN(len(m.lamps))]; l.flight == nil {
				m.send(l)
			}
		}
	case 7:
		if n := len(m.lamps); n > 20 {
			i := m.r.IntN(n)
			m.b.Unwatch(m.lamps[i].id)
			m.lamps = append(m.lamps[:i], m.lamps[i+1:]...)
		}
	}
}

// expected is what a lamp has to show, written from the table of RFC 4235 and
// not from the board.
func expected(w Watcher, s State) string {
	if s.Phase == Idle {
		return "terminated"
	}
	words := map[Phase]string{Seized: "confirmed", Ringing: "early", Talking: "confirmed", Held: "confirmed held"}
	side := "recipient"
	if s.Outgoing {
		side = "initiator"
	}
	mine := s.Device != "" && s.Device == w.Device
	owner := s.Extension
	if owner == "" || owner == w.Extension && !mine {
		owner = w.Entity
	}
	out := fmt.Sprintf("%s %s by sip:%s@unit", words[s.Phase], side, owner)
	if mine || s.Phase == Ringing || s.Phase == Held && !s.Private {
		out += fmt.Sprintf(" with \"\" sip:%s@unit dialog %s;;", s.Number, s.CallID)
	}
	return out
}

// TestEveryLampTellsTheTruth plays random changes, subscriptions, refreshes and
// refusals; after each, when the bound has passed, what every phone acknowledged
// last is what is so.
func TestEveryLampTellsTheTruth(t *testing.T) {
	for seed := range uint64(40) {
		m := &room{
			t: t, r: rand.New(rand.NewPCG(seed, 3)), now: morning, b: NewBoard("unit"), truth: map[string]State{},
		}
		for range 60 {
			for range 1 + m.r.IntN(3) {
				m.step()
			}
			m.pass(bound)
			for _, l := range m.lamps {
				if want := expected(l.who, m.truth[l.who.Entity]); l.knows != want {
					t.Fatalf("seed %d: %+v is shown\n%s, not\n%s", seed, l.who, l.knows, want)
				}
			}
		}
	}
}

// FuzzBody writes bodies of whatever texts: they are well-formed, show one
// dialog, and fit.
func FuzzBody(f *testing.F) {
	f.Add("201", "0312345678", "田中 <&\">", "c@h", "t1", uint8(2))
	f.Add("a\"b<c", "\x00\xff%", strings.Repeat("&", 200), strings.Repeat("<", 120), "\u0085\uFFFE", uint8(4))
	f.Fuzz(func(t *testing.T, entity, number, name, call, tag string, phase uint8) {
		if len(entity) > 12 {
			return // numbers of the plan and keys are short
		}
		b := NewBoard("unit.example.jp")
		b.Set(entity, State{
			Phase: Phase(phase % 5), Number: number, Name: name, CallID: call, LocalTag: tag, RemoteTag: tag,
			Device: "202-1", Extension: "202",
		}, morning)
		id := watch(t, b, entity, "202-1", "")
		body := b.Body(id, 7)
		if read(t, body); len(body) > BodyMax {
			t.Errorf("%d bytes: %s", len(body), body)
		}
	})
}
