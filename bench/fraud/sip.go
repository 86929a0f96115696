package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/sekisho/sekisho/bench/fraud/ground"
	"github.com/sekisho/sekisho/sim/fraud"
)

// scene is one attack that is played on both levels.
type scene struct {
	what    string
	family  string
	policy  Policy
	slice   time.Duration
	hurry   bool // talks, gaps and ringing are made short
	loseBye func(n int) bool
	fault   ground.Fault
}

// Row is one attack on both levels.
type Row struct {
	What    string         `json:"what"`
	Family  string         `json:"family"`
	Office  string         `json:"office"`
	Policy  Policy         `json:"policy"`
	Slice   time.Duration  `json:"slice_ns"`
	SIP     *ground.Result `json:"sip"`
	Event   Incident       `json:"event"`
	Used    int64          `json:"units_books_milli_yen"`
	Most    int64          `json:"budgets_milli_yen"` // that bound the calls that went out
	Over    int64          `json:"overshoot_milli_yen"`
	Agrees  bool           `json:"agrees"`
	Faulty  bool           `json:"faulty"` // something goes wrong on purpose: the levels need not agree
	Unsound string         `json:"unsound,omitempty"`
}

// dialedOnly tells the families that a phone can play by dialing.
func dialedOnly(f *fraud.Family) bool {
	plan := f.Draw(dice(1, 1))
	return !slices.ContainsFunc(plan.Phases, func(p fraud.Phase) bool { return p.Path != fraud.Dialed })
}

// scenes lists what is played: every family that is dialed, made short; some in
// their own time; and what may go wrong.
func scenes(families []fraud.Family, short bool) (out []scene) {
	lose := func(n int) bool { return n <= lateByes }
	half := func(int) bool { return rand.IntN(2) == 0 }
	add := func(what, family string, p Policy, slice time.Duration, change func(*scene)) {
		s := scene{what: what, family: family, policy: p, slice: slice, hurry: true}
		if change != nil {
			change(&s)
		}
		out = append(out, s)
	}
	long := func(s *scene) { s.hurry = false }
	if short {
		add("", "setagaya", Dialed, shortSlice, nil)
		add("", "race", Dialed, shortSlice, nil)
		add("as delivered", "setagaya", Closed, shortSlice/2, nil)
		add("killed", "urasoe", Dialed, shortSlice, func(s *scene) {
			s.fault = ground.Fault{Kill: shortSlice / 2, Down: time.Second}
		})
		return out
	}
	add("in its own time", "pump", Dialed, longSlice, long)
	add("in its own time", "one-long-number", Dialed, longSlice, long)
	add("killed in mid-call", "pump", Dialed, longSlice, func(s *scene) {
		s.hurry, s.fault = false, ground.Fault{Kill: killAfter, Down: killDown}
	})
	add("BYE lost twice", "pump", Dialed, longSlice, func(s *scene) { s.hurry, s.loseBye = false, lose })
	for i := range families {
		if dialedOnly(&families[i]) {
			add("", families[i].Name, Dialed, hurriedSlice, nil)
		}
	}
	add("as delivered", "setagaya", Closed, hurriedSlice/2, nil)
	add("countries listed", "allowed-pump", Listed, hurriedSlice, nil)
	add("killed", "setagaya", Dialed, hurriedSlice, func(s *scene) {
		s.fault = ground.Fault{Kill: hurriedSlice / 3, Down: time.Second}
	})
	add("BYE lost at random", "setagaya", Dialed, hurriedSlice, func(s *scene) { s.loseBye = half })
	add("disk full", "setagaya", Dialed, hurriedSlice, func(s *scene) {
		s.fault = ground.Fault{Full: hurriedSlice / 4, Free: hurriedSlice / 4}
	})
	return out
}

