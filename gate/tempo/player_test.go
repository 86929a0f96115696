package tempo

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// tokyo is where the offices of these tests stand.
var tokyo = time.FixedZone("JST", 9*3600)

// tuesday is ten o'clock on a working day.
var tuesday = time.Date(2015, 3, 10, 10, 0, 0, 0, tokyo)

// player plays what people do to a Watch.
type player struct {
	t     *testing.T
	w     *Watch
	now   time.Time
	calls int
	price tariff.Money
	from  netip.Addr
	agent string
	open  map[string]bool // areas that the owner opened
	tally map[Level]int
	worst Opinion
}

func play(t *testing.T) *player {
	return &player{
		t: t, w: New(tokyo), now: tuesday, price: 40 * tariff.Yen,
		from: netip.MustParseAddr("192.168.1.20"), open: map[string]bool{}, tally: map[Level]int{},
	}
}

func (p *player) wait(d time.Duration) *player {
	p.now = p.now.Add(d)
	return p
}

func (p *player) event(ext, dialed string) *Event {
	d := number.Parse(dialed, &number.Context{Line: number.Line{AreaCode: "03"}})
	return &Event{
		Call: "c" + strconv.Itoa(p.calls), Extension: ext, Source: p.from, UserAgent: p.agent, Dialed: dialed,
		Destination: d, Expected: p.open[d.Area], PerMinute: p.price,
	}
}

// dial asks for a call.
func (p *player) dial(ext, dialed string) (Opinion, *Event) {
	p.calls++
	e := p.event(ext, dialed)
	o := p.w.Attempt(p.now, e)
	p.tally[o.Level]++
	if o.Level > p.worst.Level {
		p.worst = o
	}
	return o, e
}

func (p *player) note(k Kind, e *Event) {
	e.Kind = k
	p.w.Note(p.now, e)
}

// talk is a call from the dialing to its end; it rings ten seconds.
func (p *player) talk(ext, dialed string, d time.Duration) Opinion {
	o, e := p.dial(ext, dialed)
	p.wait(10*time.Second).note(Answered, e)
	e.Talk = d
	p.wait(d).note(Ended, e)
	return o
}

// miss is a call that nobody answers.
func (p *player) miss(ext, dialed string) Opinion {
	o, e := p.dial(ext, dialed)
	p.wait(20*time.Second).note(Ended, e)
	return o
}

// hold is a call that stays up.
func (p *player) hold(ext, dialed string) Opinion {
	o, e := p.dial(ext, dialed)
	p.wait(5*time.Second).note(Answered, e)
	return o
}

// sign finds a sign of an opinion by name.
func (o *Opinion) sign(name string) Sign {
	for _, s := range o.Signs() {
		if s.Name == name {
			return s
		}
	}
	return Sign{}
}

func (p *player) want(o Opinion, name string, s Strength) {
	p.t.Helper()
	if got := o.sign(name).Strength; got != s {
		p.t.Errorf("%s has strength %d, want %d; signs: %+v", name, got, s, o.Signs())
	}
}
