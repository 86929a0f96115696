package unit

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/sip"
)

// talking is a call between a phone and a line whose voice is heard.
type talking struct {
	a, b         *talk
	mouthA       *speaker
	mouthB       *speaker
	toA, toB     *sip.Message // the descriptions that each was given
	markA, markB byte
}

// talkOutside has 201 talk with Hikari's callee, with voice.
func (o *office) talkOutside(t *testing.T) *talking {
	t.Helper()
	c := &talking{mouthA: newSpeaker(t, o.p201), mouthB: newSpeaker(t, o.hikari), markA: 0x11, markB: 0x22}
	c.a = o.p201.call("09012345678", o.p201.description("sendrecv"))
	c.b = o.hikari.rung()
	c.toB = c.b.invite
	c.b.reply(200, o.hikari.description("sendrecv"))
	c.toA = c.a.response(sip.INVITE, 200)
	c.a.ack("")
	c.b.next(sip.ACK)
	c.bothWays()
	return c
}

func (c *talking) bothWays() {
	c.mouthA.t.Helper()
	c.mouthA.say(mediaPort(c.mouthA.t, c.toA), c.markA, c.mouthB)
	c.mouthB.say(mediaPort(c.mouthA.t, c.toB), c.markB, c.mouthA)
}

// hearsMusic listens so long that there is sound in it.
func (s *speaker) hearsMusic() {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if pcm := s.listen(500 * time.Millisecond); len(pcm) >= 3200 && ear.Total(pcm) > -40 {
			return
		}
	}
	s.t.Fatal("no music is heard")
}

// TestMusicWhileHeld: who is held hears music and nothing of the phone, and hears
// the phone again when that resumes; both go on hearing each other.
func TestMusicWhileHeld(t *testing.T) { inTime(t, testMusicWhileHeld) }

func testMusicWhileHeld(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	c := o.talkOutside(t)
	c.a.reinvite(c.a.p.description("sendonly"))
	c.a.ack("")
	c.mouthB.hearsMusic()
	if c.mouthA.hears(0, quiet) {
		t.Error("who holds hears something")
	}
	c.a.reinvite(c.a.p.description("sendrecv"))
	c.a.ack("")
	c.bothWays()
	c.a.bye()
	c.b.hungUp()
	o.over()
}
