package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/bench/cast"
)

// stage is one office and what is known of it.
type stage struct {
	*cast.Office

	number int
	unit   *cast.Unit
	r      *rand.Rand
	judge  *judge
	phones []*cast.Party
	lines  []*cast.Party
	keys   []*thing
	exts   []*thing
	byName map[string]*thing
	lamps  map[*cast.Party]map[string]*lamp
	at     []state // of each key
	ghosts map[*cast.Party][]*cast.Leg
	down   bool // the unit is
	over   bool // so is the play
	looked time.Time
	ticked time.Time
	stalls int
	direct time.Time // when a call outside without a key was over last

	restarts chan bool // by kill -9
	rate     float64
	next     time.Time // the next event
	left     int       // events to come
	restart  int       // events until the next restart
	every    int       // events between restarts, in the mean
	serial   int

	tally  tally
	trace  []string
	traces string    // the folder that it is written to, "" for none
	saved  time.Time // when it was, at a failure
	saves  int
}

// state is what else is known of a key.
type state struct {
	touched time.Time // somebody did something there
	hung    time.Time // somebody of the office hung up there
	gone    time.Time // the other side did
	moving  bool      // a transfer is under way
	move    int       // its number
	to      *cast.Party
}

// tally is what happened.
type tally struct {
	Events   map[string]int
	Failed   map[string]int
	Failures []string
	Started  []time.Duration // how long the unit was away
}

// note is what the script knows of a leg.
type note struct {
	key     int // -1 for none
	pressed bool
	direct  bool      // an outside number was dialed without a key
	late    time.Time // when it called to park, and nobody was there any more
	parks   bool      // it is to park another call of its phone
	told    bool      // so: what came of that
	of      *cast.Leg // so: at the line's end
	turn    int       // so: its turns when its phone called to park
	joined  bool      // it has talked with the line
	last    string    // of a line's leg: who had it last
	with    *cast.Leg // so: by which leg
	turns   int       // so: how often another leg has taken it
	private string    // so: which extension alone may take it
	busy    int       // phones that did not ring for it
	want    string    // of a press: what must come of it, "" for anything
	pressAt time.Time
}

// fits tells whether nobody has had a line's leg since a phone called to park it.
func (n *note) fits(line *cast.Leg) bool { return n.of == line && n.turn == noteOf(line).turns }

func noteOf(l *cast.Leg) *note {
	n, ok := l.Data.(*note)
	if !ok {
		n = &note{key: -1}
		l.Data = n
	}
	return n
}

// newStage starts a unit and furnishes it.
func newStage(ctx context.Context, o *options, binary, dir string, number int) (*stage, error) {
	addr := netip.AddrFrom4([4]byte{127, byte(firstNet + number), 0, 1})
	u, err := cast.NewUnit(cast.Setup{
		Binary: binary, Dir: filepath.Join(dir, strconv.Itoa(number)), Addr: addr, Number: number,
		Besides: "[log]\nlevel = \"warn\"\n",
	})
	if err != nil {
		return nil, err
	}
	if err := u.Launch(); err != nil {
		return nil, err
	}
	s := &stage{
		number: number, unit: u, traces: o.traces, r: rand.New(rand.NewPCG(o.seed, uint64(number))),
		byName: make(map[string]*thing), lamps: make(map[*cast.Party]map[string]*lamp),
		at: make([]state, lines), restarts: make(chan bool, restartsWaiting), ghosts: make(map[*cast.Party][]*cast.Leg),
		tally: tally{Events: make(map[string]int), Failed: make(map[string]int)},
	}
	s.judge = &judge{wrong: make(map[*lamp]bool), most: o.most, fail: s.fail, started: time.Now()}
	s.Office = cast.NewOffice(u, firstNet+number, o.seed+uint64(number), cast.Hooks{
		Rang: s.rang, Changed: s.changed, Ended: s.ended, Lamp: s.lamp, Tick: s.tick, Strange: s.strange,
		Trace: func(p *cast.Party, what string) { s.tracef("%s: %s", p.Name, what) },
	})
	if err := s.furnish(ctx); err != nil {
		return nil, fmt.Errorf("office %d: %w", number, err)
	}
	return s, nil
}

func keyName(i int) string { return "key" + strconv.Itoa(i+1) }

func numberOf(line int) string { return fmt.Sprintf("031234%04d", line) }

// rings are the phones at which the calls of a line ring.
func rings(line int) [ringsEach]int { return [2]int{line % phones, (line + 7) % phones} }

