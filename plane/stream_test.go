package plane

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echo serves one TLS listener of the voice plane until the test ends.
func echo(t *testing.T, certs []tls.Certificate) netip.AddrPort {
	t.Helper()
	ln, err := Listen(context.Background(), Listener{
		Name: "tls", Plane: Voice, Transport: TLS, Addr: netip.MustParseAddrPort("127.0.0.1:0"),
	}, ServerConfig(certs...))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(conn, conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-ended
	})
	return netip.MustParseAddrPort(ln.Addr().String())
}

// hello connects and has one word echoed.
func hello(t *testing.T, to netip.AddrPort, config *tls.Config, name string) (tls.ConnectionState, error) {
	t.Helper()
	conn, err := Dialer{TLS: config}.Dial(context.Background(), "tls", TLS, netip.AddrPort{}, to, name)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	b := make([]byte, 5)
	if _, err := conn.Write([]byte("hello")); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := io.ReadFull(conn, b); err != nil || string(b) != "hello" {
		return tls.ConnectionState{}, errors.Join(err, errors.New("echo was "+string(b)))
	}
	return conn.(*tls.Conn).ConnectionState(), nil
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	names := []string{"unit.example", "127.0.0.1"}
	certs, err := VoiceCertificates(dir, names, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := VoiceCertificates(dir, names, time.Now())
	if err != nil || string(again[0].Certificate[0]) != string(certs[0].Certificate[0]) {
		t.Fatalf("the second start made another certificate: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files are %v, %v", files, err)
	}
	for _, f := range files {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", f, st.Mode(), err)
		}
	}
	to := echo(t, certs)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certs[0].Certificate[0]})
	trusting, err := Trust{CA: ca}.ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hello(t, to, trusting, "unit.example"); err != nil {
		t.Errorf("with the CA: %v", err)
	}
	if _, err := hello(t, to, trusting, ""); err != nil {
		t.Errorf("by address: %v", err)
	}
	if _, err := hello(t, to, trusting, "other.example"); err == nil {
		t.Error("another name was believed")
	}
	if _, err := hello(t, to, nil, "unit.example"); err == nil {
		t.Error("a self-made certificate was believed without being told to")
	}
	pin, err := PinOf(certs[0])
	if err != nil {
		t.Fatal(err)
	}
	pinned, _ := Trust{Pin: pin}.ClientConfig()
	if _, err := hello(t, to, pinned, "whatever"); err != nil {
		t.Errorf("with the pin: %v", err)
	}
	pin[0] ^= 1
	pinned, _ = Trust{Pin: pin}.ClientConfig()
	if _, err := hello(t, to, pinned, "whatever"); !errors.Is(err, ErrTrust) {
		t.Errorf("with a wrong pin: %v", err)
	}
	if _, err := (Trust{CA: []byte("junk")}).ClientConfig(); !errors.Is(err, ErrTrust) {
		t.Errorf("junk as CA: %v", err)
	}
}

// Old desk phones: TLS 1.2 with RSA certificates only, and no TLS 1.1.
func TestOldPhones(t *testing.T) {
	certs, err := VoiceCertificates(t.TempDir(), []string{"127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	to := echo(t, certs)
	old := &tls.Config{
		InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	}
	if st, err := hello(t, to, old, "x"); err != nil || st.Version != tls.VersionTLS12 {
		t.Errorf("TLS 1.2 with RSA: version %x, %v", st.Version, err)
	}
	ancient := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if _, err := hello(t, to, ancient, "x"); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
}

// Listeners of both families stand side by side on one port.
func TestBothFamilies(t *testing.T) {
	ctx := context.Background()
	l := Listener{Name: "four", Plane: Voice, Transport: TCP, Addr: netip.MustParseAddrPort("0.0.0.0:0")}
	four, err := Listen(ctx, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer four.Close()
	port := netip.MustParseAddrPort(four.Addr().String()).Port()
	l.Addr = netip.AddrPortFrom(netip.IPv6Unspecified(), port)
	six, err := Listen(ctx, l, nil)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		return // this host has no IPv6
	}
	if err != nil {
		t.Fatalf("[::] beside 0.0.0.0: %v", err)
	}
	six.Close()
}

func TestDialRefuses(t *testing.T) {
	if _, err := (Dialer{}).Dial(context.Background(), "x", UDP, netip.AddrPort{}, netip.AddrPort{}, ""); err == nil {
		t.Error("udp was dialed")
	}
	l := Listener{Name: "tls", Plane: Voice, Transport: TLS, Addr: netip.MustParseAddrPort("127.0.0.1:0")}
	if _, err := Listen(context.Background(), l, nil); err == nil {
		t.Error("TLS without a certificate listens")
	}
	l.Transport = UDP
	if _, err := Listen(context.Background(), l, nil); err == nil {
		t.Error("udp listens as a stream")
	}
}

func TestControl(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "control")
	ln, err := ListenControl(path)
	if err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 || st.Mode()&os.ModeSocket == 0 {
		t.Fatalf("socket has mode %v, %v", st.Mode(), err)
	}
	if _, err := ListenControl(path); !errors.Is(err, ErrInUse) {
		t.Errorf("a second unit gets %v", err)
	}
	conn, err := DialControl(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	ln.Close()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket file is left behind: %v", err)
	}
	// What a killed unit leaves is replaced.
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	ln, err = ListenControl(path)
	if err != nil {
		t.Fatalf("after a kill: %v", err)
	}
	ln.Close()
}
