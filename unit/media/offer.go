package media

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/sekisho/sekisho/wire/sdp"
)

// Offered tells about an offer taken.
type Offered struct {
	// Hold: the peer wants to hear nothing (sendonly, inactive, or an
	// unspecified address).
	Hold bool
	// Unchanged: the same description as before (a session refresh); the
	// driver may answer with Answer and leave the other leg alone.
	Unchanged bool
	// Encrypted: the stream that will be answered is SRTP.
	Encrypted bool
	// Fax: it wants to go over to T.38, or to go on with that. Only whom it talks with
	// can answer: OfferFrom, then AnswerFrom.
	Fax bool
	// Modem: it wants G.711 and nothing else, or that silence is not left out. So do fax
	// machines and modems, for which nothing may be turned into something else.
	Modem bool
}

// TakeOffer takes the peer's offer. It must be answered (Answer, AnswerFrom)
// or taken back (Rollback).
func (l *Leg) TakeOffer(body []byte) (Offered, error) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	switch {
	case l.closed:
		return Offered{}, ErrClosed
	case l.turn != nobody:
		return Offered{}, fmt.Errorf("offer from leg %s: %w", l.id, ErrState)
	}
	text := string(body)
	s, err := sdp.Parse(text)
	if err != nil {
		return Offered{}, fmt.Errorf("%w: %w", ErrDescription, err)
	}
	i, err := l.choose(s)
	if err != nil {
		return Offered{}, err
	}
	m := s.Media[i]
	_, encrypted := m.RTP()
	o := Offered{
		Hold: m.Hold() && !m.Fax(), Encrypted: encrypted, Fax: m.Fax(), Modem: forModems(&m),
		Unchanged: l.now != nil && l.remote != nil && l.remote.body == text,
	}
	l.remember()
	l.layout = make([]line, len(s.Media))
	for i := range s.Media {
		m := &s.Media[i]
		l.layout[i] = line{m.Type, m.Proto, m.Formats}
	}
	l.audio, l.turn, l.offered = i, theirs, nil
	l.remote = &remote{body: text, media: m}
	return o, nil
}

func (l *Leg) remember() {
	l.before = memory{layout: l.layout, audio: l.audio, remote: l.remote}
}

// choose finds the stream to use: the first audio that the policy lets, an
// encrypted one before a plain one.
func (l *Leg) choose(s *sdp.Session) (int, error) {
	plain, sealed, audio := -1, -1, false
	for i := range s.Media {
		m := &s.Media[i]
		isRTP, encrypted := m.RTP()
		if m.Type != "audio" || m.Port == 0 || !isRTP {
			continue
		}
		audio = true
		if encrypted && sealed < 0 && l.cfg.Policy.SRTP >= SRTPAllowed && len(m.Crypto) > 0 {
			sealed = i
		}
		if !encrypted && plain < 0 && l.cfg.Policy.SRTP != SRTPRequired {
			plain = i
		}
	}
	fax := slices.IndexFunc(s.Media, func(m sdp.Media) bool { return m.Fax() })
	switch {
	case !audio && fax >= 0 && l.mayFax():
		return fax, nil
	case sealed >= 0:
		return sealed, nil
	case plain >= 0:
		return plain, nil
	case audio:
		return 0, fmt.Errorf("offer from leg %s: %w", l.id, ErrEncryption)
	}
	return 0, fmt.Errorf("offer from leg %s: %w", l.id, ErrNoAudio)
}

// OfferFrom writes an offer to this leg's peer of what src's peer offered (if
// that is still unanswered) or agreed to. That the peer wants to hear nothing is
// between it and us.
func (l *Leg) OfferFrom(src *Leg) ([]byte, error) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if src.call != l.call {
		return nil, fmt.Errorf("offer from another call: %w", ErrState)
	}
	switch {
	case src.turn == theirs && src.remote.media.Fax():
		return l.writeFax(src.remote.media.Kept)
	case src.turn == theirs && l.now != nil && forModems(&src.remote.media):
		m := &src.remote.media
		return l.write(m.Codecs, m.PtimeMS, m.Kept...)
	case src.turn == theirs:
		m := &src.remote.media
		return l.write(understood(m.Codecs), m.PtimeMS)
	case src.now != nil:
		codecs := make([]sdp.Codec, len(src.now.formats))
		for i, f := range src.now.formats {
			codecs[i] = f.Codec
		}
		return l.write(understood(codecs), src.now.media.PtimeMS)
	}
	return nil, fmt.Errorf("offer of leg %s, which has none: %w", src.id, ErrState)
}