// hurried makes an attack short: talks, gaps and rests shrink alike until a turn
// of a channel lasts about a second. What a call costs that is shorter than a unit
// does not change by that; how long it takes, what a longer one costs, and what
// counts hours and days does.
func hurried(plan *fraud.Plan) *fraud.Plan {
	p := *plan
	p.Phases = slices.Clone(p.Phases)
	for i := range p.Phases {
		f := &p.Phases[i]
		talk := math.Sqrt(float64(f.TalkLeast) * float64(f.TalkMost))
		by := max(1, (talk+float64(f.GapLeast+f.GapMost)/2)/float64(hurriedTurn))
		shrink := func(d *time.Duration) { *d = time.Duration(float64(*d) / by) }
		for _, d := range []*time.Duration{&f.TalkMost, &f.GapLeast, &f.GapMost, &f.Rest, &f.Stagger, &f.Wait} {
			shrink(d)
		}
		f.Wait = min(f.Wait, time.Second)
		f.TalkLeast = max(time.Duration(float64(f.TalkLeast)/by), hurriedTalk)
		f.TalkMost = max(f.TalkMost, f.TalkLeast)
		f.Hours = [2]int{}
	}
	return &p
}

// stagecraft is a run at the level of SIP.
type stagecraft struct {
	cast
	binary string
	dir    string
	mu     sync.Mutex
	rows   []Row
	err    error
}

// runSIP plays the scenes, some at the same time.
func (c *cast) runSIP(ctx context.Context, list []scene, binary, dir string) ([]Row, error) {
	s := &stagecraft{cast: *c, binary: binary, dir: dir}
	next := make(chan int)
	var wait sync.WaitGroup
	for range stagesAtOnce {
		wait.Go(func() {
			for i := range next {
				row, err := s.play(ctx, &list[i], i)
				s.mu.Lock()
				if err != nil {
					s.err = errors.Join(s.err, fmt.Errorf("%s %s: %w", list[i].family, list[i].what, err))
				} else {
					s.rows = append(s.rows, *row)
				}
				s.mu.Unlock()
			}
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	wait.Wait()
	slices.SortStableFunc(s.rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.SIP.MilliYen, a.SIP.MilliYen), cmp.Compare(a.Family+a.What, b.Family+b.What))
	})
	return s.rows, s.err
}

// cast draws an office that fits onto a stage, and an attack of the family.
func (s *stagecraft) draw(c *scene, number int) (*fraud.Office, *fraud.Plan, fraud.Options, error) {
	at := slices.IndexFunc(s.families, func(f fraud.Family) bool { return f.Name == c.family })
	if at < 0 {
		return nil, nil, fraud.Options{}, fmt.Errorf("there is no family of that name")
	}
	for round := number; round < number+officesTried; round++ {
		o, plan, opt := s.attackOn(&s.families[at], round)
		opt.History = 0
		w, err := fraud.New(o, plan, opt)
		if err != nil {
			return nil, nil, opt, err
		}
		if len(w.Site().Extensions) <= ground.ExtensionsMax {
			if opt.Hurry = 1; c.hurry {
				plan, opt.Hurry = hurried(plan), hurriedRing
			}
			return o, plan, opt, nil
		}
	}
	return nil, nil, fraud.Options{}, errors.New("no office is small enough")
}

// play plays a scene on both levels.
func (s *stagecraft) play(ctx context.Context, c *scene, number int) (row *Row, err error) {
	o, plan, opt, err := s.draw(c, number)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, strconv.Itoa(number))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	world := func() (*fraud.World, error) { return fraud.New(o, plan, opt) }
	w, err := world() // for its office: the attack begins when the stage stands
	if err != nil {
		return nil, err
	}
	stage, err := ground.Open(ctx, ground.Setup{
		Binary: s.binary, Dir: dir, Number: number + 1, Site: w.Site(), Rates: rates(w.Site().Prices),
		Listed: c.policy == Listed, All: c.policy == Dialed, LoseBye: c.loseBye, SmallDisk: c.fault.Full > 0,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	now := time.Now().In(jst)
	opt.Start = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, jst)
	opt.Begin = now.Add(beginIn).Sub(opt.Start)
	if w, err = world(); err != nil {
		return nil, err
	}
	row = &Row{
		What: c.what, Family: c.family, Office: o.Name, Policy: c.policy, Slice: c.slice,
		Faulty: c.fault != (ground.Fault{}) || c.loseBye != nil,
	}
	if row.SIP, err = stage.Play(ctx, w, c.slice, c.fault); err != nil {
		return nil, err
	}
	if row.Used, row.Most, err = stage.Money(ctx, row.SIP.Extensions); err != nil {
		return nil, err
	}
	if err := stage.Verify(ctx, row.SIP); err != nil {
		return nil, err
	}
	if w, err = world(); err != nil {
		return nil, err
	}
	if row.Event, err = eventLevel(w, c, plan, opt); err != nil {
		return nil, err
	}
	row.judge(c)
	return row, nil
}

