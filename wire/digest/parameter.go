package digest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Errors of reading a header value.
var (
	ErrSyntax  = errors.New("digest value is malformed")
	ErrScheme  = errors.New("authentication scheme is not digest")
	ErrTooLong = errors.New("digest value is too long")
)

// parameter is one name=value of a header, its quotes and escapes resolved.
type parameter struct{ name, value string }

// parameters is what is left to be read of "Digest name=value, …", and the
// names read already: a name given twice is an error, because two readers
// could choose differently.
type parameters struct {
	rest string
	seen [ParamsMax]string
	n    int
}

// readScheme begins to read a header value.
func readScheme(value string) (parameters, error) {
	if len(value) > FieldMax {
		return parameters{}, ErrTooLong
	}
	scheme, rest, _ := strings.Cut(strings.TrimLeft(value, " \t"), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return parameters{}, ErrScheme
	}
	return parameters{rest: rest}, nil
}

// next reads one parameter; ok is false at the end.
func (l *parameters) next() (p parameter, ok bool, err error) {
	i := skip(l.rest, 0, isSpace|isComma)
	if i == len(l.rest) {
		return parameter{}, false, nil
	}
	if l.n == ParamsMax {
		return parameter{}, false, fmt.Errorf("%w: more than %d parameters", ErrTooLong, ParamsMax)
	}
	if p, l.rest, err = readParameter(l.rest[i:]); err != nil {
		return parameter{}, false, err
	}
	if slices.Contains(l.seen[:l.n], p.name) {
		return parameter{}, false, fmt.Errorf("%w: %s given twice", ErrSyntax, p.name)
	}
	l.seen[l.n] = p.name
	l.n++
	return p, true, nil
}

// readParameter reads one name=value and what follows it up to a comma.
func readParameter(s string) (parameter, string, error) {
	end := skip(s, 0, isToken)
	eq := skip(s, end, isSpace)
	if end == 0 || eq == len(s) || s[eq] != '=' {
		return parameter{}, "", fmt.Errorf("%w: bad parameter name, or no value", ErrSyntax)
	}
	p := parameter{name: lower(s[:end])}
	i := skip(s, eq+1, isSpace)
	if i < len(s) && s[i] == '"' {
		value, rest, ok := unquote(s[i+1:])
		if !ok {
			return parameter{}, "", fmt.Errorf("%w: bad quoted %s", ErrSyntax, p.name)
		}
		p.value, s = value, rest
	} else {
		end := skip(s, i, isToken|isEqual)
		if end == i {
			return parameter{}, "", fmt.Errorf("%w: bad value of %s", ErrSyntax, p.name)
		}
		p.value, s = s[i:end], s[end:]
	}
	s = s[skip(s, 0, isSpace):]
	if s != "" && s[0] != ',' {
		return parameter{}, "", fmt.Errorf("%w: no comma after %s", ErrSyntax, p.name)
	}
	return p, s, nil
}

// unquote reads up to the closing quote. Control bytes have no place inside.
// Without escapes, which is nearly always, the value is a part of s.
func unquote(s string) (value, rest string, ok bool) {
	i := skip(s, 0, isPlain)
	if i < len(s) && s[i] == '"' {
		return s[:i], s[i+1:], true
	}
	return unescape(s, i)
}

// unescape is unquote where the first byte that is not plain is at i, and no
// closing quote.
func unescape(s string, i int) (value, rest string, ok bool) {
	var b []byte // what came before the last escape, resolved
	from := 0    // where what follows it begins
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			return string(append(b, s[from:i]...)), s[i+1:], true
		case c == '\\':
			b = append(b, s[from:i]...)
			i++
			if i == len(s) || s[i] < ' ' || s[i] >= 0x7f {
				return "", "", false
			}
			b, from = append(b, s[i]), i+1
		case c < ' ' && c != '\t', c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}

// class tells of each byte what it may be.
type class uint8

const (
	isToken class = 1 << iota // of RFC 3261 §25.1, and '/' and ':'
	isEqual                   // '=', which ends a name
	isSpace
	isComma
	isUpper
	isPlain // inside quotes: neither quote nor backslash nor control byte
)

// classes is made once. Some phones leave base64 values unquoted, hence '/'
// and '='.
var classes = makeClasses()

func makeClasses() (c [256]class) {
	for b := range c {
		if b >= ' ' && b != '"' && b != '\\' && b != 0x7f || b == '\t' {
			c[b] = isPlain
		}
	}
	for b := 'A'; b <= 'Z'; b++ {
		c[b] |= isToken | isUpper
		c[b+'a'-'A'] |= isToken
	}
	for b := '0'; b <= '9'; b++ {
		c[b] |= isToken
	}
	for _, b := range "-.!%*_+`'~/:" {
		c[b] |= isToken
	}
	for _, b := range " \t\r\n" {
		c[b] |= isSpace
	}
	c['='] |= isEqual
	c[','] |= isComma
	return c
}

// skip gives the index of the first byte from i on that is none of these.
func skip(s string, i int, these class) int {
	for i < len(s) && classes[s[i]]&these != 0 {
		i++
	}
	return i
}

// lower gives s in lower case: s itself where it is already, as a rule.
func lower(s string) string {
	for i := range len(s) {
		if classes[s[i]]&isUpper != 0 {
			return strings.ToLower(s)
		}
	}
	return s
}

// appendQuoted writes name="value", escaping quotes and backslashes. Control
// bytes are left out: nothing that is written can end the header line.
func appendQuoted(dst []byte, name, value string) []byte {
	dst = appendName(dst, name)
	dst = append(dst, '"')
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c < ' ' || c == 0x7f {
			continue
		}
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// appendPlain writes name=value for values that are our own tokens.
func appendPlain(dst []byte, name, value string) []byte {
	return append(appendName(dst, name), value...)
}

// appendName writes the separator, if one is due, and name=.
func appendName(dst []byte, name string) []byte {
	if n := len(dst); n > 0 && dst[n-1] != ' ' {
		dst = append(dst, ", "...)
	}
	return append(append(dst, name...), '=')
}
