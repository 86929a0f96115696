package plane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func siteKey(t *testing.T, now time.Time) *SiteKey {
	t.Helper()
	k, err := OpenSiteKey(filepath.Join(t.TempDir(), "site.pem"), now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// meet has one site listen and trust a fingerprint, and another dial it. It gives what
// each side learned of the other, and what came of it.
func meet(t *testing.T, here, there *SiteKey, trusted, wanted string) (heard, met string, err error) {
	t.Helper()
	ln, err := ListenSites(t.Context(), Listener{
		Name: "site", Plane: Voice, Transport: TLS, Addr: netip.MustParseAddrPort("127.0.0.1:0"),
	}, here, func(f string) bool { return f == trusted })
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	got := make(chan string, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			got <- err.Error()
			return
		}
		defer c.Close()
		b := make([]byte, 5)
		if _, err := io.ReadFull(c, b); err != nil {
			got <- ""
			return
		}
		_, _ = c.Write(b)
		got <- c.(interface{ Peer() string }).Peer()
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	to := netip.MustParseAddrPort(ln.Addr().String())
	c, err := Dialer{}.DialSite(ctx, to, there, wanted)
	if err == nil {
		defer c.Close()
		_, err = c.Write([]byte("hello"))
		if err == nil {
			_, err = io.ReadFull(c, make([]byte, 5)) // TLS 1.3: who dials hears of a refusal only now
		}
		if err == nil {
			met = c.(interface{ Peer() string }).Peer()
		}
	}
	return <-got, met, err
}

func TestSitesProveThemselves(t *testing.T) {
	now := time.Now()
	a, b, c := siteKey(t, now), siteKey(t, now), siteKey(t, now)
	heard, met, err := meet(t, a, b, b.Fingerprint(), a.Fingerprint())
	if err != nil || heard != b.Fingerprint() || met != a.Fingerprint() {
		t.Fatalf("two that trust each other met as %s and %s: %v", heard, met, err)
	}
	if heard, _, err := meet(t, a, c, b.Fingerprint(), a.Fingerprint()); err == nil || heard != "" {
		t.Errorf("a site that is not trusted was heard as %q: %v", heard, err)
	}
	heard, met, err = meet(t, c, b, b.Fingerprint(), a.Fingerprint())
	if !errors.Is(err, ErrTrust) || heard+met != "" {
		t.Errorf("another one than was called was met as %q: %v", met, err)
	}
}

// TestAnOldSiteKeyIsRefused: whoever has captured what a site proved itself by before
// it was renewed gets in nowhere with it.
func TestAnOldSiteKeyIsRefused(t *testing.T) {
	now := time.Now()
	a, b := siteKey(t, now), siteKey(t, now)
	captured, err := os.ReadFile(b.path)
	if err != nil {
		t.Fatal(err)
	}
	old := b.Fingerprint()
	for _, used := range []bool{false, true} {
		next, err := b.Draw(now)
		if err != nil || next.Fingerprint() == old || b.Fingerprint() != old {
			t.Fatalf("the key that was drawn: %v", err)
		}
		if !used {
			next.Drop()
			continue
		}
		if err := next.Use(); err != nil || b.Fingerprint() != next.Fingerprint() {
			t.Fatalf("the key is the same: %v", err)
		}
	}
	if files, err := os.ReadDir(filepath.Dir(b.path)); err != nil || len(files) != 1 {
		t.Errorf("what was not used is left: %v, %v", files, err)
	}
	if heard, _, err := meet(t, a, b, b.Fingerprint(), a.Fingerprint()); err != nil || heard != b.Fingerprint() {
		t.Errorf("the new key: heard %q, %v", heard, err)
	}
	thief := filepath.Join(t.TempDir(), "captured.pem")
	if err := os.WriteFile(thief, captured, 0o600); err != nil {
		t.Fatal(err)
	}
	stolen, err := OpenSiteKey(thief, now)
	if err != nil || stolen.Fingerprint() != old {
		t.Fatal("what was captured is not the old key", err)
	}
	if heard, _, err := meet(t, a, stolen, b.Fingerprint(), a.Fingerprint()); err == nil || heard != "" {
		t.Errorf("the old key was heard as %q: %v", heard, err)
	}
}

// TestASiteCertificateExpires: it is written anew in time, with the same key; one that
// has run out is refused though its key is trusted.
func TestASiteCertificateExpires(t *testing.T) {
	now := time.Now()
	a := siteKey(t, now)
	b := siteKey(t, now.Add(-SiteCertificateLife*3/4))
	name, until := b.Fingerprint(), b.Until()
	if heard, _, err := meet(t, a, b, name, a.Fingerprint()); err != nil || heard != name {
		t.Fatalf("a certificate of which a quarter is left: heard %q, %v", heard, err)
	}
	if b.Fingerprint() != name || !b.Until().After(until) {
		t.Errorf("it is not written anew with its key: until %s", b.Until())
	}
	if _, err := b.Draw(now); err != nil { // and then the unit ends
		t.Fatal(err)
	}
	again, err := OpenSiteKey(b.path, now)
	if err != nil || again.Fingerprint() != name || !again.Until().Equal(b.Until()) {
		t.Errorf("after a restart: %v", err)
	}
	if files, err := os.ReadDir(filepath.Dir(b.path)); err != nil || len(files) != 1 {
		t.Errorf("what was drawn before it is left: %v, %v", files, err)
	}
	if info, err := os.Stat(b.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
	late := siteKey(t, now.Add(-SiteCertificateLife-48*time.Hour))
	late.path = filepath.Join(t.TempDir(), "gone", "site.pem") // it can't be written anew
	if _, err := late.certificate(now); err == nil {
		t.Error("a certificate that has run out is still shown")
	}
	shown := tls.ConnectionState{PeerCertificates: []*x509.Certificate{late.cert.Leaf}}
	all := func(string) bool { return true }
	if err := checkSite(shown, now, all); !errors.Is(err, ErrTrust) {
		t.Errorf("a certificate that has run out is taken: %v", err)
	}
	if err := checkSite(shown, late.Until().Add(-time.Hour), all); err != nil {
		t.Errorf("when it had not: %v", err)
	}
}
