package line

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// Resolver finds where a name is reached (RFC 3263). The plane implements it.
type Resolver interface {
	Resolve(ctx context.Context, host string, port uint16, transport string) ([]edge.Target, error)
}

// addressBook is which addresses belong to which lines: a copy that readers
// on every shard's loop share and nobody changes.
type addressBook struct{ entries []bookEntry }

// bookEntry is one line's addresses.
type bookEntry struct {
	id      string
	own     string // name of its own listener, "" for those that lines share
	token   string // what the Request-URI's user must be, "" for no matter
	sources []netip.Prefix
	found   []netip.Addr
	named   func(m *sip.Message) bool // the number that was called is the line's
}

// has reports whether the line is at an address.
func (e *bookEntry) has(a netip.Addr) bool {
	if slices.Contains(e.found, a) {
		return true
	}
	for _, p := range e.sources {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// publish makes a new book; the caller holds the lock.
func (l *Lines) publish() {
	b := &addressBook{}
	for _, n := range l.sorted() {
		if n.row.Disabled {
			continue
		}
		e := bookEntry{id: n.row.ID, sources: n.sources, found: slices.Clone(n.found)}
		e.own = n.local(l.cfg.Shared).Listener
		for _, r := range n.registrars {
			host, _, _ := splitHost(r)
			if a, err := netip.ParseAddr(host); err == nil {
				e.found = append(e.found, a.Unmap())
			}
		}
		if n.profile.Register.Needed && n.profile.Register.ContactUser == "token" {
			e.token = n.token
		}
		row, profile := n.row, n.profile
		e.named = func(m *sip.Message) bool { return names(m, &profile, &row) }
		b.entries = append(b.entries, e)
	}
	l.book.Store(b)
}

// IsLineAddr reports whether a line is reached at an address: the phone side
// never sends there, and no phone registers from there.
func (l *Lines) IsLineAddr(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for i := range l.book.Load().entries {
		if l.book.Load().entries[i].has(a) {
			return true
		}
	}
	return false
}

// AnyIn reports whether a line is reached at an address of a network, such as
// the /64 that counts as one source of IPv6.
func (l *Lines) AnyIn(network netip.Prefix) bool {
	for _, e := range l.book.Load().entries {
		if slices.ContainsFunc(e.found, network.Contains) || slices.ContainsFunc(e.sources, network.Overlaps) {
			return true
		}
	}
	return false
}

// LineOf names the line that a request came from: its source address must be
// one of the carrier's, and on a line that registered with a random Contact
// the Request-URI must carry that. A line with a listener of its own is spoken
// to there and nowhere else. What comes from elsewhere is of no line.
func (l *Lines) LineOf(m *sip.Message, from edge.Source) (id string, ok bool) {
	a := from.Remote.Addr().Unmap().WithZone("")
	user := string(m.RequestURI().User)
	for _, exact := range []bool{true, false} {
		for i, e := range l.book.Load().entries {
			if !e.has(a) || !e.carries(from.Listener) {
				continue
			}
			// OPTIONS and the like are about the connection, not a call.
			call := m.Method() == sip.INVITE
			if call && e.token != "" && e.token != user {
				continue
			}
			// Two lines may share a carrier's address: the one whose number
			// was called comes first, then the one that is tried first.
			if !exact || call && e.named(m) {
				return l.book.Load().entries[i].id, true
			}
		}
	}
	return "", false
}

// learned notes an address that answered for a line, which is one of the
// carrier's then. The caller holds the lock.
func (l *Lines) learned(n *line, a netip.Addr) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || slices.Contains(n.found, a) || len(n.found) >= SourcesMax {
		return
	}
	n.found = append(n.found, a)
	l.publish()
}

// RefreshAddresses looks up the names of all lines whose addresses are due,
// and gives the time of the next call. It waits for name servers. A name that
// is not found now keeps the addresses it had.
func (l *Lines) RefreshAddresses(ctx context.Context, now time.Time) (next time.Time, err error) {
	type job struct {
		id, host, transport string
		port                uint16
	}
	var jobs []job
	l.mu.Lock()
	for _, n := range l.sorted() {
		if now.Sub(n.looked) < AddressLife && !n.looked.IsZero() || n.profile.Site {
			continue
		}
		n.looked = now
		for _, r := range n.registrars {
			if host, port, err := splitHost(r); err == nil {
				if _, err := netip.ParseAddr(host); err != nil && l.cfg.Resolver != nil {
					jobs = append(jobs, job{n.row.ID, host, n.row.Transport, port})
				}
			}
		}
	}
	l.mu.Unlock()
	found, failed := map[string][]netip.Addr{}, map[string]bool{}
	var bad []error
	for _, j := range jobs {
		targets, err := l.cfg.Resolver.Resolve(ctx, j.host, j.port, j.transport)
		if err != nil {
			failed[j.id] = true
			bad = append(bad, fmt.Errorf("line %s: %w", j.id, err))
		}
		for _, t := range targets {
			found[j.id] = append(found[j.id], t.Addr.Addr().Unmap().WithZone(""))
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, addrs := range found {
		if n := l.byID[id]; n != nil {
			if failed[id] { // some of its names are silent: keep what they gave
				addrs = append(addrs, n.found...)
			}
			slices.SortFunc(addrs, netip.Addr.Compare)
			addrs = slices.Compact(addrs)
			n.found = addrs[:min(len(addrs), SourcesMax)]
		}
	}
	if len(found) > 0 {
		l.publish()
	}
	return now.Add(AddressLife), errors.Join(bad...)
}

// splitHost takes "host", "host:port", "[v6]:port" or a bare IPv6 address
// apart; port 0 is for none.
func splitHost(s string) (host string, port uint16, err error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.String(), 0, nil
	}
	host, rest := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, errors.New("bracket is not closed")
		}
		host, rest = s[1:end], s[end+1:]
		if _, err := netip.ParseAddr(host); err != nil {
			return "", 0, errors.New("no address within brackets")
		}
	} else if i := strings.IndexByte(s, ':'); i >= 0 {
		host, rest = s[:i], s[i:]
	}
	if rest != "" {
		n, err := strconv.ParseUint(strings.TrimPrefix(rest, ":"), 10, 16)
		if err != nil || n == 0 || rest[0] != ':' {
			return "", 0, errors.New("bad port")
		}
		port = uint16(n)
	}
	if host == "" || strings.ContainsAny(host, "<>\"@;? /") {
		return "", 0, errors.New("bad host name")
	}
	return host, port, nil
}

// uriHost writes a host and port as they stand in a URI.
func uriHost(host string, port uint16) string {
	if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
		host = "[" + host + "]"
	}
	if port != 0 {
		host += ":" + strconv.Itoa(int(port))
	}
	return host
}

// parsePrefix reads an address or a prefix.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}
