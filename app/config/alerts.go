package config

import (
	"cmp"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/ring"
	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/alert/webhook"
	"github.com/sekisho/sekisho/calendar"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// Alerts is what the owner is told of, and how.
type Alerts struct {
	Language   string     `toml:"language"`    // of the alerts: "ja", "en"
	QuietFrom  string     `toml:"quiet_from"`  // "22:00": alerts of some kinds wait until QuietTo
	QuietTo    string     `toml:"quiet_to"`    // "07:00"
	OfficeFrom string     `toml:"office_from"` // "08:00": calls abroad at other hours are an alert
	OfficeTo   string     `toml:"office_to"`   // "20:00"; both "" = the office never closes
	CAFile     string     `toml:"ca_file"`     // certificates to trust besides the system's, PEM
	Thresholds Thresholds `toml:"thresholds"`
	Mail       Mail       `toml:"mail"`
	Webhook    []Webhook  `toml:"webhook"`
	Syslog     []Syslog   `toml:"syslog"`
	Call       []Call     `toml:"call"`
}

// Thresholds is what makes an alert of each kind.
type Thresholds struct {
	Barred    int `toml:"barred"`    // refused calls of one phone
	Abroad    int `toml:"abroad"`    // calls abroad of one phone
	OffHours  int `toml:"off_hours"` // calls abroad of one phone outside office hours
	SignIn    int `toml:"sign_in"`   // failed sign-ins from one address
	NewPlace  int `toml:"new_place"` // moves of one phone
	Money     int `toml:"money"`     // times that a budget is used up
	Change    int `toml:"change"`    // changes of settings
	Safeguard int `toml:"safeguard"` // seconds for which something is broken
}

// Mail is a mail server and who gets mail through it.
type Mail struct {
	Server       string   `toml:"server"`        // "host:port"; "" = no mail
	Security     string   `toml:"security"`      // "starttls", "tls", "none"
	User         string   `toml:"user"`          // "" = without signing in
	PasswordFile string   `toml:"password_file"` // mode 0600
	From         string   `toml:"from"`          // sender
	To           []string `toml:"to"`            // recipients, each of them a channel
}

// Webhook is one receiver of posts.
type Webhook struct {
	Name       string `toml:"name"`
	URL        string `toml:"url"`         // https
	URLFile    string `toml:"url_file"`    // instead of URL: a file that holds it, mode 0600
	Template   string `toml:"template"`    // "plain", "slack", "teams", "lineworks"
	SecretFile string `toml:"secret_file"` // signs the posts, mode 0600; plain needs it
}

// Syslog is one receiver of syslog messages.
type Syslog struct {
	Name      string `toml:"name"`
	Addr      string `toml:"addr"`      // "host:port"
	Transport string `toml:"transport"` // "udp", "tcp", "tls"
}

// Call is somebody who is called by telephone and told the alert aloud.
type Call struct {
	Name         string   `toml:"name"`
	Numbers      []string `toml:"numbers"`       // extensions, or numbers in Japan; called one after the other
	Kinds        []string `toml:"kinds"`         // of alerts that are worth a call; empty = all but "change"
	Tries        int      `toml:"tries"`         // of each number; 0 = 2
	PauseSeconds int      `toml:"pause_seconds"` // between two calls; 0 = 120
	RingSeconds  int      `toml:"ring_seconds"`  // how long it rings; 0 = 40
	Office       string   `toml:"office"`        // number that says which office it is; "" = that of the first line
}

// What holds where a Call says nothing.
const (
	callTries = 2
	callPause = 120
	callRing  = 40
)

// Seen gives the call with its defaults.
func (c Call) Seen() Call {
	c.Tries = cmp.Or(c.Tries, callTries)
	c.PauseSeconds = cmp.Or(c.PauseSeconds, callPause)
	c.RingSeconds = cmp.Or(c.RingSeconds, callRing)
	if len(c.Kinds) == 0 {
		for _, r := range watch.Rules() {
			if r.Kind != watch.Change {
				c.Kinds = append(c.Kinds, kindKey(r.Kind))
			}
		}
	}
	return c
}

// Wants tells which alerts it is for. That something is over is no call worth.
func (c Call) Wants(k watch.Kind, n watch.Notice) bool {
	return n != watch.Over && slices.Contains(c.Seen().Kinds, kindKey(k))
}

// kindKey is a kind as the configuration writes it.
func kindKey(k watch.Kind) string { return strings.ReplaceAll(string(k), "-", "_") }

// CallNumbers lists every number that the unit may call by itself, as the gate
// has them.
func (a Alerts) CallNumbers() []string {
	var out []string
	for _, c := range a.Call {
		for _, n := range c.Numbers {
			if d := readNumber(n); d.Class.Outside() {
				out = append(out, d.Digits)
			}
		}
	}
	return out
}

// readNumber reads a number as people write it down; what begins neither with 0
// nor with + is an extension.
func readNumber(s string) number.Destination {
	return number.Parse(strings.NewReplacer(" ", "", "-", "").Replace(s), &number.Context{
		Extension: func(d string) bool { return d != "" && d[0] != '0' && len(d) <= extensionMax },
	})
}

// extensionMax is how many digits an extension has at most.
const extensionMax = 8

// defaultAlerts watches everything and tells nobody.
func defaultAlerts() Alerts {
	n := func(k watch.Kind) int { return watch.Settings{}.Threshold(k) }
	return Alerts{
		Language: "ja", OfficeFrom: "08:00", OfficeTo: "20:00",
		Thresholds: Thresholds{
			Barred: n(watch.Barred), Abroad: n(watch.Abroad), OffHours: n(watch.OffHours), SignIn: n(watch.SignIn),
			NewPlace: n(watch.NewPlace), Money: n(watch.Money), Change: n(watch.Change), Safeguard: n(watch.Safeguard),
		},
		Mail: Mail{Security: "starttls", To: []string{}},
	}
}

// ByKind gives the thresholds by kind.
func (t Thresholds) ByKind() map[watch.Kind]int {
	return map[watch.Kind]int{
		watch.Barred: t.Barred, watch.Abroad: t.Abroad, watch.OffHours: t.OffHours, watch.SignIn: t.SignIn,
		watch.NewPlace: t.NewPlace, watch.Money: t.Money, watch.Change: t.Change, watch.Safeguard: t.Safeguard,
	}
}

// Settings gives what package watch takes.
func (a Alerts) Settings() watch.Settings {
	return watch.Settings{
		Thresholds: a.Thresholds.ByKind(),
		Quiet:      hours(a.QuietFrom, a.QuietTo), Office: hours(a.OfficeFrom, a.OfficeTo),
		Closed: closed,
	}
}

// closed tells the days on which offices in Japan are closed besides Saturdays
// and Sundays.
func closed(year int, month time.Month, day int) bool {
	return calendar.Holiday(year, month, day) ||
		slices.ContainsFunc(calendar.Usual(), func(s calendar.Span) bool { return s.Covers(month, day) })
}

// hours reads a span of the day; check has seen to it that it can be read.
func hours(from, to string) watch.Hours {
	minutes := func(s string) int {
		t, err := time.Parse("15:04", s)
		if err != nil {
			return 0
		}
		return t.Hour()*60 + t.Minute()
	}
	return watch.Hours{From: minutes(from), To: minutes(to)}
}

var channelName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

func (a Alerts) check(wrong complaint) {
	if a.Language != "ja" && a.Language != "en" {
		wrong("alerts.language", "config.one-of", a.Language, "ja, en")
	}
	a.checkHours(wrong)
	for _, r := range watch.Rules() {
		if n := a.Thresholds.ByKind()[r.Kind]; n < 1 || n > r.Most {
			wrong("alerts.thresholds."+strings.ReplaceAll(string(r.Kind), "-", "_"), "config.between", n, 1, r.Most)
		}
	}
	if n := len(a.Mail.To) + len(a.Webhook) + len(a.Syslog) + len(a.Call); n > alert.ChannelsMax {
		wrong("alerts", "config.alerts.many", alert.ChannelsMax, n)
	}
	a.Mail.check(wrong)
	names := map[string]bool{}
	name := func(key, s string, at text.Message) {
		if !channelName.MatchString(s) || names[s] || s == "mail" || strings.HasPrefix(s, "mail-") {
			wrong(key, "config.alerts.name", at)
		}
		names[s] = true
	}
	for i, w := range a.Webhook {
		at := text.Of("config.alerts.webhook", i+1, w.Name)
		name("alerts.webhook", w.Name, at)
		w.check(wrong, at)
	}
	for i, s := range a.Syslog {
		at := text.Of("config.alerts.syslog", i+1, s.Name)
		name("alerts.syslog", s.Name, at)
		if !hostPort(s.Addr) {
			wrong("alerts.syslog", "config.alerts.server", at, s.Addr)
		}
		switch s.Transport {
		case "udp", "tcp", "tls":
		default:
			wrong("alerts.syslog", "config.listener.transport", at, s.Transport)
		}
	}
	for i, c := range a.Call {
		at := text.Of("config.alerts.call", i+1, c.Name)
		name("alerts.call", c.Name, at)
		c.check(wrong, at)
	}
}

func (c Call) check(wrong complaint, at text.Message) {
	if n := len(c.Numbers); n == 0 || n > ring.NumbersMax {
		wrong("alerts.call", "config.alerts.call.numbers", at, ring.NumbersMax)
	}
	for _, n := range c.Numbers {
		switch d := readNumber(n); d.Class {
		case number.Extension, number.Geographic, number.Mobile, number.IPPhone, number.Freephone:
			if d.Presentation != number.PresentationDefault || d.Carrier != "" {
				wrong("alerts.call", "config.alerts.call.number", at, n)
			}
		case number.Emergency:
			wrong("alerts.call", "config.alerts.call.emergency", at, n)
		default:
			wrong("alerts.call", "config.alerts.call.number", at, n)
		}
	}
	for _, k := range c.Kinds {
		if _, known := watch.RuleOf(watch.Kind(strings.ReplaceAll(k, "_", "-"))); !known {
			wrong("alerts.call", "config.alerts.call.kind", at, k)
		}
	}
	seen := c.Seen()
	for _, bound := range []struct {
		key           string
		is, low, high int
	}{
		{"tries", seen.Tries, 1, ring.TriesMax},
		{"pause_seconds", seen.PauseSeconds, 10, 3600},
		{"ring_seconds", seen.RingSeconds, 10, 120},
	} {
		if bound.is < bound.low || bound.is > bound.high {
			wrong("alerts.call", "config.alerts.call.between", at, bound.key, bound.is, bound.low, bound.high)
		}
	}
	if !digits(strings.ReplaceAll(c.Office, "-", "")) || len(c.Office) > officeMax {
		wrong("alerts.call", "config.alerts.call.office", at, c.Office)
	}
}

// officeMax is how many characters the number of an office has.
const officeMax = 20

func (a Alerts) checkHours(wrong complaint) {
	for _, span := range []struct{ name, from, to string }{
		{"quiet", a.QuietFrom, a.QuietTo}, {"office", a.OfficeFrom, a.OfficeTo},
	} {
		if (span.from == "") != (span.to == "") {
			wrong("alerts."+span.name+"_from", "config.together", span.name+"_from", span.name+"_to")
			continue
		}
		for _, end := range []struct{ key, at string }{{"_from", span.from}, {"_to", span.to}} {
			if _, err := time.Parse("15:04", end.at); end.at != "" && err != nil {
				wrong("alerts."+span.name+end.key, "config.time-of-day", end.at)
			}
		}
	}
}

func (m Mail) check(wrong complaint) {
	if m.Server == "" {
		if len(m.To) > 0 {
			wrong("alerts.mail.to", "config.together", "server", "to")
		}
		return
	}
	if !hostPort(m.Server) {
		wrong("alerts.mail.server", "config.alerts.server", text.Of("config.alerts.mail"), m.Server)
	}
	switch m.Security {
	case "starttls", "tls":
	case "none":
		if m.User != "" {
			wrong("alerts.mail.user", "config.alerts.open")
		}
	default:
		wrong("alerts.mail.security", "config.one-of", m.Security, "starttls, tls, none")
	}
	if (m.User == "") != (m.PasswordFile == "") {
		wrong("alerts.mail.password_file", "config.together", "user", "password_file")
	}
	for i, address := range append([]string{m.From}, m.To...) {
		key := "alerts.mail.to"
		if i == 0 {
			key = "alerts.mail.from"
		}
		if got, err := mail.ParseAddress(address); err != nil || got.Address != address {
			wrong(key, "config.alerts.address", address)
		}
	}
}

func (w Webhook) check(wrong complaint, at text.Message) {
	if (w.URL == "") == (w.URLFile == "") || w.URL != "" && webhook.CheckURL(w.URL) != nil {
		wrong("alerts.webhook", "config.alerts.url", at)
	}
	known := false
	for _, t := range webhook.Templates() {
		known = known || w.Template == string(t)
	}
	if !known {
		wrong("alerts.webhook", "config.alerts.template", at, w.Template)
	}
	if w.Template == string(webhook.Plain) && w.SecretFile == "" {
		wrong("alerts.webhook", "config.alerts.unsigned", at)
	}
}

// hostPort tells whether s is a host or address with a port.
func hostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
