package config

import (
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/plan"
)

// Config is everything a file may say.
type Config struct {
	Unit       Unit       `toml:"unit"`
	Voice      Voice      `toml:"voice"`
	Media      Media      `toml:"media"`
	Recording  Recording  `toml:"recording"`
	Plan       Plan       `toml:"plan"`
	Phonebook  Phonebook  `toml:"phonebook"`
	Management Management `toml:"management"`
	Log        Log        `toml:"log"`
	Store      Store      `toml:"store"`
	Alerts     Alerts     `toml:"alerts"`
}

// Unit names the unit.
type Unit struct {
	Name string `toml:"name"` // shown to people and in evidence checkpoints
}

// Voice is the voice plane: where phones and lines speak SIP.
type Voice struct {
	Realm             string   `toml:"realm"`              // digest realm
	Listen            []Listen `toml:"listen"`             // at least one
	LineAddr          string   `toml:"line_addr"`          // where lines speak with us that have no port of their own
	SiteAddr          string   `toml:"site_addr"`          // where other sites connect to us; "" = only we to them
	AnnouncementsMax  int      `toml:"announcements_max"`  // announcements at once; 0 = off
	Language          string   `toml:"language"`           // of announcements and of what phones show: "ja", "en"
	RingSeconds       int      `toml:"ring_seconds"`       // no answer after that
	CallHoursMax      int      `toml:"call_hours_max"`     // a call is ended after that
	ParkSeconds       int      `toml:"park_seconds"`       // before the phone rings that parked a call
	CertificateFile   string   `toml:"certificate_file"`   // "" = self-signed, made at the first start
	PrivateKeyFile    string   `toml:"private_key_file"`   //
	ContactsPerDevice int      `toml:"contacts_per_phone"` // registered contacts per phone
	PacketFilter      bool     `toml:"packet_filter"`      // bar the sources of floods in the kernel (nftables)
}

// Listen is one SIP listener.
type Listen struct {
	Name      string   `toml:"name"`
	Transport string   `toml:"transport"` // "udp", "tcp", "tls"
	Addr      string   `toml:"addr"`      // "address:port"; "0.0.0.0" for every address
	Digest    []string `toml:"digest"`    // algorithms offered, in order: "SHA-256", "MD5"
}

// Media is the voice path.
type Media struct {
	Ports  string `toml:"ports"`  // "20000-29999"
	Engine string `toml:"engine"` // "" = io_uring where the kernel allows it; "io_uring" or "epoll"
	Music  string `toml:"music"`  // WAV that callers on hold hear; "" = a melody
}

// Recording is about recordings of calls.
type Recording struct {
	Notice    string `toml:"notice"`    // how who talks is told: unit.NoticeTone, NoticeSpoken, NoticeOff
	Days      int    `toml:"days"`      // that a recording is kept; 0: until somebody deletes it
	Gigabytes int    `toml:"gigabytes"` // that all are together
}

// Plan is the numbering plan of the office.
type Plan struct {
	OutsidePrefix   string            `toml:"outside_prefix"`   // "" = numbers are dialed directly; e.g. "0"
	ExtensionDigits int               `toml:"extension_digits"` // length of generated extensions
	AreaCode        string            `toml:"area_code"`        // used where the line does not say its own
	Features        map[string]string `toml:"features"`         // feature codes by action; "" = none
}

// Codes are the feature codes in force.
func (p Plan) Codes() []plan.Feature {
	var out []plan.Feature
	for _, f := range plan.Features() {
		if f.Code = p.Features[string(f.Action)]; f.Code != "" {
			out = append(out, f)
		}
	}
	return out
}

// Phonebook is where phones read the telephone books, on the voice plane, over TLS. A
// phone signs in with its own credential.
type Phonebook struct {
	HTTPS string `toml:"https"` // "address:port"; "" = not
	LDAPS string `toml:"ldaps"`
}

// Management is the management plane. On a machine with one interface it is
// the loopback interface.
type Management struct {
	Listen []string `toml:"listen"` // addresses of the management plane, e.g. "127.0.0.1:8460"; none by default
	// Profiles answers GET /debug/pprof/ there, for an engineer who looks for
	// what the unit spends its time on.
	Profiles bool `toml:"profiles"`
}

// Log is the operator's log.
type Log struct {
	Level  string `toml:"level"`  // "error", "warn", "info", "debug"
	Format string `toml:"format"` // "text", "json"
}

// Store is where state and evidence are kept.
type Store struct {
	Engine string `toml:"engine"` // "sqlite": in the data directory; "postgresql": on a server
	// DSNFile holds the server's address and password, mode 0600; "" = the
	// environment variable DSNVariable does.
	DSNFile string `toml:"dsn_file"`
}

// DSNVariable is an environment variable for Store.DSNFile's contents.
const DSNVariable = "SEKISHO_STORE_DSN"

// Default is a safe unit.
func Default() Config {
	algorithms := []string{"SHA-256", "MD5"}
	return Config{
		Unit: Unit{Name: "sekisho"},
		Voice: Voice{
			Realm: "sekisho", LineAddr: "0.0.0.0:5080",
			Listen: []Listen{
				{Name: "udp", Transport: "udp", Addr: "0.0.0.0:5060", Digest: algorithms},
				{Name: "tcp", Transport: "tcp", Addr: "0.0.0.0:5060", Digest: algorithms},
				{Name: "tls", Transport: "tls", Addr: "0.0.0.0:5061", Digest: algorithms},
			},
			AnnouncementsMax: 8, Language: "ja", RingSeconds: 60, CallHoursMax: 12,
			ParkSeconds: 90, ContactsPerDevice: 5,
		},
		Media:      Media{Ports: "20000-29999"},
		Recording:  Recording{Notice: unit.NoticeTone, Days: 90, Gigabytes: 20},
		Plan:       Plan{ExtensionDigits: 3, Features: defaultFeatures()},
		Management: Management{Listen: []string{}},
		Log:        Log{Level: "info", Format: "text"},
		Store:      Store{Engine: store.SQLite},
		Alerts:     defaultAlerts(),
	}
}

// PortRange reads Media.Ports.
func (m Media) PortRange() (low, high uint16, err error) { return parsePorts(m.Ports) }

// RingTime is how long phones ring before nobody answered.
func (v Voice) RingTime() time.Duration { return time.Duration(v.RingSeconds) * time.Second }

// ParkTime is how long who is parked waits before the phone rings that parked it.
func (v Voice) ParkTime() time.Duration { return time.Duration(v.ParkSeconds) * time.Second }

// CallTimeMax is the longest call.
func (v Voice) CallTimeMax() time.Duration { return time.Duration(v.CallHoursMax) * time.Hour }

// AddrPort reads the listener's address.
func (l Listen) AddrPort() (netip.AddrPort, error) { return netip.ParseAddrPort(l.Addr) }
