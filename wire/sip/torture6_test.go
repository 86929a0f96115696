package sip_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// archive reads a txtar file: names and contents in their order.
func archive(t testing.TB, path string) (names []string, files map[string]string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	name := ""
	for line := range strings.SplitAfterSeq(string(b), "\n") {
		if n, ok := strings.CutPrefix(line, "-- "); ok && strings.HasSuffix(n, " --\n") {
			name = strings.TrimSuffix(n, " --\n")
			names = append(names, name)
		} else if name != "" {
			files[name] += line
		}
	}
	return names, files
}

// addr gives a host's address as text.
func addr(host []byte) string {
	a, ok := sip.HostAddr(host)
	if !ok {
		return string(host)
	}
	return a.String()
}

// reading gives what the vectors can ask of a message.
func reading(m *sip.Message, key string) string {
	vias, _ := m.Vias()
	last := &vias[len(vias)-1]
	received := func(a netip.Addr) string { return a.String() }
	switch key {
	case "uri.host":
		return addr(m.RequestURI().Host)
	case "uri.port":
		return fmt.Sprint(m.RequestURI().Port)
	case "via.host":
		return addr(m.TopVia().Host)
	case "via.port":
		return fmt.Sprint(m.TopVia().Port)
	case "via.received":
		return received(m.TopVia().Received)
	case "via.count":
		return fmt.Sprint(len(vias))
	case "via.last.host":
		return addr(last.Host)
	case "via.last.received":
		return received(last.Received)
	case "contact.host":
		return addr(m.Addr(sip.HeaderContact).URI.Host)
	case "body.length":
		return fmt.Sprint(len(m.Body()))
	}
	return "(no such key)"
}

func TestTorture5118(t *testing.T) {
	const cases = 12
	names, files := archive(t, "../../vectors/sip/rfc5118.txtar")
	if len(names) != 2*cases {
		t.Fatalf("%d files", len(names))
	}
	for i := 0; i < len(names); i += 2 {
		section, _, _ := strings.Cut(names[i], "/")
		raw := strings.ReplaceAll(files[section+"/message"], "\n", "\r\n")
		m := parsed(t, []byte(raw))
		status, phrase := outcome([]byte(raw), m, &ordinary)
		for line := range strings.Lines(files[section+"/expect"]) {
			key, want, _ := strings.Cut(strings.TrimSpace(line), ": ")
			got := phrase
			switch key {
			case "answer":
				got = fmt.Sprint(status)
			case "phrase":
			default:
				got = reading(m, key)
			}
			if got != want {
				t.Errorf("§%s: %s is %q, want %q (%d %s)", section, key, got, want, status, phrase)
			}
		}
	}
}

// TestPrinted5118: §4.6 with the length that the RFC prints is cut short.
func TestPrinted5118(t *testing.T) {
	_, files := archive(t, "../../vectors/sip/rfc5118.txtar")
	raw := []byte(strings.ReplaceAll(files["4.6/message"], "\n", "\r\n"))
	printed := bytes.Replace(raw, []byte("Content-Length: 251"), []byte("Content-Length: 268"), 1)
	if bytes.Equal(raw, printed) {
		t.Fatal("the vector has another length")
	}
	if status, phrase := outcome(printed, new(sip.Message), &ordinary); status != 400 {
		t.Errorf("got %d %s", status, phrase)
	}
}