// understood adds both kinds of G.711 to a list, last, where the relay can turn them
// into something on it: a peer that knows nothing else on the list knows one of them.
// G.722 is not added: it costs far more, and a peer that likes it best would choose
// it for a caller who has none of it.
func understood(codecs []sdp.Codec) []sdp.Codec {
	if !slices.ContainsFunc(codecs, func(c sdp.Codec) bool { return speechOf(c) != speechNone }) {
		return codecs
	}
	list := slices.Clip(codecs)
	for _, name := range DefaultCodecs() {
		c, ok := sdp.Named(name)
		if _, have := sdp.Find(list, c); ok && !have && speechOf(c) != speechG722 {
			list = append(list, c)
		}
	}
	return list
}

// Offer writes an offer of what the unit itself can do: for an INVITE that
// came without an offer, or a call of the unit's own. What was agreed before
// comes first in it.
func (l *Leg) Offer() ([]byte, error) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	var codecs []sdp.Codec
	if l.now != nil {
		for _, f := range l.now.formats {
			codecs = append(codecs, f.Codec)
		}
	}
	return l.write(withOwn(codecs), 0)
}

// OfferUnderstood writes an offer of what the unit understands and nothing else: first what
// src's peer speaks, where that is such.
func (l *Leg) OfferUnderstood(src *Leg) ([]byte, error) {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if src.call != l.call {
		return nil, fmt.Errorf("offer from another call: %w", ErrState)
	}
	var codecs []sdp.Codec
	ptimeMS := 0
	if src.now != nil {
		ptimeMS = src.now.media.PtimeMS
		for _, f := range src.now.formats {
			if speechOf(f.Codec) != speechNone {
				codecs = append(codecs, f.Codec)
			}
		}
	}
	return l.write(withOwn(codecs), ptimeMS)
}

// withOwn adds what the unit speaks itself to a list, last.
func withOwn(codecs []sdp.Codec) []sdp.Codec {
	for _, name := range DefaultCodecs() {
		if c, ok := sdp.Named(name); ok {
			if _, have := sdp.Find(codecs, c); !have {
				codecs = append(codecs, c)
			}
		}
	}
	return codecs
}

// DefaultCodecs are what the unit speaks itself, best known first.
func DefaultCodecs() []string { return []string{"PCMU", "PCMA", "G722"} }

// write makes an offer of codecs, as far as the policy lets.
func (l *Leg) write(codecs []sdp.Codec, ptimeMS int, kept ...string) ([]byte, error) {
	switch {
	case l.closed:
		return nil, ErrClosed
	case l.turn != nobody:
		return nil, fmt.Errorf("offer to leg %s: %w", l.id, ErrState)
	}
	list := l.permitted(codecs)
	if len(list) == 0 {
		return nil, fmt.Errorf("offer to leg %s: %w", l.id, ErrNoCodec)
	}
	if !l.cfg.Policy.NoTelephoneEvent {
		list = appendEvents(list, codecs)
	}
	l.number(list)
	l.remember()
	o := &offer{codecs: list, proto: "RTP/AVP"}
	if l.audio >= 0 {
		l.place("audio", o.proto)
		o.proto = l.layout[l.audio].proto
	} else {
		if l.cfg.Policy.SRTP >= SRTPWanted {
			o.proto = "RTP/SAVP"
		}
		l.layout, l.audio = []line{{"audio", o.proto, nil}}, 0
	}
	if err := l.offerKeys(o); err != nil {
		return nil, err
	}
	if l.cfg.Policy.PtimeMS > 0 {
		ptimeMS = l.cfg.Policy.PtimeMS
	}
	body := l.describe(sdp.Media{
		Codecs: list, Crypto: o.crypto, Direction: sdp.SendRecv, PtimeMS: or(ptimeMS, ptimeDefaultMS),
		Kept: kept,
	})
	l.offered, l.turn = o, ours
	return body, nil
}

// ptimeDefaultMS is G.711's and G.722's packet time (RFC 3551 §4.2).
const ptimeDefaultMS = 20

func or(v, other int) int {
	if v != 0 {
		return v
	}
	return other
}

