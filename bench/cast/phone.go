package cast

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// Register registers a phone, and calls done when it is.
func (p *Party) Register(done func()) { p.register(p.word("r"), 1, done) }

func (p *Party) register(callID string, seq int, done func()) {
	uri, life := "sip:"+p.o.unit.Addr.String(), p.life
	who := "<sip:" + p.Name + "@" + p.o.unit.Addr.String() + ">"
	tag := p.word("f")
	p.asks(sip.REGISTER, func(branch, auth string) string {
		b := p.headOf(sip.REGISTER, uri, branch)
		fmt.Fprintf(b, "From: %s;tag=%s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d REGISTER\r\n%sExpires: %d\r\n%s",
			who, tag, who, callID, seq, p.contact(), RegisteredFor, auth)
		return finish(b, "", nil)
	}, uri, func(m *sip.Message) {
		switch {
		case life != p.life:
		case m == nil:
			p.register(callID, seq+1, done)
		case m.Status() == 401 && seq < authTriesMax && p.challenged(m):
			p.register(callID, seq+1, done)
		case m.Status() >= 500: // it starts
			p.again(life, func() { p.register(callID, seq+1, done) })
		case m.Status() >= 300:
			p.strange(fmt.Sprintf("REGISTER is answered %d", m.Status()))
		case m.Status() >= 200:
			p.Registered = true
			done()
		}
	})
}

// again does something in a second, if the phone has not started anew by then.
func (p *Party) again(life int, do func()) {
	time.AfterFunc(time.Second, func() {
		p.o.Mu.Lock()
		defer p.o.Mu.Unlock()
		if life == p.life {
			do()
		}
	})
}

// watch is a phone's subscription to a lamp.
type watch struct {
	entity string
	seq    uint32 // of the last NOTIFY
}

// Watch subscribes to a lamp; on is called when that is answered.
func (p *Party) Watch(entity string, on func()) {
	if p.watching(entity) {
		p.strange("it watches " + entity + " twice")
	}
	p.subscribe(entity, p.word("w"), p.word("f"), 1, on)
}

// subscribe sends a SUBSCRIBE, and again with the same Call-ID and From tag where it has to
// (RFC 3261 §8.1.3.5).
func (p *Party) subscribe(entity, callID, tag string, seq int, on func()) {
	uri, life := "sip:"+entity+"@"+p.o.unit.Addr.String(), p.life
	p.watches[callID] = &watch{entity: entity}
	p.asks(sip.SUBSCRIBE, func(branch, auth string) string {
		b := p.headOf(sip.SUBSCRIBE, uri, branch)
		fmt.Fprintf(b, "From: <sip:%s@office>;tag=%s\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: %d SUBSCRIBE\r\n"+
			"Event: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: %d\r\n%s%s",
			p.Name, tag, uri, callID, seq, SubscribedFor, p.contact(), auth)
		return finish(b, "", nil)
	}, uri, func(m *sip.Message) {
		switch {
		case life != p.life:
		case m == nil:
			p.subscribe(entity, callID, tag, seq+1, on)
		case m.Status() == 401 && seq < authTriesMax && p.challenged(m):
			p.subscribe(entity, callID, tag, seq+1, on)
		case m.Status() >= 500:
			p.again(life, func() { p.subscribe(entity, callID, tag, seq+1, on) })
		case m.Status() >= 300:
			p.strange(fmt.Sprintf("SUBSCRIBE of %s is answered %d", entity, m.Status()))
		case m.Status() >= 200:
			on()
		}
	})
}

// Life tells how often the phone has started anew.
func (p *Party) Life() int { return p.life }

// watching tells whether the phone watches a lamp already, or is about to.
func (p *Party) watching(entity string) bool {
	for _, w := range p.watches {
		if w.entity == entity {
			return true
		}
	}
	return false
}

// Reboot has a phone forget all, as without power.
func (p *Party) Reboot() {
	p.life++
	p.forget()
	p.Registered = false
	p.auth = credentials{}
	clear(p.watches)
	p.answered = [2]map[string]string{{}, {}}
}

// Shown is what a lamp shows.
type Shown struct {
	Phase string // "terminated", "early", "confirmed"
	Held  bool
	By    string // who has it
	Names bool   // it tells whom the call is with
}

// String is for people.
func (s Shown) String() string {
	out := s.Phase
	if s.Held {
		out += " held"
	}
	if s.By != "" {
		out += " by " + s.By
	}
	return out
}

// ReadLamp reads the body of a NOTIFY as phones do.
func ReadLamp(body []byte) (s Shown, entity string, err error) {
	var d struct {
		Entity string `xml:"entity,attr"`
		Dialog []struct {
			State  string `xml:"state"`
			Local  string `xml:"local>identity"`
			Remote string `xml:"remote>identity"`
			Param  []struct {
				Name  string `xml:"pname,attr"`
				Value string `xml:"pvalue,attr"`
			} `xml:"local>target>param"`
		} `xml:"dialog"`
	}
	if err := xml.Unmarshal(body, &d); err != nil {
		return s, "", err
	}
	if len(d.Dialog) != 1 {
		return s, "", fmt.Errorf("%d dialogs", len(d.Dialog))
	}
	g := &d.Dialog[0]
	s = Shown{Phase: g.State, By: userOf(g.Local), Names: g.Remote != ""}
	for _, v := range g.Param {
		s.Held = s.Held || v.Name == "+sip.rendering" && v.Value == "no"
	}
	return s, userOf(d.Entity), nil
}

func userOf(uri string) string {
	uri, _, _ = strings.Cut(strings.TrimPrefix(uri, "sip:"), "@")
	return uri
}

// reader remembers what bodies say: there are few different ones but for their version.
type reader struct {
	known map[string]reading
}

type reading struct {
	shown  Shown
	entity string
}

// readMax is how many different bodies are remembered.
const readMax = 4096

var version = []byte(` version="`)

func (r *reader) read(body []byte) (Shown, string, error) {
	key := body
	if before, rest, ok := bytes.Cut(body, version); ok {
		key = append(append(make([]byte, 0, len(body)), before...), rest[bytes.IndexByte(rest, '"')+1:]...)
	}
	if k, ok := r.known[string(key)]; ok {
		return k.shown, k.entity, nil
	}
	s, entity, err := ReadLamp(body)
	if err == nil {
		if len(r.known) >= readMax || r.known == nil {
			r.known = make(map[string]reading)
		}
		r.known[string(key)] = reading{s, entity}
	}
	return s, entity, err
}

// notified takes a NOTIFY of a lamp: a phone shows what it acknowledges.
func (p *Party) notified(m *sip.Message) {
	w := p.watches[string(m.CallID())]
	if w == nil {
		p.replies(m, 481, "", "")
		return
	}
	seq := m.CSeq().Number
	if w.seq != 0 && seq <= w.seq {
		p.replies(m, 500, "", "") // RFC 3261 §12.2.2
		return
	}
	w.seq = seq
	s, entity, err := p.o.lamps.read(m.Body())
	if err != nil || entity != w.entity {
		p.strange(fmt.Sprintf("a lamp of %s that shows %q: %v", w.entity, m.Body(), err))
	}
	p.replies(m, 200, "", "")
	if p.o.Hooks.Lamp != nil {
		p.o.Hooks.Lamp(p, w.entity, s)
	}
}
