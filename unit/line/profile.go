package line

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// Profile is how one kind of carrier connection wants to be spoken to. It is
// read from a data file; profiles/generic-registration.toml explains every
// key.
type Profile struct {
	Name  string `toml:"-"`
	Title Title  `toml:"title"`

	Register     Registering `toml:"register"`
	Identity     Identity    `toml:"identity"`
	Called       Called      `toml:"called"`
	Numbers      Numbers     `toml:"numbers"`
	Signaling    Signaling   `toml:"signaling"`
	Session      Sessions    `toml:"session"`
	Media        Media       `toml:"media"`
	Supervision  Supervision `toml:"supervision"`
	Channels     int         `toml:"channels"` // where the line itself does not say
	SettingsNote string      `toml:"note"`     // for people who set the line up
	// Site says that the registrar is another site of ours, over whose lines it calls.
	Site bool `toml:"site"`
}

// Title is the profile's name for people.
type Title struct {
	Ja string `toml:"ja"`
	En string `toml:"en"`
}

// Registering is whether and how we register at the carrier.
type Registering struct {
	Needed  bool `toml:"needed"`
	Expires int  `toml:"expires"` // seconds to ask for
	// Refresh is the part of the granted life after which to register again,
	// in percent: 40 on NGN.
	Refresh int `toml:"refresh"`
	// ContactUser is "token", a random user part that incoming calls must
	// carry, or "user", the account's name, where the carrier writes the
	// Request-URI itself.
	ContactUser string `toml:"contact_user"`
	// FreshTag asks for a new From tag with each REGISTER (NGN).
	FreshTag bool `toml:"fresh_tag"`
	// KeepRoutes sends calls by the Path and Service-Route of the answer.
	KeepRoutes bool `toml:"keep_routes"`
}

// Identity is how we say who calls.
type Identity struct {
	// From is the user part of From: "number" or "user".
	From string `toml:"from"`
	// Account is how the user name stands in From, To and Contact: "user", or
	// "short", without its leading zeros (a gateway's user 0003 is its
	// extension 3).
	Account string `toml:"account"`
	// Headers that carry the number beside it: "pai", "ppi", "rpid".
	Headers []string `toml:"headers"`
	// E164 writes our numbers as +81….
	E164 bool `toml:"e164"`
}

// Called is where the number that was called stands, in the order to look.
type Called struct {
	Order []string `toml:"order"` // "request-uri", "to", "p-called-party-id", "diversion"
	// Prefix is put in front of a number that the carrier delivers without
	// its first digits ("050" on some).
	Prefix string `toml:"prefix"`
}

// Numbers is what the line carries and how digits are written.
type Numbers struct {
	Form       number.Form       `toml:"form"`
	Abroad     number.Abroad     `toml:"abroad"`
	Presenting number.Presenting `toml:"presenting"`
	SubAddress number.SubAddress `toml:"sub_address"`
	Alphabet   string            `toml:"alphabet"`
	Emergency  bool              `toml:"emergency"`
	Services   bool              `toml:"services"`
	HashShort  bool              `toml:"hash_short"`
	Carriers   []string          `toml:"carriers"`
	Lift       bool              `toml:"lift"`
}

// Signaling is the rest of the SIP manners.
type Signaling struct {
	Transports []string `toml:"transports"` // permitted, the first is the default
	// URIHost is the host of the Request-URI: "registrar", or "next-hop", the
	// address that answered our REGISTER.
	URIHost   string `toml:"uri_host"`
	UserPhone bool   `toml:"user_phone"` // ;user=phone
	RPort     bool   `toml:"rport"`
	// SourcePort is the port we must send from and be reached on: the line gets
	// a UDP listener of its own there. 0 for that which lines share.
	SourcePort int `toml:"source_port"`
	DSCP       int `toml:"dscp"`
	T1MS       int `toml:"t1_ms"`
	T2MS       int `toml:"t2_ms"`
}

// Sessions is the session timer and provisional responses.
type Sessions struct {
	Expires   int    `toml:"expires"` // seconds, 0 asks for none
	MinSE     int    `toml:"min_se"`
	Refresher string `toml:"refresher"` // "uac", "uas", ""
	Reliable  bool   `toml:"reliable"`  // 100rel
}

// Media is what the line's speech looks like.
type Media struct {
	Codecs      []string `toml:"codecs"`
	DTMF        string   `toml:"dtmf"` // "rfc4733", "info", "inband"
	PtimeMS     int      `toml:"ptime_ms"`
	DSCP        int      `toml:"dscp"`
	SRTP        string   `toml:"srtp"`         // "never", "optional", "required"
	FirstPort   int      `toml:"first_port"`   // least RTP port, 0 for the unit's range
	LearnSource bool     `toml:"learn_source"` // carrier's RTP may come from behind NAT
}

// Supervision is how we know that the line lives.
type Supervision struct {
	Options int `toml:"options"` // seconds between OPTIONS, 0 for none
}

//go:embed profiles/*.toml
var files embed.FS

// ErrProfile is wrapped by every complaint about a profile.
var ErrProfile = errors.New("line profile is wrong")

// LoadProfile gives one of the profiles that come with the unit.
func LoadProfile(name string) (Profile, error) {
	b, err := files.ReadFile("profiles/" + name + ".toml")
	if err != nil || strings.ContainsAny(name, "/.") {
		return Profile{}, text.Wrong(ErrProfile, "line.fault.profile", name, strings.Join(ProfileNames(), ", "))
	}
	return ParseProfile(name, b)
}

