package rtp

import (
	"errors"
	"fmt"

	pion "github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// ErrKeys: a suite that is not known, or a key of the wrong length.
var ErrKeys = errors.New("keys of the wrong kind")

// ErrAuth: a packet that is not authentic, or was seen before.
var ErrAuth = errors.New("packet not authentic")

// suites are SDES suite names in order of preference: GCM costs a third of
// the others.
var suites = []struct {
	name      string
	profile   srtp.ProtectionProfile
	key, salt int
}{
	{"AEAD_AES_128_GCM", srtp.ProtectionProfileAeadAes128Gcm, 16, 12},
	{"AES_CM_128_HMAC_SHA1_80", srtp.ProtectionProfileAes128CmHmacSha1_80, 16, 14},
	{"AES_CM_128_HMAC_SHA1_32", srtp.ProtectionProfileAes128CmHmacSha1_32, 16, 14},
}

// Suites lists the SDES suites known, best first.
func Suites() []string {
	names := make([]string, len(suites))
	for i, s := range suites {
		names[i] = s.name
	}
	return names
}

// KeyBytes is how long key and salt of a suite are together, 0 if the suite
// is not known.
func KeyBytes(suite string) int {
	for _, s := range suites {
		if s.name == suite {
			return s.key + s.salt
		}
	}
	return 0
}

// Cipher protects the packets of one direction of a stream (RFC 3711 §3.2.3:
// a cryptographic context). It is used either to seal or to open.
type Cipher struct {
	context *srtp.Context
	header  pion.Header // reused, so that nothing is allocated for it
}

// NewCipher makes a context of a suite and its key and salt, one after the
// other as in SDP.
func NewCipher(suite string, keySalt []byte) (*Cipher, error) {
	for _, s := range suites {
		if s.name != suite {
			continue
		}
		if len(keySalt) != s.key+s.salt {
			break
		}
		c, err := srtp.CreateContext(keySalt[:s.key], keySalt[s.key:], s.profile,
			srtp.SRTPReplayProtection(ReplayWindow), srtp.SRTCPReplayProtection(ReplayWindow))
		if err != nil {
			return nil, fmt.Errorf("srtp: %w", err)
		}
		return &Cipher{context: c}, nil
	}
	return nil, fmt.Errorf("suite %q with %d bytes: %w", suite, len(keySalt), ErrKeys)
}

// Seal encrypts an RTP packet into dst, which must have room for Overhead
// bytes more and not overlap it, and returns the sealed packet.
func (c *Cipher) Seal(dst, packet []byte) ([]byte, error) {
	c.header = pion.Header{}
	return c.context.EncryptRTP(dst, packet, &c.header)
}

// Open checks and decrypts an RTP packet into dst, which must not overlap it.
func (c *Cipher) Open(dst, packet []byte) ([]byte, error) {
	c.header = pion.Header{}
	out, err := c.context.DecryptRTP(dst, packet, &c.header)
	if err != nil {
		return nil, ErrAuth
	}
	return out, nil
}

// SealRTCP is Seal for RTCP.
func (c *Cipher) SealRTCP(dst, packet []byte) ([]byte, error) {
	return c.context.EncryptRTCP(dst, packet, nil)
}

// OpenRTCP is Open for RTCP.
func (c *Cipher) OpenRTCP(dst, packet []byte) ([]byte, error) {
	out, err := c.context.DecryptRTCP(dst, packet, nil)
	if err != nil {
		return nil, ErrAuth
	}
	return out, nil
}
