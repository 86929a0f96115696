package mail_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	stdmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/mail"
	"github.com/sekisho/sekisho/plane"
)

// server is an SMTP server that keeps what it takes.
type server struct {
	mu       sync.Mutex
	messages []string
	to       []string
	signedIn int
	refuse   error
	sender   error         // what is said to the sender
	held     chan struct{} // closed when a mail is there; nil to answer at once
	answer   chan struct{} // closed to answer
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{s: s}, nil }

type session struct {
	s  *server
	in bool
}

func (x *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "alerts" || password != "between server and unit" {
			return smtp.ErrAuthFailed
		}
		x.in = true
		return nil
	}), nil
}

func (x *session) Mail(string, *smtp.MailOptions) error { return x.s.sender }

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	if x.s.refuse == nil {
		x.s.to = append(x.s.to, to)
	}
	return x.s.refuse
}

func (x *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	x.s.mu.Lock()
	x.s.messages = append(x.s.messages, string(b))
	if x.in {
		x.s.signedIn++
	}
	x.s.mu.Unlock()
	if x.s.held != nil {
		close(x.s.held)
		<-x.s.answer
	}
	return err
}

func (x *session) Reset() {}

func (x *session) Logout() error { return nil }

// listen starts the server, with TLS from the first byte or by STARTTLS.
func listen(t *testing.T, s *server, implicit bool) (port int, roots *x509.CertPool) {
	t.Helper()
	https := httptest.NewTLSServer(nil) // for its certificate of 127.0.0.1
	t.Cleanup(https.Close)
	roots = x509.NewCertPool()
	roots.AddCert(https.Certificate())
	config := &tls.Config{Certificates: https.TLS.Certificates}
	srv := smtp.NewServer(s)
	srv.Domain, srv.TLSConfig = "mail.test", config
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("no TCP address")
	}
	if implicit {
		ln = tls.NewListener(ln, config)
	}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return addr.Port, roots
}

func password(t *testing.T, secret string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(secret+"\n"), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

var letter = alert.Letter{
	ID: "3f2a9b", Kind: "barred", Notice: "begun", Unit: "sekisho-ABCD",
	Title: "【通報】sekisho-ABCD: 内線 201 から規制対象の発信が続いています",
	Rows:  []alert.Row{{Label: "内容", Says: "シエラレオネへ発信しようとし、関所が止めました"}},
	At:    time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC),
}

func TestMailArrivesInJapanese(t *testing.T) {
	for _, security := range []mail.Security{mail.STARTTLS, mail.TLS} {
		s := &server{}
		port, roots := listen(t, s, security == mail.TLS)
		m := mail.New(mail.Config{
			Host: "127.0.0.1", Port: port, Security: security, User: "alerts",
			Password: password(t, "between server and unit", 0o600), Timeout: time.Minute,
			From: "sekisho@example.jp", To: "owner@example.jp", Dial: plane.Dial, Roots: roots,
		})
		answer, err := m.Send(t.Context(), letter)
		if err != nil || !strings.Contains(answer, "OK") {
			t.Fatalf("%s: %q %v", security, answer, err)
		}
		if len(s.messages) != 1 || s.signedIn != 1 || s.to[0] != "owner@example.jp" {
			t.Fatalf("%s: %+v", security, s)
		}
		got, err := stdmail.ReadMessage(strings.NewReader(s.messages[0]))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
		if err != nil || subject != letter.Title {
			t.Errorf("%s: subject %q %v", security, subject, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
		if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != letter.Text()+"\n" {
			t.Errorf("%s: body %q %v", security, body, err)
		}
		id, auto := got.Header.Get("Message-ID"), got.Header.Get("Auto-Submitted")
		if id != "<3f2a9b@example.jp>" || auto != "auto-generated" {
			t.Errorf("%s: header %v", security, got.Header)
		}
	}
}

func TestNothingIsSentInTheOpenOrToSomebodyElse(t *testing.T) {
	s := &server{}
	port, roots := listen(t, s, false)
	good := mail.Config{
		Host: "127.0.0.1", Port: port, Security: mail.STARTTLS, User: "alerts",
		Password: password(t, "between server and unit", 0o600),
		From:     "sekisho@example.jp", To: "owner@example.jp", Dial: plane.Dial, Roots: roots, Timeout: time.Minute,
	}
	for _, c := range []struct {
		what   string
		change func(*mail.Config)
		word   string
	}{
		{"a server nobody vouches for", func(c *mail.Config) { c.Roots = x509.NewCertPool() }, "certificate"},
		{"a password others may read", func(c *mail.Config) { c.Password = password(t, "x", 0o644) }, "secret"},
		{"no password file", func(c *mail.Config) { c.Password = "/nonexistent" }, "secret"},
		{"nobody there", func(c *mail.Config) { c.Port = 1 }, "refused"},
		{"a wrong password", func(c *mail.Config) { c.Password = password(t, "wrong", 0o600) }, "error"},
	} {
		bad := good
		c.change(&bad)
		_, err := mail.New(bad).Send(t.Context(), letter)
		if err == nil || alert.Word(err) != c.word || len(s.messages) != 0 {
			t.Errorf("%s: %v (%s)", c.what, err, alert.Word(err))
		}
		if err != nil && strings.Contains(err.Error(), "between server and unit") {
			t.Errorf("%s: the error holds the password", c.what)
		}
	}
	s.refuse = &smtp.SMTPError{Code: 550, Message: "no such user owner@example.jp"}
	_, err := mail.New(good).Send(t.Context(), letter)
	f, ok := errors.AsType[*alert.Failure](err)
	if !ok || f.Word != "status 550" || !f.Final || strings.Contains(err.Error(), "owner@") {
		t.Errorf("a refused recipient: %v", err)
	}
	s.refuse = &smtp.SMTPError{Code: 530, Message: "sign in first"}
	_, err = mail.New(good).Send(t.Context(), letter)
	if f, ok = errors.AsType[*alert.Failure](err); !ok || f.Word != "status 530" || f.Final {
		t.Errorf("a server that wants another setting: %v", err)
	}
	s.refuse, s.sender = nil, &smtp.SMTPError{Code: 550, Message: "not from you"}
	_, err = mail.New(good).Send(t.Context(), letter)
	if f, ok = errors.AsType[*alert.Failure](err); !ok || f.Word != "status 550" || f.Final {
		t.Errorf("a refused sender: %v", err)
	}
}

// TestSendingEnds: a server that has a mail and does not answer is left as soon as the unit
// stops, and after the time that is set, whichever comes first.
func TestSendingEnds(t *testing.T) {
	for _, stops := range []bool{true, false} {
		s := &server{held: make(chan struct{}), answer: make(chan struct{})}
		port, _ := listen(t, s, false)
		c := mail.Config{
			Host: "127.0.0.1", Port: port, Security: mail.None, From: "sekisho@example.jp", To: "owner@example.jp",
			Dial: plane.Dial, Timeout: time.Minute,
		}
		patience, end := context.WithTimeout(t.Context(), 12*time.Second) // the client's own time is 15 s
		ctx, stop := context.WithCancel(patience)
		if stops {
			go func() { <-s.held; stop() }()
		} else {
			c.Timeout = 100 * time.Millisecond
		}
		_, err := mail.New(c).Send(ctx, letter)
		if err == nil || stops != errors.Is(err, context.Canceled) || patience.Err() != nil {
			t.Errorf("where the unit stops (%v): %v, %v", stops, err, patience.Err())
		}
		end()
		stop()
		close(s.answer)
	}
}
