package media

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

// key is our own key for a suite, made once a leg: a re-offer that keeps the
// key keeps the cipher's state (RFC 4568 §7.1.4).
func (l *Leg) key(suite string) (sdp.Crypto, error) {
	for _, k := range l.keys {
		if k.Suite == suite {
			return k, nil
		}
	}
	k := sdp.Crypto{Tag: len(l.keys) + 1, Suite: suite, Key: make([]byte, rtp.KeyBytes(suite))}
	if _, err := rand.Read(k.Key); err != nil {
		return k, fmt.Errorf("media key: %w", err)
	}
	l.keys = append(l.keys, k)
	return k, nil
}

// offerKeys puts keys into an offer of SRTP: of every suite at first, then of
// the one in use.
func (l *Leg) offerKeys(o *offer) error {
	if !strings.Contains(o.proto, "/SAVP") {
		return nil
	}
	suites := rtp.Suites()
	if l.now != nil && l.now.suite != "" {
		suites = []string{l.now.suite}
	}
	for _, s := range suites {
		k, err := l.key(s)
		if err != nil {
			return err
		}
		o.crypto = append(o.crypto, k)
	}
	return nil
}

// answeredKeys makes ciphers of the key an answer chose (RFC 4568 §5.1.3).
func (l *Leg) answeredKeys(a *agreement, m *sdp.Media) error {
	if len(l.offered.crypto) == 0 {
		return nil
	}
	for _, theirs := range m.Crypto {
		for _, ours := range l.offered.crypto {
			if theirs.Tag == ours.Tag && theirs.Suite == ours.Suite {
				return l.ciphers(a, ours, theirs)
			}
		}
	}
	return fmt.Errorf("answer from leg %s chose no key: %w", l.id, ErrEncryption)
}

// answerKeys chooses the best of the keys offered and answers with ours.
func (l *Leg) answerKeys(a *agreement, m *sdp.Media) ([]sdp.Crypto, error) {
	if _, encrypted := m.RTP(); !encrypted {
		return nil, nil
	}
	for _, suite := range rtp.Suites() {
		for _, theirs := range m.Crypto {
			if theirs.Suite != suite {
				continue
			}
			ours, err := l.key(suite)
			if err != nil {
				return nil, err
			}
			ours.Tag = theirs.Tag
			return []sdp.Crypto{ours}, l.ciphers(a, ours, theirs)
		}
	}
	return nil, fmt.Errorf("offer from leg %s: %w", l.id, ErrEncryption)
}

func (l *Leg) ciphers(a *agreement, ours, theirs sdp.Crypto) error {
	var err error
	if a.seal, err = l.sealer.of(ours); err != nil {
		return err
	}
	if a.open, err = l.opener.of(theirs); err != nil {
		return err
	}
	a.suite = ours.Suite
	return nil
}

// of is the cipher of a key: the same one for the same key.
func (o *opener) of(c sdp.Crypto) (*rtp.Cipher, error) {
	if o.cipher != nil && o.suite == c.Suite && o.key == string(c.Key) {
		return o.cipher, nil
	}
	cipher, err := rtp.NewCipher(c.Suite, c.Key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEncryption, err)
	}
	*o = opener{suite: c.Suite, key: string(c.Key), cipher: cipher}
	return cipher, nil
}
