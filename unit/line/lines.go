package line

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// Config is what Lines needs.
type Config struct {
	// SealKey (KeyBytes) seals the lines' passwords for the database; it lives
	// in a file outside of it.
	SealKey []byte
	// Shared is where lines without a listener of their own speak from.
	Shared netip.AddrPort
	// Resolver finds the carriers' addresses; nil knows literal ones only.
	Resolver  Resolver
	Committer fact.Committer
	Log       *slog.Logger
}

// Errors of lines.
var (
	ErrUnknown   = errors.New("no such line")
	ErrTaken     = errors.New("line exists already")
	ErrSetting   = errors.New("line is set up wrongly")
	ErrNoChannel = errors.New("all channels are in use")
	ErrDown      = errors.New("line is down")
)

// Lines is the outside lines of one unit.
type Lines struct {
	cfg  Config
	seal sealer

	mu      sync.Mutex // guards the map and all in the lines but what is atomic
	byID    map[string]*line
	serials uint64
	book    atomic.Pointer[addressBook]
}

// line is one line and its state.
type line struct {
	row      fact.Line
	profile  Profile
	numbers  number.Profile
	password string
	token    string // user part of our Contact

	channels  channels
	reg       registration
	watch     watch
	fault     string    // why its own listener is not open
	silent    time.Time // calls got no response: until then it counts as down
	nonces    counts
	callbacks callbacks

	registrars []string // from row.Registrar, the preferred first
	sources    []netip.Prefix
	found      []netip.Addr // by name, and those that answered
	looked     time.Time    // when names were looked up last
}

// New makes Lines without a line.
func New(cfg Config) (*Lines, error) {
	seal, err := newSealer(cfg.SealKey)
	if err != nil {
		return nil, err
	}
	if cfg.Committer == nil {
		return nil, errors.New("lines need a committer")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l := &Lines{cfg: cfg, seal: seal, byID: map[string]*line{}}
	l.book.Store(&addressBook{})
	return l, nil
}

// Seal fills a new line's SecretSealed from its password, which may be empty
// where the carrier wants none. The result is what Add and the store take.
func (l *Lines) Seal(row fact.Line, password string) (fact.Line, error) {
	sealed, err := l.seal.seal(row, password)
	row.SecretSealed = sealed
	return row, err
}

// Check finds what is wrong with a line's settings before it is added.
func Check(row fact.Line) error {
	_, err := build(row, "")
	return err
}

// Add puts a line in place. It is the caller's to have made it durable.
func (l *Lines) Add(row fact.Line) error { return l.add(row, "") }

// AddWaiting puts a line in place that is down (WhyAdding) until Fault says
// that it can be spoken on.
func (l *Lines) AddWaiting(row fact.Line) error { return l.add(row, WhyAdding) }

func (l *Lines) add(row fact.Line, why string) error {
	password, err := l.seal.open(row)
	if err != nil {
		return err
	}
	n, err := build(row, password)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID[row.ID] != nil {
		return fmt.Errorf("%w: %s", ErrTaken, row.ID)
	}
	if len(l.byID) >= LinesMax {
		return text.Wrong(ErrSetting, "line.fault.lines", LinesMax)
	}
	n.fault = why
	l.byID[row.ID] = n
	l.publish()
	return nil
}

// Restore puts the store's lines in place, at start. One that is wrong is left
// out and named in the error; the others work.
func (l *Lines) Restore(rows []fact.Line) error {
	var bad []error
	for _, row := range rows {
		if err := l.Add(row); err != nil {
			bad = append(bad, fmt.Errorf("line %s: %w", row.ID, err))
		}
	}
	return errors.Join(bad...)
}

// Remove takes a line away. Its registration runs out at the carrier; calls on
// it go on until they end.
func (l *Lines) Remove(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byID[id] == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	delete(l.byID, id)
	l.publish()
	return nil
}

// build makes a line of its settings.
func build(row fact.Line, password string) (*line, error) {
	profile, err := LoadProfile(row.Profile)
	if err != nil {
		return nil, err
	}
	if row.Transport == "" {
		row.Transport = profile.Signaling.Transports[0]
	}
	if row.Channels == 0 {
		row.Channels = profile.Channels
	}
	n := &line{row: row, profile: profile, password: password, numbers: profile.numbers(row.AreaCode)}
	if err := n.checkRow(); err != nil {
		return nil, err
	}
	for _, s := range row.Sources {
		p, err := parsePrefix(s)
		if err != nil {
			return nil, text.Wrong(ErrSetting, "line.fault.source", s)
		}
		n.sources = append(n.sources, p)
	}
	n.registrars = strings.FieldsFunc(row.Registrar, func(r rune) bool { return r == ',' || r == ' ' })
	for _, r := range n.registrars {
		if _, _, err := splitHost(r); err != nil {
			return nil, text.Wrong(ErrSetting, "line.fault.registrar", r)
		}
	}
	n.token = n.account()
	if profile.Register.ContactUser == "token" {
		n.token = randomText()
	}
	n.channels.limit = row.Channels
	n.reg.init(n)
	return n, nil
}

// forwarded are the words of fact.Line.Forwarded.
var forwarded = []string{"", fact.ForwardedCaller, fact.ForwardedDiversion, fact.ForwardedHistory}

// checkRow finds settings that the profile does not permit.
func (n *line) checkRow() error {
	row, p := n.row, &n.profile
	if !slices.Contains(forwarded, row.Forwarded) {
		return text.Wrong(ErrSetting, "line.fault.forwarded", row.Forwarded)
	}
	permitted := false
	for _, t := range p.Signaling.Transports {
		permitted = permitted || t == row.Transport
	}
	switch {
	case !plainID(row.ID):
		return text.Wrong(ErrSetting, "line.fault.name", row.ID)
	case !permitted:
		return text.Wrong(ErrSetting, "line.fault.transport", p.Name, row.Transport)
	case row.Channels < 1 || row.Channels > ChannelsMax:
		return text.Wrong(ErrSetting, "line.fault.channels", row.Channels, ChannelsMax)
	case row.Registrar == "":
		return text.Wrong(ErrSetting, "line.fault.no-registrar")
	case p.Register.Needed && row.User == "":
		return text.Wrong(ErrSetting, "line.fault.no-user")
	case !p.Register.Needed && len(row.Sources) > SourcesMax:
		return text.Wrong(ErrSetting, "line.fault.sources", SourcesMax)
	case len(row.Numbers) > NumbersMax:
		return text.Wrong(ErrSetting, "line.fault.numbers", NumbersMax)
	case strings.ContainsFunc(row.User+row.Registrar, func(r rune) bool { return r <= ' ' && r != ' ' || r > '~' }):
		return text.Wrong(ErrSetting, "line.fault.ascii")
	}
	return n.checkLocal()
}

// get finds a line; the caller holds the lock.
func (l *Lines) get(id string) (*line, error) {
	n := l.byID[id]
	if n == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	return n, nil
}

// sorted gives the lines by priority, then name; the caller holds the lock.
func (l *Lines) sorted() []*line {
	out := make([]*line, 0, len(l.byID))
	for _, n := range l.byID {
		out = append(out, n)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].row, out[j].row
		return a.Priority < b.Priority || a.Priority == b.Priority && a.ID < b.ID
	})
	return out
}

