package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert"
)

const (
	answerBytesMax  = 4096 // read of an answer
	headerTimeMax   = 20 * time.Second
	secretPrefix    = "whsec_"
	secretBytesMin  = 24 // as Standard Webhooks wants
	maxIdleServers  = 1
	maxIdleFor      = time.Minute
	headerBytesMost = 16 << 10
)

// Config is one receiver.
type Config struct {
	URL      string // "" where URLFile holds it
	URLFile  string // for addresses that are secrets themselves
	Secret   string // path of the file with the signing secret, "" for no signature
	Template Template
	Dial     alert.Dial
	Roots    *x509.CertPool // nil: the system's
	Now      func() time.Time
}

// Webhook is a channel.
type Webhook struct {
	c      Config
	client *http.Client
}

// New makes a channel.
func New(c Config) *Webhook {
	return &Webhook{c: c, client: &http.Client{
		Transport: &http.Transport{
			DialContext: c.Dial, TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2: true, MaxIdleConns: maxIdleServers, IdleConnTimeout: maxIdleFor,
			ResponseHeaderTimeout: headerTimeMax, MaxResponseHeaderBytes: headerBytesMost,
		},
		// An alert goes where it was sent to, and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send posts a letter and gives the receiver's status line.
func (w *Webhook) Send(ctx context.Context, l alert.Letter) (string, error) {
	target, err := w.target()
	if err != nil {
		return "", err
	}
	body, err := w.c.Template.body(l)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return "", &alert.Failure{Word: "address"} // the error would show the address
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Sekisho")
	if err := w.sign(r.Header, l.ID, body); err != nil {
		return "", err
	}
	resp, err := w.client.Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address, which may be a secret
		}
		return "", fmt.Errorf("post: %w", err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, answerBytesMax))
	if err != nil {
		said = nil // the status says enough
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return "", &alert.Failure{Word: "status " + strconv.Itoa(resp.StatusCode), Answer: alert.Clip(string(said))}
	}
	return resp.Status, nil
}

func (w *Webhook) target() (string, error) {
	if w.c.URL != "" {
		return w.c.URL, nil
	}
	target, err := alert.Secret(w.c.URLFile)
	if err != nil {
		return "", err
	}
	if err := CheckURL(target); err != nil {
		return "", &alert.Failure{Word: "address"}
	}
	return target, nil
}

// ErrURL says that alerts can't be posted to an address.
var ErrURL = errors.New("not an https address")

// CheckURL holds an address to https; http is for this host alone, where a
// relay may stand.
func CheckURL(target string) error {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.User != nil {
		return ErrURL
	}
	addr, _ := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || addr.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return ErrURL
	}
	return nil
}

// sign adds the headers of Standard Webhooks.
func (w *Webhook) sign(h http.Header, id string, body []byte) error {
	at := strconv.FormatInt(w.c.Now().Unix(), 10)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", at)
	if w.c.Secret == "" {
		return nil
	}
	secret, err := alert.Secret(w.c.Secret)
	if err != nil {
		return err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil || len(key) < secretBytesMin {
		return fmt.Errorf("%w: not %s and base64 of %d bytes or more", alert.ErrSecret, secretPrefix, secretBytesMin)
	}
	h.Set("webhook-signature", signature(key, id, at, body))
	return nil
}

func signature(key []byte, id, at string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
