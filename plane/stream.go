package plane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// Listen opens a declared TCP or TLS listener. config is needed for TLS only.
func Listen(ctx context.Context, l Listener, config *tls.Config) (net.Listener, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	if l.Transport != TCP && l.Transport != TLS {
		return nil, fmt.Errorf("%w: %s is no stream listener", ErrListener, l.Name)
	}
	if l.Transport == TLS && (config == nil || len(config.Certificates) == 0 && config.GetCertificate == nil) {
		return nil, fmt.Errorf("%w: %s has no certificate", ErrListener, l.Name)
	}
	lc := net.ListenConfig{}
	network := "tcp4"
	if l.Addr.Addr().Unmap().Is6() {
		network = "tcp6" // IPv6 only, as udp: 0.0.0.0 may stand beside [::]
	}
	ln, err := lc.Listen(ctx, network, netip.AddrPortFrom(l.Addr.Addr().Unmap(), l.Addr.Port()).String())
	if err != nil {
		return nil, named(l, err)
	}
	ln = stampedListener{ln}
	if l.Transport == TLS {
		return tls.NewListener(ln, config), nil
	}
	return ln, nil
}

// Dialer makes outgoing connections of one plane.
type Dialer struct {
	// Local is the address to dial from; the zero Addr leaves it to the
	// host's routes.
	Local netip.Addr
	// TLS is the template for TLS connections; nil means Trust{}.
	TLS *tls.Config
}

// DialTCP connects to an address.
func (d Dialer) DialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	nd := net.Dialer{Timeout: DialTimeout}
	if d.Local.IsValid() {
		nd.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(d.Local, 0))
	}
	conn, err := nd.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return stamp(conn), nil
}

// DialTLS connects to an address and checks that it is the named server
// (RFC 5922 §7: the name is the one that was looked up, not what the lookup
// gave). The handshake is done when it returns.
func (d Dialer) DialTLS(ctx context.Context, to netip.AddrPort, serverName string) (net.Conn, error) {
	raw, err := d.DialTCP(ctx, to)
	if err != nil {
		return nil, err
	}
	config := d.TLS
	if config == nil {
		config, _ = Trust{}.ClientConfig()
	}
	config = config.Clone()
	if serverName == "" {
		serverName = to.Addr().String()
	}
	config.ServerName = serverName
	conn := tls.Client(raw, config)
	ctx, cancel := context.WithTimeout(ctx, DialTimeout)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("tls handshake: %w", err)
	}
	return conn, nil
}

// Trust says which servers an outgoing TLS connection believes.
type Trust struct {
	CA  []byte // certificates in PEM; empty means the host's
	Pin []byte // SHA-256 of the server's public key (SPKI); replaces the check of the chain
}

// ErrTrust is wrapped by complaints about what is trusted.
var ErrTrust = errors.New("server is not trusted")

// ClientConfig makes the configuration for outgoing TLS of the voice plane.
func (t Trust) ClientConfig() (*tls.Config, error) {
	config := voiceTLS()
	if len(t.CA) > 0 {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(t.CA) {
			return nil, fmt.Errorf("%w: no certificate in the given CA file", ErrTrust)
		}
	}
	if len(t.Pin) > 0 {
		pin := append([]byte(nil), t.Pin...)
		config.InsecureSkipVerify = true // the pin below is the check
		config.VerifyConnection = func(cs tls.ConnectionState) error { return checkPin(cs, pin) }
	}
	return config, nil
}

// Dial connects for the SIP stack: transport is TCP or TLS, local the address
// to leave from (its port is not used), serverName the name a TLS server must
// prove.
func (d Dialer) Dial(
	ctx context.Context, listener, transport string, local, remote netip.AddrPort, serverName string,
) (net.Conn, error) {
	if a := local.Addr(); a.IsValid() && !a.IsUnspecified() {
		d.Local = a
	}
	switch transport {
	case TCP:
		return d.DialTCP(ctx, remote)
	case TLS:
		return d.DialTLS(ctx, remote, serverName)
	default:
		return nil, fmt.Errorf("%w: %s can't connect by %q", ErrListener, listener, transport)
	}
}
