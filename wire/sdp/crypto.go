package sdp

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Crypto is one a=crypto line (RFC 4568 §4) with a single inline key, no
// master key identifier and no session parameters: others are read over,
// because what they ask for is not done.
type Crypto struct {
	Tag   int    // 1–999999999
	Suite string // "AES_CM_128_HMAC_SHA1_80", …
	Key   []byte // master key, then master salt
}

// The suites that wire/rtp knows, and the length of their key and salt.
const (
	SuiteGCM128 = "AEAD_AES_128_GCM"        // RFC 7714 §14.2
	SuiteCM80   = "AES_CM_128_HMAC_SHA1_80" // RFC 4568 §6.2.1
	SuiteCM32   = "AES_CM_128_HMAC_SHA1_32" // RFC 4568 §6.2.2
)

// SuiteKeyBytes is the length of a suite's master key and salt, 0 if the
// suite is not known.
func SuiteKeyBytes(suite string) int {
	switch suite {
	case SuiteGCM128:
		return 16 + 12
	case SuiteCM80, SuiteCM32:
		return 16 + 14
	}
	return 0
}

// crypto reads an a=crypto value. ok is false for lines that are well-formed
// but not usable, and for those that are not: a peer may offer what we have
// never heard of (RFC 4568 §6.3.1).
func crypto(value string) (c Crypto, ok bool) {
	var room [fieldsUsual]string
	fields := appendFields(room[:0], value)
	if len(fields) != 3 {
		return Crypto{}, false
	}
	tag, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil || tag == 0 || tag > 999_999_999 {
		return Crypto{}, false
	}
	want := SuiteKeyBytes(fields[1])
	inline, found := strings.CutPrefix(fields[2], "inline:")
	if want == 0 || !found || strings.Contains(inline, ";") {
		return Crypto{}, false
	}
	parts := strings.Split(inline, "|")
	for _, p := range parts[1:] {
		// A lifetime is kept by nobody within a telephone call (2^31
		// packets is over a year); an MKI has a colon.
		if strings.Contains(p, ":") {
			return Crypto{}, false
		}
	}
	key, err := base64.StdEncoding.DecodeString(pad(parts[0]))
	if err != nil || len(key) != want {
		return Crypto{}, false
	}
	return Crypto{Tag: int(tag), Suite: fields[1], Key: key}, true
}

// pad completes base64 that was written without its padding, as some phones do.
func pad(s string) string {
	for len(s)%4 != 0 && len(s) < 64 {
		s += "="
	}
	return s
}

func (c Crypto) append(dst []byte) []byte {
	dst = append(dst, "a=crypto:"...)
	dst = strconv.AppendInt(dst, int64(c.Tag), 10)
	dst = append(dst, ' ')
	dst = append(dst, c.Suite...)
	dst = append(dst, " inline:"...)
	dst = base64.StdEncoding.AppendEncode(dst, c.Key)
	return append(dst, "\r\n"...)
}
