package unit

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/sip"
)

const (
	ownerMobile = "09012345678"
	recordMax   = 20 * time.Second // of what takes less than half of it
)

// alerting is an office whose configuration names the owner's mobile.
func alerting(t testing.TB) *office {
	t.Helper()
	o := newOffice(t, officeConfig{shards: 1})
	s := o.settings()
	s.AlertNumbers = []string{"819012345678"}
	policy, err := gate.NewPolicy(s)
	o.must(err)
	o.desk.SetPolicy(policy)
	return o
}

// ended is what Tell gave.
type ended struct {
	NoticeEnd
	err error
}

// tell begins a call of the unit's own.
func (o *office) tell(number string, items ...[]string) <-chan ended {
	out := make(chan ended, 1)
	go func() {
		e, err := o.unit.Tell(context.Background(), Notice{
			Number: number, Ring: patience, Lang: text.EN, Items: items, Thanks: []string{"alert-thanks"},
		})
		out <- ended{e, err}
	}()
	return out
}

// record takes down what is spoken, as µ-law in the order of the packets, until it
// has a sentence so many times. Where that never comes it gives what did.
func (s *speaker) record(name string, times int) []byte {
	s.t.Helper()
	var out []byte
	buf := make([]byte, 2048)
	_ = s.conn.SetReadDeadline(time.Now().Add(recordMax))
	for from := 0; times > 0; {
		n, err := s.conn.Read(buf)
		if err != nil {
			break
		}
		if n > 12 && buf[1]&0x7f == 0 && binary.BigEndian.Uint16(buf[2:]) > 0 {
			out = append(out, buf[12:n]...)
		}
		if i := spokenAt(s.t, out[from:], name); i >= 0 {
			from += i + 1
			times--
		}
	}
	return out
}

// spokenAt finds a sentence in what was recorded, sample by sample: where it
// begins, -1 where it is not there whole.
func spokenAt(t *testing.T, recorded []byte, name string) int {
	t.Helper()
	sound, err := prompt.Open(name, prompt.English)
	if err != nil {
		t.Fatal(err)
	}
	sound = slices.Clone(sound)
	for i := range sound { // -0 is sent as 0
		if sound[i] == 0x7f {
			sound[i] = 0xff
		}
	}
	for at := 0; at+len(sound) <= len(recorded); at++ {
		if slices.Equal(recorded[at:at+len(sound)], sound) {
			return at
		}
	}
	return -1
}

// TestTheUnitTellsItsOwner calls a mobile through the gate, says what happened
// word by word, and goes on when 1 is pressed.
func TestTheUnitTellsItsOwner(t *testing.T) { inTime(t, testTheUnitTellsItsOwner) }

func testTheUnitTellsItsOwner(t *testing.T) {
	o := alerting(t)
	owner := newSpeaker(t, o.hikari)
	said := []string{"digit-2", "digit-0", "digit-1"}
	end := o.tell(ownerMobile, said, []string{"word-time", "digit-7"})
	b := o.hikari.rung()
	if user := string(b.invite.RequestURI().User); user != ownerMobile {
		t.Errorf("the unit calls %q", user)
	}
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	recorded := owner.record(said[2], 1)
	at := 0
	for _, name := range said {
		i := spokenAt(t, recorded[at:], name)
		if i < 0 {
			t.Fatalf("%s is not heard after %d samples of %d", name, at, len(recorded))
		}
		at += i
	}
	to := mediaPort(t, b.invite)
	owner.press(to, "5")
	owner.press(to, "1")
	recorded = owner.record("digit-7", 1)
	for _, name := range []string{"alert-thanks", "word-time", "digit-7"} {
		if spokenAt(t, recorded, name) < 0 {
			t.Errorf("%s is not heard", name)
		}
	}
	owner.press(to, "1")
	b.hungUp()
	e := <-end
	if e.err != nil || !e.Answered || e.Acknowledged != 2 || e.Why != "hung up" || e.Rule != "" {
		t.Errorf("%+v", e)
	}
	judged := last[fact.CallJudged](o)
	if judged.Origin != "alert" || judged.Verb != "pass" || judged.Call != e.Call {
		t.Errorf("judged %+v", judged)
	}
	if f := last[fact.CallEnded](o); f.Call != e.Call || f.Direction != fact.Outgoing || f.Party.Origin != "alert" {
		t.Errorf("ended %+v", f)
	}
	o.over()
}

