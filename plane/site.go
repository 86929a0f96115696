package plane

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// SiteKey is what a unit proves itself by to other sites: a key that never leaves it,
// and a certificate of that key, which is written anew before it expires. What others
// trust is the key.
type SiteKey struct {
	path string

	mu    sync.Mutex
	cert  tls.Certificate
	until time.Time
}

// OpenSiteKey loads the key from a file of mode 0600, and makes it there at first. What a
// unit left beside it that ended before it had put a secret in place is taken away.
func OpenSiteKey(path string, now time.Time) (*SiteKey, error) {
	dropStaged(filepath.Dir(path))
	k := &SiteKey{path: path}
	cert, err := loadCertificate(path)
	if errors.Is(err, fs.ErrNotExist) {
		first, err := k.Draw(now)
		if err != nil {
			return nil, err
		}
		return k, first.Use()
	}
	if err == nil {
		cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0])
	}
	if err != nil {
		return nil, fmt.Errorf("site key: %w", err)
	}
	k.cert, k.until = cert, cert.Leaf.NotAfter
	return k, nil
}

// NextKey is another key for a unit, which counts for nothing before it is used.
type NextKey struct {
	of     *SiteKey
	cert   tls.Certificate
	staged string // the file with it
}

// Draw makes another key, by which no other site knows the unit until somebody tells it
// there. It is on the disk when Draw returns, so that Use has little left that can fail.
func (k *SiteKey) Draw(now time.Time) (*NextKey, error) {
	key, err := makeKey("ecdsa")
	if err != nil {
		return nil, fmt.Errorf("site key: %w", err)
	}
	cert, file, err := certify(key, now)
	if err != nil {
		return nil, fmt.Errorf("site key: %w", err)
	}
	n := &NextKey{of: k, cert: cert}
	if n.staged, err = stageSecret(k.path, file); err != nil {
		return nil, fmt.Errorf("site key: %w", err)
	}
	return n, nil
}

// Fingerprint names the key.
func (n *NextKey) Fingerprint() string { return fingerprint(n.cert.Leaf) }

// Use has the unit prove itself by the key from now on. Where that fails the old one
// stays.
func (n *NextKey) Use() error {
	n.of.mu.Lock()
	defer n.of.mu.Unlock()
	if err := os.Rename(n.staged, n.of.path); err != nil {
		n.Drop()
		return fmt.Errorf("site key: %w", err)
	}
	n.of.cert, n.of.until = n.cert, n.cert.Leaf.NotAfter
	return nil
}

// Drop forgets a key that is not to be used.
func (n *NextKey) Drop() { _ = os.Remove(n.staged) }

// certify makes a certificate for a key, which lasts SiteCertificateLife, and the file of
// both.
func certify(key crypto.Signer, now time.Time) (cert tls.Certificate, file []byte, err error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return cert, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "sekisho site"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(SiteCertificateLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return cert, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return cert, nil, err
	}
	var out bytes.Buffer
	_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	_ = pem.Encode(&out, &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	cert.Leaf, err = x509.ParseCertificate(der)
	return cert, out.Bytes(), err
}

// extend writes a certificate of the same key anew; the caller holds the lock.
func (k *SiteKey) extend(key crypto.Signer, now time.Time) error {
	cert, file, err := certify(key, now)
	if err == nil {
		err = writeSecret(k.path, file)
	}
	if err != nil {
		return fmt.Errorf("site key: %w", err)
	}
	k.cert, k.until = cert, cert.Leaf.NotAfter
	return nil
}

// Fingerprint names the key.
func (k *SiteKey) Fingerprint() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return fingerprint(k.cert.Leaf)
}

// Until is when the certificate in use expires.
func (k *SiteKey) Until() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.until
}

// certificate is that of the key, written anew where less than a third of its life is
// left. Where that fails the old one is used as long as it lasts.
func (k *SiteKey) certificate(now time.Time) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.cert.PrivateKey.(crypto.Signer); ok && k.until.Sub(now) < SiteCertificateLife/3 {
		if err := k.extend(key, now); err != nil && !now.Before(k.until) {
			return nil, err
		}
	}
	cert := k.cert
	return &cert, nil
}

// fingerprint names the key of a certificate: the first 160 bits of SHA-256 of the
// public key, in hexadecimal.
func fingerprint(leaf *x509.Certificate) string {
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:FingerprintBytes])
}

// config is for both ends of a connection between sites: TLS 1.3, each shows its
// certificate, and nothing counts but whether its key is trusted and its time is not
// over. Every connection has a whole handshake.
func (k *SiteKey) config(trusts func(fingerprint string) bool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.certificate(time.Now()) },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return k.certificate(time.Now())
		},
		InsecureSkipVerify: true, // the check below is stricter
		VerifyConnection: func(cs tls.ConnectionState) error {
			return checkSite(cs, time.Now(), trusts)
		},
	}
}

// checkSite refuses a far end whose key is not trusted, or whose certificate is not
// valid now.
func checkSite(cs tls.ConnectionState, now time.Time, trusts func(fingerprint string) bool) error {
	if len(cs.PeerCertificates) == 0 {
		return fmt.Errorf("%w: it sent no certificate", ErrTrust)
	}
	leaf := cs.PeerCertificates[0]
	switch {
	case now.Before(leaf.NotBefore) || now.After(leaf.NotAfter):
		return fmt.Errorf("%w: its certificate is valid from %s to %s", ErrTrust,
			leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly))
	case !trusts(fingerprint(leaf)):
		return fmt.Errorf("%w: no site was paired with its key", ErrTrust)
	}
	return nil
}

// siteConn is a connection between sites.
type siteConn struct{ *tls.Conn }

// Peer is the fingerprint of the far end's key, "" until the handshake is over.
func (c siteConn) Peer() string {
	cs := c.ConnectionState()
	if !cs.HandshakeComplete || len(cs.PeerCertificates) == 0 {
		return ""
	}
	return fingerprint(cs.PeerCertificates[0])
}

// siteListener accepts connections of other sites.
type siteListener struct {
	net.Listener
	config *tls.Config
}

// Accept is as in net.Listener; the handshake is left to the first read.
func (l siteListener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return siteConn{tls.Server(raw, l.config)}, nil
}

// ListenSites opens a listener for other sites. What trusts does not know the
// fingerprint of is refused in the handshake.
func ListenSites(
	ctx context.Context, l Listener, k *SiteKey, trusts func(fingerprint string) bool,
) (net.Listener, error) {
	plain := l
	plain.Transport = TCP
	raw, err := Listen(ctx, plain, nil)
	if err != nil {
		return nil, err
	}
	return siteListener{raw, k.config(trusts)}, nil
}

// DialSite connects to another site, and checks that it has the key of that
// fingerprint. The handshake is done when it returns.
func (d Dialer) DialSite(ctx context.Context, to netip.AddrPort, k *SiteKey, want string) (net.Conn, error) {
	raw, err := d.DialTCP(ctx, to)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, k.config(func(f string) bool { return f == want }))
	ctx, cancel := context.WithTimeout(ctx, DialTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	return siteConn{conn}, nil
}
