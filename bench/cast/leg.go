package cast

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/sdp"
	"github.com/sekisho/sekisho/wire/sip"
)

// State is how far a leg is.
type State int

// The states of a leg.
const (
	Calling State = iota // its INVITE is out
	Ringing              // it is called
	Up
	Over
)

// Leg is a party's side of one call.
type Leg struct {
	P        *Party
	ID       uint64
	Called   bool // the party was called
	User     string
	From     string // user part of who calls, of one that is called
	State    State
	Heeded   bool // the unit has its INVITE
	Alerting bool // the other side rings
	Held     bool // the party holds it
	Busy     bool // an exchange of it is under way
	Began    time.Time
	Since    time.Time // the state's

	// Heard is the leg that is heard, nil for none yet or the unit; Unit says that it is
	// the unit.
	Heard *Leg
	Unit  bool
	// Data is the script's.
	Data any

	callID, local, remote, target string
	seq, inviteSeq                int
	branch, tag, ackText          string
	canceled                      bool
	invite                        *sip.Message
	to                            netip.AddrPort // where its sound goes
	version                       int
	sounds                        int // packets of the unit since the last of a leg
	rtp                           uint16
	probes                        int
	probeAt                       time.Time
	refer                         func(status int)
}

func (p *Party) leg() *Leg {
	o := p.o
	o.last++
	l := &Leg{P: p, ID: o.last, Began: time.Now(), Since: time.Now()}
	o.legs[l.ID] = l
	p.Legs = append(p.Legs, l)
	return l
}

// Call has a party call a user of the unit.
func (p *Party) Call(user string, data any) *Leg {
	l := p.leg()
	l.User, l.Data = user, data
	uri := fmt.Sprintf("sip:%s@%s", user, p.to)
	l.callID, l.tag = p.word("call"), p.word("t")
	l.local = fmt.Sprintf("<sip:%s@office>;tag=%s", p.Name, l.tag)
	l.remote, l.target = "<"+uri+">", uri
	l.inviting(1)
	return l
}

// CallFrom is Call with the number of somebody outside.
func (p *Party) CallFrom(user, from string, data any) *Leg {
	name := p.Name
	p.Name = from
	l := p.Call(user, data)
	p.Name = name
	return l
}

func (l *Leg) inviting(try int) {
	body := l.description()
	l.branch = l.request(sip.INVITE, body, func(m *sip.Message) { l.invited(m, try) })
	l.inviteSeq = l.seq
}

// request sends a request in the leg's dialog.
func (l *Leg) request(method sip.Method, body string, answer func(m *sip.Message), headers ...string) string {
	l.seq++
	seq := l.seq
	branch := l.P.asks(method, func(branch, auth string) string {
		if method != sip.INVITE || strings.Contains(l.remote, ";tag=") {
			auth = ""
		}
		return l.write(method, seq, branch, body, auth, headers)
	}, l.target, answer)
	l.P.o.pending[branch].call = true
	return branch
}

func (l *Leg) write(method sip.Method, seq int, branch, body, auth string, headers []string) string {
	b := l.P.headOf(method, l.target, branch)
	fmt.Fprintf(b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%s%s",
		l.local, l.remote, l.callID, seq, method, l.P.contact(), auth)
	if method == sip.INVITE {
		b.WriteString("Allow: INVITE, ACK, CANCEL, BYE, INFO, REFER, NOTIFY, OPTIONS, UPDATE\r\n")
	}
	return finish(b, body, headers)
}

// description is what the leg says of its sound.
func (l *Leg) description() string {
	l.version++
	direction := "sendrecv"
	if l.Held {
		direction = "sendonly"
	}
	return fmt.Sprintf("v=0\r\no=- %d %d IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 101\r\n"+
		"a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=%s\r\n",
		l.ID, l.version, l.P.At.Addr(), l.P.At.Addr(), l.P.At.Port(), direction)
}

// hearsAt reads where the unit wants the sound of a leg.
func (l *Leg) hearsAt(body []byte) {
	s, err := sdp.Parse(body)
	if err != nil {
		return
	}
	for i := range s.Media {
		if to := s.Media[i].Remote(); s.Media[i].Type == "audio" && to.IsValid() {
			l.to = to
		}
	}
}

// invited takes the answers to the first INVITE.
func (l *Leg) invited(m *sip.Message, try int) {
	switch {
	case m == nil:
		l.over("408")
	case m.Status() < 200:
		if alerting := m.Status() > 100; alerting && !l.Alerting || !l.Heeded {
			l.Heeded, l.Alerting = true, alerting || l.Alerting
			l.changed()
		}
		if len(m.Body()) > 0 {
			l.hearsAt(m.Body())
		}
		if l.canceled {
			l.cancels()
		}
	case m.Status() < 300:
		l.remote = string(m.Value(sip.HeaderTo))
		if list, err := m.Contacts(); err == nil && len(list) > 0 {
			l.target = list[0].URI.String()
		}
		l.hearsAt(m.Body())
		l.acknowledge()
		if l.State == Over { // it was called off
			l.request(sip.BYE, "", nil)
			return
		}
		l.stands(Up)
	default:
		l.P.sends(l.refusalAck(m))
		if m.Status() == 401 && try < authTriesMax && l.P.challenged(m) && l.State != Over {
			l.inviting(try + 1)
			return
		}
		l.over(fmt.Sprint(m.Status()))
	}
}