// eventLevel plays the same slice of the same attack at the level of events.
func eventLevel(w *fraud.World, c *scene, plan *fraud.Plan, opt fraud.Options) (Incident, error) {
	s, err := newUnit(pinsPreset)(w.Site(), c.policy)
	if err != nil {
		return Incident{}, err
	}
	if u, ok := s.(*purse); ok {
		u.staffed = true // as on the stage
	}
	q := &quiet{Subject: s, w: w, end: opt.Start.Add(opt.Begin + plan.Phases[0].Wait + c.slice), up: map[uint64]bool{}}
	b, err := play(w, q, 0)
	return incident(w, &b, plan, opt), err
}

// quiet is a subject that the office asks nothing, and a slice that ends: what is
// up then is hung up, and nothing passes any more.
type quiet struct {
	Subject
	w    *fraud.World
	end  time.Time
	up   map[uint64]bool
	over bool
}

// Ask asks for the intruder's calls alone.
func (q *quiet) Ask(e *fraud.Event) Answer {
	if q.over || !q.w.Intruding() {
		return Barred
	}
	a := q.Subject.Ask(e)
	if a == Pass {
		q.up[e.Call] = true
	}
	return a
}

// Tell hears of ends.
func (q *quiet) Tell(e *fraud.Event) {
	if e.Kind == fraud.Ended {
		delete(q.up, e.Call)
	}
	q.Subject.Tell(e)
}

// Due is the subject's, or the end.
func (q *quiet) Due() (time.Time, bool) {
	due, has := q.Subject.Due()
	if !q.over && (!has || q.end.Before(due)) {
		return q.end, true
	}
	return due, has
}

// Tick is the subject's, or ends everything.
func (q *quiet) Tick(at time.Time) (cut []uint64) {
	if q.over || at.Before(q.end) {
		return q.Subject.Tick(at)
	}
	q.over = true
	for call := range q.up {
		cut = append(cut, call)
	}
	slices.Sort(cut)
	return cut
}

// judge compares both levels, and says what must not be.
func (r *Row) judge(c *scene) {
	s := r.SIP
	r.Over = max(0, s.MilliYen-r.Most)
	apart := math.Abs(float64(s.MilliYen - r.Event.MilliYen))
	r.Agrees = apart <= agreeShare*float64(max(s.MilliYen, r.Event.MilliYen)) || apart <= agreeMilliYen
	say := func(bad bool, what string, args ...any) {
		if bad && r.Unsound == "" {
			r.Unsound = fmt.Sprintf(what, args...)
		}
	}
	say(s.Strange > 0, "%d calls at the carrier that nobody dialed", s.Strange)
	say(r.Over > s.Added, "¥%d beyond the budgets", r.Over/1000)
	say(c.policy == Closed && s.MilliYen > 0, "¥%d as delivered", s.MilliYen/1000)
	say(s.Unrecorded > 0, "%d calls went abroad without a verdict on record", s.Unrecorded)
	say(c.fault.Kill == 0 && s.EmergencyOK < s.Emergency, "%d of %d emergency calls", s.EmergencyOK, s.Emergency)
	say(!r.Faulty && s.MilliYen > 2*r.Event.MilliYen+apartMost, "far dearer than at the level of events")
}

// SIPReport is a run at the level of SIP.
type SIPReport struct {
	Seed    uint64  `json:"seed"`
	Rows    []Row   `json:"rows"`
	Seconds float64 `json:"seconds"`
}

