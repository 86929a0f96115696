package media

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/sekisho/sekisho/wire/sdp"
)

// TakeAnswer takes the peer's answer to our offer. Until the next offer a
// later answer, of a 200 after a 183 or of another branch of a forked call,
// takes the place of the one before.
func (l *Leg) TakeAnswer(body []byte) error {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	switch {
	case l.closed:
		return ErrClosed
	case l.offered == nil || l.turn == theirs:
		return fmt.Errorf("answer from leg %s: %w", l.id, ErrState)
	case l.turn == nobody && l.offered.taken == string(body):
		return nil
	}
	text := string(body)
	s, err := sdp.Parse(text)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDescription, err)
	}
	if l.offered.fax {
		return l.takeFax(s, text)
	}
	if l.audio >= len(s.Media) || s.Media[l.audio].Type != "audio" || s.Media[l.audio].Port == 0 {
		return fmt.Errorf("answer from leg %s: %w", l.id, ErrNoAudio)
	}
	m := s.Media[l.audio]
	if m.Proto != l.offered.proto {
		return fmt.Errorf("answer from leg %s: %s to %s: %w", l.id, m.Proto, l.offered.proto, ErrEncryption)
	}
	m.RTCPMux = false // we did not offer it
	a := &agreement{
		formats: answeredFormats(l.offered.codecs, &m), media: m,
		local: sdp.SendRecv, remote: m.Wants().AnswerTo(sdp.SendRecv),
	}
	if !voiced(a.formats) {
		return fmt.Errorf("answer from leg %s: %w", l.id, ErrNoCodec)
	}
	if err := l.answeredKeys(a, &m); err != nil {
		return err
	}
	l.offered.taken = text
	l.remote = &remote{body: text, media: m}
	l.agree(a)
	return nil
}

// answeredFormats pairs what an answer lists with what was offered. An answer
// may use other payload types for what it wants to receive (RFC 3264 §6.1).
func answeredFormats(offered []sdp.Codec, m *sdp.Media) []format {
	list := make([]format, 0, len(m.Formats))
	for _, f := range m.Formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		ours, ok := sdp.Codec{}, false
		for _, c := range m.Codecs {
			if c.PT == uint8(pt) {
				if ours, ok = sdp.Find(offered, c); ok {
					ours.Fmtp = c.Fmtp
				}
			}
		}
		if !ok && !mapped(m.Codecs, uint8(pt)) {
			// Without a=rtpmap it can only mean what we meant by the number.
			for _, c := range offered {
				if c.PT == uint8(pt) {
					ours, ok = c, true
				}
			}
		}
		if ok {
			list = append(list, format{Codec: ours, tx: uint8(pt)})
		}
	}
	return list
}

func mapped(codecs []sdp.Codec, pt uint8) bool {
	for _, c := range codecs {
		if c.PT == pt {
			return true
		}
	}
	return false
}

// has tells whether a list holds a codec with its payload type.
func has(list []sdp.Codec, c sdp.Codec) bool {
	d, ok := sdp.Find(list, c)
	return ok && d.PT == c.PT
}

// voiced tells whether there is anything but events and noise.
func voiced(formats []format) bool {
	for _, f := range formats {
		if !f.Event() && !isNoise(f.Codec) {
			return true
		}
	}
	return false
}

// AnswerFrom answers the peer's offer with what src's peer answered. Once an
// offer is answered, the same answer comes again until the next offer: the
// description in a 183 and in the 200 after it are the same (RFC 3261
// §13.2.1).
func (l *Leg) AnswerFrom(src *Leg) ([]byte, error) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if again, err := l.answering(); again != nil || err != nil {
		return again, err
	}
	if src.call != l.call || src.now == nil {
		return nil, fmt.Errorf("answer of leg %s, which has none: %w", src.id, ErrState)
	}
	offered := &l.remote.media
	if offered.Fax() {
		if !src.now.fax {
			return nil, fmt.Errorf("answer to fax of leg %s: %w", l.id, ErrNoAudio)
		}
		return l.answerFax(src.now.media.Kept), nil
	}
	allowed := l.permitted(offered.Codecs)
	list := make([]sdp.Codec, 0, len(src.now.formats)+1) // and telephone-event
	for _, f := range src.now.formats {
		if c, ok := sdp.Find(allowed, f.Codec); ok && !f.Event() && has(offered.Codecs, c) {
			c.Fmtp = f.Fmtp
			list = append(list, c)
		}
	}
	if onlyNoise(list) && speaks(src.now.formats) {
		list = spoken(allowed, offered.Codecs) // the relay turns one codec into the other
	}
	return l.writeAnswer(list, or(src.now.media.PtimeMS, offered.PtimeMS))
}

