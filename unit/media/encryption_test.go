package media

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/sdp"
)

func TestEncryption(t *testing.T) {
	for _, suite := range rtp.Suites() {
		t.Run(suite, func(t *testing.T) {
			w := newWorld(t)
			_, a, b, x, y := encrypted(w, suite)
			if !a.Encrypted() || b.Encrypted() {
				t.Error("the wrong leg is encrypted")
			}
			talk(t, x, y)
			for range 3 { // a refresh with the same keys goes on
				if _, err := a.TakeOffer(x.describe("0 101", cryptoLine(1, suite, 1))); err != nil {
					t.Fatal(err)
				}
				must(t)(a.Answer())
				talk(t, x, y)
			}
			forged := *x
			forged.seal = nil // plain RTP with the right numbers
			forged.say(make([]int16, 800))
			y.nothing("that is not authentic")
			settle(a)
			if s := a.Stats(); s.Strange != 5 {
				t.Errorf("%+v", s)
			}
			talk(t, x, y)
		})
	}
}

func cryptoLine(tag int, suite string, fill byte) string {
	s := sdp.Session{Media: []sdp.Media{{
		Type: "audio", Port: 1, Crypto: []sdp.Crypto{{
			Tag: tag, Suite: suite, Key: bytes.Repeat([]byte{fill}, rtp.KeyBytes(suite)),
		}},
	}}}
	text := string(s.Append(nil))
	_, text, _ = strings.Cut(text, "a=crypto")
	line, _, _ := strings.Cut(text, "\r\n")
	return "a=crypto" + line
}

// encrypted is a call of an encrypted phone and a plain one.
func encrypted(w *world, suite string) (c *Call, a, b *Leg, x, y *handset) {
	t := w.t
	t.Helper()
	x, y = newHandset(t), newHandset(t)
	c = w.call("c")
	a, b = leg(t, c, "a", Policy{SRTP: SRTPRequired}), leg(t, c, "b", Policy{})
	if o, err := a.TakeOffer(x.describe("0 101", cryptoLine(1, suite, 1))); err != nil || !o.Encrypted {
		t.Fatalf("%+v: %v", o, err)
	}
	y.read(must(t)(b.OfferFrom(a)))
	if err := b.TakeAnswer(y.describe("0 101")); err != nil {
		t.Fatal(err)
	}
	m := x.read(must(t)(a.AnswerFrom(b)))
	if m.Proto != "RTP/SAVP" || len(m.Crypto) != 1 || m.Crypto[0].Suite != suite || m.Crypto[0].Tag != 1 {
		t.Fatalf("answered with %s %+v", m.Proto, m.Crypto)
	}
	var err error
	if x.seal, err = rtp.NewCipher(suite, bytes.Repeat([]byte{1}, rtp.KeyBytes(suite))); err != nil {
		t.Fatal(err)
	}
	if x.out, err = rtp.NewCipher(suite, m.Crypto[0].Key); err != nil {
		t.Fatal(err)
	}
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	return c, a, b, x, y
}

func TestOfferOfEncryption(t *testing.T) {
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	c := w.call("c")
	a, b := leg(t, c, "a", Policy{}), leg(t, c, "b", Policy{SRTP: SRTPWanted})
	if _, err := a.TakeOffer(x.describe("0")); err != nil {
		t.Fatal(err)
	}
	m := y.read(must(t)(b.OfferFrom(a)))
	if m.Proto != "RTP/SAVP" || len(m.Crypto) != 3 || m.Crypto[0].Suite != "AEAD_AES_128_GCM" {
		t.Fatalf("%s %+v", m.Proto, m.Crypto)
	}
	if err := b.TakeAnswer(y.describe("0")); !errors.Is(err, ErrEncryption) {
		t.Errorf("a plain answer: %v", err)
	}
	chosen := m.Crypto[1]
	if err := b.TakeAnswer(y.describe("0", cryptoLine(chosen.Tag, chosen.Suite, 9))); err != nil {
		t.Fatal(err)
	}
	x.read(must(t)(a.AnswerFrom(b)))
	y.seal, _ = rtp.NewCipher(chosen.Suite, bytes.Repeat([]byte{9}, 30))
	y.out, _ = rtp.NewCipher(chosen.Suite, chosen.Key)
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	talk(t, x, y)
}

func TestEncryptionPolicies(t *testing.T) {
	suite := rtp.Suites()[1]
	for _, c := range []struct {
		policy SRTP
		sealed error
		plain  error
	}{
		{SRTPForbidden, ErrEncryption, nil},
		{SRTPAllowed, nil, nil},
		{SRTPWanted, nil, nil},
		{SRTPRequired, nil, ErrEncryption},
	} {
		w := newWorld(t)
		x := newHandset(t)
		call := w.call("c")
		_, err := leg(t, call, "s", Policy{SRTP: c.policy}).TakeOffer(x.describe("0", cryptoLine(1, suite, 1)))
		if !errors.Is(err, c.sealed) {
			t.Errorf("policy %d, SRTP: %v", c.policy, err)
		}
		_, err = leg(t, call, "p", Policy{SRTP: c.policy}).TakeOffer(x.describe("0"))
		if !errors.Is(err, c.plain) {
			t.Errorf("policy %d, RTP: %v", c.policy, err)
		}
	}
}

// Both phones speak SRTP: each leg has its own keys.
func TestBothSidesEncrypted(t *testing.T) {
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	c := w.call("c")
	a, b := leg(t, c, "a", Policy{SRTP: SRTPWanted}), leg(t, c, "b", Policy{SRTP: SRTPWanted})
	suite := rtp.Suites()[1]
	if _, err := a.TakeOffer(x.describe("0 8", cryptoLine(1, suite, 1))); err != nil {
		t.Fatal(err)
	}
	m := y.read(must(t)(b.OfferFrom(a)))
	chosen := m.Crypto[0]
	if err := b.TakeAnswer(y.describe("0", cryptoLine(chosen.Tag, chosen.Suite, 9))); err != nil {
		t.Fatal(err)
	}
	n := x.read(must(t)(a.AnswerFrom(b)))
	cipher := func(suite string, key []byte) *rtp.Cipher {
		k, err := rtp.NewCipher(suite, key)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	x.seal, x.out = cipher(suite, bytes.Repeat([]byte{1}, 30)), cipher(suite, n.Crypto[0].Key)
	y.seal, y.out = cipher(chosen.Suite, bytes.Repeat([]byte{9}, 28)), cipher(chosen.Suite, chosen.Key)
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	talk(t, x, y)
}
