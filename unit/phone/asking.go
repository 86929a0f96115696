package phone

import (
	"bytes"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// asking is how one listener asks for credentials. All of a challenge but its
// nonce is written once.
type asking struct {
	algorithms []digest.Algorithm
	minter     *digest.Minter
	first      []edge.HeaderLine // for who has not answered, one for each algorithm
	stale      []edge.HeaderLine // for who has answered too late
}

// ask gives how a listener asks.
func (r *Registry) ask(listener string) *asking {
	if known, ok := r.asking.Load(listener); ok {
		return known.(*asking)
	}
	a := &asking{
		algorithms: r.cfg.Default,
		minter:     digest.NewMinter(r.cfg.NonceKey, NonceLife, r.cfg.Realm, listener),
	}
	if list := r.cfg.Algorithms[listener]; len(list) > 0 {
		a.algorithms = list
	}
	for _, algorithm := range a.algorithms {
		c := digest.Challenge{Realm: r.cfg.Realm, Algorithm: algorithm, QopAuth: true}
		a.first = append(a.first, lineOf(c))
		c.Stale = true
		a.stale = append(a.stale, lineOf(c))
	}
	known, _ := r.asking.LoadOrStore(listener, a)
	return known.(*asking)
}

// lineOf writes the header line of a challenge that has no nonce yet.
func lineOf(c digest.Challenge) edge.HeaderLine {
	const empty = `nonce="`
	text := "WWW-Authenticate: " + c.String()
	at := strings.LastIndex(text, empty) + len(empty) // the realm is before it
	return edge.HeaderLine{Before: text[:at], After: text[at:]}
}

// challenge makes the 401 that asks for credentials.
func (r *Registry) challenge(from edge.Source, now time.Time, stale bool) edge.Verdict {
	ask := r.ask(from.Listener)
	lines := ask.first
	if stale {
		lines = ask.stale
	}
	return edge.Verdict{
		Action: edge.Challenge, Status: 401, Phrase: "Unauthorized",
		Headers: lines, Nonce: ask.minter.Mint(now, r.serial.Add(1), from.Remote.Addr()),
	}
}

// Answers reports whether a request answers a challenge that was given where it
// comes from, and lately: it carries a fresh nonce of that place. Whether the
// answer is right is for Authenticate, at a higher price; but nobody else than
// who gets what is sent there can have the nonce.
func (r *Registry) Answers(m *sip.Message, from edge.Source, now time.Time) bool {
	nonce := shown(m.Value(sip.HeaderAuthorization))
	if nonce == nil {
		return false
	}
	_, fresh := r.ask(from.Listener).minter.Check(string(nonce), now, from.Remote.Addr())
	return fresh == digest.Fresh
}

// shown finds the nonce in a value of Authorization without taking it apart:
// who may send it is not known yet. Of a longer value than answerBytesMax
// nothing is looked at.
func shown(value []byte) []byte {
	if len(value) > answerBytesMax {
		return nil
	}
	for rest := value; ; {
		i := bytes.Index(rest, nonceIs)
		if i < 0 {
			return nil
		}
		whole := i > 0 && (rest[i-1] == ' ' || rest[i-1] == ',' || rest[i-1] == '\t') // not cnonce
		rest = rest[i+len(nonceIs):]
		if whole && len(rest) > digest.NonceLen && rest[digest.NonceLen] == '"' {
			return rest[:digest.NonceLen]
		}
	}
}

// nonceIs stands before a nonce.
var nonceIs = []byte(`nonce="`)
