package carrier_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func socket(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReadIsCarelessOnPurpose(t *testing.T) {
	for dialed, want := range map[string]carrier.Reading{
		"01023276123456":      {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"*01023276123456":     {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"%23010-232-76123456": {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"18401023276123456":   {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"003301023276123456":  {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"+8101023276123456":   {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"+23276123456":        {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"０１０２３２７６１２３４５６":      {Class: carrier.International, Digits: "23276123456", Country: "232"},
		"0312345678":          {Class: carrier.Domestic, Digits: "0312345678"},
		"+81312345678":        {Class: carrier.Domestic, Digits: "0312345678"},
		"1840312345678":       {Class: carrier.Domestic, Digits: "0312345678"},
		"09012345678":         {Class: carrier.Mobile, Digits: "09012345678"},
		"0120123456":          {Class: carrier.Freephone, Digits: "0120123456"},
		"110":                 {Class: carrier.Emergency, Digits: "110"},
		"184119":              {Class: carrier.Emergency, Digits: "119"},
		"117":                 {Class: carrier.Service, Digits: "117"},
		"0990123456":          {Class: carrier.Premium, Digits: "0990123456"},
		"42":                  {Class: carrier.Nothing, Digits: "42"},
	} {
		if got := carrier.Read([]byte(dialed)); got != want {
			t.Errorf("Read(%q) = %+v, want %+v", dialed, got, want)
		}
	}
}

func TestPriceRoundsUpToStartedUnits(t *testing.T) {
	sl := carrier.Read([]byte("01023276123456"))
	for talk, want := range map[time.Duration]int64{
		0: 175_000, 30 * time.Second: 175_000, time.Minute: 175_000, time.Minute + time.Millisecond: 350_000,
	} {
		if got := sl.Price(talk); got != want {
			t.Errorf("%v costs %d, want %d", talk, got, want)
		}
	}
	if got := carrier.Read([]byte("119")).Price(time.Minute); got != 0 {
		t.Errorf("an emergency call costs %d", got)
	}
}

// practice starts a carrier for a static line on loopback and a phone that
// speaks to it directly.
func practice(t *testing.T, behave func(carrier.Reading) carrier.Behavior) (*carrier.Carrier, *office.Phone) {
	t.Helper()
	c, err := carrier.New(socket(t), carrier.Config{
		Domain:   "carrier.test",
		Accounts: []carrier.Account{{User: "line", Source: netip.MustParseAddr("127.0.0.1")}},
		Behave:   behave,
		OpenMedia: func(netip.Addr) (net.PacketConn, error) {
			return net.ListenPacket("udp", "127.0.0.1:0")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := office.New(socket(t), office.Account{Extension: "201", User: "201", Server: c.Addr(), UserAgent: "test"},
		netip.MustParseAddrPort("127.0.0.1:9"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		c.Close()
	})
	return c, p
}

func TestACallIsAnsweredAndBilled(t *testing.T) {
	c, p := practice(t, func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	call, o, err := p.Dial(ctx, "01023276123456")
	if err != nil || !o.Answered() {
		t.Fatalf("%+v %v", o, err)
	}
	if err := call.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	e := c.Books().Entries()
	for len(e) == 1 && e[0].End.IsZero() && ctx.Err() == nil { // the BYE is answered before it is booked
		time.Sleep(time.Millisecond)
		e = c.Books().Entries()
	}
	if len(e) != 1 || e[0].MilliYen != 175_000 || e[0].Line != "line" || e[0].User != "01023276123456" {
		t.Errorf("books: %+v", e)
	}
}

// TestLateBye: a BYE that is lost twice is heard the third time, and billed until
// then, by the price list that was given.
func TestLateBye(t *testing.T) {
	heard := 0
	c, err := carrier.New(socket(t), carrier.Config{
		Domain:    "carrier.test",
		Accounts:  []carrier.Account{{User: "line", Source: netip.MustParseAddr("127.0.0.1")}},
		Behave:    func(carrier.Reading) carrier.Behavior { return carrier.Behavior{Sound: carrier.Silence} },
		OpenMedia: func(netip.Addr) (net.PacketConn, error) { return net.ListenPacket("udp", "127.0.0.1:0") },
		Price:     func(_ carrier.Reading, talk time.Duration) int64 { return talk.Milliseconds() },
		LoseBye:   func(n int) bool { heard = n; return n < 3 },
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := office.New(socket(t), office.Account{Extension: "201", User: "201", Server: c.Addr(), UserAgent: "test"},
		netip.MustParseAddrPort("127.0.0.1:9"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	call, o, err := p.Dial(ctx, "01023276123456")
	if err != nil || !o.Answered() {
		t.Fatalf("%+v %v", o, err)
	}
	if err := call.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	p.Close()
	c.Close()
	if e := c.Books().Entries(); heard != 3 || len(e) != 1 || e[0].MilliYen < 1400 || e[0].MilliYen > 9000 {
		t.Errorf("heard %d times, books: %+v", heard, e)
	}
}

func TestBusyAndUnknown(t *testing.T) {
	c, p := practice(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for dialed, want := range map[string]int{"0312345679": 486, "42": 404} {
		if _, o, err := p.Dial(ctx, dialed); err != nil || o.Status != want {
			t.Errorf("%s: %+v %v, want %d", dialed, o, err, want)
		}
	}
	for _, e := range c.Books().Entries() {
		if e.MilliYen != 0 || e.End.IsZero() {
			t.Errorf("books: %+v", e)
		}
	}
}
