package load

import (
	"bytes"
	"crypto/md5" // #nosec: RFC 7616 names it; some servers offer nothing else
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// nonce is a server's challenge, and how often it was answered.
type nonce struct {
	realm  []byte
	value  []byte
	opaque []byte
	sha256 bool
	qop    bool
	count  uint32
}

// known reports whether there is a challenge to answer.
func (n *nonce) known() bool { return len(n.value) > 0 }

// take reads the first challenge of the lines that can be answered, and copies
// it.
func (n *nonce) take(lines [][]byte) bool {
	for _, line := range lines {
		algorithm := parameter(line, "algorithm")
		sha := bytes.EqualFold(algorithm, []byte("SHA-256"))
		if !sha && len(algorithm) > 0 && !bytes.EqualFold(algorithm, []byte("MD5")) {
			continue
		}
		value := parameter(line, "nonce")
		if len(value) == 0 {
			continue
		}
		n.realm = append(n.realm[:0], parameter(line, "realm")...)
		n.value = append(n.value[:0], value...)
		n.opaque = append(n.opaque[:0], parameter(line, "opaque")...)
		n.sha256, n.qop, n.count = sha, len(parameter(line, "qop")) > 0, 0
		return true
	}
	return false
}

// parameter finds a parameter of a challenge, without its quotes. Values with
// escaped quotes are not understood; realms and nonces here have none.
func parameter(line []byte, name string) []byte {
	_, rest, _ := bytes.Cut(line, []byte(" "))
	for len(rest) > 0 {
		rest = bytes.TrimLeft(rest, " ,")
		key, value, ok := bytes.Cut(rest, []byte("="))
		if !ok {
			return nil
		}
		if quoted, is := bytes.CutPrefix(value, []byte(`"`)); is {
			value, rest, _ = bytes.Cut(quoted, []byte(`"`))
		} else {
			value, rest, _ = bytes.Cut(value, []byte(","))
			value = bytes.TrimSpace(value)
		}
		if bytes.EqualFold(key, []byte(name)) {
			return value
		}
	}
	return nil
}

// hasher hashes parts joined by colons into lower-case hexadecimal, without
// garbage.
type hasher struct {
	sha, md hash.Hash
	sum     [sha256.Size]byte
	text    [2 * sha256.Size]byte
}

func newHasher() *hasher { return &hasher{sha: sha256.New(), md: md5.New()} }

var colon = []byte(":")

// hex gives the digest; it stands until the next call.
func (h *hasher) hex(strong bool, parts ...[]byte) []byte {
	f := h.md
	if strong {
		f = h.sha
	}
	f.Reset()
	for i, p := range parts {
		if i > 0 {
			f.Write(colon)
		}
		f.Write(p)
	}
	sum := f.Sum(h.sum[:0])
	hex.Encode(h.text[:], sum)
	return h.text[:2*len(sum)]
}

const hexDigits = "0123456789abcdef"

// appendAnswer writes an Authorization header field for a request.
func (p *phone) appendAnswer(dst []byte, h *hasher, method, uri []byte) []byte {
	n := &p.nonce
	n.count++
	var nc [8]byte
	for i := range nc {
		nc[i] = hexDigits[n.count>>(28-4*i)&15]
	}
	ha1 := append(p.ha1[:0], h.hex(n.sha256, p.user, n.realm, p.secret)...)
	p.ha1 = ha1
	ha2 := append(p.ha2[:0], h.hex(n.sha256, method, uri)...)
	p.ha2 = ha2
	var response []byte
	if n.qop {
		response = h.hex(n.sha256, ha1, n.value, nc[:], p.cnonce, []byte("auth"), ha2)
	} else {
		response = h.hex(n.sha256, ha1, n.value, ha2)
	}
	dst = append(dst, `Authorization: Digest username="`...)
	dst = append(dst, p.user...)
	dst = append(append(append(dst, `", realm="`...), n.realm...), `", nonce="`...)
	dst = append(append(append(dst, n.value...), `", uri="`...), uri...)
	dst = append(append(append(dst, `", response="`...), response...), `", algorithm=`...)
	if n.sha256 {
		dst = append(dst, "SHA-256"...)
	} else {
		dst = append(dst, "MD5"...)
	}
	if len(n.opaque) > 0 {
		dst = append(append(append(dst, `, opaque="`...), n.opaque...), '"')
	}
	if n.qop {
		dst = append(append(append(dst, `, qop=auth, nc=`...), nc[:]...), `, cnonce="`...)
		dst = append(append(dst, p.cnonce...), '"')
	}
	return append(dst, "\r\n"...)
}
