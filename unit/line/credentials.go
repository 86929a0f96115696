package line

import (
	"errors"
	"fmt"

	"github.com/sekisho/sekisho/wire/digest"
)

// counts keeps how often each of a carrier's nonces was used.
type counts struct {
	nonces []string // oldest first
	used   map[string]uint32
}

// next counts one use.
func (c *counts) next(nonce string) uint32 {
	if c.used == nil {
		c.used = map[string]uint32{}
	}
	if _, ok := c.used[nonce]; !ok {
		if len(c.nonces) >= NoncesMax {
			delete(c.used, c.nonces[0])
			c.nonces = c.nonces[1:]
		}
		c.nonces = append(c.nonces, nonce)
	}
	c.used[nonce]++
	return c.used[nonce]
}

// ErrChallenge says that none of a carrier's challenges can be answered.
var ErrChallenge = errors.New("no challenge that can be answered")

// Credentials answers the challenges of one line's carrier. The stack asks it
// on its loops.
type Credentials struct {
	lines *Lines
	id    string
}

// Credentials gives the hook for a line. It stays good when the line is
// changed, and answers nothing when it is gone.
func (l *Lines) Credentials(id string) *Credentials { return &Credentials{l, id} }

// Answer gives the value of the Authorization or Proxy-Authorization header
// for the first challenge that can be answered. A challenge with an algorithm
// that is not spoken is passed over, never answered with another one.
func (c *Credentials) Answer(challenges []string, method, uri string, _ bool) (header string, err error) {
	var list []digest.Challenge
	for _, value := range challenges {
		if ch, err := digest.ParseChallenge(value); err == nil {
			list = append(list, ch)
		}
	}
	ch, ok := digest.Choose(list)
	if !ok {
		return "", fmt.Errorf("line %s: %w", c.id, ErrChallenge)
	}
	c.lines.mu.Lock()
	defer c.lines.mu.Unlock()
	n, err := c.lines.get(c.id)
	if err != nil {
		return "", err
	}
	if n.password == "" {
		return "", fmt.Errorf("line %s: %w: it has no password", c.id, ErrChallenge)
	}
	login := digest.Login{User: n.row.User, Password: n.password}
	answer, err := digest.Answer(ch, login, method, uri, randomText(), n.nonces.next(ch.Nonce))
	if err != nil {
		return "", fmt.Errorf("line %s: %w", c.id, err)
	}
	return answer.String(), nil
}
