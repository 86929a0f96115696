package sip

import (
	"bytes"
	"errors"
)

// Frame is what a Framer found in a stream.
type Frame uint8

// The frames of a SIP stream.
const (
	FrameNone    Frame = iota // more bytes are needed
	FrameMessage              // one whole message
	FramePing                 // CRLF CRLF: answer with Pong (RFC 5626 §3.5.1)
	FramePong                 // CRLF: the answer to our Ping
)

// The keep-alives of RFC 5626 §3.5.1.
const (
	Ping = "\r\n\r\n"
	Pong = "\r\n"
)

// Errors of a Framer. The stream can't be understood from there on: the connection is to be closed.
var (
	ErrNoLength = errors.New("sip: stream message without a usable Content-Length")
	ErrTooBig   = errors.New("sip: stream message too large")
	ErrDesync   = errors.New("sip: stream lost its message boundaries")
)

// Framer cuts the bytes of one TCP or TLS connection into messages (RFC 3261 §18.3) and keep-alives. It does no
// I/O: read into Space, tell Filled how much it was, then take frames with Next until FrameNone.
//
// The zero value is ready for the side that was dialed; Dialed is set on the side that did.
type Framer struct {
	// Dialed tells that this side opened the connection: it sends pings, and each CRLF is a pong.
	Dialed bool

	buf        []byte
	start, end int // unread bytes are buf[start:end]
	seen       int // bytes of the unread ones that hold no end of a header section
	need       int // length of the message at start, once its head has been read
	head       Message
	err        error
}

const (
	framerFirst = 4_096 // first size of the buffer; it doubles up to MaxMessage
	endOfHead   = "\r\n\r\n"
)

// Space gives room to read into, at least one byte. What Next handed out before is void from here on.
func (f *Framer) Space() []byte {
	if f.buf == nil {
		f.buf = make([]byte, framerFirst)
	}
	if f.start > 0 {
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	if f.end == len(f.buf) {
		f.buf = append(f.buf, make([]byte, len(f.buf))...)
	}
	return f.buf[f.end:]
}

// Filled tells that n bytes were read into Space.
func (f *Framer) Filled(n int) { f.end += n }

// Next gives the next frame. The bytes of a FrameMessage are for Parse; they are good until Space is called. An
// error stays. ErrNoLength comes with the head of the message, to be answered 400 before closing.
func (f *Framer) Next() (Frame, []byte, error) {
	if f.err != nil {
		return FrameNone, nil, f.err
	}
	if frame := f.keepAlive(); frame != FrameNone {
		return frame, nil, nil
	}
	b := f.buf[f.start:f.end]
	if f.need == 0 {
		head, err := f.measure(b)
		if err != nil || head == nil {
			f.err = err
			return FrameNone, head, err
		}
	}
	if len(b) < f.need {
		return FrameNone, nil, nil
	}
	b = b[:f.need]
	f.start += f.need
	f.seen, f.need = 0, 0
	return FrameMessage, b, nil
}

// measure looks for the end of the header section and reads the length of the message; head is nil until the
// head is whole.
func (f *Framer) measure(b []byte) (head []byte, err error) {
	i := bytes.Index(b[f.seen:], []byte(endOfHead))
	if i < 0 {
		f.seen = max(0, len(b)-len(endOfHead)+1)
		if len(b) > MaxHead {
			return nil, ErrTooBig
		}
		return nil, nil
	}
	head = b[:f.seen+i+len(endOfHead)]
	length, err := f.bodyLength(head)
	if err == nil && (len(head) > MaxHead || len(head)+length > MaxMessage) {
		err = ErrTooBig
	}
	f.need = len(head) + length
	return head, err
}

// keepAlive takes line ends at a message boundary. A single one from the side that dialed is skipped (RFC 3261
// §7.5); it may be the first half of a ping, then the second is waited for.
func (f *Framer) keepAlive() Frame {
	for f.seen == 0 && f.need == 0 {
		b := f.buf[f.start:f.end]
		switch {
		case f.Dialed && bytes.HasPrefix(b, []byte(Pong)):
			f.start += len(Pong)
			return FramePong
		case bytes.HasPrefix(b, []byte(Ping)):
			f.start += len(Ping)
			return FramePing
		case bytes.HasPrefix(b, []byte(Pong)) && len(b) > len(Pong) && b[len(Pong)] != '\r':
			f.start += len(Pong)
		default:
			return FrameNone
		}
	}
	return FrameNone
}

// bodyLength reads Content-Length out of a whole head, by the same parser that will read the message.
func (f *Framer) bodyLength(head []byte) (int, error) {
	if err := Parse(head, &f.head); err != nil {
		return 0, ErrDesync
	}
	defer f.head.Reset()
	if len(f.head.Body()) > 0 || f.head.Surplus() > 0 {
		return 0, ErrDesync // an empty line of another kind came before
	}
	n, ok := number(f.head.Value(HeaderContentLength))
	if fault := f.head.fault; !ok || fault == faultDuplicate || fault == faultTooManyFields {
		return 0, ErrNoLength
	}
	if n > MaxMessage {
		return 0, ErrTooBig
	}
	return int(n), nil
}
