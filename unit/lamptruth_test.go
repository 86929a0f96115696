package unit

import (
	"encoding/xml"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// panel is a phone that watches every extension, and shows what the NOTIFYs say
// that it has answered. Some it refuses for now.
type panel struct {
	*puppet

	mu    sync.Mutex
	r     *rand.Rand
	shown map[string]string
}

func (o *office) panel(seed uint64, extensions []string) *panel {
	name := strconv.Itoa(300 + int(seed))
	addr := fmt.Sprintf("127.0.2.%d:5060", seed)
	p := &panel{puppet: newPuppet(o.t, o.h, name, addr, phoneSide), r: rand.New(rand.NewPCG(seed, 5))}
	p.shown = make(map[string]string)
	p.actBy(p.takes)
	for _, e := range extensions {
		p.watch(e)
	}
	return p
}

// takes reads a NOTIFY, as a phone with a lamp does.
func (p *panel) takes(m *sip.Message) {
	if !m.IsRequest() || m.Method() != sip.NOTIFY {
		p.inbox <- m
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.r.IntN(60) == 0 {
		p.reply(m, 500, "", "", "Retry-After: 1")
		return
	}
	var d dialogInfo
	if err := xml.Unmarshal(m.Body(), &d); err != nil || len(d.Dialog) != 1 {
		p.t.Errorf("%v in %s", err, m.Body())
		return
	}
	name := strings.TrimSuffix(strings.TrimPrefix(d.Entity, "sip:"), "@office")
	said := d.Dialog[0].State
	if d.Dialog[0].Param.Value == "no" {
		said += " held"
	}
	p.shown[name] = said
	p.reply(m, 200, "", "")
}

func (p *panel) shows() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.shown)
}

// deskPhone is a phone that calls and is called as the draw wants it. What it does is
// what lamps have to show.
type deskPhone struct {
	*puppet
	in   *talk // its call
	with *deskPhone
	does string // "", "dials", "rings", "talks", "holds"
}

// looks is what a lamp of the phone shows, by what the phone itself does.
func (d *deskPhone) looks() string {
	return map[string]string{
		"": "terminated", "dials": "confirmed", "rings": "early", "talks": "confirmed", "holds": "confirmed held",
	}[d.does]
}

// step has one phone do something that it could do now.
func step(r *rand.Rand, phones []*deskPhone) {
	d := phones[r.IntN(len(phones))]
	o := phones[r.IntN(len(phones))]
	switch d.does {
	case "":
		if o.does != "" || o == d {
			return
		}
		d.in = d.call(o.name, d.description("sendrecv"))
		o.in = o.rung()
		o.in.reply(180, "")
		d.in.response(sip.INVITE, 180)
		d.with, o.with, d.does, o.does = o, d, "dials", "rings"
	case "dials":
		d.in.cancel()
		d.with.in.canceled()
		d.in.response(sip.INVITE, 487)
		d.in.ackRefusal()
		d.does, d.with.does = "", ""
	case "rings":
		if r.IntN(4) == 0 {
			d.in.reply(486, "")
			d.in.next(sip.ACK)
			d.with.in.response(sip.INVITE, 486)
			d.with.in.ackRefusal()
			d.does, d.with.does = "", ""
			return
		}
		d.in.reply(200, d.description("sendrecv"))
		d.in.next(sip.ACK)
		d.with.in.response(sip.INVITE, 200)
		d.with.in.ack("")
		d.does, d.with.does = "talks", "talks"
	default:
		d.talksOn(r)
	}
}

// talksOn has a phone that talks hold, go on, or hang up.
func (d *deskPhone) talksOn(r *rand.Rand) {
	switch {
	case r.IntN(3) == 0:
		d.in.bye()
		d.with.in.hungUp()
		d.does, d.with.does = "", ""
	case d.does == "talks":
		d.in.reinvite(d.description("sendonly"))
		d.in.ack("")
		d.does = "holds"
	default:
		d.in.reinvite(d.description("sendrecv"))
		d.in.ack("")
		d.does = "talks"
	}
}

// TestLampsShowWhatPhonesDo has phones call, ring, talk, hold and hang up at
// random, and phones watch them that refuse some NOTIFYs for now. After each
// step every lamp shows what the phone does that it stands for: by the NOTIFYs that
// were answered, and by the phones' own state.
func TestLampsShowWhatPhonesDo(t *testing.T) { inTime(t, testLampsShowWhatPhonesDo) }

func testLampsShowWhatPhonesDo(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	var phones []*deskPhone
	var names []string
	for i := range 6 {
		p := newPuppet(t, o.h, strconv.Itoa(211+i), fmt.Sprintf("127.0.3.%d:5060", i+1), phoneSide)
		o.phones.add(p)
		phones, names = append(phones, &deskPhone{puppet: p}), append(names, p.name)
	}
	offices, err := plan.New(plan.Settings{Extensions: names})
	o.must(err)
	o.unit.SetPlan(offices)
	panels := []*panel{o.panel(1, names), o.panel(2, names), o.panel(3, names)}
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 60 {
		step(r, phones)
		want := make(map[string]string)
		for _, d := range phones {
			want[d.name] = d.looks()
		}
		for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			wrong := slices.IndexFunc(panels, func(p *panel) bool { return !maps.Equal(p.shows(), want) })
			if wrong < 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("step %d: panel %d shows\n%v, and phones do\n%v", n, wrong, panels[wrong].shows(), want)
			}
		}
	}
}