// ProfileNames lists the profiles that come with the unit, in order.
func ProfileNames() []string {
	entries, err := files.ReadDir("profiles")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	sort.Strings(names)
	return names
}

// ParseProfile reads a profile file. A key that is not known is an error: a
// setting that is misspelled must not be silently absent.
func ParseProfile(name string, b []byte) (Profile, error) {
	p := Profile{Name: name}
	meta, err := toml.Decode(string(b), &p)
	if err != nil {
		return Profile{}, fmt.Errorf("%w: %s: %w", ErrProfile, name, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return Profile{}, fmt.Errorf("%w: %s: unknown key %s", ErrProfile, name, unknown[0])
	}
	if err := p.check(); err != nil {
		return Profile{}, fmt.Errorf("%w: %s: %w", ErrProfile, name, err)
	}
	return p, nil
}

// choice is one setting with the words it may be.
type choice struct {
	key, value string
	words      []string
}

// check finds settings that mean nothing.
func (p *Profile) check() error {
	choices := []choice{
		{"register.contact_user", p.Register.ContactUser, []string{"token", "user"}},
		{"identity.account", p.Identity.Account, []string{"user", "short"}},
		{"identity.from", p.Identity.From, []string{"number", "user"}},
		{"signaling.uri_host", p.Signaling.URIHost, []string{"registrar", "next-hop"}},
		{"session.refresher", p.Session.Refresher, []string{"", "uac", "uas"}},
		{"media.dtmf", p.Media.DTMF, []string{"rfc4733", "info", "inband"}},
		{"media.srtp", p.Media.SRTP, []string{"never", "optional", "required"}},
	}
	for _, h := range p.Identity.Headers {
		choices = append(choices, choice{"identity.headers", h, []string{"pai", "ppi", "rpid"}})
	}
	for _, o := range p.Called.Order {
		choices = append(choices, choice{"called.order", o, calledPlaces})
	}
	for _, t := range p.Signaling.Transports {
		choices = append(choices, choice{"signaling.transports", t, []string{"udp", "tcp", "tls"}})
	}
	for _, c := range choices {
		if !slices.Contains(c.words, c.value) {
			return fmt.Errorf("%s is %q, not one of %q", c.key, c.value, c.words)
		}
	}
	switch {
	case len(p.Called.Order) == 0 || len(p.Signaling.Transports) == 0 || len(p.Media.Codecs) == 0:
		return errors.New("called.order, signaling.transports and media.codecs must not be empty")
	case p.Channels < 1 || p.Channels > ChannelsMax:
		return fmt.Errorf("channels is %d, outside 1 to %d", p.Channels, ChannelsMax)
	case p.Register.Needed && (p.Register.Refresh < 10 || p.Register.Refresh > 95):
		return fmt.Errorf("register.refresh is %d %%, outside 10 to 95", p.Register.Refresh)
	case p.Register.Needed && seconds(p.Register.Expires) < ExpiresLeast:
		return fmt.Errorf("register.expires is %d, less than %s", p.Register.Expires, ExpiresLeast)
	case p.Signaling.DSCP < 0 || p.Signaling.DSCP > 63 || p.Media.DSCP < 0 || p.Media.DSCP > 63:
		return errors.New("dscp is outside 0 to 63")
	case p.Signaling.SourcePort < 0 || p.Signaling.SourcePort > 65535:
		return fmt.Errorf("signaling.source_port is %d, outside 0 to 65535", p.Signaling.SourcePort)
	case p.Media.FirstPort != 0 && (p.Media.FirstPort < PortLeast || p.Media.FirstPort > PortMost):
		return fmt.Errorf("media.first_port is %d, outside %d to %d", p.Media.FirstPort, PortLeast, PortMost)
	}
	return nil
}

// seconds gives whole seconds as a duration.
func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// numbers gives the number profile of a line with an area code.
func (p *Profile) numbers(areaCode string) number.Profile {
	n := p.Numbers
	return number.Profile{
		Form: n.Form, Abroad: n.Abroad, Presenting: n.Presenting, SubAddress: n.SubAddress,
		Alphabet: n.Alphabet, Emergency: n.Emergency, Services: n.Services, HashShort: n.HashShort,
		Line: number.Line{AreaCode: areaCode, Carriers: n.Carriers, Lift: n.Lift},
	}
}

// SessionConfig gives the stack's session settings. jitter is random bits.
func (p *Profile) SessionConfig(jitter uint64) session.Config {
	c := session.DefaultConfig()
	c.Timers = p.Timers()
	c.Expires = seconds(p.Session.Expires)
	c.MinSE = max(c.MinSE, seconds(p.Session.MinSE))
	c.Refresher = p.Session.Refresher
	c.Reliable = p.Session.Reliable
	c.Jitter = jitter
	// The line hears that we know of its answer only when the dialog is on
	// disk: after a crash its BYE must go out.
	c.HoldACK = true
	return c
}

// Timers gives the SIP timers.
func (p *Profile) Timers() transaction.Config {
	t := transaction.Default()
	if p.Signaling.T1MS > 0 {
		t.T1 = time.Duration(p.Signaling.T1MS) * time.Millisecond
	}
	if p.Signaling.T2MS > 0 {
		t.T2 = time.Duration(p.Signaling.T2MS) * time.Millisecond
	}
	return t
}
