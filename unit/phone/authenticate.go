package phone

import (
	"bytes"
	"crypto/subtle"
	"net/netip"
	"time"
	"unicode/utf8"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// Authenticate judges a request from the phone side before any state is made
// for it. Whoever asks without a right answer to a challenge gets the same
// challenge, whatever the method and whether or not the user exists. An
// emergency call is let in without a right answer where it must be heard: see
// urgent.go.
func (r *Registry) Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	urgent := m.Method() == sip.INVITE && r.cfg.Emergency(m.RequestURI().User)
	v, s := r.judge(m, from, urgent, now)
	if !urgent {
		return v
	}
	if s == signedRight {
		r.urgent.settle(m, from.Remote.Addr().Unmap())
		return v
	}
	return r.judgeUrgent(v, s, m, from, now)
}

// signed is what a request brings along to prove who sent it.
type signed uint8

const (
	signedNot   signed = iota // no credentials for our realm
	signedWrong               // wrong ones
	signedLate                // right ones for a challenge that is not good any more
	signedRight
)

// judge looks at a request's credentials.
func (r *Registry) judge(m *sip.Message, from edge.Source, urgent bool, now time.Time) (edge.Verdict, signed) {
	c, ok := r.credentials(m)
	if !ok {
		return r.challenge(from, now, false), signedNot
	}
	p, ask := r.user(c.Username), r.ask(from.Listener)
	if !r.right(p, &c, m, ask.algorithms) {
		if !r.fail(m, from, c.Username, p != nil, now) {
			return edge.Verdict{Action: edge.Drop}, signedWrong
		}
		return r.challenge(from, now, false), signedWrong
	}
	// The answer is right. A nonce that is too old, not ours, or used already
	// costs the phone one more round, and nobody else learns from it.
	id, fresh := ask.minter.Check(c.Nonce, now, from.Remote.Addr())
	if !p.use(id, fresh, c.NC, now) {
		return r.challenge(from, now, true), signedLate
	}
	return r.admit(p, m, from, urgent, now), signedRight
}

// judgeUrgent judges an emergency call that is not signed in; v is what an
// ordinary one would get. From a registered phone's address it passes when the
// address is proven; else it is challenged, so that it can be: also a phone
// whose wrong answers get no reply any more. Strangers don't pass, and that is
// an alarm when they don't answer the challenge, as it is when a phone's
// address is used again and again by somebody who does not hear what we say.
func (r *Registry) judgeUrgent(v edge.Verdict, s signed, m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	addr := from.Remote.Addr().Unmap()
	home := r.resident(from, now)
	resident := home.Action == edge.Admit
	if resident && (s == signedWrong && from.Transport != "udp" || r.urgent.opens(m, addr, now)) {
		return home
	}
	again := r.urgent.again(m.CallID(), m.TopVia().Branch, addr, resident, now)
	if again && s != signedLate || s == signedWrong && !resident {
		r.alarm(m, from, now)
	}
	if resident && v.Action == edge.Drop {
		v = r.challenge(from, now, false)
	}
	v.Tag = r.urgentTag(m, addr, now)
	return v
}

// credentials finds the credentials for our realm. A value that can't be read
// is as good as none: the challenge says what is wanted.
func (r *Registry) credentials(m *sip.Message) (digest.Credentials, bool) {
	for value := range m.Header(sip.HeaderAuthorization) {
		c, err := digest.ParseCredentials(string(value))
		if err == nil && c.Realm == r.cfg.Realm && c.Algorithm != digest.None {
			return c, true
		}
	}
	return digest.Credentials{}, false
}