// acknowledge sends the ACK of a 2xx.
func (l *Leg) acknowledge() {
	l.ackText = l.write(sip.ACK, l.inviteSeq, l.P.word("z9hG4bK"), "", "", nil)
	l.P.sends(l.ackText)
}

// refusalAck is the ACK of a refusal, in its transaction.
func (l *Leg) refusalAck(m *sip.Message) string {
	remote := l.remote
	l.remote = string(m.Value(sip.HeaderTo))
	l.ackText = l.write(sip.ACK, l.inviteSeq, l.branch, "", "", nil)
	l.remote = remote
	return l.ackText
}

// stands notes a new state.
func (l *Leg) stands(s State) {
	l.State, l.Since = s, time.Now()
	if s == Up {
		l.speaksSoon()
	}
	l.changed()
}

func (l *Leg) changed() {
	if l.P.o.Hooks.Changed != nil {
		l.P.o.Hooks.Changed(l)
	}
}

// over ends a leg.
func (l *Leg) over(by string) {
	if l.State == Over {
		return
	}
	l.State, l.Since = Over, time.Now()
	for i, o := range l.P.Legs {
		if o == l {
			l.P.Legs = append(l.P.Legs[:i], l.P.Legs[i+1:]...)
			break
		}
	}
	if l.refer != nil { // what became of that is not told any more
		l.refer(487)
	}
	if l.P.o.Hooks.Ended != nil {
		l.P.o.Hooks.Ended(l, by)
	}
}

// Cancel calls a call off that is not answered yet.
func (l *Leg) Cancel() {
	l.canceled = true
	if r := l.P.o.pending[l.branch]; r != nil && r.provisional {
		l.cancels()
	}
	l.over("")
}

// cancels sends the CANCEL, in the INVITE's transaction.
func (l *Leg) cancels() {
	l.canceled = false
	now := time.Now()
	r := &pending{p: l.P, began: now, due: now.Add(timerT1), wait: timerT1, call: true}
	r.text = l.write(sip.CANCEL, l.inviteSeq, l.branch, "", "", nil)
	l.P.sends(r.text)
	l.P.o.pending[l.branch+calledOff] = r
}

// Bye hangs up.
func (l *Leg) Bye() {
	if l.State != Up {
		return
	}
	l.request(sip.BYE, "", nil)
	l.over("")
}

// Ring answers that the party rings.
func (l *Leg) Ring() {
	l.Alerting = true
	l.P.replies(l.invite, 180, l.tag, "")
	l.changed()
}

// Answer takes the call.
func (l *Leg) Answer() {
	if l.State != Ringing {
		return
	}
	l.final(l.invite, 200, l.description())
	l.stands(Up)
}

// Refuse does not take it.
func (l *Leg) Refuse(status int) {
	if l.State == Ringing {
		l.final(l.invite, status, "")
		l.over("")
	}
}

// Hold has the party hold the call, or go on; done is told how that went.
func (l *Leg) Hold(on bool, done func(ok bool)) {
	l.Busy, l.Held = true, on
	l.reinvite(1, done)
}

func (l *Leg) reinvite(try int, done func(ok bool)) {
	seq := l.seq + 1
	l.branch = l.request(sip.INVITE, l.description(), func(m *sip.Message) {
		if m != nil && m.Status() < 200 {
			return
		}
		switch {
		case m != nil && m.Status() < 300:
			l.acknowledge()
		case m != nil:
			l.P.sends(l.refusalAck(m))
		}
		if l.State != Up {
			return
		}
		if m != nil && m.Status() == 491 && try < authTriesMax {
			l.P.later(func() {
				if l.State == Up {
					l.reinvite(try+1, done)
				}
			})
			return
		}
		l.Busy = false
		ok := m != nil && m.Status() < 300
		if !l.Held {
			l.speaksSoon()
		}
		l.changed()
		done(ok)
	})
	l.inviteSeq = seq
	l.changed()
}

// Dial types digits on the keypad, one after the other.
func (l *Leg) Dial(digits string, done func()) {
	if digits == "" || l.State != Up {
		l.Busy = false
		done()
		return
	}
	l.Busy = true
	l.request(sip.INFO, "Signal="+digits[:1]+"\r\nDuration=160\r\n", func(m *sip.Message) {
		if m == nil || m.Status() >= 200 {
			l.Dial(digits[1:], done)
		}
	}, "Content-Type: application/dtmf-relay")
}

// Refer has whom the party talks with go on with a user; done is told how that went.
func (l *Leg) Refer(to string, done func(status int)) {
	l.Busy = true
	once := func(status int) {
		if l.Busy {
			l.Busy, l.refer = false, nil
			if l.State == Up {
				l.speaksSoon()
			}
			done(status)
		}
	}
	l.refer = once
	l.request(sip.REFER, "", func(m *sip.Message) {
		switch {
		case m == nil:
			once(408)
		case m.Status() >= 300:
			once(m.Status())
		}
	}, "Refer-To: <"+to+">")
}

// Named is a URI that names the leg's dialog, for Refer.
func (l *Leg) Named(user string) string {
	_, ours, _ := strings.Cut(l.remote, ";tag=")
	return fmt.Sprintf("sip:%s@office?Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s", user, l.callID, ours, l.tag)
}
