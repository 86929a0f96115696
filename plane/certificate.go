package plane

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// voiceTLS is what both sides of the voice plane's TLS share. Old desk phones
// stumble over the large hello of the hybrid key exchanges, so the classical
// curves are named; TLS 1.2 is the least.
func voiceTLS() *tls.Config {
	return &tls.Config{
		MinVersion:       tls.VersionTLS12,
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
	}
}

// ServerConfig makes the voice plane's TLS configuration from certificates,
// at least one, one per kind of key: each phone gets the first that it can
// check.
func ServerConfig(certs ...tls.Certificate) *tls.Config {
	config := voiceTLS()
	config.Certificates = certs
	config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		// Phones name the unit in all sorts of ways: the name chooses no
		// certificate, only the kinds of keys do.
		nameless := *hello
		nameless.ServerName = ""
		for i := range certs {
			if nameless.SupportsCertificate(&certs[i]) == nil {
				return &certs[i], nil
			}
		}
		return &certs[0], nil
	}
	return config
}

// ManagementConfig makes the management plane's TLS configuration: TLS 1.3 and
// the library's own choice of key exchanges.
func ManagementConfig(certs ...tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: certs}
}

// checkPin compares the server's public key with the pinned one.
func checkPin(cs tls.ConnectionState, pin []byte) error {
	if len(cs.PeerCertificates) == 0 {
		return fmt.Errorf("%w: it sent no certificate", ErrTrust)
	}
	sum := sha256.Sum256(cs.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if subtle.ConstantTimeCompare(sum[:], pin) != 1 {
		return fmt.Errorf("%w: its key is not the pinned one", ErrTrust)
	}
	return nil
}

// PinOf gives the pin of a certificate: SHA-256 of its public key.
func PinOf(cert tls.Certificate) ([]byte, error) {
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return sum[:], nil
}

// VoiceCertificates loads the voice plane's certificates from dir, and makes
// them there on the first start: one with an elliptic key, one with an RSA key
// for phones that know nothing else. names are the host names and addresses
// that phones use for the unit. The keys are of mode 0600 and of this unit
// alone: there is no default key.
func VoiceCertificates(dir string, names []string, now time.Time) ([]tls.Certificate, error) {
	var certs []tls.Certificate
	for _, kind := range []string{"ecdsa", "rsa"} {
		path := filepath.Join(dir, "voice-"+kind+".pem")
		cert, err := loadCertificate(path)
		if errors.Is(err, fs.ErrNotExist) {
			cert, err = makeCertificate(path, kind, names, now)
		}
		if err != nil {
			return nil, fmt.Errorf("voice certificate: %w", err)
		}
		certs = append(certs, cert)
	}
	return certs, nil
}

// LoadCertificate reads a certificate and its key from two PEM files, as the
// owner may bring them.
func LoadCertificate(certFile, keyFile string) (tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	return cert, nil
}

// loadCertificate reads certificate and key from one PEM file.
func loadCertificate(path string) (tls.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(b, b)
}

// makeCertificate makes a self-signed certificate and writes it with its key.
func makeCertificate(path, kind string, names []string, now time.Time) (tls.Certificate, error) {
	key, err := makeKey(kind)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "sekisho voice"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(CertificateLife),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	var out bytes.Buffer
	_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	_ = pem.Encode(&out, &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	if err := writeSecret(path, out.Bytes()); err != nil {
		return tls.Certificate{}, err
	}
	return loadCertificate(path)
}

// makeKey makes a key of the kind.
func makeKey(kind string) (crypto.Signer, error) {
	if kind == "rsa" {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// writeSecret writes a file of mode 0600 that is either whole or absent.
func writeSecret(path string, b []byte) error {
	name, err := stageSecret(path, b)
	if err != nil {
		return err
	}
	if err = os.Rename(name, path); err != nil {
		_ = os.Remove(name)
	}
	return err
}

// staged begins the names of files that are to take another's place.
const staged = ".new-"

// dropStaged removes what took no file's place in a directory, as far as it can.
func dropStaged(dir string) {
	left, _ := os.ReadDir(dir)
	for _, f := range left {
		if strings.HasPrefix(f.Name(), staged) {
			_ = os.Remove(filepath.Join(dir, f.Name()))
		}
	}
}

// stageSecret writes what is to take a file's place, beside it.
func stageSecret(path string, b []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), staged+"*") // made with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
