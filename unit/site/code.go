package site

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
)

// ErrCode says that a text is no code of a site, or was typed wrongly.
var ErrCode = errors.New("no code of a site")

// alphabet is Crockford's: no letter looks like a figure.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// groupChars stand together in a code, so that it can be read aloud.
const groupChars = 4

// Code writes a fingerprint as people carry it to another unit: groups of letters and
// figures, of which the last is there to find what was typed wrongly.
func Code(fingerprint string) string {
	raw, err := hex.DecodeString(fingerprint)
	if err != nil || len(raw) == 0 {
		return ""
	}
	text := alphabet.EncodeToString(raw) + check(raw)
	var b strings.Builder
	for i := range len(text) {
		if i > 0 && i%groupChars == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// ParseCode reads a code back to the fingerprint, with or without hyphens and spaces,
// in small letters or large.
func ParseCode(code string) (fingerprint string, err error) {
	text := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	if len(text) <= checkChars {
		return "", ErrCode
	}
	body, last := text[:len(text)-checkChars], text[len(text)-checkChars:]
	raw, err := alphabet.DecodeString(body)
	if err != nil || len(raw) != fingerprintBytes || check(raw) != last || alphabet.EncodeToString(raw) != body {
		return "", ErrCode
	}
	return hex.EncodeToString(raw), nil
}

// fingerprintBytes is how long a fingerprint is, as plane has it.
const fingerprintBytes = 20

func check(raw []byte) string {
	sum := sha256.Sum256(append([]byte("sekisho site code\x00"), raw...))
	return alphabet.EncodeToString(sum[:])[:checkChars]
}
