package app_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/unit/media/music"
)

// mailServer is an SMTP server of a provider with what it has taken for whom.
type mailServer struct {
	*testing.T

	addr string

	mu     sync.Mutex
	server *smtp.Server
	refuse map[string]*smtp.SMTPError // by recipient
	most   int64                      // bytes of a mail, 0 for any
	taken  []string
}

type mailDelivery struct {
	*mailServer

	to string
}

func (s *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailDelivery{mailServer: s}, nil
}

func (*mailDelivery) Mail(string, *smtp.MailOptions) error { return nil }
func (*mailDelivery) Reset()                               {}
func (*mailDelivery) Logout() error                        { return nil }

func (d *mailDelivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
	if e := d.refuse[to]; e != nil {
		return e
	}
	return nil
}

func (d *mailDelivery) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to != "owner@example.jp" { // that one has the alerts
		d.taken = append(d.taken, string(b))
	}
	return nil
}

// open lets the server answer, for the first time or again at the same address.
func (s *mailServer) open() {
	s.Helper()
	at := s.addr
	if at == "" {
		at = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		s.Fatal(err)
	}
	s.addr, s.server = l.Addr().String(), smtp.NewServer(s)
	s.server.Domain, s.server.MaxMessageBytes = "mail.test", s.most
	server := s.server
	go func() { _ = server.Serve(l) }()
	s.Cleanup(func() { _ = server.Close() })
}

// mails are those that the server has taken for people with mailboxes.
func (s *mailServer) mails() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.taken...)
}

// postOffice is modes with a mail server, and with 204, whose calls go to its mailbox.
func postOffice(t *testing.T, s *mailServer) (*world, *office.Phone) {
	t.Helper()
	s.T = t
	s.open()
	w := newWorldWith(t, func(_ *world, c *config.Config) {
		c.Voice.AnnouncementsMax = 8
		c.Alerts.OfficeFrom, c.Alerts.OfficeTo = "", "" // tests run at night, too
		c.Alerts.Mail = config.Mail{
			Server: s.addr, Security: "none", From: "pbx@example.jp", To: []string{"owner@example.jp"},
		}
	}, nil)
	b := new(bells)
	p := w.phone("203", b.at("203"))
	w.phone("204", func(office.Ring) int { return 486 })
	w.must(w.service("204", fact.ForwardBusy, "mailbox", true))
	return w, p
}

func (w *world) mails(r control.MailRequest) {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.MailboxMail, r)
	w.must(err)
}

// parts reads a mail: its headers and, in turn, what it has.
func parts(t *testing.T, raw string) (header mail.Header, subject, text string, file []byte, name string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		return m.Header, subject, string(b), nil, ""
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, subject, text, file, name
		}
		if err != nil {
			t.Fatal(err)
		}
		body := io.Reader(quotedprintable.NewReader(p))
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if name = p.FileName(); name != "" {
			file = b
		} else {
			text = string(b)
		}
	}
}

