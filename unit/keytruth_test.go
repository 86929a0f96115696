package unit

import (
	"fmt"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// step has something happen at a key that could now.
func (w *keyWall) step() {
	i := w.r.IntN(len(w.on))
	k := w.on[i]
	does := ""
	if k != nil {
		does = k.does
	}
	switch does {
	case "":
		w.begins(i)
		return
	case "rings":
		w.rings(i, k)
	case "seized":
		w.seized(i, k)
	case "tone", "dials":
		w.dials(i, k)
	case "talks":
		w.talks(i, k)
	case "holds", "keeps":
		w.holds(i, k)
	case "waits":
		if w.r.IntN(3) > 0 {
			w.takes(i, k)
			return
		}
		k.far.bye()
		w.on[i] = nil
	}
}

// begins has a call come in, a key be pressed, or a number be dialed.
func (w *keyWall) begins(i int) {
	p := w.idle()
	switch what := w.r.IntN(3); {
	case what == 0:
		i = i / 2 * 2 // calls that come in take the lowest key
		if w.on[i] != nil {
			i++
		}
		k := &onKey{does: "rings", mouth: newSpeaker(w.t, w.carrier(i))}
		k.far = w.carrier(i).call(fmt.Sprintf("031234567%d", i/2), w.carrier(i).description("sendrecv"))
		k.bell = w.bell.rung()
		k.bell.reply(180, "")
		w.on[i] = k
	case p == nil:
	case what == 1 && p.rows && w.r.IntN(2) == 0:
		k := &onKey{does: "seized", who: p, direct: true, lifted: p.takesKey(fmt.Sprint(i+1), 15).talk}
		k.lifted.response(sip.SUBSCRIBE, 200)
		w.on[i] = k
	case what == 1:
		k := &onKey{does: "tone", who: p, ear: newSpeaker(w.t, p.puppet)}
		k.near = p.press(i, 1, p.speaks(k.ear, "sendrecv"))
		k.toNear = mediaPort(w.t, k.near.response(sip.INVITE, 200))
		k.near.ack("")
		w.on[i] = k
	default:
		i = 1 // those that go out the highest
		if w.on[i] != nil {
			i--
		}
		if w.on[i] != nil {
			return
		}
		k := &onKey{does: "dials", who: p, direct: true, ear: newSpeaker(w.t, p.puppet)}
		k.near = p.call("09012345678", p.speaks(k.ear, "sendrecv"))
		w.on[i] = k
		w.rung(i, k)
	}
}

// rung has the carrier take what was dialed.
func (w *keyWall) rung(i int, k *onKey) {
	k.mouth = newSpeaker(w.t, w.carrier(i))
	k.far = w.carrier(i).rung()
	k.toFar = mediaPort(w.t, k.far.invite)
	k.far.reply(180, "")
}

// inVain has another phone press a key that it can't have.
func (w *keyWall) inVain(i int) {
	if p := w.idle(); p != nil {
		w.dialsInVain(p.puppet, keyName(i), 486)
	}
}

// takes has an idle phone press a key and talk with who is there.
func (w *keyWall) takes(i int, k *onKey) (taken bool) {
	p := w.idle()
	if p == nil {
		return false
	}
	k.ear = newSpeaker(w.t, p.puppet)
	k.near = p.press(i, w.r.IntN(2), p.speaks(k.ear, "sendrecv"))
	k.toNear = mediaPort(w.t, k.near.response(sip.INVITE, 200))
	k.near.ack("")
	k.who, k.does = p, "talks"
	return true
}

// rings has a call that rings be taken by the key or at the phone, or end.
func (w *keyWall) rings(i int, k *onKey) {
	switch w.r.IntN(4) {
	case 0, 1:
		if !w.takes(i, k) {
			return
		}
		k.bell.canceled()
		k.toFar = mediaPort(w.t, k.far.response(sip.INVITE, 200))
		k.far.ack("")
	case 2:
		k.who, k.near, k.does, k.ear = w.bell, k.bell, "talks", newSpeaker(w.t, w.bell.puppet)
		k.near.reply(200, w.bell.speaks(k.ear, "sendrecv"))
		k.near.next(sip.ACK)
		k.toNear = mediaPort(w.t, k.bell.invite)
		k.toFar = mediaPort(w.t, k.far.response(sip.INVITE, 200))
		k.far.ack("")
	default:
		k.far.cancel()
		k.far.response(sip.INVITE, 487)
		k.far.ackRefusal()
		k.bell.canceled()
		w.on[i] = nil
	}
}

// seized has who lifted the handset on a key dial, or give up.
func (w *keyWall) seized(i int, k *onKey) {
	switch w.r.IntN(4) {
	case 0:
		w.inVain(i)
	case 1:
		k.lifted.send(sip.SUBSCRIBE, "", "Event: line-seize", "Expires: 0",
			fmt.Sprintf("Contact: <sip:%s@%s>", k.who.name, k.who.addr))
		k.lifted.response(sip.SUBSCRIBE, 200)
		w.on[i] = nil
	default:
		k.ear = newSpeaker(w.t, k.who.puppet)
		k.near = k.who.call("09012345678", k.who.speaks(k.ear, "sendrecv"), appearance(fmt.Sprint(i+1), ""))
		k.does = "dials"
		w.rung(i, k)
	}
}

// dials has who seized a key dial, be answered or not, or give up.
func (w *keyWall) dials(i int, k *onKey) {
	switch what := w.r.IntN(4); {
	case what == 0:
		w.inVain(i)
	case what == 1:
		w.givesUp(k)
		w.on[i] = nil
	case k.does == "tone":
		k.near.info("09012345678")
		k.does = "dials"
		w.rung(i, k)
	case what == 2:
		k.far.reply(200, w.carrier(i).speaks(k.mouth, "sendrecv"))
		k.far.next(sip.ACK)
		if k.direct {
			k.toNear = mediaPort(w.t, k.near.response(sip.INVITE, 200))
			k.near.ack("")
		}
		k.does = "talks"
	default:
		k.far.reply(486, "")
		k.far.next(sip.ACK)
		if k.direct {
			k.near.response(sip.INVITE, 486)
			k.near.ackRefusal()
		} else {
			k.near.bye()
		}
		w.on[i] = nil
	}
}

// givesUp has who dials hang up.
func (w *keyWall) givesUp(k *onKey) {
	if k.direct {
		k.near.cancel()
		k.near.response(sip.INVITE, 487)
		k.near.ackRefusal()
	} else {
		k.near.bye()
	}
	if k.does == "dials" {
		k.far.canceled()
	}
}

// talks has who talks on a key hold, press it, or hang up.
func (w *keyWall) talks(i int, k *onKey) {
	switch w.r.IntN(6) {
	case 0:
		w.inVain(i)
	case 1, 2:
		if k.who.rows && w.r.IntN(2) == 0 {
			k.near.holds(k.who.speaks(k.ear, "sendonly"), appearance(fmt.Sprint(i+1), privately))
			k.does = "keeps"
			return
		}
		k.near.reinvite(k.who.speaks(k.ear, "sendonly"))
		k.near.ack("")
		k.does = "holds"
	case 3:
		w.confirmed(k.who.puppet, keyName(i))
		k.near.hungUp()
		k.does = "waits"
	case 4:
		k.near.bye()
		k.far.hungUp()
		w.on[i] = nil
	default:
		k.far.bye()
		k.near.hungUp()
		w.on[i] = nil
	}
}

// holds has who is held be taken by anybody, or the end come.
func (w *keyWall) holds(i int, k *onKey) {
	switch w.r.IntN(5) {
	case 0:
		k.near.reinvite(k.who.speaks(k.ear, "sendrecv"))
		k.near.ack("")
		k.does = "talks"
	case 1:
		k.near.bye()
		k.far.hungUp()
		w.on[i] = nil
	case 2:
		k.far.bye()
		k.near.hungUp()
		w.on[i] = nil
	default:
		if k.does == "keeps" {
			w.inVain(i)
			return
		}
		if was := k.near; w.takes(i, k) {
			was.hungUp()
		}
	}
}

// TestKeyLampsShowWhatPhonesDo has phones press outside-line keys, dial, answer, hold,
// park and hang up at random while carriers call, answer and hang up. Some of the phones
// have a lamp for each key, others a row of appearances. After each step
// every lamp of every phone shows what goes on at its key and who has it, by the NOTIFYs
// that were answered; who talks hears each other and nobody else, and who is held hears
// music.
func TestKeyLampsShowWhatPhonesDo(t *testing.T) { inTime(t, testKeyLampsShowWhatPhonesDo) }

func testKeyLampsShowWhatPhonesDo(t *testing.T) {
	w := newKeyWall(t, 3)
	did := map[string]int{}
	for n := range 150 {
		w.step()
		w.tells(n)
		w.settles()
		for i, k := range w.on {
			if k != nil {
				did[k.does]++
			}
			w.listens(i, k)
		}
	}
	for _, what := range []string{"seized", "tone", "dials", "rings", "talks", "holds", "keeps", "waits"} {
		if did[what] == 0 {
			t.Errorf("no key ever %s", what)
		}
	}
	if most := 300 * time.Millisecond; w.late > most {
		t.Errorf("a lamp was wrong for %s", w.late)
	}
	t.Log(did, w.late)
}
