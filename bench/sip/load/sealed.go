package load

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/netip"

	"github.com/pion/srtp/v3"
)

// The one suite that our phones speak: it costs the least on both sides.
const (
	sealSuite   = "AEAD_AES_128_GCM" // RFC 7714
	sealKey     = 16
	sealSalt    = 12
	sealProfile = srtp.ProtectionProfileAeadAes128Gcm
)

// sealing is the encryption of one leg (RFC 3711 with keys in SDP, RFC 4568).
type sealing struct {
	ours, theirs *srtp.Context
	buf          []byte
}

// sealedOffer finds the key of our suite in an offer of SRTP; ok is false where
// the offer is of plain RTP, or of no suite that we speak.
func sealedOffer(sdp []byte) (tag, key []byte, ok bool) {
	if !bytes.Contains(sdp, []byte(" RTP/SAVP ")) {
		return nil, nil, false
	}
	for line := range bytes.SplitSeq(sdp, []byte("\r\n")) {
		rest, is := bytes.CutPrefix(line, []byte("a=crypto:"))
		fields := bytes.Fields(rest)
		if !is || len(fields) < 3 || string(fields[1]) != sealSuite {
			continue
		}
		inline, is := bytes.CutPrefix(fields[2], []byte("inline:"))
		text, _, _ := bytes.Cut(inline, []byte("|"))
		key, err := base64.StdEncoding.AppendDecode(nil, text)
		if is && err == nil && len(key) == sealKey+sealSalt {
			return fields[0], key, true
		}
	}
	return nil, nil, false
}

// describeSealed answers an offer of SRTP with a key.
func describeSealed(at netip.AddrPort, tag, key []byte) []byte {
	b := bytes.Replace(Describe(at), []byte("RTP/AVP"), []byte("RTP/SAVP"), 1)
	return fmt.Appendf(b, "a=crypto:%s %s inline:%s\r\n", tag, sealSuite, base64.StdEncoding.EncodeToString(key))
}

// newSealing makes the two directions of a leg.
func newSealing(ours, theirs []byte) *sealing {
	s := &sealing{buf: make([]byte, messageBytesMax)}
	for _, d := range []struct {
		key []byte
		to  **srtp.Context
	}{{ours, &s.ours}, {theirs, &s.theirs}} {
		c, err := srtp.CreateContext(d.key[:sealKey], d.key[sealKey:], sealProfile, srtp.SRTPNoReplayProtection())
		if err != nil {
			panic(err) // the keys have the suite's lengths
		}
		*d.to = c
	}
	return s
}

// newKey draws a key and its salt.
func newKey() []byte {
	b := make([]byte, sealKey+sealSalt)
	_, _ = rand.Read(b) // never fails
	return b
}
