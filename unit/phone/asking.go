package phone

import (
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
	first      []challengeLine // for who has not answered, one for each algorithm
	stale      []challengeLine // for who has answered too late
}

// challengeLine is a header line of a challenge, around its nonce.
type challengeLine struct{ before, after string }

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
func lineOf(c digest.Challenge) challengeLine {
	const empty = `nonce="`
	text := "WWW-Authenticate: " + c.String()
	at := strings.LastIndex(text, empty) + len(empty) // the realm is before it
	return challengeLine{before: text[:at], after: text[at:]}
}

// challenge makes the 401 that asks for credentials.
func (r *Registry) challenge(from edge.Source, now time.Time, stale bool) edge.Verdict {
	ask := r.ask(from.Listener)
	lines := ask.first
	if stale {
		lines = ask.stale
	}
	var nonceRoom [digest.NonceLen]byte
	nonce := ask.minter.Append(nonceRoom[:0], now, r.serial.Add(1), from.Remote.Addr())
	var room [challengeRoom]byte
	text := room[:0]
	for _, l := range lines {
		text = append(append(append(text, l.before...), nonce...), l.after...)
	}
	// One string for all of them: strangers get more challenges than answers.
	all := string(text)
	v := edge.Verdict{
		Action: edge.Challenge, Status: 401, Phrase: "Unauthorized", Headers: make([]string, len(lines)),
	}
	for i, l := range lines {
		n := len(l.before) + len(nonce) + len(l.after)
		v.Headers[i], all = all[:n], all[n:]
	}
	return v
}

// Answers reports whether a request answers a challenge that was given where it
// comes from, and lately: it carries a fresh nonce of that place. Whether the
// answer is right is for Authenticate, at a higher price; but nobody else than
// who gets what is sent there can have the nonce.
func (r *Registry) Answers(m *sip.Message, from edge.Source, now time.Time) bool {
	c, ok := r.credentials(m)
	if !ok {
		return false
	}
	_, fresh := r.ask(from.Listener).minter.Check(c.Nonce, now, from.Remote.Addr())
	return fresh == digest.Fresh
}

// challengeRoom is room for the header lines of a challenge; longer ones live
// elsewhere.
const challengeRoom = 512
