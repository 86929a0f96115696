package tempo

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"testing"
	"time"
)

// offices telephone in ways that look like fraud to a counter, and are work.
// Each plays one day, 0 the first, a Tuesday.
var offices = map[string]struct {
	opened []string
	day    func(p *player, r *rand.Rand, day int)
}{
	// Sierra Leone and Cuba every day, the same few partners again and again,
	// at ¥180 a minute.
	"trading firm": {opened: []string{"SL", "CU"}, day: func(p *player, r *rand.Rand, _ int) {
		p.price = 180_000
		for range 12 {
			ext := strconv.Itoa(201 + r.IntN(4))
			number := sl("7612345" + strconv.Itoa(r.IntN(9)+1))
			if r.IntN(3) == 0 {
				number = "0105352345" + strconv.Itoa(100+r.IntN(5))
			}
			if r.IntN(3) == 0 {
				p.miss(ext, number)
			}
			p.talk(ext, number, time.Duration(20+r.IntN(1200))*time.Second)
			p.wait(time.Duration(5+r.IntN(30)) * time.Minute)
		}
	}},
	// Many short calls to many numbers, most of them not answered.
	"campaign": {opened: []string{"GB"}, day: func(p *player, r *rand.Rand, _ int) {
		for range 120 {
			number := fmt.Sprintf("031234%04d", r.IntN(10000))
			if r.IntN(10) == 0 {
				number = fmt.Sprintf("010442071%06d", r.IntN(1000000))
			}
			ext := strconv.Itoa(201 + r.IntN(8))
			if r.IntN(2) == 0 {
				p.miss(ext, number)
			} else {
				p.talk(ext, number, time.Duration(15+r.IntN(200))*time.Second)
			}
			p.wait(time.Minute)
		}
	}},
	// A fax that tries again until it gets through.
	"fax": {opened: []string{"DE"}, day: func(p *player, r *rand.Rand, _ int) {
		for i := range 8 {
			number := "01049301234" + strconv.Itoa(560+i%3)
			for range r.IntN(6) {
				p.miss("250", number)
				p.wait(time.Minute)
			}
			p.talk("250", number, time.Minute)
			p.wait(30 * time.Minute)
		}
	}},
	// Tickets: one busy number again and again, by everybody.
	"redial storm": {day: func(p *player, r *rand.Rand, _ int) {
		for i := range 300 {
			p.miss(strconv.Itoa(201+i%6), "0570000111")
			p.wait(5 * time.Second)
		}
	}},
	// Guests call home in the evening, to countries that the hotel opened and to others.
	"hotel": {opened: []string{"GB", "DE", "FR"}, day: func(p *player, r *rand.Rand, _ int) {
		p.wait(10 * time.Hour)
		for i := range 20 {
			p.talk(strconv.Itoa(400+r.IntN(80)), "0312345678", time.Minute)
			if i%3 > 0 {
				continue
			}
			home := []string{london, "01049301234567", "01033142345678", "0108613812345678", "010821012345678"}
			p.talk(strconv.Itoa(400+r.IntN(80)), home[r.IntN(len(home))], time.Duration(1+r.IntN(30))*time.Minute)
			p.wait(10 * time.Minute)
		}
	}},
	// On the third day all phones register from a new address.
	"moving house": {opened: []string{"GB"}, day: func(p *player, r *rand.Rand, day int) {
		if day == 3 {
			p.from = netip.MustParseAddr("198.51.100.20")
			for i := range 12 {
				p.note(Registered, p.event(strconv.Itoa(201+i), ""))
			}
		}
		for range 20 {
			p.talk(strconv.Itoa(201+r.IntN(12)), "0312345678", time.Minute)
			p.wait(10 * time.Minute)
		}
		p.talk(strconv.Itoa(201+r.IntN(12)), london, 10*time.Minute)
	}},
	// Two-hour conferences abroad, several at a time.
	"conference": {opened: []string{"GB"}, day: func(p *player, r *rand.Rand, _ int) {
		var events []*Event
		for i := range 3 {
			_, e := p.dial(strconv.Itoa(201+i), london)
			p.wait(10*time.Second).note(Answered, e)
			events = append(events, e)
		}
		p.wait(2 * time.Hour)
		for _, e := range events {
			e.Talk = 2 * time.Hour
			p.note(Ended, e)
		}
	}},
}

// TestWorkIsNotFraud: from the first day to the thirtieth, offices at work are
// let alone.
func TestWorkIsNotFraud(t *testing.T) {
	for name, o := range offices {
		t.Run(name, func(t *testing.T) {
			p := play(t)
			for _, a := range o.opened {
				p.open[a] = true
			}
			r := rand.New(rand.NewPCG(1, 1))
			for day := range 30 {
				p.now = tuesday.AddDate(0, 0, day)
				if wd := p.now.Weekday(); wd != time.Saturday && wd != time.Sunday {
					o.day(p, r, day)
				}
			}
			calls := p.tally[Quiet] + p.tally[Noted] + p.tally[Challenge] + p.tally[Cut]
			if p.tally[Cut] > 0 || p.tally[Challenge]*1000 > calls {
				t.Errorf("of %d calls %d are challenged, %d cut; such as for %+v",
					calls, p.tally[Challenge], p.tally[Cut], p.worst.Signs())
			}
		})
	}
}

// TestThePumpIsStopped: who calls a new country one call after the other gets
// to the third at most, on the first day as on the thirtieth; at night, none.
func TestThePumpIsStopped(t *testing.T) {
	for _, days := range []int{0, 30} {
		for at, most := range map[time.Duration]int{0: 2, 15 * time.Hour: 0} {
			p := play(t)
			r := rand.New(rand.NewPCG(1, 1))
			for day := range days {
				p.now = tuesday.AddDate(0, 0, day)
				offices["campaign"].day(p, r, day)
			}
			p.now = tuesday.AddDate(0, 0, days)
			p.wait(at)
			through := 0
			for i := range 20 {
				o, e := p.dial("201", sl("7612300"+strconv.Itoa(i%10)))
				if o.Level >= Challenge {
					p.note(Lapsed, e)
					continue
				}
				through++
				p.wait(5*time.Second).note(Answered, e)
				e.Talk = 20 * time.Minute
				p.wait(e.Talk).note(Ended, e)
			}
			if through > most {
				t.Errorf("after %d days, at %s: %d calls got through, want at most %d", days, p.now, through, most)
			}
		}
	}
}

// TestAFaxIsNotShutOut: it answers no challenge, and goes on faxing.
func TestAFaxIsNotShutOut(t *testing.T) {
	p := play(t)
	p.open["DE"] = true
	for range 5 {
		_, e := p.dial("250", "01049301234560")
		p.note(Lapsed, e)
	}
	p.wait(2 * time.Hour)
	if o := p.talk("250", "01049301234560", time.Minute); o.Level > Noted {
		t.Errorf("the next fax is %s, for %+v", o.Level, o.Signs())
	}
}
