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
	l.rest = strings.TrimLeft(l.rest, " \t\r\n,")
	if l.rest == "" {
		return parameter{}, false, nil
	}
	if l.n == ParamsMax {
		return parameter{}, false, fmt.Errorf("%w: more than %d parameters", ErrTooLong, ParamsMax)
	}
	if p, l.rest, err = readParameter(l.rest); err != nil {
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
	eq := strings.IndexByte(s, '=')
	if eq < 0 {
		return parameter{}, "", fmt.Errorf("%w: parameter without value", ErrSyntax)
	}
	p := parameter{name: strings.ToLower(strings.TrimRight(s[:eq], " \t\r\n"))}
	if !isToken(p.name) {
		return parameter{}, "", fmt.Errorf("%w: bad parameter name", ErrSyntax)
	}
	s = strings.TrimLeft(s[eq+1:], " \t\r\n")
	if strings.HasPrefix(s, `"`) {
		value, rest, ok := unquote(s[1:])
		if !ok {
			return parameter{}, "", fmt.Errorf("%w: bad quoted %s", ErrSyntax, p.name)
		}
		p.value, s = value, rest
	} else {
		end := strings.IndexByte(s, ',')
		if end < 0 {
			end = len(s)
		}
		p.value, s = strings.TrimRight(s[:end], " \t\r\n"), s[end:]
		if !isToken(p.value) {
			return parameter{}, "", fmt.Errorf("%w: bad value of %s", ErrSyntax, p.name)
		}
	}
	s = strings.TrimLeft(s, " \t\r\n")
	if s != "" && s[0] != ',' {
		return parameter{}, "", fmt.Errorf("%w: no comma after %s", ErrSyntax, p.name)
	}
	return p, s, nil
}

// unquote reads up to the closing quote. Control bytes have no place inside.
// Without escapes, which is nearly always, the value is a part of s.
func unquote(s string) (value, rest string, ok bool) {
	var b []byte // what came before the last escape, resolved
	from := 0    // where what follows it begins
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"' && b == nil:
			return s[:i], s[i+1:], true
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

// isToken reports whether s is a token of RFC 3261 §25.1. Some phones leave
// base64 values unquoted, hence '=' and '/'.
func isToken(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("-.!%*_+`'~=/:", c) >= 0:
		default:
			return false
		}
	}
	return true
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