// right checks an answer. An unknown user's is checked against a hash that is
// nobody's, so that it takes as long.
func (r *Registry) right(p *phone, c *digest.Credentials, m *sip.Message, offered []digest.Algorithm) bool {
	ha1, known := r.dummy.of(c.Algorithm), p != nil
	if known {
		p.mu.Lock()
		known, ha1 = !p.gone, p.hash.of(c.Algorithm)
		p.mu.Unlock()
	}
	good := digest.Verify(c, digest.Demand{
		Method:     methodOf(m),
		Realm:      r.cfg.Realm,
		SameURI:    func(uri string) bool { return sameTarget(m, uri) },
		Algorithms: offered,
	}, ha1)
	return good && known
}

// methodOf gives a request's method as it is written.
func methodOf(m *sip.Message) string {
	if known := m.Method().String(); known == string(m.MethodText()) {
		return known
	}
	return string(m.MethodText())
}

// use takes the nonce and its count, and reports whether they are good.
//
// An answer that comes from elsewhere than its challenge went to is refused:
// somebody may have overheard it. But a phone behind a NAT of many addresses may
// have another one for each datagram. When the next challenge, too, is answered
// from elsewhere within WanderLife, it is believed. A copy of what the phone has
// sent itself proves nothing: its count is used.
func (p *phone) use(id digest.NonceID, fresh digest.Freshness, nc uint32, now time.Time) bool {
	if fresh < digest.Elsewhere {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.window.Use(id, nc, now, NonceLife) {
		return false
	}
	if fresh == digest.Fresh {
		return true
	}
	since := now.UnixMilli() - p.wandered
	wanders := int64(id.Issued) >= p.wandered && since >= 0 && since <= WanderLife.Milliseconds()
	p.wandered = now.UnixMilli()
	return wanders
}

// sameTarget compares the digest-uri with the Request-URI: as text, or as
// URIs, where parameters may differ because phones leave them out.
func sameTarget(m *sip.Message, uri string) bool {
	if uri == string(m.RequestTarget()) {
		return true
	}
	a, err := sip.ParseURI([]byte(uri))
	b := m.RequestURI()
	return err == nil && a.IsSIP() && a.Scheme == b.Scheme && a.Port == b.Port &&
		bytes.Equal(a.User, b.User) && bytes.EqualFold(a.Host, b.Host)
}

// admit lets a request in as the phone that signed it. Of a disabled phone it
// lets emergency calls in, from an address of the office or of a phone that
// was registered lately: elsewhere the credential is as good as a stranger's.
func (r *Registry) admit(p *phone, m *sip.Message, from edge.Source, urgent bool, now time.Time) edge.Verdict {
	addr := from.Remote.Addr().Unmap()
	var room [agentMax]byte
	agent := appendAgent(room[:0], m)
	p.mu.Lock()
	last, moved := p.remember(addr, agent)
	if moved = moved && p.moves.room(1, now); moved {
		p.moves.count++
	}
	id, disabled := r.identity(p, true), p.row.Disabled
	p.mu.Unlock()
	if moved {
		r.record(fact.PhoneMoved{
			Extension: id.Home, Device: id.Device, User: id.Credential,
			From: last.addr.String(), To: addr.String(),
			OldUserAgent: last.agent.Value(), NewUserAgent: string(agent), At: now.UTC(),
		}, now)
	}
	if disabled {
		_, known := r.places.at(addr, now)
		switch {
		case urgent && (known || near(addr)):
			id.Authenticated = false
			return edge.Verdict{Action: edge.Admit, Identity: id}
		case urgent:
			r.alarm(m, from, now)
		}
		return edge.Verdict{Action: edge.Refuse, Status: 403, Phrase: "Phone Is Disabled"}
	}
	return edge.Verdict{Action: edge.Admit, Identity: id}
}

// identity is who a phone is to the others. The caller holds the lock.
func (r *Registry) identity(p *phone, authenticated bool) edge.Identity {
	return edge.Identity{
		Extension: r.uses(p), Home: p.row.Extension, Device: p.row.Device, Credential: p.row.User,
		Authenticated: authenticated, Record: p,
	}
}

// fail counts a wrong answer and reports whether it gets a reply.
func (r *Registry) fail(m *sip.Message, from edge.Source, user string, known bool, now time.Time) bool {
	sample := fact.AuthenticationFailed{
		Source: sourceKey(from.Remote.Addr()).String(), Listener: from.Listener,
		Method: m.Method().String(), UserAgent: agentOf(m), Last: now.UTC(),
	}
	if known {
		sample.User = user
	}
	r.failures.Add(1)
	r.reports.failed(from.Remote.Addr(), sample)
	return r.slow.Fail(from.Remote.Addr(), now)
}

// SignIn checks the secret of a phone where it is given itself, over TLS, and not
// proven: for what phones read besides calling. Wrong ones count as those of SIP do;
// heard is false for whoever is to get no answer any more. A disabled phone is
// refused.
func (r *Registry) SignIn(
	user, secret string, from netip.Addr, listener string, now time.Time,
) (extension string, ok, heard bool) {
	p, hash := r.user(user), r.dummy.sha256
	known := p != nil
	if known {
		p.mu.Lock()
		hash, extension = p.hash.sha256, r.uses(p)
		known, ok = !p.gone, !p.row.Disabled
		p.mu.Unlock()
	}
	given := digest.HA1(digest.SHA256, user, r.cfg.Realm, secret).Bytes()
	if right := subtle.ConstantTimeCompare(given, hash[:]) == 1; right && known {
		return extension, ok, true
	}
	sample := fact.AuthenticationFailed{
		Source: sourceKey(from).String(), Listener: listener, Method: "READ", Last: now.UTC(),
	}
	if known {
		sample.User = user
	}
	r.failures.Add(1)
	r.reports.failed(from, sample)
	return "", false, r.slow.Fail(from, now)
}

// Failures is how many wrong answers to challenges there were.
func (r *Registry) Failures() uint64 { return r.failures.Load() }

// resident admits an emergency call from the address of a registered phone,
// without credentials; the verdict is zero where no phone is registered.
func (r *Registry) resident(from edge.Source, now time.Time) edge.Verdict {
	p, ok := r.places.at(from.Remote.Addr().Unmap(), now)
	if !ok {
		return edge.Verdict{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return edge.Verdict{Action: edge.Admit, Identity: r.identity(p, false)}
}

// alarm notes an emergency call that was refused.
func (r *Registry) alarm(m *sip.Message, from edge.Source, now time.Time) {
	r.reports.refused(from.Remote.Addr(), fact.EmergencyRefused{
		Source: from.Remote.Addr().Unmap().String(), Transport: from.Transport, Listener: from.Listener,
		Number: clean(m.RequestURI().User, numberMax), At: now.UTC(),
	})
}

const (
	// numberMax and agentMax are the longest dialed number and User-Agent
	// that go into facts.
	numberMax = 32
	agentMax  = 128
)

// agentOf gives a request's User-Agent, fit to be shown.
func agentOf(m *sip.Message) string {
	var room [agentMax]byte
	return string(appendAgent(room[:0], m))
}

// appendAgent writes a request's User-Agent, fit to be shown.
func appendAgent(dst []byte, m *sip.Message) []byte {
	return appendClean(dst, m.Value(sip.HeaderUserAgent), agentMax)
}

// clean makes somebody else's bytes fit to be kept and shown: valid UTF-8,
// no control characters, cut at most bytes.
func clean(b []byte, most int) string { return string(appendClean(nil, b, most)) }

// appendClean writes what clean makes of b, which may stand at dst's end.
func appendClean(dst, b []byte, most int) []byte {
	for b = b[:min(len(b), most)]; len(b) > 0; {
		c, size := utf8.DecodeRune(b)
		if c >= ' ' && (c < 0x7f || c >= 0xa0) && (c != utf8.RuneError || size > 1) {
			dst = append(dst, b[:size]...)
		}
		b = b[size:]
	}
	return dst
}
