package media

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/unit/media/engine"
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

// Fax goes through the relay as T.38 (ITU-T T.38 over UDPTL) or as sound in G.711. T.38 is
// agreed on by the two peers alone: what their descriptions say of it goes from leg to leg
// as it is written, and the datagrams do so, too. Nothing of them is read but whether they
// can be UDPTL's. Where a leg's media is encrypted there is no T.38, which is not.

// mayFax tells whether the peer of a leg can go over to T.38.
func (l *Leg) mayFax() bool { return l.now != nil && l.now.seal == nil }

// Faxes tells whether the leg's media is T.38 now.
func (l *Leg) Faxes() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.now != nil && l.now.fax
}

// OffersFax tells whether the peer's offer that is to be answered is of T.38.
func (l *Leg) OffersFax() bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	return l.turn == theirs && l.remote.media.Fax()
}

// Turns tells whether the relay turns what the peer of a leg says into another codec for
// the peer of o, by what each said it would rather speak.
func (l *Leg) Turns(o *Leg) bool {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if l.turn != theirs || o.now == nil || len(o.now.formats) == 0 {
		return false
	}
	_, same := sdp.Find(l.remote.media.Codecs, o.now.formats[0].Codec)
	return !same
}

// forModems tells whether a description is of G.711 alone, or says that silence is sent.
func forModems(m *sdp.Media) bool {
	if m.Type != "audio" {
		return false
	}
	plain := false
	for _, c := range m.Codecs {
		switch s := speechOf(c); {
		case s == speechMu || s == speechA:
			plain = true
		case !c.Event() && !isNoise(c):
			return slices.ContainsFunc(m.Kept, sendsSilence)
		}
	}
	return plain
}

// sendsSilence tells whether an attribute says that silence is not left out.
func sendsSilence(attribute string) bool { return strings.HasPrefix(attribute, "silenceSupp:off") }

// place has the stream in use be of a kind: one that the session has already, else the one
// that was in use becomes such (RFC 3264 §8.3.3).
func (l *Leg) place(kind, proto string) {
	if l.layout[l.audio].kind == kind {
		return
	}
	l.layout = slices.Clone(l.layout)
	i := slices.IndexFunc(l.layout, func(o line) bool { return o.kind == kind })
	if i < 0 {
		i = l.audio
		l.layout[i] = line{kind: kind, proto: proto}
	}
	l.audio = i
}

// writeFax makes an offer of T.38, with what the other peer said of it.
func (l *Leg) writeFax(kept []string) ([]byte, error) {
	switch {
	case l.closed:
		return nil, ErrClosed
	case l.turn != nobody:
		return nil, fmt.Errorf("offer to leg %s: %w", l.id, ErrState)
	case !l.mayFax():
		return nil, fmt.Errorf("fax to leg %s: %w", l.id, ErrEncryption)
	}
	l.remember()
	l.place(sdp.Image, sdp.UDPTL)
	l.offered, l.turn = &offer{fax: true}, ours
	return l.describe(sdp.Media{Formats: []string{sdp.T38}, Kept: kept}), nil
}

// takeFax takes the answer to an offer of T.38.
func (l *Leg) takeFax(s *sdp.Session, text string) error {
	if l.audio >= len(s.Media) || !s.Media[l.audio].Fax() {
		return fmt.Errorf("answer from leg %s: %w", l.id, ErrNoAudio)
	}
	m := s.Media[l.audio]
	l.offered.taken = text
	l.remote = &remote{body: text, media: m}
	l.agree(&agreement{media: m, local: sdp.SendRecv, remote: sdp.SendRecv, fax: true})
	return nil
}

// answerFax answers an offer of T.38, with what the other peer answered.
func (l *Leg) answerFax(kept []string) []byte {
	body := l.describe(sdp.Media{Formats: []string{sdp.T38}, Kept: kept})
	l.agree(&agreement{media: l.remote.media, local: sdp.SendRecv, remote: sdp.SendRecv, fax: true})
	return body
}

// takeFax passes a datagram of T.38 on, if it is the peer's.
func (s *stream) takeFax(at *engine.Port, p []byte, from netip.AddrPort) {
	if at != s.rtp || !s.fromPeer(from) || len(p) < udptlLeast {
		s.counts.strange++
		return
	}
	if !s.latch.rtp.locked && !s.learn(rtp.Header{Seq: binary.BigEndian.Uint16(p)}, from) {
		return
	}
	s.lastIn, s.silent = s.loop.now, false
	s.counts.faxIn++
	s.counts.codec = sdp.T38
	o := s.to
	if o == nil || o == s || o.path == nil || !o.path.fax {
		return
	}
	// Who takes a long page says nothing meanwhile: it is there as long as the other is.
	o.lastIn, o.silent = s.loop.now, false
	k := &o.latch.rtp
	if to, ok := k.destination(&o.path.remote); ok && s.loop.engine.Send(o.rtp, p, to) == nil {
		o.counts.faxOut++
	}
}

// udptlLeast is the shortest datagram of UDPTL: a sequence number, an empty field, and how
// the errors of earlier ones are mended (ITU-T T.38 §9.1).
const udptlLeast = 4
