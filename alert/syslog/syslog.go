package syslog

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert"
)

const (
	facility    = 10   // security and authorization messages (RFC 5424 §6.2.1)
	alertLevel  = 1    // "action must be taken immediately"
	noticeLevel = 5    // "normal but significant condition"
	bytesMax    = 2048 // of a message: what receivers should take (RFC 5424 §6.1)
	nameMax     = 48   // of APP-NAME
	hostMax     = 255  // of HOSTNAME
	idMax       = 32   // of MSGID
	valueMax    = 200  // of a field in the text
)

// Transport is how messages travel.
type Transport string

// The transports.
const (
	UDP Transport = "udp"
	TCP Transport = "tcp"
	TLS Transport = "tls"
)

// Config is one receiver.
type Config struct {
	Addr      string // host:port
	Transport Transport
	Hostname  string // of this machine
	Dial      alert.Dial
	Roots     *x509.CertPool // nil: the system's
}

// Syslog is a channel.
type Syslog struct{ c Config }

// New makes a channel.
func New(c Config) *Syslog { return &Syslog{c} }

// Send writes one message. What it gives says how it was sent: nobody answers.
func (s *Syslog) Send(ctx context.Context, l alert.Letter) (answer string, err error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return "", fmt.Errorf("syslog: %w", err)
		}
	}
	message := Format(l, s.c.Hostname)
	if s.c.Transport != UDP {
		message = append([]byte(strconv.Itoa(len(message))+" "), message...)
	}
	if _, err := conn.Write(message); err != nil {
		return "", fmt.Errorf("syslog: %w", err)
	}
	return "sent by " + string(s.c.Transport), nil
}

func (s *Syslog) connect(ctx context.Context) (net.Conn, error) {
	network := "tcp"
	if s.c.Transport == UDP {
		network = "udp"
	}
	conn, err := s.c.Dial(ctx, network, s.c.Addr)
	if err != nil || s.c.Transport != TLS {
		return conn, err
	}
	host, _, err := net.SplitHostPort(s.c.Addr)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	secure := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: s.c.Roots, MinVersion: tls.VersionTLS12})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

// Format writes a letter as one syslog message (RFC 5424 §6), at most 2048
// bytes: what is too long loses its end.
func Format(l alert.Letter, hostname string) []byte {
	level := alertLevel
	if l.Notice == "over" || l.Kind == "test" {
		level = noticeLevel
	}
	head := fmt.Sprintf("<%d>1 %s %s %s - %s - ", facility*8+level, l.At.UTC().Format(time.RFC3339),
		ascii(hostname, hostMax), ascii("sekisho", nameMax), ascii(l.Kind, idMax))
	const bom = "\ufeff" // the text is UTF-8 (RFC 5424 §6.4)
	fields := fmt.Sprintf("id=%s unit=%s notice=%s about=%s count=%d ",
		ascii(l.ID, valueMax), ascii(l.Unit, valueMax), ascii(l.Notice, valueMax), ascii(l.About, valueMax), l.Count)
	out := head + bom + fields + strings.ReplaceAll(l.Text(), "\n", " / ")
	if len(out) > bytesMax {
		out = strings.ToValidUTF8(out[:bytesMax], "")
	}
	return []byte(out)
}

// ascii holds a header field to printable ASCII without spaces; "-" is none.
func ascii(s string, most int) string {
	out := strings.Map(func(r rune) rune {
		if r < '!' || r > '~' {
			return -1
		}
		return r
	}, s)
	if out == "" {
		return "-"
	}
	return out[:min(len(out), most)]
}
