package sip

import "encoding/binary"

// Character classes of RFC 3261 §25.1, one bit each.
const (
	isToken     = 1 << iota // token: header names, methods, tags, option tags
	isWord                  // word: Call-ID
	isUser                  // unreserved / user-unreserved: the user part of a URI
	isPassword              // unreserved / "&" "=" "+" "$" ",": the password
	isParamChar             // unreserved / param-unreserved: parameters of a URI
	isHeaderURI             // unreserved / hnv-unreserved: the headers of a URI
	isHostChar              // letters, digits, "-", ".": a host name or IPv4 address
	isValue                 // token / host: an unquoted parameter value of a header field
	isDigit                 // 0-9
	isHex                   // 0-9 a-f A-F
	isAlpha                 // a-z A-Z
)

var class = classes()

// classes fills the table from the grammar's own words.
func classes() (t [256]uint16) {
	set := func(bits uint16, chars string) {
		for i := range len(chars) {
			t[chars[i]] |= bits
		}
	}
	const (
		digits = "0123456789"
		alpha  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		mark   = "-_.!~*'()"
	)
	everywhere := uint16(isToken | isWord | isUser | isPassword | isParamChar | isHeaderURI | isHostChar | isValue)
	set(everywhere|isDigit|isHex, digits)
	set(everywhere|isAlpha, alpha)
	set(isHex, "abcdefABCDEF")
	set(isToken|isWord|isValue, "-.!%*_+`'~")
	set(isWord, "()<>:\\\"/[]?{}")
	set(isUser|isPassword|isParamChar|isHeaderURI, mark)
	set(isUser, "&=+$,;?/")
	// "#" is not in the RFC's list, but phones dial it unescaped. It can't be taken for anything else in a
	// SIP URI, and what we write is "%23".
	set(isUser, "#")
	set(isPassword, "&=+$,")
	set(isParamChar, "[]/:&+$")
	set(isHeaderURI, "[]/?:+$")
	set(isHostChar, "-.")
	set(isValue, "[]:") // host: an IPv6 reference, or a bare IPv6 address in "received"
	return t
}

// all tells whether every byte of b has one of the bits. It is true of an empty b.
func all(b []byte, bits uint16) bool {
	for _, c := range b {
		if class[c]&bits == 0 {
			return false
		}
	}
	return true
}

// token tells whether b is a token.
func token(b []byte) bool { return len(b) > 0 && all(b, isToken) }

// span gives the index of the first byte of b, from i on, that has none of the bits.
func span(b []byte, i int, bits uint16) int {
	for i < len(b) && class[b[i]]&bits != 0 {
		i++
	}
	return i
}

// skipSpace gives the index of the first byte of b, from i on, that is neither SP nor HTAB. (Folds have been
// replaced by spaces in Parse.)
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	return i
}

// trim cuts SP and HTAB off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// nextControl gives the index of the first control character (below 0x20, or 0x7F) of b from i on, or len(b).
// It looks at eight bytes at a time.
func nextControl(b []byte, i int) int {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	for i+8 <= len(b) {
		x := binary.LittleEndian.Uint64(b[i:])
		low := (x - ones*0x20) & ^x & highs
		y := x ^ ones*0x7f
		if low|(y-ones)&^y&highs != 0 {
			break
		}
		i += 8
	}
	for i < len(b) && b[i] >= 0x20 && b[i] != 0x7f {
		i++
	}
	return i
}

// clean tells whether b has no control character but HTAB.
func clean(b []byte) bool {
	for i := nextControl(b, 0); i < len(b); i = nextControl(b, i+1) {
		if b[i] != '\t' {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// equalFold compares ASCII without regard to case, and without the Unicode folding of bytes.EqualFold (where
// "K" equals the Kelvin sign).
func equalFold(a []byte, b string) bool {
	return len(a) == len(b) && (string(a) == b || equalFolded(a, b))
}

// equalFolded is equalFold of texts of one length.
func equalFolded(a []byte, b string) bool {
	for i := range a {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func equalFoldBytes(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// hexValue gives the value of a hexadecimal digit.
func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}

// escapesWell tells whether b consists of bytes with one of the bits and of well-formed "%HH" escapes, and
// whether there was an escape.
func escapesWell(b []byte, bits uint16) (well, escaped bool) {
	for i := 0; i < len(b); i++ {
		if class[b[i]]&bits != 0 && b[i] != '%' {
			continue
		}
		if b[i] != '%' || i+2 >= len(b) || class[b[i+1]]&class[b[i+2]]&isHex == 0 {
			return false, escaped
		}
		escaped = true
		i += 2
	}
	return true, escaped
}

// AppendUnescaped writes b with its "%HH" escapes undone (RFC 3261 §19.1.2). What is no escape stays.
func AppendUnescaped(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && class[b[i+1]]&class[b[i+2]]&isHex != 0 {
			dst = append(dst, hexValue(b[i+1])<<4|hexValue(b[i+2]))
			i += 2
			continue
		}
		dst = append(dst, b[i])
	}
	return dst
}

const upperHex = "0123456789ABCDEF"

// appendEscaped writes b, every byte without one of the bits as "%HH".
func appendEscaped(dst, b []byte, bits uint16) []byte {
	for _, c := range b {
		if class[c]&bits != 0 && c != '%' && c != '#' {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
	}
	return dst
}

// number reads 1*DIGIT. It is false for anything else and for what does not fit into 32 bits.
func number(b []byte) (uint32, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		if class[c]&isDigit == 0 {
			return 0, false
		}
		if n = n*10 + uint64(c-'0'); n > 1<<32-1 {
			return 0, false
		}
	}
	return uint32(n), true
}
