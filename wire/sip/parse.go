package sip

import (
	"bytes"
	"errors"
)

// What Parse returns when the bytes can't be taken for a SIP message at all. Nobody is owed an answer.
var (
	ErrTooLong   = errors.New("sip: longer than a datagram can be")
	ErrKeepAlive = errors.New("sip: nothing but line ends (a keep-alive)")
	ErrNotSIP    = errors.New("sip: no start line of a SIP message")
)

// fault is the first thing that Parse found wrong in a message it could still represent. Validate makes the
// answer of it.
type fault uint8

const (
	faultNone fault = iota
	faultRequestLine
	faultStatusLine
	faultVersion
	faultControl
	faultBareLF
	faultUnterminated
	faultFieldLine
	faultFieldName
	faultTooManyFields
	faultLongLine
	faultDuplicate
	faultContentLength
	faultShortBody
)

var faultPhrases = [...]string{
	faultRequestLine:   "Malformed Request-Line",
	faultStatusLine:    "Malformed Status-Line",
	faultVersion:       "Version Not Supported",
	faultControl:       "Control Character In Header",
	faultBareLF:        "Line Not Ended By CRLF",
	faultUnterminated:  "Header Section Not Terminated",
	faultFieldLine:     "Header Line Without Colon",
	faultFieldName:     "Malformed Header Name",
	faultTooManyFields: "Too Many Header Fields",
	faultLongLine:      "Header Line Too Long",
	faultDuplicate:     "Header Field Repeated",
	faultContentLength: "Malformed Content-Length",
	faultShortBody:     "Body Shorter Than Content-Length",
}

func (m *Message) note(f fault) {
	if m.fault == faultNone {
		m.fault = f
	}
}

// Parse takes buf apart into m, in one pass and without copying: m points into buf from then on, and folded
// header lines are unfolded in place (CRLF and white space become spaces). Line ends before the start line are
// skipped (RFC 3261 §7.5). An error means that there is no SIP message here. A message that is merely wrong is
// represented as far as possible, so that Validate can name the answer owed.
func Parse(buf []byte, m *Message) error {
	m.Reset()
	if len(buf) > MaxMessage {
		return ErrTooLong
	}
	for len(buf) > 0 && (buf[0] == '\r' || buf[0] == '\n') {
		buf = buf[1:]
	}
	if len(buf) == 0 {
		return ErrKeepAlive
	}
	m.buf = buf
	if m.fields == nil {
		m.fields = make([]field, 0, fieldsHint)
	}
	end, next := m.lineEnd(0, 0)
	if !m.parseStatusLine(end) && !m.parseRequestLine(end) {
		m.Reset()
		return ErrNotSIP
	}
	m.parseFields(next)
	return nil
}

// lineEnd gives the end of the physical line at i, and the beginning of the next; the line that it continues
// begins at start. Control characters on the way are noted, but for those behind a backslash in a quoted string,
// whose decoder judges them.
func (m *Message) lineEnd(start, i int) (end, next int) {
	b := m.buf
	for {
		i = nextControl(b, i)
		switch {
		case i == len(b):
			m.note(faultUnterminated)
			return i, i
		case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
			return i, i + 2
		case b[i] == '\n':
			m.note(faultBareLF)
			return i, i + 1
		case b[i] == '\t':
		case b[i] != '\r' && quotedPair(b[start:i]):
		default:
			m.note(faultControl)
		}
		i++
	}
}

// quotedPair tells whether a line breaks off inside a quoted string and behind a backslash that quotes.
func quotedPair(b []byte) bool {
	quoted, pair := false, false
	for _, c := range b {
		switch {
		case pair:
			pair = false
		case c == '"':
			quoted = !quoted
		case c == '\\':
			pair = quoted
		}
	}
	return pair
}

// version reads "SIP/2.0". ok is false for what is no SIP-Version at all.
func (m *Message) version(b []byte) (ok bool) {
	if len(b) < len("SIP/0.0") || !equalFold(b[:4], "SIP/") {
		return false
	}
	if equalFold(b, "SIP/2.0") {
		return true
	}
	major, minor, dot := bytes.Cut(b[4:], []byte("."))
	if !dot || len(major) == 0 || len(minor) == 0 || !all(major, isDigit) || !all(minor, isDigit) {
		return false
	}
	m.note(faultVersion)
	return true
}