// furnish gives the unit its phones, lines and keys, and has all phones watch.
func (s *stage) furnish(ctx context.Context) error {
	if err := s.unit.Claim(ctx); err != nil {
		return err
	}
	var exts []string
	for i := range phones {
		exts = append(exts, strconv.Itoa(firstExt+i))
	}
	accounts, err := s.unit.AddPhones(ctx, exts)
	if err != nil {
		return err
	}
	c := s.unit.Control()
	for i := range lines {
		r := rings(i)
		_, err := control.Call(ctx, c, control.LineAdd, control.LineAddRequest{
			ID: "l" + strconv.Itoa(i), Profile: "generic-static", Registrar: s.LineAddr(i).String(),
			Sources: []string{s.LineAddr(i).Addr().String()}, AreaCode: "03", Channels: 1, Transport: "udp",
			Numbers: []control.LineNumber{{Number: numberOf(i), Ring: []string{exts[r[0]], exts[r[1]]}}},
		})
		if err != nil {
			return fmt.Errorf("add line %d: %w", i, err)
		}
		key := control.KeySetRequest{Key: keyName(i), Line: "l" + strconv.Itoa(i)}
		if _, err := control.Call(ctx, c, control.KeySet, key); err != nil {
			return fmt.Errorf("set %s: %w", key.Key, err)
		}
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for i := range lines {
		t := s.judge.thing(keyName(i))
		s.keys, s.byName[t.name] = append(s.keys, t), t
		p, err := s.Line("l"+strconv.Itoa(i), i, cast.Faults{Twice: 0.003, Late: 0.003})
		if err != nil {
			return err
		}
		s.lines = append(s.lines, p)
	}
	for _, name := range exts {
		t := s.judge.thing(name)
		s.exts, s.byName[name] = append(s.exts, t), t
	}
	for i, a := range accounts {
		f := cast.Faults{Twice: 0.003, Late: 0.003}
		if i >= phones-lossyPhones {
			f.Lost = 0.02
		}
		p, err := s.Phone(a, i, f)
		if err != nil {
			return err
		}
		s.phones = append(s.phones, p)
		s.furnishLamps(p)
		s.begins(p)
	}
	return nil
}

func (s *stage) furnishLamps(p *cast.Party) {
	s.lamps[p] = make(map[string]*lamp)
	watched := slices.Clone(s.keys)
	for n := range watchedExts {
		watched = append(watched, s.exts[(p.Number+1+n)%phones])
	}
	for _, t := range watched {
		l := &lamp{of: t, phone: p}
		t.lamps = append(t.lamps, l)
		s.lamps[p][t.name] = l
	}
}

// begins has a phone register and watch its lamps.
func (s *stage) begins(p *cast.Party) {
	p.Register(func() {
		for _, l := range s.lamps[p] {
			p.Watch(l.of.name, func() { l.asked = time.Now() })
		}
	})
}

// lit waits until every lamp shows something.
func (s *stage) lit(ctx context.Context) error {
	for deadline := time.Now().Add(drainMost); ; time.Sleep(20 * time.Millisecond) {
		dark := 0
		s.Mu.Lock()
		for _, t := range s.judge.things {
			for _, l := range t.lamps {
				if !l.on {
					dark++
				}
			}
		}
		s.Mu.Unlock()
		switch {
		case dark == 0:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("office %d: %d lamps are dark at the beginning", s.number, dark)
		}
	}
}

// fail notes a failure, with what happened before.
func (s *stage) fail(kind, what string) {
	s.tally.Failed[kind]++
	s.tracef("FAILED: %s: %s", kind, what)
	if len(s.tally.Failures) < failuresMost {
		fmt.Fprintf(os.Stderr, "office %d: %s: %s\n", s.number, kind, what) // nobody has to wait an hour for it
		s.tally.Failures = append(s.tally.Failures, fmt.Sprintf("office %d: %s: %s\n    %s",
			s.number, kind, what, strings.Join(s.about(what), "\n    ")))
	}
	if now := time.Now(); s.traces != "" && now.Sub(s.saved) > saveApart && s.saves < savesMost {
		s.saved, s.saves = now, s.saves+1
		if err := s.writeTrace(); err != nil {
			fmt.Fprintln(os.Stderr, "lamps:", err)
		}
	}
}

// tracef notes what happens, for those who look for the cause of a failure.
func (s *stage) tracef(format string, args ...any) {
	if len(s.trace) >= 2*traceMost {
		s.trace = append(s.trace[:0], s.trace[len(s.trace)-traceMost:]...)
	}
	s.trace = append(s.trace, time.Now().Format("05.000 ")+fmt.Sprintf(format, args...))
}

func isWord(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// about is what happened last at the keys and phones that a text names.
func (s *stage) about(what string) (out []string) {
	var words []string
	for _, word := range strings.FieldsFunc(what, func(r rune) bool { return !isWord(r) }) {
		if s.byName[word] != nil {
			words = append(words, word)
		}
	}
	for i := len(s.trace) - 1; i >= 0 && len(out) < traceShown; i-- {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s.trace[i]+" ", w+" ") }) {
			out = append(out, s.trace[i])
		}
	}
	slices.Reverse(out)
	return out
}

func (s *stage) strange(p *cast.Party, what string) {
	if !s.down {
		s.fail("strange message", p.Name+": "+what)
	}
}

// writeTrace writes what happened last to the folder. The caller holds s.Mu.
func (s *stage) writeTrace() error {
	text := strings.Join(s.trace, "\n") + "\n" + s.unit.Said()
	name := fmt.Sprintf("office-%d-%s.txt", s.number, time.Now().Format("150405"))
	return os.WriteFile(filepath.Join(s.traces, name), []byte(text), 0o600)
}
