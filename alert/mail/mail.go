package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	smtp "github.com/wneessen/go-mail"

	"github.com/sekisho/sekisho/alert"
)

// Security is how the way to the server is kept private.
type Security string

// The kinds of security.
const (
	STARTTLS Security = "starttls" // in the open until both agree on TLS; nothing is sent without
	TLS      Security = "tls"      // from the first byte
	None     Security = "none"     // in the open, without signing in
)

// Config is one server and one recipient.
type Config struct {
	Host     string
	Port     int
	Security Security
	User     string // "": without signing in
	Password string // path of the file that holds it
	From, To string
	Dial     alert.Dial
	Roots    *x509.CertPool // nil: the system's
	Timeout  time.Duration  // to connect and sign in, and again to send
}

// Mail is a channel.
type Mail struct{ c Config }

// New makes a channel.
func New(c Config) *Mail { return &Mail{c} }

// Note is one mail.
type Note struct {
	// ID is the same at each try, so that a mailbox can tell.
	ID          string
	Title, Text string
	At          time.Time
	Urgent      bool
	Header      map[string]string // besides those that every mail has
	File        *File             // attached, nil for none
}

// File is what is attached to a mail.
type File struct {
	Name string // ASCII: not every program reads others
	Type string // "audio/wav"
	Data []byte
}

// Send delivers a letter and gives the server's answer to the message.
func (m *Mail) Send(ctx context.Context, l alert.Letter) (string, error) {
	return m.Deliver(ctx, Note{
		ID: l.ID, Title: l.Title, Text: l.Text() + "\n", At: l.At, Urgent: l.Notice != "over",
		Header: map[string]string{"X-Sekisho-Alert": l.Kind + " " + l.Notice},
	})
}

// Deliver sends a mail and gives the server's answer to it. When ctx ends the connection is
// closed, whatever the server does.
func (m *Mail) Deliver(ctx context.Context, n Note) (string, error) {
	msg, err := m.message(n)
	if err != nil {
		return "", err
	}
	open, done := context.WithCancel(ctx)
	defer done() // the connection is left open where the server says no to a greeting
	client, err := m.client(open)
	if err != nil {
		return "", err
	}
	err = client.DialAndSendWithContext(open, msg)
	switch {
	case err == nil, msg.ServerResponse() != "": // taken, even if the farewell failed
		return msg.ServerResponse(), nil
	case ctx.Err() != nil: // which is why
		return "", fmt.Errorf("mail: %w", ctx.Err())
	}
	return "", explain(err)
}

func (m *Mail) message(n Note) (*smtp.Msg, error) {
	msg := smtp.NewMsg()
	if err := errors.Join(msg.From(m.c.From), msg.To(m.c.To)); err != nil {
		return nil, &alert.Failure{Word: "address", Answer: err.Error(), Final: true}
	}
	_, domain, _ := cutLast(m.c.From)
	msg.SetMessageIDWithValue(n.ID + "@" + domain)
	msg.SetDateWithValue(n.At)
	msg.Subject(n.Title)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notice comes back
	for name, value := range n.Header {
		msg.SetGenHeader(smtp.Header(name), value)
	}
	if n.Urgent {
		msg.SetImportance(smtp.ImportanceHigh)
	}
	msg.SetBodyString(smtp.TypeTextPlain, n.Text)
	if f := n.File; f != nil {
		msg.AttachReadSeeker(f.Name, bytes.NewReader(f.Data), smtp.WithFileContentType(smtp.ContentType(f.Type)))
	}
	return msg, nil
}

// cutLast cuts an address at its last @.
func cutLast(address string) (local, domain string, ok bool) {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[:i], address[i+1:], true
		}
	}
	return address, "sekisho.invalid", false
}

// client makes a client whose connection is closed when open ends.
func (m *Mail) client(open context.Context) (*smtp.Client, error) {
	config := &tls.Config{ServerName: m.c.Host, RootCAs: m.c.Roots, MinVersion: tls.VersionTLS12}
	options := []smtp.Option{
		smtp.WithPort(m.c.Port), smtp.WithTLSConfig(config), smtp.WithoutNoop(),
		smtp.WithDialContextFunc(m.dial(open, config)), smtp.WithTimeout(m.c.Timeout),
	}
	switch m.c.Security {
	case STARTTLS:
		options = append(options, smtp.WithTLSPolicy(smtp.TLSMandatory))
	case TLS: // dial has done it: servers do not offer STARTTLS over TLS
		options = append(options, smtp.WithTLSPolicy(smtp.TLSOpportunistic))
	case None:
		options = append(options, smtp.WithTLSPolicy(smtp.NoTLS))
	}
	if m.c.User != "" && m.c.Security != None {
		password, err := alert.Secret(m.c.Password)
		if err != nil {
			return nil, err
		}
		options = append(options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover),
			smtp.WithUsername(m.c.User), smtp.WithPassword(password))
	}
	c, err := smtp.NewClient(m.c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return c, nil
}

// dial opens the connection, with TLS from the first byte where that is meant. It is closed
// when open ends: the client looks at its ctx while it connects only.
func (m *Mail) dial(open context.Context, config *tls.Config) smtp.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := m.c.Dial(ctx, network, address)
		if err == nil {
			context.AfterFunc(open, func() { _ = conn.Close() })
		}
		if err != nil || m.c.Security != TLS {
			return conn, err
		}
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return secure, nil
	}
}

// explain gives the server's status where it answered. Its sentence is not
// kept: servers quote addresses in it.
func explain(err error) error {
	if sent, ok := errors.AsType[*smtp.SendError](err); ok {
		f := &alert.Failure{Word: "not-taken", Answer: sent.Reason.String()}
		if code := sent.ErrorCode(); code > 0 {
			f.Word = "status " + strconv.Itoa(code)
			f.Final = final(sent.Reason, code)
		}
		return f
	}
	return err
}

// final tells whether a server has said no for good to this recipient or this mail. What it
// says to the sender, or of how we sign in, changes with a setting.
func final(at smtp.SendErrReason, code int) bool {
	switch {
	case code < 500, code == 530, code == 534, code == 535, code == 538: // RFC 4954 §6
		return false
	}
	return at == smtp.ErrSMTPRcptTo || at == smtp.ErrSMTPData || at == smtp.ErrSMTPDataClose
}