// parseStatusLine: SIP-Version SP Status-Code SP Reason-Phrase (RFC 3261 §7.2).
func (m *Message) parseStatusLine(end int) bool {
	line := m.buf[:end]
	sp := bytes.IndexByte(line, ' ')
	if sp < 0 || !m.version(line[:sp]) {
		return false
	}
	code, off := line[sp+1:], sp+1
	n := span(code, 0, isDigit)
	off += n
	if n != 3 || off >= end || m.buf[off] != ' ' {
		m.note(faultStatusLine)
	} else {
		off++
		m.status = uint16(code[0]-'0')*100 + uint16(code[1]-'0')*10 + uint16(code[2]-'0')
		if m.status < 100 || m.status > 699 {
			m.note(faultStatusLine)
		}
	}
	m.text = extent{uint16(off), uint16(end)}
	return true
}

// parseRequestLine: Method SP Request-URI SP SIP-Version (RFC 3261 §7.1). Wrong spaces are noted, and the
// parts are found all the same.
func (m *Message) parseRequestLine(end int) bool {
	line := m.buf[:end]
	for len(line) > 0 && (line[len(line)-1] == ' ' || line[len(line)-1] == '\t') {
		m.note(faultRequestLine)
		line = line[:len(line)-1]
	}
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first <= 0 || last <= first {
		return false
	}
	if v := line[last+1:]; !m.version(v) {
		return false
	}
	if !token(line[:first]) {
		m.note(faultRequestLine)
	}
	m.request = true
	m.method = ParseMethod(line[:first])
	m.text = extent{0, uint16(first)}
	off := skipSpace(line, first+1)
	for last > off && (line[last-1] == ' ' || line[last-1] == '\t') {
		last--
		m.note(faultRequestLine)
	}
	if off != first+1 {
		m.note(faultRequestLine)
	}
	if last < off {
		last = off
	}
	m.target = extent{uint16(off), uint16(last)}
	return true
}

// parseFields reads header field lines from i on, up to the empty line, and then the body.
func (m *Message) parseFields(i int) {
	b := m.buf
	for {
		if i >= len(b) {
			m.note(faultUnterminated)
			break
		}
		if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
			i += 2
			break
		}
		if b[i] == '\n' {
			m.note(faultBareLF)
			i++
			break
		}
		end, next := m.lineEnd(i, i)
		for next < len(b) && (b[next] == ' ' || b[next] == '\t') {
			for j := end; j < next; j++ {
				b[j] = ' ' // unfold (RFC 3261 §7.3.1)
			}
			end, next = m.lineEnd(i, next)
		}
		m.parseField(i, end)
		i = next
	}
	m.parseBody(i)
}

// parseField reads one unfolded line: field-name HCOLON field-value.
func (m *Message) parseField(off, end int) {
	b := m.buf[:end]
	nameEnd := span(b, off, isToken)
	colon := skipSpace(b, nameEnd)
	if colon >= end || b[colon] != ':' {
		m.note(faultFieldLine)
		return
	}
	if nameEnd == off {
		m.note(faultFieldName)
		return
	}
	if end-off > MaxFieldLine {
		m.note(faultLongLine)
	}
	if len(m.fields) == MaxFields {
		m.note(faultTooManyFields)
		return
	}
	value := skipSpace(b, colon+1)
	for end > value && (b[end-1] == ' ' || b[end-1] == '\t') {
		end--
	}
	id := LookupHeader(b[off:nameEnd])
	m.fields = append(m.fields, field{
		name:  extent{uint16(off), uint16(nameEnd)},
		value: extent{uint16(value), uint16(end)},
		id:    id,
	})
	n := uint16(len(m.fields))
	if m.first[id] == 0 {
		m.first[id] = n
	} else {
		m.fields[m.last[id]-1].next = n
		if headers[id].single {
			m.note(faultDuplicate)
		}
	}
	m.last[id] = n
}

// parseBody gives the body its extent: Content-Length bytes, or all the rest (RFC 3261 §18.3).
func (m *Message) parseBody(off int) {
	rest := len(m.buf) - off
	length := rest
	if m.Has(HeaderContentLength) {
		n, ok := number(m.Value(HeaderContentLength))
		switch {
		case !ok:
			m.note(faultContentLength)
		case int64(n) > int64(rest):
			m.note(faultShortBody)
		default:
			length = int(n)
		}
	}
	m.body = extent{uint16(off), uint16(off + length)}
	m.surplus = rest - length
}
