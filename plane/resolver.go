package plane

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// ErrNoName says that a name leads to no address.
var ErrNoName = errors.New("name leads to no address")

// Resolver finds SIP servers by name (RFC 3263): NAPTR, SRV, A and AAAA. Its
// answers are kept, at most NamesMax of them. It is safe for concurrent use.
type Resolver struct {
	servers []string
	hosts   map[string][]netip.Addr

	mu    sync.Mutex
	kept  map[question]answer
	query func(ctx context.Context, q question) (*dns.Msg, error) // replaced in tests
}

// question is one name and record type.
type question struct {
	name string
	kind uint16
}

// answer is what was found, and until when it holds.
type answer struct {
	records []dns.RR
	until   time.Time
}

// NewResolver makes a Resolver. servers are "address:port" of name servers;
// none means those of /etc/resolv.conf. Names of /etc/hosts are known.
func NewResolver(servers ...string) *Resolver {
	if len(servers) == 0 {
		if c, err := dns.ClientConfigFromFile("/etc/resolv.conf"); err == nil {
			for _, s := range c.Servers {
				servers = append(servers, net.JoinHostPort(s, c.Port))
			}
		}
	}
	r := &Resolver{servers: servers, hosts: readHosts("/etc/hosts"), kept: map[question]answer{}}
	r.query = r.ask
	return r
}

// Resolve gives where to send a request for host, best first. port 0 means
// that the URI had none: then NAPTR and SRV are asked (RFC 3263 §4.1, §4.2).
// An empty transport lets the name's owner choose, and is UDP if they do not.
func (r *Resolver) Resolve(ctx context.Context, host string, port uint16, transport string) ([]edge.Target, error) {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	fallback := transport
	if fallback == "" {
		fallback = UDP
	}
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return []edge.Target{{Addr: netip.AddrPortFrom(a, portOr(port, fallback)), Transport: fallback}}, nil
	}
	if _, known := r.hosts[host]; port != 0 || known {
		return r.addresses(ctx, host, portOr(port, fallback), fallback)
	}
	for _, s := range r.services(ctx, host, transport) {
		if list := r.bySRV(ctx, s.name, s.transport); len(list) > 0 {
			return list, nil
		}
	}
	return r.addresses(ctx, host, portOr(0, fallback), fallback)
}

// service is one SRV name to ask, with the transport it stands for.
type service struct{ name, transport string }

// services lists the SRV names for a host: as its NAPTR records say, or else
// those of the wanted transport (RFC 3263 §4.1).
func (r *Resolver) services(ctx context.Context, host, transport string) []service {
	var naptr []*dns.NAPTR
	if records, err := r.lookup(ctx, question{dns.Fqdn(host), dns.TypeNAPTR}); err == nil {
		for _, rr := range records {
			if n, ok := rr.(*dns.NAPTR); ok && strings.EqualFold(n.Flags, "s") && naptrTransport(n.Service) != "" {
				naptr = append(naptr, n)
			}
		}
	}
	sort.SliceStable(naptr, func(i, j int) bool {
		a, b := naptr[i], naptr[j]
		return a.Order < b.Order || a.Order == b.Order && a.Preference < b.Preference
	})
	var list []service
	for _, n := range naptr {
		t := naptrTransport(n.Service)
		if transport == "" || transport == t {
			list = append(list, service{n.Replacement, t})
		}
	}
	if len(list) > 0 {
		return list
	}
	for _, s := range []service{{"_sip._udp.", UDP}, {"_sip._tcp.", TCP}, {"_sips._tcp.", TLS}} {
		// Without NAPTR nothing is upgraded to a transport nobody asked for,
		// but for TCP where there is no record for UDP.
		if s.transport == transport || transport == "" && s.transport != TLS {
			list = append(list, service{s.name + dns.Fqdn(host), s.transport})
		}
	}
	return list
}

// naptrTransport gives the transport of a NAPTR service field.
func naptrTransport(service string) string {
	switch strings.ToUpper(service) {
	case "SIP+D2U":
		return UDP
	case "SIP+D2T":
		return TCP
	case "SIPS+D2T":
		return TLS
	default:
		return ""
	}
}

// bySRV asks for SRV records and their addresses, in RFC 2782's order.
func (r *Resolver) bySRV(ctx context.Context, name, transport string) []edge.Target {
	records, err := r.lookup(ctx, question{dns.Fqdn(name), dns.TypeSRV})
	if err != nil {
		return nil
	}
	var srv []*dns.SRV
	for _, rr := range records {
		if s, ok := rr.(*dns.SRV); ok && s.Target != "." {
			srv = append(srv, s)
		}
	}
	var list []edge.Target
	for _, s := range orderSRV(srv, rand.IntN) {
		if found, err := r.addresses(ctx, strings.TrimSuffix(s.Target, "."), s.Port, transport); err == nil {
			list = append(list, found...)
		}
	}
	return list
}

// orderSRV sorts by priority, and within one by weighted chance (RFC 2782).
func orderSRV(list []*dns.SRV, random func(n int) int) []*dns.SRV {
	rest := append([]*dns.SRV(nil), list...)
	sort.SliceStable(rest, func(i, j int) bool {
		a, b := rest[i], rest[j]
		return a.Priority < b.Priority || a.Priority == b.Priority && a.Weight < b.Weight
	})
	out := make([]*dns.SRV, 0, len(rest))
	for len(rest) > 0 {
		sum, same := 0, 0
		for same < len(rest) && rest[same].Priority == rest[0].Priority {
			sum += int(rest[same].Weight)
			same++
		}
		pick, mark := 0, random(sum+1)
		for total := 0; pick < same-1; pick++ {
			if total += int(rest[pick].Weight); total >= mark {
				break
			}
		}
		out = append(out, rest[pick])
		rest = append(rest[:pick:pick], rest[pick+1:]...)
	}
	return out
}

// addresses gives a host's addresses, IPv4 first: that is what Japanese
// carriers' voice networks and most phones answer on.
func (r *Resolver) addresses(ctx context.Context, host string, port uint16, transport string) ([]edge.Target, error) {
	var list []edge.Target
	add := func(a netip.Addr) {
		list = append(list, edge.Target{Addr: netip.AddrPortFrom(a.Unmap(), port), Transport: transport})
	}
	for _, a := range r.hosts[host] {
		add(a)
	}
	var last error
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if len(r.hosts[host]) > 0 {
			break
		}
		records, err := r.lookup(ctx, question{dns.Fqdn(host), kind})
		if err != nil {
			last = err
			continue
		}
		for _, rr := range records {
			switch rr := rr.(type) {
			case *dns.A:
				if a, ok := netip.AddrFromSlice(rr.A.To4()); ok {
					add(a)
				}
			case *dns.AAAA:
				if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
					add(a)
				}
			}
		}
	}
	if len(list) == 0 {
		return nil, errors.Join(fmt.Errorf("%w: %s", ErrNoName, host), last)
	}
	return list, nil
}

// portOr gives the port, or the transport's own (RFC 3261 §19.1.2).
func portOr(port uint16, transport string) uint16 {
	switch {
	case port != 0:
		return port
	case transport == TLS:
		return 5061
	default:
		return 5060
	}
}
