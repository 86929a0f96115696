package line

import (
	"context"
	"testing"
)

func TestRemote(t *testing.T) {
	s := newSite(t, row("a", "generic-static", "192.0.2.1"), row("b", "generic-registration", "carrier.example"))
	if got, ok := s.Remote("a"); !ok || got.String() != "192.0.2.1" {
		t.Errorf("literal: %s, %v", got, ok)
	}
	if got, ok := s.Remote("b"); ok {
		t.Errorf("before the name was looked up: %s", got)
	}
	s.names["carrier.example"] = []string{"192.0.2.7"}
	if _, err := s.RefreshAddresses(context.Background(), s.now); err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Remote("b"); !ok || got.String() != "192.0.2.7" {
		t.Errorf("by name: %s, %v", got, ok)
	}
	if _, ok := s.Remote("nobody"); ok {
		t.Error("a line that is not there has an address")
	}
}