// Status is one line as people see it. Secrets are left out.
type Status struct {
	fact.Line
	Title      Title
	Up         bool
	Registered bool
	Expires    time.Time // of the registration
	Why        Why       // what keeps it from being up
	InUse      int       // channels
	Emergency  bool      // it carries 110, 118 and 119
	Number     number.Profile
	Local      Local
}

// List gives all lines by priority, then name.
func (l *Lines) List(now time.Time) []Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Status, 0, len(l.byID))
	for _, n := range l.sorted() {
		s := Status{
			Line: n.row, Title: n.profile.Title, Up: n.up(now), Why: n.why(now), InUse: len(n.channels.calls),
			Registered: n.reg.registered(now), Expires: n.reg.expires,
			Emergency: n.profile.Numbers.Emergency, Number: n.numbers, Local: n.local(l.cfg.Shared),
		}
		s.SecretSealed = nil
		out = append(out, s)
	}
	return out
}

// Order puts lines that can be used before those that are down, and for an
// emergency call those that carry emergency numbers before all others. Among
// equals the order stays.
func (l *Lines) Order(ids []string, emergency bool, now time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	rank := map[string]int{}
	for _, id := range ids {
		n := l.byID[id]
		switch {
		case n == nil:
			rank[id] = 4
		case emergency && !n.profile.Numbers.Emergency:
			rank[id] = 2
		}
		if n != nil && !n.up(now) {
			rank[id]++
		}
	}
	out := append([]string(nil), ids...)
	sort.SliceStable(out, func(i, j int) bool { return rank[out[i]] < rank[out[j]] })
	return out
}

// Warning is something the owner should know about the lines. Key is of the
// text catalog.
type Warning struct {
	Line string
	Key  string
}

// The warnings.
const (
	WarnNoEmergency     = "line.warning.no-emergency"      // this line can't carry 110, 118, 119
	WarnNoLineEmergency = "line.warning.no-line-emergency" // none of the lines can
	WarnOneChannel      = "line.warning.one-channel"       // emergency calls cut others on it
	WarnNoNumber        = "line.warning.no-number"         // it has no number to show and to be called on
	WarnSourcePort      = "line.warning.source-port"       // it was given another port than its carrier wants
)

// Warnings lists what is wrong with the lines, though they work.
func (l *Lines) Warnings() []Warning {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Warning
	can := false
	for _, n := range l.sorted() {
		if n.profile.Numbers.Emergency {
			can = true
			if n.row.Channels == 1 {
				out = append(out, Warning{n.row.ID, WarnOneChannel})
			}
		} else if !n.profile.Site {
			out = append(out, Warning{n.row.ID, WarnNoEmergency})
		}
		if want := n.profile.Signaling.SourcePort; want != 0 && n.row.Transport == "udp" &&
			want != int(n.local(l.cfg.Shared).Addr.Port()) {
			out = append(out, Warning{n.row.ID, WarnSourcePort})
		}
		if len(n.row.Numbers) == 0 && !n.profile.Site {
			out = append(out, Warning{n.row.ID, WarnNoNumber})
		}
	}
	if !can {
		out = append(out, Warning{"", WarnNoLineEmergency})
	}
	return out
}

// plainID reports whether a name can stand in messages and file names.
func plainID(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// randomText gives 128 random bits as text.
func randomText() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
