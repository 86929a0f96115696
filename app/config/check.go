package config

import (
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/site"
)

// The bounds of values.
const (
	announcementsMax = 1000
	ringSecondsMax   = 600
	callHoursMax     = 24
	parkSecondsMax   = 1800
	contactsMax      = 50
	mediaPortsMin    = 16
	listenersMax     = 32

	recordingDaysMax      = 3650
	recordingGigabytesMax = 10_000
)

// complaint notes one value that is wrong.
type complaint func(key string, what text.Key, args ...any)

// check gives what is wrong with the values, without file and line.
func (c Config) check() Findings {
	var f Findings
	wrong := func(key string, what text.Key, args ...any) {
		f = append(f, Finding{Key: key, What: text.Of(what, args...)})
	}
	between := func(key string, v, low, high int) {
		if v < low || v > high {
			wrong(key, "config.between", v, low, high)
		}
	}
	if c.Unit.Name == "" || strings.ContainsAny(c.Unit.Name, "\r\n\t \"+") {
		wrong("unit.name", "config.unit-name")
	}
	if c.Voice.Realm == "" || strings.ContainsAny(c.Voice.Realm, "\r\n\"\\") {
		wrong("voice.realm", "config.realm")
	}
	between("voice.announcements_max", c.Voice.AnnouncementsMax, 0, announcementsMax)
	if c.Voice.Language != "ja" && c.Voice.Language != "en" {
		wrong("voice.language", "config.one-of", c.Voice.Language, "ja, en")
	}
	between("voice.ring_seconds", c.Voice.RingSeconds, 5, ringSecondsMax)
	between("voice.call_hours_max", c.Voice.CallHoursMax, 1, callHoursMax)
	between("voice.park_seconds", c.Voice.ParkSeconds, 10, parkSecondsMax)
	between("voice.contacts_per_phone", c.Voice.ContactsPerDevice, 1, contactsMax)
	if (c.Voice.CertificateFile == "") != (c.Voice.PrivateKeyFile == "") {
		wrong("voice.certificate_file", "config.together", "certificate_file", "private_key_file")
	}
	if _, err := netip.ParseAddrPort(c.Voice.LineAddr); err != nil {
		wrong("voice.line_addr", "config.address", c.Voice.LineAddr)
	}
	if _, err := netip.ParseAddrPort(c.Voice.SiteAddr); c.Voice.SiteAddr != "" && err != nil {
		wrong("voice.site_addr", "config.address", c.Voice.SiteAddr)
	}
	c.checkListeners(wrong)
	_, _, err := parsePorts(c.Media.Ports)
	if what, bad := text.MessageOf(err); bad {
		f = append(f, Finding{Key: "media.ports", What: what})
	}
	switch c.Media.Engine {
	case "", "io_uring", "epoll":
	default:
		wrong("media.engine", "config.one-of", c.Media.Engine, "io_uring, epoll")
	}
	c.checkNotice(wrong)
	between("recording.days", c.Recording.Days, 0, recordingDaysMax)
	between("recording.gigabytes", c.Recording.Gigabytes, 1, recordingGigabytesMax)
	between("plan.extension_digits", c.Plan.ExtensionDigits, 2, 8)
	if !digits(c.Plan.OutsidePrefix) || len(c.Plan.OutsidePrefix) > 2 {
		wrong("plan.outside_prefix", "config.outside-prefix")
	}
	if c.Plan.AreaCode != "" && (!digits(c.Plan.AreaCode) || c.Plan.AreaCode[0] != '0') {
		wrong("plan.area_code", "config.area-code")
	}
	c.Plan.checkFeatures(wrong)
	c.checkLog(wrong)
	c.checkPlanes(wrong)
	switch c.Store.Engine {
	case store.SQLite:
		if c.Store.DSNFile != "" {
			wrong("store.dsn_file", "config.store.dsn", store.PostgreSQL)
		}
	case store.PostgreSQL:
	default:
		wrong("store.engine", "config.one-of", c.Store.Engine, store.SQLite+", "+store.PostgreSQL)
	}
	c.Alerts.check(wrong)
	return f
}