// TestMessageByMail: a message that a caller leaves arrives as a mail that says who called,
// with what was said; once the server has taken it the message is deleted where that is
// wanted, and is still there where not. Both are on record.
func TestMessageByMail(t *testing.T) {
	var s mailServer
	w, p := postOffice(t, &s)
	names := control.BookChangeRequest{Add: []control.BookEntry{{Name: "山田商店", Number: "203"}}}
	_, err := control.Call(w.ctx(), w.client, control.BookChange, names)
	w.must(err)
	w.mails(control.MailRequest{Extension: "204", Address: "suzuki@example.jp", Attach: true})
	left := leaves(t, w, p)
	w.until("the mail is on record", func() bool { return len(of[fact.MailSent](w.facts())) == 1 })
	got := s.mails()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	header, subject, text, file, name := parts(t, got[0])
	if header.Get("To") != "<suzuki@example.jp>" || header.Get("Message-Id") != "<"+left.ID+"@example.jp>" {
		t.Errorf("header: %v", header)
	}
	tokyo := left.Left.Add(9 * time.Hour)
	for _, says := range []string{"204", "山田商店 (203)", tokyo.Format("2006-01-02 15:04")} {
		if !strings.Contains(text, says) {
			t.Errorf("%q is not in %q", says, text)
		}
	}
	if !strings.Contains(subject, "山田商店 (203)") || name != "message-204-"+tokyo.Format("20060102-150405")+".wav" {
		t.Errorf("subject %q, file %q", subject, name)
	}
	pcm, err := music.Speech(bytes.NewReader(file))
	if err != nil || !ear.Hears(pcm, 8000, 700) || len(pcm) < 8000*left.Seconds/2 {
		t.Errorf("%d samples, 700 Hz with %.1f dBm0, %v", len(pcm), ear.Level(pcm, 8000, 700), err)
	}
	if f := of[fact.MailSent](w.facts())[0]; f.ID != left.ID || !f.Sound || f.Tries != 1 {
		t.Errorf("on record: %+v", f)
	}
	if n := len(of[fact.MessageDeleted](w.facts())); n != 0 {
		t.Errorf("%d messages are deleted", n)
	}
	w.mails(control.MailRequest{Extension: "204", Address: "suzuki@example.jp", Attach: true, Delete: true})
	left = leaves(t, w, p)
	w.until("it is on record that it was deleted", func() bool { return len(of[fact.MessageDeleted](w.facts())) == 1 })
	if f := of[fact.MessageDeleted](w.facts())[0]; f.ID != left.ID || f.By != "unit:mail" || len(s.mails()) != 2 {
		t.Errorf("on record: %+v; %d mails", f, len(s.mails()))
	}
	w.mails(control.MailRequest{Extension: "204"})
	leaves(t, w, p)
	all, err := control.Call(w.ctx(), w.client, control.MessageList, control.MailboxRequest{Extension: "204"})
	w.must(err)
	if len(all) != 2 || all[0].Mail != fact.MailTaken || all[1].Mail != "" || len(s.mails()) != 2 {
		t.Errorf("in the box: %+v; %d mails", all, len(s.mails()))
	}
}

// TestMailOutlivesServerAndUnit: a mail that no server takes is due over a restart, which
// the doctor sees, and is sent, once, when the server is back. No log names the address.
func TestMailOutlivesServerAndUnit(t *testing.T) {
	var s mailServer
	w, p := postOffice(t, &s)
	w.mails(control.MailRequest{Extension: "204", Address: "suzuki@example.jp", Attach: true})
	w.must(s.server.Close())
	left := leaves(t, w, p)
	w.until("the failure is on record", func() bool { return len(of[fact.MailFailed](w.facts())) == 1 })
	if f := of[fact.MailFailed](w.facts())[0]; f.ID != left.ID || f.GivenUp || f.Why != "refused" {
		t.Errorf("on record: %+v", f)
	}
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	failing := false
	for _, c := range checks {
		failing = failing || c.Name == "mail" && c.Result == control.ResultFailed
	}
	if !failing {
		t.Errorf("the doctor does not see it: %+v", checks)
	}
	w.stop()
	log := &logged{to: t.Output()}
	w.options.Log = slog.New(slog.NewTextHandler(log, nil))
	w.start()
	w.until("it is tried again", func() bool { return log.has("mail about a message not sent") })
	w.stop()
	s.open()
	w.start()
	w.until("the mail is on record", func() bool { return len(of[fact.MailSent](w.facts())) == 1 })
	w.stop()
	w.start()
	w.until("204 is registered", func() bool { return w.registered("204") })
	all, err := control.Call(w.ctx(), w.client, control.MessageList, control.MailboxRequest{Extension: "204"})
	w.must(err)
	if len(all) != 1 || all[0].Mail != fact.MailTaken || len(s.mails()) != 1 {
		t.Errorf("in the box: %+v; %d mails", all, len(s.mails()))
	}
	if log.has("suzuki@") {
		t.Error("the log names the address")
	}
}

