package sip

import (
	"errors"
	"iter"
)

// Param is one parameter as written.
type Param struct {
	Name  []byte
	Value []byte // a quoted string keeps its quotes: see AppendUnquoted
	// Valued tells "name=" from "name".
	Valued bool
}

// Params are the parameters of a header value as written, from the first ";" on. They have been checked when
// the value was decoded.
type Params []byte

var errParams = errors.New("sip: malformed parameters")

// scanParams reads *( SEMI generic-param ) from b[i:] and gives the index behind it.
func scanParams(b []byte, i int) (end int, err error) {
	if next := skipSpace(b, i); next >= len(b) || b[next] != ';' {
		return i, nil // before there is room for names, which many need not
	}
	var s paramScan
	for end = i; ; {
		_, next := s.next(b, end)
		if next < 0 {
			return 0, errParams
		}
		if next == end {
			return end, nil
		}
		end = next
	}
}

// paramScan reads the parameters of one value, one after the other (RFC 3261 §25.1). No name may stand twice
// (§7.3.1).
type paramScan struct {
	names [MaxParams]extent
	n     int
}

// next reads the parameter behind b[:end] and gives the index behind it: end where there is none, -1 where it is
// malformed.
func (s *paramScan) next(b []byte, end int) (p Param, next int) {
	i := skipSpace(b, end)
	if i >= len(b) || b[i] != ';' {
		return Param{}, end
	}
	p, next = scanParam(b, i)
	if s.n == MaxParams || next < 0 || next > MaxMessage {
		return Param{}, -1
	}
	for _, e := range s.names[:s.n] {
		if int(e.end-e.off) == len(p.Name) && equalFoldBytes(b[e.off:e.end], p.Name) {
			return Param{}, -1
		}
	}
	off := skipSpace(b, i+1)
	s.names[s.n] = extent{uint16(off), uint16(off + len(p.Name))}
	s.n++
	return p, next
}

// scanParam reads one SEMI generic-param at b[i], which is ";". next is -1 if it is malformed.
func scanParam(b []byte, i int) (p Param, next int) {
	i = skipSpace(b, i+1)
	next = span(b, i, isToken)
	p.Name = b[i:next]
	if next == i {
		return p, -1
	}
	i = skipSpace(b, next)
	if i >= len(b) || b[i] != '=' {
		return p, next
	}
	p.Valued = true
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '"' {
		next = quotedEnd(b, i)
	} else {
		next = span(b, i, isValue)
	}
	if next == i {
		return p, -1
	}
	if next > i {
		p.Value = b[i:next]
	}
	return p, next
}

// All walks over the parameters in their order.
func (p Params) All() iter.Seq[Param] {
	return func(yield func(Param) bool) {
		b := []byte(p)
		for i := skipSpace(b, 0); i < len(b) && b[i] == ';'; i = skipSpace(b, i) {
			one, next := scanParam(b, i)
			if next < 0 || !yield(one) {
				return
			}
			i = next
		}
	}
}

// Get finds a parameter by its name in any case.
func (p Params) Get(name string) (value []byte, ok bool) {
	for one := range p.All() {
		if equalFold(one.Name, name) {
			return one.Value, true
		}
	}
	return nil, false
}

// Has tells whether there is such a parameter.
func (p Params) Has(name string) bool {
	_, ok := p.Get(name)
	return ok
}

// quotedEnd gives the index behind the quoted string that begins at b[i], or -1. A quoted pair is a backslash
// and any byte but CR and LF; other control characters stand only in quoted pairs, and what is not ASCII must
// be UTF-8 (judged where it is shown, not here).
func quotedEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			i++
			if i >= len(b) || b[i] == '\r' || b[i] == '\n' || b[i] >= 0x80 {
				return -1
			}
		case c < 0x20 && c != '\t' || c == 0x7f:
			return -1
		}
	}
	return -1
}

// AppendUnquoted writes what a quoted string means; what is not quoted is written as it is.
func AppendUnquoted(dst, b []byte) []byte {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return append(dst, b...)
	}
	b = b[1 : len(b)-1]
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		dst = append(dst, b[i])
	}
	return dst
}

// appendQuoted writes text as a quoted string. Control characters are dropped: nothing that is shown needs
// them.
func appendQuoted(dst, b []byte) []byte {
	dst = append(dst, '"')
	for _, c := range b {
		switch {
		case c < 0x20 || c == 0x7f:
			continue
		case c == '"' || c == '\\':
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// equalEscaped compares two pieces of a URI without regard to case, "%HH" being equal to the byte it means
// (RFC 3261 §19.1.4).
func equalEscaped(a, b []byte) bool {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		var x, y byte
		x, i = unescapedAt(a, i)
		y, j = unescapedAt(b, j)
		if x != y && lower(x) != lower(y) {
			return false
		}
	}
	return i == len(a) && j == len(b)
}

// sumEscaped gives the same sum (FNV-1a) to what equalEscaped calls equal.
func sumEscaped(b []byte) uint32 {
	const offset, prime = 2166136261, 16777619
	sum := uint32(offset)
	for i := 0; i < len(b); {
		var c byte
		c, i = unescapedAt(b, i)
		sum = (sum ^ uint32(lower(c))) * prime
	}
	return sum
}

// unescapedAt gives the byte that stands or is escaped at b[i], and the index behind it.
func unescapedAt(b []byte, i int) (c byte, next int) {
	if b[i] == '%' && i+2 < len(b) && class[b[i+1]]&class[b[i+2]]&isHex != 0 {
		return hexValue(b[i+1])<<4 | hexValue(b[i+2]), i + 3
	}
	return b[i], i + 1
}
