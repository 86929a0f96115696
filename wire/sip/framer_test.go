package sip_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// frames feeds a stream in pieces of n bytes, and tells what came out.
func frames(f *sip.Framer, stream []byte, n int) (out []string, err error) {
	for len(stream) > 0 {
		k := copy(f.Space(), stream[:min(n, len(stream))])
		f.Filled(k)
		stream = stream[k:]
		for {
			frame, b, e := f.Next()
			if e != nil {
				return out, e
			}
			if frame == sip.FrameNone {
				break
			}
			switch frame {
			case sip.FramePing:
				out = append(out, "ping")
			case sip.FramePong:
				out = append(out, "pong")
			case sip.FrameMessage:
				var m sip.Message
				if err := sip.Parse(b, &m); err != nil {
					return out, err
				}
				if m.Surplus() != 0 {
					return out, fmt.Errorf("%d bytes behind the body", m.Surplus())
				}
				out = append(out, fmt.Sprintf("%s %s %d", m.MethodText(), m.CallID(), len(m.Body())))
			}
		}
	}
	return out, nil
}

func TestFramer(t *testing.T) {
	folded := bytes.Replace(with(), []byte("Content-Length: 4"), []byte("l:\r\n 4"), 1)
	stream := bytes.Join([][]byte{
		with(), []byte(sip.Ping), []byte(register), []byte("\r\n"), folded, with(), []byte(sip.Ping), []byte(sip.Ping),
		[]byte(register),
	}, nil)
	call, reg := "INVITE a84b4c76e66710@192.0.2.10 4", "REGISTER 843817637684230@998sdasdh09 0"
	want := []string{call, "ping", reg, call, call, "ping", "ping", reg}
	for _, n := range []int{1, 2, 3, 7, 100, 1000, 1 << 20} {
		var f sip.Framer
		got, err := frames(&f, bytes.Clone(stream), n)
		if err != nil || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("in pieces of %d: %q %v", n, got, err)
		}
	}
	for _, n := range []int{1, 2, 5, 1000} {
		f := sip.Framer{Dialed: true}
		got, err := frames(&f, []byte(sip.Pong+register+sip.Pong+sip.Pong), n)
		if err != nil || strings.Join(got, "|") != "pong|"+reg+"|pong|pong" {
			t.Errorf("dialed, in pieces of %d: %q %v", n, got, err)
		}
	}
}

func TestFramerErrors(t *testing.T) {
	length := func(s string) []byte { return swap(t, "Content-Length: 4", s) }
	for _, c := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"no length", length("X-No: 4"), sip.ErrNoLength},
		{"negative length", length("Content-Length: -4"), sip.ErrNoLength},
		{"two lengths", length("Content-Length: 4\r\nl: 4"), sip.ErrNoLength},
		{"length beyond MaxMessage", length("Content-Length: 65536"), sip.ErrTooBig},
		{"length beyond 32 bits", length("Content-Length: 99999999999999999999"), sip.ErrNoLength},
		{"head and body beyond MaxMessage", length("Content-Length: 65500"), sip.ErrTooBig},
		{
			"endless head",
			[]byte("INVITE sip:a SIP/2.0\r\n" + strings.Repeat("X: yyyyyyyy\r\n", sip.MaxHead/12)),
			sip.ErrTooBig,
		},
		{"endless line", bytes.Repeat([]byte("a"), sip.MaxHead+1), sip.ErrTooBig},
		{"not SIP", []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), sip.ErrDesync},
		{"TLS", []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"), sip.ErrDesync},
		{"an empty line of LF", swap(t, "Supported", "\nSupported"), sip.ErrDesync},
	} {
		for _, n := range []int{13, 4096} {
			var f sip.Framer
			if got, err := frames(&f, bytes.Clone(c.raw), n); !errors.Is(err, c.want) || len(got) > 0 {
				t.Errorf("%s: %q %v", c.name, got, err)
			}
			if _, _, err := f.Next(); !errors.Is(err, c.want) {
				t.Errorf("%s: the error did not stay: %v", c.name, err)
			}
			if len(f.Space()) > 2*sip.MaxMessage {
				t.Errorf("%s: the buffer grew to %d", c.name, len(f.Space()))
			}
		}
	}
	// The head comes with ErrNoLength, for the answer.
	var f sip.Framer
	f.Filled(copy(f.Space(), length("X-No: 4")))
	if _, head, err := f.Next(); err == nil || !bytes.HasPrefix(head, []byte("INVITE ")) {
		t.Errorf("%q %v", head, err)
	}
}