// checkNotice looks how who talks is told of a recording.
func (c Config) checkNotice(wrong complaint) {
	switch c.Recording.Notice {
	case unit.NoticeTone, unit.NoticeSpoken, unit.NoticeOff:
	default:
		wrong("recording.notice", "config.one-of", c.Recording.Notice, "tone, spoken, off")
	}
}

// checkPlanes looks at the listeners besides those of SIP.
func (c Config) checkPlanes(wrong complaint) {
	for _, l := range [][2]string{{"https", c.Phonebook.HTTPS}, {"ldaps", c.Phonebook.LDAPS}} {
		if _, err := netip.ParseAddrPort(l[1]); l[1] != "" && err != nil {
			wrong("phonebook."+l[0], "config.address", l[1])
		}
	}
	for _, m := range c.Management.Listen {
		if _, err := netip.ParseAddrPort(m); err != nil {
			wrong("management.listen", "config.address", m)
		}
	}
}

func (c Config) checkListeners(wrong complaint) {
	names := map[string]bool{site.Listener: true}
	if n := len(c.Voice.Listen); n == 0 || n > listenersMax {
		wrong("voice.listen", "config.listeners", listenersMax, n)
	}
	for i, l := range c.Voice.Listen {
		at := text.Of("config.listener", i+1, l.Name)
		if l.Name == "" || names[l.Name] {
			wrong("voice.listen", "config.listener.name", at)
		}
		names[l.Name] = true
		switch l.Transport {
		case "udp", "tcp", "tls":
		default:
			wrong("voice.listen", "config.listener.transport", at, l.Transport)
		}
		if _, err := netip.ParseAddrPort(l.Addr); err != nil {
			wrong("voice.listen", "config.listener.address", at, l.Addr)
		}
		if len(l.Digest) == 0 {
			wrong("voice.listen", "config.listener.no-digest", at)
		}
		for _, d := range l.Digest {
			if d != "MD5" && d != "SHA-256" {
				wrong("voice.listen", "config.listener.digest", at, d)
			}
		}
	}
}

func (c Config) checkLog(wrong complaint) {
	switch c.Log.Level {
	case "error", "warn", "info", "debug":
	default:
		wrong("log.level", "config.one-of", c.Log.Level, "error, warn, info, debug")
	}
	switch c.Log.Format {
	case "text", "json":
	default:
		wrong("log.format", "config.one-of", c.Log.Format, "text, json")
	}
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func parsePorts(s string) (low, high uint16, err error) {
	a, b, ok := strings.Cut(s, "-")
	l, errL := strconv.ParseUint(strings.TrimSpace(a), 10, 16)
	h, errH := strconv.ParseUint(strings.TrimSpace(b), 10, 16)
	if !ok || errL != nil || errH != nil {
		return 0, 0, text.Wrong(nil, "config.ports", s)
	}
	if l < 1024 || h < l+mediaPortsMin {
		return 0, 0, text.Wrong(nil, "config.ports.range", mediaPortsMin)
	}
	return uint16(l), uint16(h), nil
}

// knownKeys lists every dotted key that a file of the type may set.
func knownKeys(of reflect.Type) []string {
	var out []string
	var walk func(prefix string, t reflect.Type)
	walk = func(prefix string, t reflect.Type) {
		for f := range t.Fields() {
			name := f.Tag.Get("toml")
			ft := f.Type
			if ft.Kind() == reflect.Slice {
				ft = ft.Elem()
			}
			out = append(out, prefix+name)
			if ft.Kind() == reflect.Struct {
				walk(prefix+name+".", ft)
			}
		}
	}
	walk("", of)
	return out
}

// distance is the number of single-letter edits between two keys.
func distance(a, b string) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}