// TestMailThatNobodyTakes: a mail to an address that the server does not know is given up,
// with an alert; one that is too large for the server, or for us, goes without its sound and
// does not delete the message.
func TestMailThatNobodyTakes(t *testing.T) {
	s := mailServer{most: 20_000, refuse: map[string]*smtp.SMTPError{
		"gone@example.jp": {Code: 550, Message: "no such user"},
	}}
	w, p := postOffice(t, &s)
	w.mails(control.MailRequest{Extension: "204", Address: "gone@example.jp", Attach: true, Delete: true})
	left := leaves(t, w, p)
	w.until("it is on record that it is given up", func() bool { return len(of[fact.MailFailed](w.facts())) == 1 })
	if f := of[fact.MailFailed](w.facts())[0]; f.ID != left.ID || !f.GivenUp || f.Why != "status 550" {
		t.Errorf("on record: %+v", f)
	}
	w.until("the alert is out", func() bool {
		for _, f := range of[fact.AlertSent](w.facts()) {
			if f.About == "mail/204" {
				return true
			}
		}
		return false
	})
	w.mails(control.MailRequest{Extension: "204", Address: "suzuki@example.jp", Attach: true, Delete: true})
	leaves(t, w, p)
	w.until("the mail is on record", func() bool { return len(of[fact.MailSent](w.facts())) == 1 })
	if f := of[fact.MailSent](w.facts())[0]; f.Sound || f.Tries != 2 || len(s.mails()) != 1 {
		t.Errorf("on record: %+v; %d mails", f, len(s.mails()))
	}
	if _, _, text, file, _ := parts(t, s.mails()[0]); file != nil || !strings.Contains(text, "音声は付けられませんでした") {
		t.Errorf("%d bytes are attached; the text: %q", len(file), text)
	}
	long := left.Message
	long.ID, long.Seconds, long.Sound, long.Mail = "1-long", 301, fact.Bulk{0xff}, fact.MailDue
	w.stop()
	recorded(t, w.options.Data, fact.MessageLeft{Message: long})
	w.start()
	w.until("the mail is on record", func() bool { return len(of[fact.MailSent](w.facts())) == 2 })
	if f := of[fact.MailSent](w.facts())[1]; f.ID != long.ID || f.Sound {
		t.Errorf("on record: %+v", f)
	}
	if n := len(of[fact.MessageDeleted](w.facts())); n != 0 {
		t.Errorf("%d messages are deleted", n)
	}
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "204"})
	w.must(err)
	set := of[fact.MailSet](w.facts())
	if last := set[len(set)-1]; last.Extension != "204" || !last.Gone() {
		t.Errorf("on record: %+v", last)
	}
}

// TestMailNeedsAServer: where no mail server is configured nobody sets an address; nor one
// that is none, nor one without the sound after which the message would be deleted.
func TestMailNeedsAServer(t *testing.T) {
	w := newWorld(t, nil)
	w.phone("204", nil)
	r := control.MailRequest{Extension: "204", Address: "suzuki@example.jp", Attach: true}
	exits[control.None](t, control.ExitConflict)(control.Call(w.ctx(), w.client, control.MailboxMail, r))
	var s mailServer
	w, _ = postOffice(t, &s)
	for _, r := range []control.MailRequest{
		{Extension: "204", Address: "Suzuki <suzuki@example.jp>"},
		{Extension: "204", Address: "suzuki"},
		{Extension: "204", Address: "suzuki@example.jp", Delete: true},
	} {
		exits[control.None](t, control.ExitUsage)(control.Call(w.ctx(), w.client, control.MailboxMail, r))
	}
	r.Extension = "299"
	exits[control.None](t, control.ExitNotFound)(control.Call(w.ctx(), w.client, control.MailboxMail, r))
}
