package media

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

// path is what a leg's descriptions mean for its packets. It is made on the
// driver's side, never changed, and given to the loop.
type path struct {
	remote     netip.AddrPort // signaled; not valid: none, or not to be sent to
	remoteRTCP netip.AddrPort
	mux        bool // RTCP on the RTP port
	moved      bool // the signaled address is a new one, or the key: learn again
	send, recv bool // what the directions agreed on let through
	formats    []format
	byPT       [128]int8 // payload type received → formats, -1: none
	voice      int8      // of formats: what the unit itself speaks, -1: none
	digits     int8      // of formats: telephone-event, -1: none
	seal, open *rtp.Cipher
	learn      Learn
	source     netip.Addr // signaling source
	ptime      time.Duration
}

// format is a codec both sides know.
type format struct {
	sdp.Codec       // PT is what the peer sends
	tx        uint8 // what the peer wants to be sent
	speech    speech
}

// speech is a codec that the unit speaks itself.
type speech uint8

const (
	speechNone speech = iota
	speechMu
	speechA
	speechG722
)

func speechOf(c sdp.Codec) speech {
	switch {
	case c.Rate != 8000 || c.Channels != 1:
		return speechNone
	case c.Is("PCMU"):
		return speechMu
	case c.Is("PCMA"):
		return speechA
	case c.Is("G722"):
		return speechG722
	}
	return speechNone
}

// index fills in byPT, voice and digits.
func (p *path) index() {
	p.voice, p.digits = -1, -1
	for i := range p.byPT {
		p.byPT[i] = -1
	}
	for i := range p.formats {
		f := &p.formats[i]
		f.speech = speechOf(f.Codec)
		if p.byPT[f.PT] < 0 {
			p.byPT[f.PT] = int8(i)
		}
		if p.voice < 0 && f.speech != speechNone {
			p.voice = int8(i)
		}
		if p.digits < 0 && f.Event() {
			p.digits = int8(i)
		}
	}
}

// route says how packets of one of a stream's formats go on to another
// stream.
type route struct {
	to   int8 // of the other's formats, -1: not at all
	turn bool // speech must be turned into the other codec
}

// routes makes the table of what goes from a path to another.
func routes(from, to *path) []route {
	if from == nil || to == nil {
		return nil
	}
	table := make([]route, len(from.formats))
	for i, f := range from.formats {
		table[i].to = -1
		for j, g := range to.formats {
			if f.Same(g.Codec) {
				table[i].to = int8(j)
				break
			}
		}
		if table[i].to < 0 && f.speech != speechNone && to.voice >= 0 {
			table[i] = route{to.voice, true}
		}
	}
	return table
}