// TestTheUnitTellsAnExtension needs no gate for that; who hangs up has
// acknowledged nothing.
func TestTheUnitTellsAnExtension(t *testing.T) { inTime(t, testTheUnitTellsAnExtension) }

func testTheUnitTellsAnExtension(t *testing.T) {
	o := alerting(t)
	desk := newSpeaker(t, o.p201)
	end := o.tell("201", []string{"digit-1"})
	b := o.p201.rung()
	if from := string(b.invite.Value(sip.HeaderFrom)); !strings.HasPrefix(from, `"主装置からの通報" <sip:alert@office>`) {
		t.Errorf("From %s", from)
	}
	b.reply(200, o.p201.description("sendrecv"))
	b.next(sip.ACK)
	if recorded := desk.record("digit-1", 2); spokenAt(t, recorded, "digit-1") < 0 { // twice: once to its end
		t.Error("nothing is told")
	}
	b.bye()
	if e := <-end; e.err != nil || !e.Answered || e.Heard != 1 || e.Acknowledged != 0 {
		t.Errorf("%+v", e)
	}
	if n := len(all[fact.CallJudged](o)); n != 0 {
		t.Errorf("the gate judged %d calls", n)
	}
	o.over()
}

// TestTheUnitCallsNobodyElse: what the configuration does not name, what is
// abroad or an emergency number reaches no line, and a phone can't send such a
// call on.
func TestTheUnitCallsNobodyElse(t *testing.T) { inTime(t, testTheUnitCallsNobodyElse) }

func testTheUnitCallsNobodyElse(t *testing.T) {
	o := alerting(t)
	for number, want := range map[string]string{
		"09012345679": "alert-call", "0312345678": "alert-call", "01023276123456": "alert-call",
	} {
		if e := <-o.tell(number, []string{"digit-1"}); e.err != nil || e.Answered || e.Rule != want {
			t.Errorf("%s: %+v", number, e)
		}
	}
	for _, number := range []string{"110", "118", "119", "184119", "299", ""} {
		e := <-o.tell(number, []string{"digit-1"})
		if e.err == nil && e.Rule == "" || e.Answered {
			t.Errorf("%s: %+v", number, e)
		}
	}
	if e := <-o.tell("119", []string{"digit-1"}); !errors.Is(e.err, ErrNotTold) {
		t.Errorf("119: %+v", e)
	}
	end := o.tell("201", []string{"digit-1"})
	b := o.p201.rung()
	b.reply(302, "", "Contact: <sip:01023276123456@office>")
	b.next(sip.ACK)
	if e := <-end; e.err != nil || e.Answered || e.Why != "not reachable" {
		t.Errorf("sent on: %+v", e)
	}
	o.hikari.expectNone("a call", isMethod(sip.INVITE))
	o.over()
}

// TestAnOwnerThatIsBusy, or does not answer, is on record as such; when whoever
// wants to tell gives up, the call ends.
func TestAnOwnerThatIsBusy(t *testing.T) { inTime(t, testAnOwnerThatIsBusy) }

func testAnOwnerThatIsBusy(t *testing.T) {
	o := alerting(t)
	end := o.tell(ownerMobile, []string{"digit-1"})
	b := o.hikari.rung()
	b.reply(486, "")
	b.next(sip.ACK)
	if e := <-end; e.Why != "busy" || e.Rule != "" {
		t.Errorf("%+v", e)
	}
	ctx, giveUp := context.WithCancel(context.Background())
	defer giveUp()
	done := make(chan ended, 1)
	go func() {
		e, err := o.unit.Tell(ctx, Notice{Number: ownerMobile, Ring: patience, Items: [][]string{{"digit-1"}}})
		done <- ended{e, err}
	}()
	b = o.hikari.rung()
	b.reply(180, "")
	giveUp()
	b.canceled()
	if e := <-done; !errors.Is(e.err, context.Canceled) || e.Answered {
		t.Errorf("%+v", e)
	}
	o.over()
}