// permitted is what of a list the leg's policy lets, in the policy's order.
// Where nothing is left it is what the unit can turn into something on the
// list.
func (l *Leg) permitted(codecs []sdp.Codec) []sdp.Codec {
	var list []sdp.Codec
	if len(l.cfg.Policy.Codecs) == 0 {
		list = make([]sdp.Codec, 0, len(codecs)+1) // and our own telephone-event
		for _, c := range codecs {
			if !c.Event() {
				list = append(list, c)
			}
		}
		if onlyNoise(list) {
			return nil
		}
		return list
	}
	turnable := false
	for _, c := range codecs {
		turnable = turnable || speechOf(c) != speechNone
	}
	var others []sdp.Codec
	for _, name := range l.cfg.Policy.Codecs {
		found := false
		for _, c := range codecs {
			if c.Is(name) && !c.Event() {
				list, found = append(list, c), true
			}
		}
		if c, ok := sdp.Named(name); ok && !found && turnable && speechOf(c) != speechNone {
			others = append(others, c)
		}
	}
	if onlyNoise(list) {
		return others
	}
	return list
}

// onlyNoise tells whether a list holds no speech codec at all.
func onlyNoise(list []sdp.Codec) bool {
	for _, c := range list {
		if !isNoise(c) {
			return false
		}
	}
	return true
}

// isNoise tells whether a codec carries no speech of its own.
func isNoise(c sdp.Codec) bool { return c.Is("CN") || c.Is("red") }

// appendEvents adds the telephone-events to offer: the other side's, and our
// own at 8000 Hz if there is none such among them. The clock of the one used is
// that of the voice (RFC 4733 §2.1), so there may be several.
func appendEvents(list, codecs []sdp.Codec) []sdp.Codec {
	ours := sdp.Codec{PT: 101, Name: sdp.TelephoneEvent, Rate: 8000, Channels: 1, Fmtp: digitsFmtp}
	have := false
	for _, c := range codecs {
		if c.Event() {
			list = append(list, c)
			have = have || c.Same(ours)
		}
	}
	if !have {
		list = append(list, ours)
	}
	return list
}

// digitsFmtp says that the events understood are 0-9 * # A-D.
const digitsFmtp = "0-15"

// describe writes our description with one stream of audio; the others of
// the session are refused. The version grows when anything changed (RFC 3264
// §8).
func (l *Leg) describe(m sdp.Media) []byte {
	addr := l.cfg.Local
	if l.cfg.Public.IsValid() {
		addr = l.cfg.Public
	}
	rtpAt, rtcpAt := l.pair.RTP.Local(), l.pair.RTCP.Local()
	m.Type, m.Port, m.Proto, m.Addr = l.layout[l.audio].kind, rtpAt.Port(), l.layout[l.audio].proto, addr
	if m.Type == "audio" && rtcpAt.Port() != rtpAt.Port()+1 && !m.RTCPMux {
		m.RTCP = netipPort(rtcpAt.Port())
	}
	var room [streamsUsual]sdp.Media
	s := sdp.Session{
		Origin: sdp.Origin{User: "-", ID: l.session, Version: strconv.FormatUint(l.version, 10), Addr: addr},
		Name:   "-", Addr: addr, Media: room[:0],
	}
	for i, other := range l.layout {
		if i == l.audio {
			s.Media = append(s.Media, m)
		} else {
			s.Media = append(s.Media, sdp.Media{Type: other.kind, Proto: other.proto, Formats: other.formats})
		}
	}
	var text [descriptionUsual]byte
	if l.local != nil && bytes.Equal(s.Append(text[:0]), l.local) {
		return l.local
	}
	l.version++
	s.Origin.Version = strconv.FormatUint(l.version, 10)
	l.local = bytes.Clone(s.Append(text[:0]))
	return l.local
}

// streamsUsual and descriptionUsual are how many streams and bytes of a
// description there is room for beside the heap; more are rare.
const (
	streamsUsual     = 2
	descriptionUsual = 1024
)

// Rollback takes back an offer that was refused or withdrawn, ours or the
// peer's; what was agreed before is valid again.
func (l *Leg) Rollback() {
	l.call.mu.Lock()
	defer l.call.mu.Unlock()
	if l.turn == nobody {
		return
	}
	l.layout, l.audio, l.remote = l.before.layout, l.before.audio, l.before.remote
	l.turn, l.offered, l.before = nobody, nil, memory{}
}
