package digest

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of reading a header value.
var (
	ErrSyntax  = errors.New("digest value is malformed")
	ErrScheme  = errors.New("authentication scheme is not digest")
	ErrTooLong = errors.New("digest value is too long")
)

// parameter is one name=value of a header, its quotes and escapes resolved.
type parameter struct {
	name, value string
	quoted      bool
}

// parameters reads "Digest name=value, …". A name given twice is an error:
// two readers could choose differently.
func parameters(value string) ([]parameter, error) {
	if len(value) > FieldMax {
		return nil, ErrTooLong
	}
	scheme, rest, _ := strings.Cut(strings.TrimLeft(value, " \t"), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return nil, ErrScheme
	}
	var list []parameter
	for {
		rest = strings.TrimLeft(rest, " \t\r\n,")
		if rest == "" {
			return list, nil
		}
		if len(list) == ParamsMax {
			return nil, fmt.Errorf("%w: more than %d parameters", ErrTooLong, ParamsMax)
		}
		p, left, err := readParameter(rest)
		if err != nil {
			return nil, err
		}
		for _, q := range list {
			if q.name == p.name {
				return nil, fmt.Errorf("%w: %s given twice", ErrSyntax, p.name)
			}
		}
		list, rest = append(list, p), left
	}
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
		p.value, p.quoted, s = value, true, rest
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
func unquote(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			return b.String(), s[i+1:], true
		case c == '\\':
			i++
			if i == len(s) || s[i] < ' ' || s[i] >= 0x7f {
				return "", "", false
			}
			b.WriteByte(s[i])
		case c < ' ' && c != '\t', c == 0x7f:
			return "", "", false
		default:
			b.WriteByte(c)
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
