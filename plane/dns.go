package plane

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// lookup gives the records for a question, kept ones while they hold.
func (r *Resolver) lookup(ctx context.Context, q question) ([]dns.RR, error) {
	now := time.Now()
	r.mu.Lock()
	a, ok := r.kept[q]
	r.mu.Unlock()
	if ok && now.Before(a.until) {
		return a.records, nil
	}
	msg, err := r.query(ctx, q)
	if err != nil {
		if ok { // a name server that is down does not take the line with it
			return a.records, nil
		}
		return nil, err
	}
	if msg.Rcode != dns.RcodeSuccess && msg.Rcode != dns.RcodeNameError {
		if ok {
			return a.records, nil
		}
		return nil, fmt.Errorf("name server answers %s", dns.RcodeToString[msg.Rcode])
	}
	fresh := answer{until: now.Add(NameFailureLife)}
	for i, rr := range msg.Answer {
		if i == AnswersMax {
			break
		}
		if rr.Header().Rrtype != q.kind {
			continue // CNAMEs on the way: the server has followed them
		}
		fresh.records = append(fresh.records, rr)
		life := min(max(time.Duration(rr.Header().Ttl)*time.Second, NameLifeMin), NameLifeMax)
		if until := now.Add(life); len(fresh.records) == 1 || until.Before(fresh.until) {
			fresh.until = until
		}
	}
	r.keep(q, fresh, now)
	return fresh.records, nil
}

// keep stores an answer, making room by dropping what has run out, or else
// what runs out first.
func (r *Resolver) keep(q question, a answer, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.kept[q]; !known && len(r.kept) >= NamesMax {
		var first question
		var found bool
		for k, v := range r.kept {
			if now.After(v.until.Add(NameLifeMax)) {
				delete(r.kept, k)
			} else if !found || v.until.Before(r.kept[first].until) {
				first, found = k, true
			}
		}
		if len(r.kept) >= NamesMax {
			delete(r.kept, first)
		}
	}
	r.kept[q] = a
}

// ask puts a question to the name servers in turn, by UDP, and by TCP where
// the answer is cut short.
func (r *Resolver) ask(ctx context.Context, q question) (*dns.Msg, error) {
	if len(r.servers) == 0 {
		return nil, errors.New("no name server is known")
	}
	m := new(dns.Msg)
	m.SetQuestion(q.name, q.kind)
	m.SetEdns0(1232, false)
	var last error
	for _, server := range r.servers {
		for _, network := range []string{"udp", "tcp"} {
			c := dns.Client{Net: network, Timeout: QueryTimeout, UDPSize: 1232}
			in, _, err := c.ExchangeContext(ctx, m, server)
			if err != nil {
				last = fmt.Errorf("ask name server: %w", err)
				break
			}
			if !in.Truncated || network == "tcp" {
				return in, nil
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

// readHosts reads a hosts file; one that is not there knows nothing.
func readHosts(path string) map[string][]netip.Addr {
	known := map[string][]netip.Addr{}
	b, err := os.ReadFile(path)
	if err != nil {
		return known
	}
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		a, err := netip.ParseAddr(f[0])
		if err != nil {
			continue
		}
		for _, name := range f[1:] {
			name = strings.ToLower(name)
			known[name] = append(known[name], a)
		}
	}
	return known
}
