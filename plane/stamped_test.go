package plane

import (
	"context"
	"net/netip"
	"testing"
	"time"
)

// TestDataTellWhenTheyCame lets data lie for a while, on both ends of a
// connection: they tell when they came, not when they were read.
func TestDataTellWhenTheyCame(t *testing.T) {
	const lie = 50 * time.Millisecond
	ln, err := Listen(t.Context(), Listener{
		Name: "tcp", Plane: Voice, Transport: TCP, Addr: netip.MustParseAddrPort("127.0.0.1:0"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, err := Dialer{}.DialTCP(context.Background(), netip.MustParseAddrPort(ln.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	for _, way := range []struct {
		from, to interface {
			Write([]byte) (int, error)
			Read([]byte) (int, error)
		}
	}{{near, far}, {far, near}} {
		reader, ok := way.to.(interface{ Arrived() time.Time })
		if !ok {
			t.Fatal("a connection without stamps")
		}
		// A kernel begins to stamp a moment after it was first asked to.
		var begun time.Time
		for tries := 0; reader.Arrived().IsZero() && tries < 20; tries++ {
			begun = time.Now()
			if _, err := way.from.Write([]byte("INVITE")); err != nil {
				t.Fatal(err)
			}
			time.Sleep(lie) // the data must lie
			b := make([]byte, 100)
			if n, err := way.to.Read(b); err != nil || string(b[:n]) != "INVITE" {
				t.Fatalf("%q, %v", b[:n], err)
			}
		}
		if at := reader.Arrived(); at.Before(begun.Add(-time.Second)) || time.Since(at) < lie {
			t.Errorf("data that lay for %v came %v ago", lie, time.Since(at))
		}
	}
}
