package sip

import (
	"errors"
	"strings"
)

// Builder writes one message into a caller's buffer, header by header, without allocating once the buffer is
// large enough:
//
//	var b sip.Builder
//	b.Reset(buf[:0])
//	b.Request(sip.OPTIONS, &target)
//	b.Text(sip.HeaderCallID, id)
//	…
//	msg, err := b.Finish("", nil)
//
// What would break a line (CR, LF) or is another control character is not written: the first such value makes
// Finish fail, and nothing of the message is to be sent then. Lines can't be injected.
type Builder struct {
	buf []byte
	err error
}

// Errors of a Builder.
var (
	ErrUnsafe   = errors.New("sip: control character in a value to be written")
	ErrBadValue = errors.New("sip: malformed value to be written")
)

// Reset begins a message behind what dst holds.
func (b *Builder) Reset(dst []byte) { b.buf, b.err = dst, nil }

// Err gives the first error so far.
func (b *Builder) Err() error { return b.err }

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Request writes the request line of a known method.
func (b *Builder) Request(method Method, target *URI) {
	if method == MethodUnknown {
		b.fail(ErrBadValue)
	}
	var err error
	b.buf = append(append(b.buf, method.String()...), ' ')
	if b.buf, err = target.Append(b.buf); err != nil {
		b.fail(err)
	}
	b.buf = append(b.buf, " SIP/2.0\r\n"...)
}

// Status writes the status line. An empty phrase becomes the RFC's; others are cut at MaxPhrase.
func (b *Builder) Status(status int, phrase string) {
	if status < 100 || status > 699 {
		b.fail(ErrBadValue)
	}
	if phrase == "" {
		phrase = StatusPhrase(status)
	}
	b.buf = append(b.buf, "SIP/2.0 "...)
	b.buf = append(appendUint(b.buf, uint64(status)), ' ')
	b.text(phrase[:min(len(phrase), MaxPhrase)])
	b.end()
}

func (b *Builder) end() { b.buf = append(b.buf, '\r', '\n') }

func (b *Builder) name(id HeaderID) {
	if id == HeaderUnknown || id >= numHeaders {
		b.fail(ErrBadValue)
		return
	}
	b.buf = append(append(b.buf, headers[id].name...), ':', ' ')
}

// text writes s if it has no control characters.
func (b *Builder) text(s string) {
	start := len(b.buf)
	b.buf = append(b.buf, s...)
	b.check(start)
}

// check takes back what was written from start on if it has control characters.
func (b *Builder) check(start int) {
	if !clean(b.buf[start:]) {
		b.buf = b.buf[:start]
		b.fail(ErrUnsafe)
	}
}

// Text writes a header field with a value as it is.
func (b *Builder) Text(id HeaderID, value string) {
	b.name(id)
	b.text(value)
	b.end()
}

// Bytes writes a header field with a value as it is.
func (b *Builder) Bytes(id HeaderID, value []byte) {
	b.name(id)
	start := len(b.buf)
	b.buf = append(b.buf, value...)
	b.check(start)
	b.end()
}

// Named writes a header field that has no HeaderID. The name must be a token, and none that has one.
func (b *Builder) Named(name, value string) {
	if !token([]byte(name)) || LookupHeader([]byte(name)) != HeaderUnknown {
		b.fail(ErrBadValue)
		return
	}
	b.buf = append(append(b.buf, name...), ':', ' ')
	b.text(value)
	b.end()
}

// Line writes a whole header line, which is given in parts: its name and the colon are in the first one.
func (b *Builder) Line(first, second, third string) {
	colon := strings.IndexByte(first, ':')
	if colon < 0 || !token([]byte(first[:colon])) {
		b.fail(ErrBadValue)
		return
	}
	start := len(b.buf)
	b.buf = append(append(append(b.buf, first...), second...), third...)
	b.check(start)
	b.end()
}

// Uint writes a header field whose value is a number.
func (b *Builder) Uint(id HeaderID, n uint32) {
	b.name(id)
	b.buf = appendUint(b.buf, uint64(n))
	b.end()
}

// Addr writes an address header field, anew from the decoded parts.
func (b *Builder) Addr(id HeaderID, a *NameAddr) {
	var err error
	b.name(id)
	if b.buf, err = a.Append(b.buf); err != nil {
		b.fail(err)
	}
	b.end()
}

// CSeq writes a CSeq of a known method.
func (b *Builder) CSeq(n uint32, method Method) {
	if method == MethodUnknown || n >= maxSequence {
		b.fail(ErrBadValue)
	}
	b.name(HeaderCSeq)
	b.buf = append(appendUint(b.buf, uint64(n)), ' ')
	b.buf = append(b.buf, method.String()...)
	b.end()
}

// Via writes our own hop: transport, sent-by, branch, and rport (RFC 3581) always.
func (b *Builder) Via(transport, sentBy string, branch []byte) {
	if !token(branch) || !token([]byte(transport)) {
		b.fail(ErrBadValue)
		return
	}
	if _, _, err := parseHostPort([]byte(sentBy)); err != nil {
		b.fail(err)
		return
	}
	b.name(HeaderVia)
	b.buf = append(append(b.buf, "SIP/2.0/"...), transport...)
	b.buf = append(append(b.buf, ' '), sentBy...)
	b.buf = append(append(b.buf, ";rport;branch="...), branch...)
	b.end()
}

// Allow writes the Allow header field.
func (b *Builder) Allow(set MethodSet) {
	b.name(HeaderAllow)
	b.buf = set.Append(b.buf)
	b.end()
}

// Reason writes a Reason header field (RFC 3326): protocol "Q.850" or "SIP", cause, and a text in any language.
func (b *Builder) Reason(protocol string, cause int, text string) {
	if !token([]byte(protocol)) || cause < 0 {
		b.fail(ErrBadValue)
		return
	}
	b.name(HeaderReason)
	b.buf = append(append(b.buf, protocol...), ";cause="...)
	b.buf = appendUint(b.buf, uint64(cause))
	if text != "" {
		b.buf = appendQuoted(append(b.buf, ";text="...), []byte(text))
	}
	b.end()
}

// Answer writes the header fields of an Answer.
func (b *Builder) Answer(a *Answer) {
	for _, h := range a.Headers {
		b.Text(h.ID, h.Value)
	}
}

// Finish writes Content-Type (if contentType is not empty), Content-Length, the empty line and the body, and
// gives the whole buffer. After an error nothing may be sent.
func (b *Builder) Finish(contentType string, body []byte) ([]byte, error) {
	if contentType != "" {
		if _, _, _, ok := splitMediaType([]byte(contentType)); !ok {
			b.fail(ErrBadValue)
		}
		b.Text(HeaderContentType, contentType)
	}
	b.Uint(HeaderContentLength, uint32(len(body)))
	b.end()
	b.buf = append(b.buf, body...)
	if b.err == nil && len(b.buf) > MaxMessage {
		b.fail(ErrTooLong)
	}
	return b.buf, b.err
}
