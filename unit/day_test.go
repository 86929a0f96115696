package unit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// A day's office: sixty phones, of which a few have a part of their own.
const (
	staffFirst = 211
	staffSize  = 60
	// quietForDays is how long nothing needs to be heard where nobody speaks.
	quietForDays = 48 * time.Hour
)

// Whose phones are whose in a day's office.
var (
	sales   = []string{"211", "212", "213", "214", "215", "216"} // ring together
	support = []string{"217", "218", "219"}                      // ring in order
	desks   = map[string]string{                                 // numbers that ring one phone
		"0312345690": "221", "0312345671": "222", "0312345681": "223",
	}
)

const (
	salesNumber   = "0312345670"
	supportNumber = "0312345680"
	mobileNumber  = "0312345691" // is sent on to a mobile
	guard         = "220"        // rings at night
	mobile        = "09011112222"
	sentOn        = "224" // whose calls go to 225
	sentTo        = "225"
)

// day is an office of sixty phones and its callers.
type day struct {
	*office

	mu      sync.Mutex
	free    []*puppet          // phones that nobody uses
	all     map[string]*puppet // phones by extension
	outside map[string]*puppet // people outside, by their numbers and by Call-ID
	strange int                // calls to nobody
	number  int                // of people outside
	night   bool
	done    map[string]int // scenes that were played, by name
	places  [8]bool        // in use for parking
}

// Serve is the night key's: codes switch the whole office.
func (d *day) Serve(asked plan.Asked, _ fact.Party, _ string, done func(prompt string, ok bool)) {
	if asked.Action != plan.ModeToggle {
		done(PromptFailed, false)
		return
	}
	d.mu.Lock()
	d.night = !d.night
	d.mu.Unlock()
	d.numbers()
	done("", true)
}

// numbers puts the plan of the day or of the night in force.
func (d *day) numbers() {
	s := plan.Settings{
		Groups: []fact.Group{
			{Number: "400", Members: sales},
			{Number: "401", Members: support, Strategy: fact.RingLinear, Seconds: 10, Overflow: "226"},
		},
		Features: plan.Features(),
		Routing: []fact.Routed{
			fact.ServiceSet{Extension: sentOn, Service: fact.ForwardAlways, To: sentTo, On: true},
			fact.ServiceSet{Extension: "227", Service: fact.ForwardAlways, To: "+81" + mobile[1:], On: true},
			fact.RingsSet{Scope: salesNumber, Mode: "night1", Ring: []string{guard}},
		},
	}
	if d.night {
		s.Routing = append(s.Routing, fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1"})
	}
	for i := range staffSize {
		s.Extensions = append(s.Extensions, fmt.Sprint(staffFirst+i))
	}
	rings := map[string]string{salesNumber: "400", supportNumber: "401", mobileNumber: "227"}
	maps.Copy(rings, desks)
	for _, l := range d.lines.List(time.Now()) {
		numbers := slices.Clone(l.Numbers)
		for i := range numbers {
			numbers[i].Ring = []string{rings[numbers[i].Number]}
		}
		s.Lines = append(s.Lines, plan.Line{ID: l.ID, Numbers: numbers, Number: l.Number.Line})
	}
	p, err := plan.New(s)
	d.must(err)
	d.unit.SetPlan(p)
}

func newDay(t testing.TB) *day {
	d := &day{all: make(map[string]*puppet), outside: make(map[string]*puppet), done: make(map[string]int), night: true}
	d.office = newOffice(t, officeConfig{
		shards: 1, channels: 24, mute: true, services: d, limits: []fact.Limit{},
	})
	d.numbers()
	for i := range staffSize {
		p := newPuppet(t, d.h, fmt.Sprint(staffFirst+i), fmt.Sprintf("127.0.4.%d:5060", i+1), phoneSide)
		d.phones.add(p)
		d.all[p.name], d.free = p, append(d.free, p)
	}
	d.hikari.actBy(func(m *sip.Message) { d.route(d.hikari, m) })
	d.backup.actBy(func(m *sip.Message) { d.route(d.backup, m) })
	return d
}

var inCallID = regexp.MustCompile(`^call(\d{11})`)

// route gives what a carrier hears to whom it is for.
func (d *day) route(carrier *puppet, m *sip.Message) {
	id := string(m.CallID())
	d.mu.Lock()
	p := d.outside[id]
	if number := inCallID.FindStringSubmatch(id); number != nil {
		p = d.outside[number[1]]
	}
	if p == nil && m.IsRequest() && m.Method() == sip.INVITE {
		if p = d.outside[string(m.RequestURI().User)]; p != nil {
			d.outside[id] = p
		}
	}
	if p == nil {
		d.strange++
	}
	d.mu.Unlock()
	switch {
	case p != nil:
		p.inbox <- m
	case m.IsRequest() && m.Method() != sip.ACK:
		carrier.reply(m, 404, "nobody", "")
	}
}

// scene is something that happens among a few people.
type scene struct {
	*day
	r      *rand.Rand
	cast   []*puppet // phones that are in use by it
	guests []string  // people outside
	place  int
}

// pause lets time pass, and gives no two scenes the same moment to go on.
func (s *scene) pause(from, to time.Duration) {
	time.Sleep(from + time.Duration(s.r.Int64N(int64(to-from))))
}

// answering is how long people take to answer, talking how long they talk.
func (s *scene) answering() { s.pause(time.Second, 9*time.Second) }
func (s *scene) talking()   { s.pause(5*time.Second, 4*time.Minute) }

// takes has phones be used by this scene alone; false where one is in use.
func (s *scene) takes(names ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if !slices.Contains(s.free, s.all[name]) {
			return false
		}
	}
	for _, name := range names {
		s.use(slices.Index(s.free, s.all[name]))
	}
	return true
}

