package plane

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// zone is a small name server's content.
var zone = []string{
	`carrier.example. 60 IN NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.carrier.example.`,
	`carrier.example. 60 IN NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.carrier.example.`,
	`carrier.example. 60 IN NAPTR 5 10 "u" "E2U+sip" "!x!y!" .`,
	`_sip._udp.carrier.example. 60 IN SRV 20 0 5060 b.carrier.example.`,
	`_sip._udp.carrier.example. 60 IN SRV 10 0 5070 a.carrier.example.`,
	`_sips._tcp.carrier.example. 60 IN SRV 10 0 5061 a.carrier.example.`,
	`a.carrier.example. 60 IN A 192.0.2.1`,
	`a.carrier.example. 60 IN AAAA 2001:db8::1`,
	`b.carrier.example. 60 IN A 192.0.2.2`,
	`_sip._udp.srv.example. 60 IN SRV 1 0 5062 a.carrier.example.`,
	`plain.example. 60 IN A 192.0.2.9`,
	`alias.example. 60 IN CNAME plain.example.`,
}

// nameServer serves the zone on loopback and counts questions.
func nameServer(t *testing.T) (addr string, asked *atomic.Int64, stop func()) {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked = new(atomic.Int64)
	records := map[string][]dns.RR{}
	for _, line := range zone {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(rr.Header().Name, rr.Header().Rrtype)
		records[key] = append(records[key], rr)
	}
	srv := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		asked.Add(1)
		m := new(dns.Msg)
		m.SetReply(q)
		name, kind := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
		if alias := records[fmt.Sprint(name, dns.TypeCNAME)]; len(alias) > 0 && kind == dns.TypeA {
			m.Answer = append(m.Answer, alias...)
			name = alias[0].(*dns.CNAME).Target
		}
		m.Answer = append(m.Answer, records[fmt.Sprint(name, kind)]...)
		_ = w.WriteMsg(m)
	})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = srv.ActivateAndServe()
	}()
	stop = func() {
		_ = srv.Shutdown()
		<-ended
	}
	return pc.LocalAddr().String(), asked, stop
}

func TestResolve(t *testing.T) {
	addr, asked, stop := nameServer(t)
	defer stop()
	r := NewResolver(addr)
	r.hosts = map[string][]netip.Addr{"here.example": {netip.MustParseAddr("192.0.2.77")}}
	cases := []struct {
		host      string
		port      uint16
		transport string
		want      string
	}{
		{"192.0.2.5", 0, "", "udp 192.0.2.5:5060"},
		{"192.0.2.5", 0, TLS, "tls 192.0.2.5:5061"},
		{"[2001:db8::5]", 5080, TCP, "tcp [2001:db8::5]:5080"},
		{"carrier.example", 0, "", "tls 192.0.2.1:5061 tls [2001:db8::1]:5061"},
		{"Carrier.Example.", 0, UDP, "udp 192.0.2.1:5070 udp [2001:db8::1]:5070 udp 192.0.2.2:5060"},
		{"srv.example", 0, "", "udp 192.0.2.1:5062 udp [2001:db8::1]:5062"},
		{"plain.example", 0, "", "udp 192.0.2.9:5060"},
		{"plain.example", 5066, TCP, "tcp 192.0.2.9:5066"},
		{"alias.example", 5066, UDP, "udp 192.0.2.9:5066"},
		{"here.example", 0, "", "udp 192.0.2.77:5060"},
		{"nobody.example", 0, "", ""},
	}
	for _, c := range cases {
		targets, err := r.Resolve(context.Background(), c.host, c.port, c.transport)
		var got []string
		for _, x := range targets {
			got = append(got, x.Transport+" "+x.Addr.String())
		}
		if s := strings.Join(got, " "); s != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s:%d %s: %q, %v, want %q", c.host, c.port, c.transport, s, err, c.want)
		}
	}
	before := asked.Load()
	if _, err := r.Resolve(context.Background(), "carrier.example", 0, ""); err != nil || asked.Load() != before {
		t.Errorf("kept answers were asked for again (%d), %v", asked.Load()-before, err)
	}
}

func TestResolverOutlivesItsServer(t *testing.T) {
	addr, _, stop := nameServer(t)
	r := NewResolver(addr)
	if _, err := r.Resolve(context.Background(), "plain.example", 5060, UDP); err != nil {
		t.Fatal(err)
	}
	stop()
	for q, a := range r.kept { // as if their time had run out
		a.until = a.until.Add(-NameLifeMax)
		r.kept[q] = a
	}
	r.query = func(context.Context, question) (*dns.Msg, error) { return nil, fmt.Errorf("down") }
	if got, err := r.Resolve(context.Background(), "plain.example", 5060, UDP); err != nil || len(got) != 1 {
		t.Errorf("a name that was known is lost with its server: %v, %v", got, err)
	}
}

func TestResolverIsBounded(t *testing.T) {
	r := NewResolver("127.0.0.1:1")
	r.query = func(_ context.Context, q question) (*dns.Msg, error) {
		m := new(dns.Msg)
		for i := range 4 * AnswersMax {
			rr, _ := dns.NewRR(fmt.Sprintf("%s 99999999 IN A 10.0.%d.1", q.name, i))
			m.Answer = append(m.Answer, rr)
		}
		return m, nil
	}
	for i := range 3 * NamesMax {
		got, err := r.addresses(context.Background(), fmt.Sprintf("h%d.example", i), 5060, UDP)
		if err != nil || len(got) > AnswersMax {
			t.Fatalf("%d answers, %v", len(got), err)
		}
	}
	if len(r.kept) > NamesMax {
		t.Errorf("%d names are kept", len(r.kept))
	}
}

func TestOrderSRV(t *testing.T) {
	list := []*dns.SRV{
		{Target: "low", Priority: 2, Weight: 100},
		{Target: "heavy", Priority: 1, Weight: 90},
		{Target: "light", Priority: 1, Weight: 10},
	}
	first := map[string]int{}
	for i := range 101 {
		out := orderSRV(list, func(n int) int { return min(i, n-1) })
		if len(out) != 3 || out[2].Target != "low" {
			t.Fatalf("order %v", out)
		}
		first[out[0].Target]++
	}
	if first["heavy"] != 90 || first["light"] != 11 {
		t.Errorf("first of 101 draws: %v", first)
	}
}
