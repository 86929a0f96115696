package sip_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

// TestClients: what SIPp 3.6.1, baresip 1.0.0 and linphone send is fine, to the last header field. The messages
// were recorded on loopback.
func TestClients(t *testing.T) {
	files, err := filepath.Glob("testdata/clients/*.sip")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	var m sip.Message
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if status, phrase := outcome(raw, &m, &ordinary); status != fine {
			t.Errorf("%s: %d %s", name, status, phrase)
		}
		if m.Surplus() != 0 || m.TopVia().Branch == nil || m.From().Tag == nil {
			t.Errorf("%s: %d bytes behind the body", name, m.Surplus())
		}
		for f := range m.Fields() {
			if _, err := m.Addrs(f.ID); err != nil {
				t.Errorf("%s: %s: %v", name, f.Name, err)
			}
		}
	}
}