func (s *scene) use(i int) *puppet {
	p := s.free[i]
	s.free = slices.Delete(s.free, i, i+1)
	s.cast = append(s.cast, p)
	return p
}

// phone is one that nobody uses and that has no part of its own.
func (s *scene) phone() *puppet {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		i := s.r.IntN(len(s.free))
		if s.free[i].name >= "230" {
			return s.use(i)
		}
	}
}

// somebody is a person outside with a number of their own.
func (s *scene) somebody() *puppet {
	s.mu.Lock()
	s.number++
	number := fmt.Sprintf("0907%07d", s.number)
	s.mu.Unlock()
	return s.person(number)
}

// outsider is somebody who calls a number of ours, by the carrier that has it.
func (s *scene) outsider(called string) *puppet {
	p := s.somebody()
	if strings.HasSuffix(called, "1") {
		p.addr = s.backup.addr
	}
	return p
}

func (s *scene) person(number string) *puppet {
	p := &puppet{
		t: s.t, h: s.h, name: number, addr: s.hikari.addr, unit: lineSide,
		seen: make(map[string]bool), inbox: make(chan *sip.Message, hubMail),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outside[number] = p
	s.guests = append(s.guests, number)
	return p
}

// park is a place that nobody uses, 0 for none.
func (s *scene) park() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.places {
		if !s.places[i] {
			s.places[i], s.place = true, i+1
			return s.place
		}
	}
	return 0
}

// ends lets others have what the scene used.
func (s *scene) ends() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, s.cast...)
	slices.SortFunc(s.free, func(a, b *puppet) int { return cmp.Compare(a.name, b.name) })
	for _, number := range s.guests {
		delete(s.outside, number)
	}
	if s.place > 0 {
		s.places[s.place-1] = false
	}
	if extra := len(s.all) - len(s.free); extra < 0 {
		s.t.Errorf("%d phones too many are free", -extra)
	}
}

