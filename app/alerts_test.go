package app_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/store"
)

// postbox is an SMTP server and a webhook receiver, and when what came.
type postbox struct {
	t   *testing.T
	key []byte

	mu    sync.Mutex
	mails []received
	posts []received
}

// received is an alert as somebody outside got it.
type received struct {
	at   time.Time
	kind string // "barred begun"
	id   string
	text string
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{p}, nil }

type mailSession struct{ p *postbox }

func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }

func (s mailSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	m := received{at: time.Now(), text: string(b)}
	for line := range strings.SplitSeq(m.text, "\r\n") {
		if v, ok := strings.CutPrefix(line, "X-Sekisho-Alert: "); ok {
			m.kind = v
		}
		if v, ok := strings.CutPrefix(line, "Message-ID: <"); ok {
			m.id, _, _ = strings.Cut(v, "@")
		}
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.mails = append(s.p.mails, m)
	return err
}

// ServeHTTP takes what is signed with the key, and nothing else.
func (p *postbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "."))
	mac.Write(body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if err != nil || !hmac.Equal([]byte(want), []byte(r.Header.Get("webhook-signature"))) {
		p.t.Errorf("not signed: %v", r.Header)
		http.Error(w, "not signed", http.StatusForbidden)
		return
	}
	var b struct{ ID, Type, Kind, Text string }
	if err := json.Unmarshal(body, &b); err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := b.Kind + " " + strings.TrimPrefix(b.Type, "alert.")
	p.posts = append(p.posts, received{at: time.Now(), kind: kind, id: b.ID, text: b.Text})
}

// both gives when an alert of a kind has arrived by mail and by webhook.
func (p *postbox) both(kind string) (at time.Time, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.mails {
		for _, h := range p.posts {
			if m.kind == kind && h.kind == kind && m.id == h.id {
				if m.at.After(h.at) {
					return m.at, true
				}
				return h.at, true
			}
		}
	}
	return time.Time{}, false
}

// open starts the receivers and writes them into a configuration. addr is the
// mail server's, "" for any port.
func (p *postbox) open(addr string) (mail *smtp.Server, alerts config.Alerts) {
	p.t.Helper()
	mail, at := p.openMail(addr)
	hook := httptest.NewServer(p)
	p.t.Cleanup(hook.Close)
	secret := filepath.Join(p.t.TempDir(), "webhook.secret")
	if err := os.WriteFile(secret, []byte("whsec_"+base64.StdEncoding.EncodeToString(p.key)), 0o600); err != nil {
		p.t.Fatal(err)
	}
	alerts = config.Default().Alerts
	alerts.OfficeFrom, alerts.OfficeTo = "", "" // tests run at night, too
	alerts.Mail = config.Mail{Server: at, Security: "none", From: "pbx@example.jp", To: []string{"owner@example.jp"}}
	alerts.Webhook = []config.Webhook{{Name: "ops", URL: hook.URL, Template: "plain", SecretFile: secret}}
	return mail, alerts
}

func (p *postbox) openMail(addr string) (mail *smtp.Server, at string) {
	p.t.Helper()
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		p.t.Fatal(err)
	}
	mail = smtp.NewServer(p)
	mail.Domain = "mail.test"
	go func() { _ = mail.Serve(l) }()
	p.t.Cleanup(func() { _ = mail.Close() })
	return mail, l.Addr().String()
}

func newPostbox(t *testing.T) *postbox {
	return &postbox{t: t, key: []byte("0123456789abcdef0123456789abcdef")}
}

// arrives waits until an alert of a kind is there by mail and by webhook, at most
// readyTime: in March 2015 a thief's next call came after 25 s.
func (w *world) arrives(p *postbox, kind string, since time.Time) {
	w.Helper()
	w.until("the alert is there", func() bool { _, ok := p.both(kind); return ok })
	at, _ := p.both(kind)
	w.Logf("mail and webhook arrived after %v", at.Sub(since))
}

