package site

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// Listener is the name of the listener on which sites speak.
const Listener = "site"

// Transport is by what they do.
const Transport = "tls"

// Resolver finds where a name is.
type Resolver interface {
	Resolve(ctx context.Context, host string, port uint16, transport string) ([]edge.Target, error)
}

// Config is what Sites needs.
type Config struct {
	Resolver  Resolver // nil: literal addresses only
	Committer fact.Committer
	Log       *slog.Logger
}

// The reasons why a site is away: stable words, stored in evidence.
const (
	WhyNew        = "new"        // it was not asked yet
	WhyNoWay      = "no-way"     // there is no connection, and none can be opened
	WhyUnanswered = "unanswered" // it does not answer, or not as a site does
)

// Sites are the other sites of one unit.
type Sites struct {
	cfg Config

	mu      sync.Mutex // guards all below
	byName  map[string]*site
	serials uint64
	ways    uint64
}

// site is one of them and its state.
type site struct {
	row    fact.SitePaired
	remote netip.AddrPort // where it is dialed; invalid: nowhere
	found  time.Time      // when its name was looked up
	out    uint64         // the question that is out
	sent   time.Time
	heard  time.Time // something came last
	due    time.Time
	failed int // in a row
	up     bool
	way    uint64 // another one each time a connection with it has ended
	since  time.Time
	why    string
	status int

	full    time.Time // by when all of RecordsAtOnce may be written again
	unsaid  fact.Fact // the newest change, while it waits to be written
	omitted int       // changes that nobody will read of, since the last that was written
}

// New makes Sites that trusts nobody.
func New(cfg Config) *Sites {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Sites{cfg: cfg, byName: map[string]*site{}}
}

// Set says which sites are trusted: these and no others. A site that is set as it was
// stays in its state. It gives the keys that are trusted no more.
func (s *Sites) Set(rows []fact.SitePaired, now time.Time) (gone []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.byName
	s.byName = make(map[string]*site, len(rows))
	for _, row := range rows {
		n := was[row.Site]
		if n == nil || n.row.Key != row.Key || n.row.Address != row.Address {
			n = &site{why: WhyNew, since: now, due: now}
			n.remote, _ = netip.ParseAddrPort(row.Address)
			s.anotherWay(n)
		}
		n.row = row
		s.byName[row.Site] = n
	}
	for _, n := range was {
		if s.byName[n.row.Site] != n {
			s.say(n, now)
		}
		if s.named(n.row.Key) == nil {
			gone = append(gone, n.row.Key)
		}
	}
	slices.Sort(gone)
	return gone
}

// named finds the site of a key; the caller holds the lock.
func (s *Sites) named(key string) *site {
	for _, n := range s.byName {
		if n.row.Key == key && key != "" {
			return n
		}
	}
	return nil
}

// Trusts tells whether some site proves itself by a key.
func (s *Sites) Trusts(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named(key) != nil
}

// Authenticate names the site that a request comes from, by the key that its
// connection has proved. Sites call, ask, and watch lamps; they register nothing.
func (s *Sites) Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.named(from.Peer)
	if n == nil {
		return edge.Verdict{Action: edge.Drop}
	}
	switch m.Method() {
	case sip.REGISTER, sip.PUBLISH, sip.MESSAGE:
		return edge.Verdict{Action: edge.Refuse, Status: 405}
	}
	return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{
		Site: n.row.Site, Device: deviceOf(n.row.Site), Authenticated: true,
	}}
}

// deviceOf names a site where phones are named by their devices.
func deviceOf(name string) string { return "site/" + name }

// Place is where calls to a site go; ok is false while it is away.
func (s *Sites) Place(name string) (at edge.Source, device string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.byName[name]
	if n == nil || !n.up {
		return edge.Source{}, "", false
	}
	return n.place(), deviceOf(name), true
}

// Way tells whether a site is in touch for sure, so that what it has said is what is so: one
// that has left a question without an answer for SureFor may have gone without a word. way
// is another number each time a connection with it has ended.
func (s *Sites) Way(name string, now time.Time) (way uint64, sure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.byName[name]
	if n == nil {
		return 0, false
	}
	return n.way, n.up && n.failed == 0 && (n.out == 0 || now.Before(n.sureUntil()))
}

// sureUntil is until when a site is in touch for sure that was asked.
func (n *site) sureUntil() time.Time {
	if n.heard.After(n.sent) {
		return n.heard.Add(SureFor)
	}
	return n.sent.Add(SureFor)
}

func (s *Sites) anotherWay(n *site) {
	s.ways++
	n.way = s.ways
}

func (n *site) place() edge.Source {
	return edge.Source{Remote: n.remote, Transport: Transport, Listener: Listener, Peer: n.row.Key}
}

// Task is the question to one site whether it is there.
type Task struct {
	Site   string
	Place  edge.Source
	URI    string
	serial uint64
}