var (
	oneCall = regexp.MustCompile(`\b([0-9a-f]{12})[0-9a-f]{20}\b`)
	// chance are words of facts that are drawn at random.
	chance = regexp.MustCompile(`"(key|salt|sip_call_id)":"[^"]*"`)
)

// read gives the day's books in an order that does not hang on who was first
// within a moment.
func (d *day) read(t *testing.T) []string {
	d.books.mu.Lock()
	defer d.books.mu.Unlock()
	var out []string
	for _, f := range d.books.facts {
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		line := oneCall.ReplaceAllString(f.Kind()+" "+string(b), "$1")
		out = append(out, chance.ReplaceAllString(line, ""))
	}
	slices.Sort(out)
	return out
}

// arrival is how long it is until something happens again, by the hour.
func arrival(r *rand.Rand, hour int) time.Duration {
	every := 15 * time.Minute
	switch {
	case hour >= 9 && hour < 18 && hour != 12:
		every = 25 * time.Second
	case hour == 8 || hour == 12 || hour == 18:
		every = 2 * time.Minute
	}
	return time.Duration(1 + r.Int64N(int64(2*every)))
}

// begin has a scene play, by its name, with a draw of its own.
func (d *day) begin(playing *sync.WaitGroup, name string, seed uint64) {
	s := &scene{day: d, r: rand.New(rand.NewPCG(seed, 60))}
	playing.Go(func() {
		defer s.ends()
		if !scenes[name](s) {
			return
		}
		d.mu.Lock()
		d.done[name]++
		d.mu.Unlock()
	})
}

// Scenes that a day has at times of their own.
const (
	nightKey  = "the night key is pressed"
	emergency = "an emergency call" // from then on whoever calls may want its caller
)

// live plays so much of a day from midnight on. The office opens at half past eight.
func (d *day) live(t *testing.T, seed uint64, long time.Duration) {
	r := rand.New(rand.NewPCG(seed, 24))
	var names []string
	for name := range scenes {
		if name != nightKey && name != emergency {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var playing sync.WaitGroup
	midnight := time.Now()
	switches := []time.Duration{8*time.Hour + 30*time.Minute, 18*time.Hour + 15*time.Minute}
	for since := time.Duration(0); since < long && !t.Failed(); since = time.Since(midnight) {
		name := names[r.IntN(len(names))]
		if len(switches) > 0 && since > switches[0] {
			name, switches = nightKey, switches[1:]
		}
		d.begin(&playing, name, r.Uint64())
		time.Sleep(arrival(r, int(since/time.Hour)))
	}
	playing.Wait()
	d.begin(&playing, emergency, r.Uint64())
	playing.Wait()
}

// play plays so much of a day, and gives its books.
func play(t *testing.T, seed uint64, long time.Duration) (books []string, played map[string]int) {
	synctest.Test(t, func(t *testing.T) {
		d := newDay(t)
		d.live(t, seed, long)
		d.over()
		d.books.whole(t)
		if d.strange > 0 {
			t.Errorf("%d messages came to nobody outside", d.strange)
		}
		books, played = d.read(t), d.done
	})
	return books, played
}

// TestADayTwice plays a working day of an office of sixty phones in virtual time,
// and plays it again: nothing is left of any call, every call has begun and ended once
// in the books, and both books say the same.
func TestADayTwice(t *testing.T) {
	long := 24 * time.Hour
	if testing.Short() {
		long = 10 * time.Hour
	}
	first, played := play(t, 2026, long)
	if t.Failed() {
		return
	}
	for name := range scenes {
		if played[name] == 0 && !testing.Short() {
			t.Errorf("never played: %s", name)
		}
	}
	t.Logf("%d facts; %v", len(first), played)
	second, _ := play(t, 2026, long)
	for i := range min(len(first), len(second)) {
		if first[i] != second[i] {
			t.Fatalf("one day says\n%s\nand the other\n%s", first[i], second[i])
		}
	}
	if len(first) != len(second) {
		t.Errorf("one day has %d facts, and the other %d", len(first), len(second))
	}
}