// TestAnAlertComesBeforeTheThirdTry: a phone with the right secret tries abroad
// again and again, in another spelling each time.
func TestAnAlertComesBeforeTheThirdTry(t *testing.T) {
	p := newPostbox(t)
	_, alerts := p.open("")
	w := newWorldWith(t, func(_ *world, c *config.Config) { c.Alerts = alerts }, nil)
	phone := w.phone("201", nil)
	for _, dialed := range []string{"01023276123456", "+23276123456"} {
		if _, o, err := phone.Dial(w.ctx(), dialed); err != nil || !o.Gated() {
			t.Fatalf("%s: %+v %v", dialed, o, err)
		}
	}
	w.arrives(p, "barred begun", time.Now())
	if _, o, err := phone.Dial(w.ctx(), "0033010 23276123456"); err != nil || !o.Gated() {
		t.Fatalf("%+v %v", o, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range append(p.mails, p.posts...) {
		if strings.Contains(m.text, "23276123456") {
			t.Errorf("the number leaves the house: %s", m.text)
		}
	}
}

// TestAnAlertComesBeforeTheSecondAnsweredCall: what an opening lets out is told
// as it happens, and the carrier has to ask nobody.
func TestAnAlertComesBeforeTheSecondAnsweredCall(t *testing.T) {
	p := newPostbox(t)
	_, alerts := p.open("")
	contract := contracts()[0]
	w := newWorldWith(t, func(w *world, c *config.Config) { c.Alerts = alerts },
		func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} }, contract.account)
	phone := w.phone("201", func(office.Ring) int { return 200 })
	contract.line.Profile = contract.profile
	w.line(contract.line)
	open := control.GateOpenRequest{
		Area: "US", Extension: "201", Until: time.Now().Add(time.Hour), Reason: "visit",
	}
	_, err := control.Call(w.ctx(), w.client, control.GateOpen, open)
	w.must(err)
	call, o, err := phone.Dial(w.ctx(), "0101"+"2125550123")
	if err != nil || !o.Answered() {
		t.Fatalf("%+v %v", o, err)
	}
	answered := time.Now()
	w.must(call.Hangup(w.ctx()))
	w.arrives(p, "abroad begun", answered)
	call, o, err = phone.Dial(w.ctx(), "0101"+"2125550123")
	if err != nil || !o.Answered() {
		t.Fatalf("the second call: %+v %v", o, err)
	}
	w.must(call.Hangup(w.ctx()))
}

// TestAnAlertSurvivesAServerAndAUnitThatAreDown is the way of one alert: not
// taken, kept, sent after both came back, on record, and verified.
func TestAnAlertSurvivesAServerAndAUnitThatAreDown(t *testing.T) {
	p := newPostbox(t)
	mail, alerts := p.open("")
	w := newWorldWith(t, func(_ *world, c *config.Config) { c.Alerts = alerts }, nil)
	w.until("the claim was told", func() bool { _, ok := p.both("change begun"); return ok })
	w.must(mail.Close())
	phone := w.phone("201", nil)
	for range 2 {
		if _, o, err := phone.Dial(w.ctx(), "01023276123456"); err != nil || !o.Gated() {
			t.Fatalf("%+v %v", o, err)
		}
	}
	channel := func() control.AlertChannel {
		list, err := control.Call(w.ctx(), w.client, control.AlertList, control.None{})
		w.must(err)
		return list.Channels[0]
	}
	w.until("the failure is on record", func() bool { c := channel(); return c.Owed == 1 && c.Why != nil })
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	if !found(checks, "mail", control.ResultFailed) || !found(checks, "ops", control.ResultOK) {
		t.Errorf("doctor does not see it: %+v", checks)
	}
	w.stop()
	p.openMail(alerts.Mail.Server)
	w.start()
	w.until("the mail is there", func() bool { _, ok := p.both("barred begun"); return ok })
	w.until("it is off the books", func() bool { c := channel(); return c.Owed == 0 && c.Why == nil })
	tried, err := control.Call(w.ctx(), w.client, control.AlertTest, control.AlertTestRequest{Channel: "mail"})
	w.must(err)
	if len(tried) != 1 || !tried[0].OK || !strings.Contains(tried[0].Answer, "OK") {
		t.Errorf("test: %+v", tried)
	}
	w.alertsOnRecord()
}

func found(checks []control.Check, of string, r control.Result) bool {
	for _, c := range checks {
		if c.Name == "alerts" && len(c.Of.Args) > 0 && c.Of.Args[0].Plain == of {
			return c.Result == r
		}
	}
	return false
}

// alertsOnRecord looks for the deliveries in the evidence, and verifies it.
func (w *world) alertsOnRecord() {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{Limit: 1}) // waits for the disk
	w.must(err)
	r, err := store.OpenReader(w.ctx(), store.Config{Path: filepath.Join(w.options.Data, evidence.StoreFile)})
	w.must(err)
	defer r.Close()
	var sent, failed int
	for record, err := range r.Leaves(w.ctx(), 0) {
		w.must(err)
		f, err := record.Fact()
		w.must(err)
		switch f.(type) {
		case fact.AlertSent:
			sent++
		case fact.AlertFailed:
			failed++
		}
	}
	if sent < 5 || failed != 1 { // claim and attack on two channels, and the test
		w.Errorf("%d sent, %d failed on record", sent, failed)
	}
	report, err := app.VerifyEvidence(w.ctx(), w.options.Data, config.Default().Store)
	if err != nil || !report.OK {
		w.Errorf("the evidence does not verify: %+v %v", report, err)
	}
}

func TestNobodyToTellIsAFinding(t *testing.T) {
	w := newWorld(t, nil)
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	for _, c := range checks {
		if c.Name == "alerts" && c.Result == control.ResultWarning && c.Detail.Key == "check.alerts.none" {
			return
		}
	}
	t.Errorf("doctor finds nothing: %+v", checks)
}