// Due gives the questions that are to be sent now, and the time of the next call. A
// driver sends each and calls Result with what came of it.
func (s *Sites) Due(now time.Time) (tasks []Task, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next = now.Add(AskEvery)
	for _, n := range s.sorted() {
		if n.mayRecord(now) {
			s.say(n, now)
		}
		if n.out != 0 && now.Sub(n.sent) > AnswerWithin {
			s.result(n, 408, now)
		}
		at := n.due
		switch {
		case n.out != 0:
			if at = n.sureUntil(); !at.After(now) {
				at = n.sent.Add(AnswerWithin + time.Millisecond)
			}
		case !now.Before(n.due):
			s.serials++
			n.out, n.sent = s.serials, now
			uri := "sip:site.invalid"
			if n.remote.IsValid() {
				uri = "sip:" + n.remote.String() + ";transport=tls"
			}
			tasks = append(tasks, Task{Site: n.row.Site, Place: n.place(), URI: uri, serial: n.out})
			at = now.Add(SureFor)
		}
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return tasks, next
}

// Result takes what came of a question: the status of the answer, 408 where none came,
// 503 where there was no way to ask.
func (s *Sites) Result(t Task, status int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.byName[t.Site]; n != nil && n.out == t.serial && t.serial != 0 {
		s.result(n, status, now)
	}
}

func (s *Sites) result(n *site, status int, now time.Time) {
	n.out = 0
	if status >= 200 && status < 300 {
		s.heard(n, now)
		n.due = now.Add(AskEvery)
		return
	}
	n.failed++
	n.due = now.Add(DoubtEvery)
	why := WhyUnanswered
	if status == 503 {
		why = WhyNoWay
	}
	if n.up && n.failed < DownAfter && why == WhyUnanswered {
		return
	}
	if n.up || n.why == WhyNew {
		n.up, n.since = false, now
		s.record(n, fact.SiteDown{Site: n.row.Site, Why: why, Status: status, At: now.UTC()}, now)
	}
	n.why, n.status = why, status
}

// heard notes that a site is there.
func (s *Sites) heard(n *site, now time.Time) {
	n.failed, n.heard = 0, now
	if n.up {
		return
	}
	n.up, n.why, n.status, n.since = true, "", 0, now
	s.record(n, fact.SiteUp{Site: n.row.Site, At: now.UTC()}, now)
}

// Heard notes that something came from a site: it is there. One that we can't dial is
// asked over the connection on which that came.
func (s *Sites) Heard(name string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.byName[name]; n != nil {
		s.heard(n, now)
	}
}

// Doubt has a site asked at once, because a call to it failed as when it is away.
func (s *Sites) Doubt(name string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.byName[name]; n != nil && n.out == 0 {
		n.due = now
	}
}

// Parted has the site of a key asked at once, because a connection with it has ended.
func (s *Sites) Parted(key string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.named(key)
	if n == nil {
		return
	}
	if s.anotherWay(n); n.out == 0 {
		n.due = now
	}
}

// Status is one site as people see it.
type Status struct {
	fact.SitePaired
	Up     bool
	Since  time.Time
	Why    string
	Status int
}

// List gives all sites by name.
func (s *Sites) List() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, n := range s.sorted() {
		out = append(out, Status{SitePaired: n.row, Up: n.up, Since: n.since, Why: n.why, Status: n.status})
	}
	return out
}

// sorted gives the sites by name; the caller holds the lock.
func (s *Sites) sorted() []*site {
	out := make([]*site, 0, len(s.byName))
	for _, n := range s.byName {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *site) int { return strings.Compare(a.row.Site, b.row.Site) })
	return out
}

// record writes a change of a site's state down, or where it changes too often keeps the
// newest until there is room: what a site does must not fill the evidence.
func (s *Sites) record(n *site, change fact.Fact, now time.Time) {
	if n.unsaid != nil {
		n.omitted++
	}
	if n.unsaid = change; n.mayRecord(now) {
		s.say(n, now)
	}
}

// mayRecord tells whether one more change may be written by now.
func (n *site) mayRecord(now time.Time) bool {
	return n.full.Sub(now) <= (RecordsAtOnce-1)*RecordEvery
}

// say makes the change that waits durable, behind, with how many before it were left out.
func (s *Sites) say(n *site, now time.Time) {
	change := n.unsaid
	switch f := change.(type) {
	case nil:
		return
	case fact.SiteUp:
		f.Omitted = n.omitted
		change = f
	case fact.SiteDown:
		f.Omitted = n.omitted
		change = f
	}
	if n.full.Before(now) {
		n.full = now
	}
	n.unsaid, n.omitted, n.full = nil, 0, n.full.Add(RecordEvery)
	s.cfg.Committer.Commit(fact.Write{Facts: []fact.Fact{change}, Behind: true}, func(err error) {
		if err != nil {
			s.cfg.Log.Warn("state of a site not written", "error", err)
		}
	})
}

// SplitAddress takes an address of a site apart; ok is false for what is none.
func SplitAddress(address string) (host string, port uint16, ok bool) {
	i := strings.LastIndexByte(address, ':')
	if i <= 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(address[i+1:], 10, 16)
	host = strings.TrimSuffix(strings.TrimPrefix(address[:i], "["), "]")
	bad := strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' })
	return host, uint16(n), err == nil && n > 0 && host != "" && !bad
}

// Find looks up the names of sites that are due for it, and says when it is to be
// called again.
func (s *Sites) Find(ctx context.Context, now time.Time) (next time.Time) {
	next = now.Add(AddressLife)
	s.mu.Lock()
	var due []fact.SitePaired
	for _, n := range s.sorted() {
		if _, err := netip.ParseAddrPort(n.row.Address); err == nil || n.row.Address == "" {
			continue
		}
		if now.Sub(n.found) >= AddressLife {
			due = append(due, n.row)
		}
	}
	s.mu.Unlock()
	for _, row := range due {
		host, port, ok := SplitAddress(row.Address)
		if !ok || s.cfg.Resolver == nil {
			continue
		}
		targets, err := s.cfg.Resolver.Resolve(ctx, host, port, Transport)
		if err != nil || len(targets) == 0 {
			s.cfg.Log.Warn("a site's name is not found", "site", row.Site, "error", err)
			next = now.Add(FindAgain)
			continue
		}
		s.mu.Lock()
		if n := s.byName[row.Site]; n != nil && n.row.Address == row.Address {
			n.remote, n.found = targets[0].Addr, now
			if !n.up && n.out == 0 {
				n.due = now
			}
		}
		s.mu.Unlock()
	}
	return next
}
