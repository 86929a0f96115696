package syslog

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/plane"
)

var letter = alert.Letter{
	ID: "3f2a9b", Kind: "barred", Notice: "begun", About: "phone/201-1", Unit: "sekisho-ABCD", Count: 2,
	Title: "内線 201 から規制対象の発信が続いています", Rows: []alert.Row{{Label: "内容", Says: "シエラレオネへ"}},
	At: time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC),
}

const wanted = "<81>1 2015-03-11T03:00:00Z pbx.example.jp sekisho - barred - " +
	"\ufeffid=3f2a9b unit=sekisho-ABCD notice=begun about=phone/201-1 count=2 " +
	"内線 201 から規制対象の発信が続いています / 内容: シエラレオネへ"

func TestFormat(t *testing.T) {
	if got := string(Format(letter, "pbx.example.jp")); got != wanted {
		t.Errorf("got  %q\nwant %q", got, wanted)
	}
	over := letter
	over.Notice, over.Title = "over", strings.Repeat("長", 2000)
	got := string(Format(over, "a host\n"))
	head := strings.HasPrefix(got, "<85>1 2015-03-11T03:00:00Z ahost ")
	if !head || len(got) > bytesMax || strings.Contains(got, "\n") {
		t.Errorf("%d bytes: %.80q", len(got), got)
	}
}

func TestUDP(t *testing.T) {
	in, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s := New(Config{Addr: in.LocalAddr().String(), Transport: UDP, Hostname: "pbx.example.jp", Dial: plane.Dial})
	if _, err := s.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, _, err := in.ReadFrom(b)
	if err != nil || string(b[:n]) != wanted {
		t.Errorf("got %q %v", b[:n], err)
	}
}

func TestStreamsCountOctets(t *testing.T) {
	https := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	defer https.Close()
	roots := x509.NewCertPool()
	roots.AddCert(https.Certificate())
	for _, transport := range []Transport{TCP, TLS} {
		in, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		addr := in.Addr().String()
		if transport == TLS {
			in = tls.NewListener(in, &tls.Config{Certificates: https.TLS.Certificates})
		}
		got := make(chan string, 1)
		go func() {
			conn, err := in.Accept()
			if err != nil {
				got <- err.Error()
				return
			}
			defer conn.Close()
			r := bufio.NewReader(conn)
			size, _ := r.ReadString(' ')
			n, _ := strconv.Atoi(strings.TrimSpace(size))
			b := make([]byte, n)
			_, err = io.ReadFull(r, b)
			if rest, _ := io.ReadAll(r); err != nil || len(rest) > 0 {
				t.Errorf("%s: %v, %q left", transport, err, rest)
			}
			got <- string(b)
		}()
		s := New(Config{Addr: addr, Transport: transport, Hostname: "pbx.example.jp", Dial: plane.Dial, Roots: roots})
		if _, err := s.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		if text := <-got; text != wanted {
			t.Errorf("%s: got %q", transport, text)
		}
	}
	closed := New(Config{Addr: "127.0.0.1:1", Transport: TCP, Dial: plane.Dial})
	if _, err := closed.Send(t.Context(), letter); alert.Word(err) != "refused" {
		t.Errorf("nobody there: %v", err)
	}
}
