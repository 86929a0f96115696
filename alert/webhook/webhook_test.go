package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/plane"
)

var (
	at     = time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)
	letter = alert.Letter{
		ID: "3f2a9b", Kind: "barred", Notice: "begun", About: "phone/201-1", Unit: "sekisho-ABCD", Count: 2,
		Title: "【通報】<内線 201> *", Rows: []alert.Row{{Label: "内容", Says: "a & b"}}, Since: at, At: at,
	}
)

// TestTheSignatureIsThatOfTheStandard compares with the example that the
// Standard Webhooks libraries test against.
func TestTheSignatureIsThatOfTheStandard(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("got %s", got)
	}
}

func secretFile(t *testing.T, s string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(s+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAReceiverCanVerify(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	var verified bool
	var got plain
	srv := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(r.Header.Get("webhook-id") + "." + r.Header.Get("webhook-timestamp") + "."))
		mac.Write(body)
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		verified = hmac.Equal([]byte(want), []byte(r.Header.Get("webhook-signature"))) &&
			r.Header.Get("webhook-timestamp") == strconv.FormatInt(at.Unix(), 10)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	c := Config{
		URL: srv.URL, Template: Plain, Secret: secretFile(t, "whsec_"+base64.StdEncoding.EncodeToString(key)),
		Dial: plane.Dial, Roots: roots, Now: func() time.Time { return at },
	}
	answer, err := New(c).Send(t.Context(), letter)
	if err != nil || answer != "200 OK" || !verified {
		t.Fatalf("%q %v, verified %v", answer, err, verified)
	}
	if got.ID != letter.ID || got.Type != "alert.begun" || got.Count != 2 || got.About != "phone/201-1" {
		t.Errorf("body %+v", got)
	}
	for what, bad := range map[string]Config{
		"a short secret":     {URL: srv.URL, Template: Plain, Secret: secretFile(t, "whsec_c2hvcnQ="), Roots: roots},
		"a strange receiver": {URL: srv.URL, Template: Plain, Roots: x509.NewCertPool()},
		"http abroad":        {URLFile: secretFile(t, "http://example.jp/"), Template: Plain},
	} {
		bad.Dial, bad.Now = plane.Dial, time.Now
		verified = true
		if _, err := New(bad).Send(t.Context(), letter); err == nil || strings.Contains(err.Error(), srv.URL) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestRefusalsTellTheStatusAndNeverTheAddress(t *testing.T) {
	elsewhere := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case "/elsewhere":
			elsewhere++
		default:
			http.Error(w, "over quota", http.StatusTooManyRequests)
		}
	}))
	defer srv.Close()
	for path, want := range map[string]string{"/moved": "status 307", "/token": "status 429"} {
		c := Config{URLFile: secretFile(t, srv.URL+path), Template: Slack, Dial: plane.Dial, Now: time.Now}
		_, err := New(c).Send(t.Context(), letter)
		if alert.Word(err) != want || strings.Contains(err.Error(), path) || elsewhere != 0 {
			t.Errorf("%s: %v, %d elsewhere", path, err, elsewhere)
		}
	}
	srv.Close()
	c := Config{URLFile: secretFile(t, srv.URL+"/token"), Template: Slack, Dial: plane.Dial, Now: time.Now}
	_, err := New(c).Send(t.Context(), letter)
	if alert.Word(err) != "refused" || strings.Contains(err.Error(), "/token") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestTemplates(t *testing.T) {
	for template, want := range map[Template]string{
		Slack:     `{"text":"*【通報】\u0026lt;内線 201\u0026gt; ∗*\n内容: a \u0026amp; b"}`,
		LINEWorks: `{"body":{"text":"内容: a \u0026 b"},"title":"【通報】\u003c内線 201\u003e *"}`,
		Teams: `{"attachments":[{"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json",` +
			`"body":[{"color":"attention","size":"medium","text":"【通報】\u003c内線 201\u003e *","type":"TextBlock",` +
			`"weight":"bolder","wrap":true},{"facts":[{"title":"内容","value":"a \u0026 b"}],"type":"FactSet"}],` +
			`"type":"AdaptiveCard","version":"1.4"},"contentType":"application/vnd.microsoft.card.adaptive"}],` +
			`"type":"message"}`,
	} {
		got, err := template.body(letter)
		if err != nil || string(got) != want {
			t.Errorf("%s:\n got %s %v\nwant %s", template, got, err, want)
		}
	}
	if _, err := Template("o365").body(letter); err == nil {
		t.Error("a template that nobody knows was filled in")
	}
}

func TestCheckURL(t *testing.T) {
	for target, ok := range map[string]bool{
		"https://hooks.example.jp/x": true, "http://127.0.0.1:8080/x": true, "http://localhost/": true,
		"http://example.jp/": false, "https://user:pass@example.jp/": false, "ftp://example.jp/": false, "": false,
		"http://127.example.jp/": false, "https://": false,
	} {
		if (CheckURL(target) == nil) != ok {
			t.Errorf("%q: want ok=%v", target, ok)
		}
	}
}
