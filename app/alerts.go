package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/mail"
	"github.com/sekisho/sekisho/alert/syslog"
	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/alert/webhook"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
)

// openAlerts makes what watches, before there is anything to be seen.
func (a *App) openAlerts(context.Context) error {
	c := a.options.Config.Alerts
	lang, _ := text.ParseLang(c.Language)
	roots, err := trusted(c.CAFile)
	if err != nil {
		a.log.Error("alerts trust the system's certificates only", "err", err)
	}
	a.alerts = alert.New(alert.Config{
		Settings: c.Settings(), Routes: a.routes(c, roots), Lang: lang, Unit: func() string { return a.unitID },
		Jitter: rand.Float64, Log: a.log,
		Commit: func(w fact.Write, done func(error)) { a.recorder.Commit(w, done) },
	})
	return nil
}

// trusted gives the system's certificates and those of a file; nil for the
// system's alone.
func trusted(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("alerts.ca_file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("alerts.ca_file: %s holds no certificate", file)
	}
	return pool, nil
}

// routes makes the channels of the configuration.
func (a *App) routes(c config.Alerts, roots *x509.CertPool) []alert.Route {
	var out []alert.Route
	for i, to := range c.Mail.To {
		name := "mail"
		if len(c.Mail.To) > 1 {
			name += "-" + strconv.Itoa(i+1)
		}
		channel := mail.New(mailServer(c.Mail, to, roots))
		out = append(out, alert.Route{Name: name, Type: "mail", Target: to, Channel: channel})
	}
	for _, w := range c.Webhook {
		target := w.URLFile
		if u, err := url.Parse(w.URL); err == nil && w.URL != "" {
			target = u.Scheme + "://" + u.Host // what follows may be a secret
		}
		channel := webhook.New(webhook.Config{
			URL: w.URL, URLFile: w.URLFile, Secret: w.SecretFile, Template: webhook.Template(w.Template),
			Dial: plane.Dial, Roots: roots, Now: time.Now,
		})
		out = append(out, alert.Route{Name: w.Name, Type: "webhook", Target: target, Channel: channel})
	}
	hostname, err := os.Hostname()
	if err != nil {
		hostname = ""
	}
	for _, s := range c.Syslog {
		target := s.Transport + "://" + s.Addr
		channel := syslog.New(syslog.Config{
			Addr: s.Addr, Transport: syslog.Transport(s.Transport), Hostname: hostname, Dial: plane.Dial, Roots: roots,
		})
		out = append(out, alert.Route{Name: s.Name, Type: "syslog", Target: target, Channel: channel})
	}
	return append(out, a.callRoutes(c)...)
}

// mailServer is the mail server with a recipient.
func mailServer(c config.Mail, to string, roots *x509.CertPool) mail.Config {
	host, service, _ := net.SplitHostPort(c.Server) // config has checked it
	port, _ := strconv.Atoi(service)
	return mail.Config{
		Host: host, Port: port, Security: mail.Security(c.Security), User: c.User, Password: c.PasswordFile,
		From: c.From, To: to, Dial: plane.Dial, Roots: roots, Timeout: mailTimeMax,
	}
}

// startAlerts lets alerts go out, those of the last run first.
func (a *App) startAlerts(ctx context.Context) error {
	memory, err := a.store.AlertMemory(ctx)
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	a.wait.Go(func() { a.alerts.Run(ctx, memory) })
	a.wait.Go(func() { a.watchSafeguards(ctx) })
	return nil
}

func (a *App) alertList(ctx context.Context, _ control.Caller, _ control.None) (control.Alerts, error) {
	last, err := a.store.AlertsLast(ctx)
	if err != nil {
		return control.Alerts{}, err
	}
	settings := a.options.Config.Alerts.Settings()
	var out control.Alerts
	for _, r := range watch.Rules() {
		k := control.AlertKind{Kind: string(r.Kind), Threshold: settings.Threshold(r.Kind), Seconds: r.Seconds}
		for _, l := range last {
			if l.AlertKind == k.Kind && l.Sent.After(k.LastSent) {
				k.LastSent = l.Sent
			}
		}
		out.Kinds = append(out.Kinds, k)
	}
	for _, s := range a.alerts.Channels() {
		c := control.AlertChannel{Name: s.Route.Name, Type: s.Route.Type, Target: s.Route.Target, Owed: s.Owed}
		why := ""
		for _, l := range last {
			if l.Channel != c.Name {
				continue
			}
			if l.Sent.After(c.LastSent) {
				c.LastSent = l.Sent
			}
			if l.Failed.After(c.LastFailed) {
				c.LastFailed, why = l.Failed, l.Why
			}
		}
		if c.LastFailed.After(c.LastSent) {
			c.Why = new(explainWhy(why))
		}
		out.Channels = append(out.Channels, c)
	}
	return out, nil
}

// explainWhy says the stable word of a failure.
func explainWhy(word string) text.Message {
	if code, ok := strings.CutPrefix(word, "status "); ok {
		return text.Of("alert.why.status", code)
	}
	if key := text.Key("alert.why." + word); key.Known() {
		return text.Of(key)
	}
	return text.Of("alert.why.error")
}

func (a *App) alertTest(
	ctx context.Context, _ control.Caller, r control.AlertTestRequest,
) ([]control.AlertTried, error) {
	tried, err := a.alerts.Test(ctx, r.Channel)
	switch {
	case errors.Is(err, alert.ErrChannel) && r.Channel == "":
		return nil, control.NewProblem(control.ExitNotFound, "cli.alert.nochannels", "cli.alert.nochannels.do")
	case errors.Is(err, alert.ErrChannel):
		return nil, control.NewProblem(control.ExitNotFound, "cli.alert.nochannel", "cli.alert.nochannel.do", r.Channel)
	case err != nil:
		return nil, err
	}
	out := make([]control.AlertTried, 0, len(tried))
	for _, t := range tried {
		one := control.AlertTried{
			Channel: t.Route.Name, Type: t.Route.Type, OK: t.Err == nil, Answer: t.Answer,
			TookMS: t.Took.Milliseconds(),
		}
		if t.Err != nil {
			one.Why = new(explainWhy(alert.Word(t.Err)))
			one.Answer = alert.Answer(t.Err)
		}
		out = append(out, one)
	}
	return out, nil
}

// checkAlerts looks whether anybody would be told.
func (a *App) checkAlerts(ctx context.Context) []control.Check {
	list, err := a.alertList(ctx, control.Caller{}, control.None{})
	if err != nil {
		return []control.Check{{Name: "alerts", Result: control.ResultFailed, Detail: control.Explain(err)}}
	}
	if len(list.Channels) == 0 {
		return []control.Check{{Name: "alerts", Result: control.ResultWarning, Detail: text.Of("check.alerts.none")}}
	}
	var out []control.Check
	for _, c := range list.Channels {
		one := control.Check{Name: "alerts", Of: plain(c.Name), Result: control.ResultOK}
		switch {
		case c.Why != nil:
			one.Result, one.Detail = control.ResultFailed, text.Of("check.alerts.failing", *c.Why, c.Owed)
		case c.LastSent.IsZero():
			one.Result, one.Detail = control.ResultNotTested, text.Of("check.alerts.untried", c.Name)
		default:
			one.Detail = text.Of("check.alerts.sent", c.LastSent.In(tokyo).Format(time.DateTime))
		}
		out = append(out, one)
	}
	return append(out, a.checkCalls(time.Now())...)
}

// tokyo is the zone people read times in.
var tokyo = time.FixedZone("JST", 9*60*60)