// benchSIP builds the program, plays, and prints.
func benchSIP(ctx context.Context, o *options, out io.Writer) (err error) {
	began := time.Now()
	offices, err := read(o.offices, fraud.Offices, fraud.ReadOffices)
	if err != nil {
		return err
	}
	families, err := read(o.families, fraud.Families, fraud.ReadFamilies)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sekisho-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	binary := o.binary
	if binary == "" {
		if binary, err = buildUnit(dir); err != nil {
			return err
		}
	}
	c := cast{seed: o.seed, offices: offices, families: families}
	list := slices.DeleteFunc(scenes(families, o.quick), func(s scene) bool {
		return o.only != "" && s.family != o.only
	})
	rows, err := c.runSIP(ctx, list, binary, dir)
	r := SIPReport{o.seed, rows, time.Since(began).Seconds()}
	if o.json {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return errors.Join(err, e.Encode(r))
	}
	r.table(out)
	for i := range rows {
		if rows[i].Unsound != "" {
			err = errors.Join(err, fmt.Errorf("%s %s: %s", rows[i].Family, rows[i].What, rows[i].Unsound))
		}
	}
	return err
}

// buildUnit builds the program as it is shipped.
func buildUnit(dir string) (string, error) {
	path := filepath.Join(dir, "sekisho")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "github.com/sekisho/sekisho/cmd/sekisho")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
}

// table prints both levels beside each other.
func (r *SIPReport) table(out io.Writer) {
	_, _ = fmt.Fprintf(out, "seed %d · %d attacks on the real program in %.0f s\n\n", r.Seed, len(r.Rows), r.Seconds)
	_, _ = fmt.Fprint(out, "SIP AND EVENTS: yen by the practice carrier's books, and by the world's for the same "+
		"slice of the same attack;\ncalls answered, seconds to the first attempt after which none got through, "+
		"calls up then; over: yen beyond the\nbudgets of those whose calls went out, by the carrier's books\n")
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	cells(w, "family", "", "policy", "office", "slice s", "yen SIP", "events", "calls SIP", "events", "shut s SIP",
		"events", "up", "cut", "over", "home", "110…", "agree")
	for i := range r.Rows {
		s := &r.Rows[i]
		agree := map[bool]string{true: "yes", false: "NO"}[s.Agrees]
		if s.Faulty {
			agree = "–"
		}
		cells(w, s.Family, s.What, string(s.Policy), s.Office, fmt.Sprintf("%.0f", s.Slice.Seconds()),
			yen(s.SIP.MilliYen), yen(s.Event.MilliYen), itoa(s.SIP.Calls), count(s.Event.Calls),
			seconds(s.SIP.Stop), count(s.Event.Stop), itoa(s.SIP.Up), itoa(s.SIP.Cut), yen(s.Over),
			fmt.Sprintf("%d/%d", s.SIP.DomesticOK, s.SIP.Domestic),
			fmt.Sprintf("%d/%d", s.SIP.EmergencyOK, s.SIP.Emergency), agree)
	}
	_ = w.Flush()
	for i := range r.Rows {
		r.Rows[i].remarks(out)
	}
}

// remarks prints what a fault added.
func (r *Row) remarks(out io.Writer) {
	s := r.SIP
	if s.Outage > 0 {
		_, _ = fmt.Fprintf(out, "%s, %s: away for %.1f s with %d calls up; the carrier billed ¥%s more for them "+
			"than at the kill; the unit's books say ¥%s of ¥%s\n",
			r.Family, r.What, s.Outage.Seconds(), s.AtKill, yen(s.Added), yen(r.Used), yen(s.MilliYen))
	}
	if s.FullGone > 0 {
		_, _ = fmt.Fprintf(out, "%s, %s: %d calls went abroad meanwhile, each with its verdict on record: the "+
			"store's log had room\n", r.Family, r.What, s.FullGone)
	}
	if s.Open > 0 {
		_, _ = fmt.Fprintf(out, "%s, %s: %d calls whose end the carrier never heard of: %v\n",
			r.Family, r.What, s.Open, s.Bad)
	}
	if r.Unsound != "" {
		_, _ = fmt.Fprintf(out, "%s %s: UNSOUND: %s; %v; %v\n", r.Family, r.What, r.Unsound, s.Refusals, s.Bad)
	}
}

func seconds(s float64) string {
	if s < 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", s)
}