// Answer answers the peer's offer for the unit itself: with what was agreed
// before, as far as it is offered again, or else with one codec that the unit
// speaks.
func (l *Leg) Answer() ([]byte, error) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if again, err := l.answering(); again != nil || err != nil {
		return again, err
	}
	offered := &l.remote.media
	if offered.Fax() {
		return nil, fmt.Errorf("answer to fax of leg %s: %w", l.id, ErrNoAudio)
	}
	allowed := l.permitted(offered.Codecs)
	var list []sdp.Codec
	if l.now != nil {
		for _, f := range l.now.formats {
			if c, ok := sdp.Find(allowed, f.Codec); ok && has(offered.Codecs, c) {
				list = append(list, c)
			}
		}
	}
	if onlyNoise(list) {
		list = spoken(allowed, offered.Codecs)
	}
	return l.writeAnswer(list, offered.PtimeMS)
}

// answering gives the answer already given, nil if one is due.
func (l *Leg) answering() ([]byte, error) {
	switch {
	case l.closed:
		return nil, ErrClosed
	case l.turn == nobody && l.offered == nil && l.now != nil:
		return l.local, nil
	case l.turn != theirs:
		return nil, fmt.Errorf("answer to leg %s: %w", l.id, ErrState)
	}
	return nil, nil
}

// spoken is the one codec of an offer that the unit speaks: G.711 if it is
// there, because everything understands it.
func spoken(allowed, offered []sdp.Codec) []sdp.Codec {
	var wide []sdp.Codec
	for _, c := range allowed {
		switch speechOf(c) {
		case speechMu, speechA:
			if has(offered, c) {
				return []sdp.Codec{c}
			}
		case speechG722:
			if has(offered, c) && wide == nil {
				wide = []sdp.Codec{c}
			}
		}
	}
	return wide
}

// writeAnswer answers with codecs, which have the offer's payload types. We are
// always there to be heard and to hear.
func (l *Leg) writeAnswer(list []sdp.Codec, ptimeMS int) ([]byte, error) {
	if onlyNoise(list) {
		return nil, fmt.Errorf("answer to leg %s: %w", l.id, ErrNoCodec)
	}
	offered := &l.remote.media
	if c, ok := answeredEvent(offered.Codecs, list[0].Rate); ok && !l.cfg.Policy.NoTelephoneEvent {
		list = append(list, c)
	}
	d := sdp.SendRecv.AnswerTo(offered.Wants())
	a := &agreement{media: *offered, local: d, remote: offered.Wants(), formats: make([]format, len(list))}
	for i, c := range list {
		a.formats[i] = format{Codec: c, tx: c.PT}
		l.steadied(c)
	}
	crypto, err := l.answerKeys(a, offered)
	if err != nil {
		return nil, err
	}
	if l.cfg.Policy.PtimeMS > 0 {
		ptimeMS = l.cfg.Policy.PtimeMS
	}
	body := l.describe(sdp.Media{
		Codecs: list, Crypto: crypto, Direction: d, PtimeMS: or(ptimeMS, ptimeDefaultMS),
		RTCPMux: offered.RTCPMux,
	})
	l.agree(a)
	return body, nil
}

// answeredEvent takes the telephone-event offered for a voice's clock, or at
// 8000 Hz.
func answeredEvent(offered []sdp.Codec, rate int) (event sdp.Codec, ok bool) {
	for _, hz := range [...]int{rate, 8000} {
		for _, c := range offered {
			if c.Event() && c.Rate == hz {
				c.Fmtp = digitsFmtp
				return c, true
			}
		}
	}
	return sdp.Codec{}, false
}

// agree puts an agreement into force.
func (l *Leg) agree(a *agreement) {
	a.ptimeMS = framesOf(&a.media)
	old := l.now
	l.now, l.turn, l.before = a, nobody, memory{}
	l.giveTerms(old)
}

// framesOf is the packet time for what the unit itself sends.
func framesOf(m *sdp.Media) int {
	ms := ptimeDefaultMS
	switch m.PtimeMS {
	case 10, 30, 40, 60:
		ms = m.PtimeMS
	}
	if m.MaxPtime >= 10 && ms > m.MaxPtime {
		ms = m.MaxPtime / 10 * 10
	}
	return ms
}

// number gives a list of codecs payload types: those they have had in this
// session, or else those they come with, or else free ones.
func (l *Leg) number(list []sdp.Codec) {
	var used [128]bool
	for _, c := range l.steady {
		used[c.PT] = true
	}
	for i := range list {
		c := &list[i]
		if s, ok := sdp.Find(l.steady, *c); ok {
			c.PT = s.PT
			continue
		}
		s, static := sdp.Static(c.PT)
		if used[c.PT] || c.PT < 96 && !(static && s.Same(*c)) {
			for pt := 127; pt >= 96; pt-- {
				if !used[pt] {
					c.PT = uint8(pt)
				}
			}
		}
		used[c.PT] = true
		l.steadied(*c)
	}
}

// steadied notes the payload type that a codec has from now on.
func (l *Leg) steadied(c sdp.Codec) {
	for i := range l.steady {
		if l.steady[i].Same(c) {
			l.steady[i].PT = c.PT
			return
		}
	}
	if l.steady == nil {
		l.steady = make([]sdp.Codec, 0, codecsUsual)
	}
	l.steady = append(l.steady, c)
}

// codecsUsual is how many codecs a leg has as a rule.
const codecsUsual = 4

func netipPort(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.Addr{}, port) }
