package fraud

import (
	"fmt"
	"slices"
	"time"
)

// Plan is one attack: a family's with its dice thrown, or one that an adaptive
// attacker made up.
type Plan struct {
	Family string
	// Start is when in the week it begins: one of Starts.
	Start  string
	Phases []Phase
}

// Phase is a part of an attack. The next one begins when every channel is done.
type Phase struct {
	Wait time.Duration // before it
	// Enter is what can be seen first: "register" (a stranger's phone registers
	// with the credential), "forward" (the forwarding is changed), "fetch"
	// (somebody reads the phone's set-up), "" for nothing.
	Enter      string
	Path       Path
	Stranger   bool // calls come from an address of the Internet, not from the phone's
	Proves     int  // percent of challenges that are answered
	Channels   int  // calls at once
	Stagger    time.Duration
	TalkLeast  time.Duration
	TalkMost   time.Duration
	GapLeast   time.Duration // of a channel, between a call's end and the next
	GapMost    time.Duration
	Burst      int // calls of a channel, then it rests
	Rest       time.Duration
	Calls      int           // it is done after so many that were answered
	For        time.Duration // or after so long
	Attempts   int           // or after so many attempts
	Hours      [2]int        // only between these hours of the day; equal for any
	Extensions int           // whose credentials are used
	To         string        // role: one of Roles
	Areas      int           // countries
	Numbers    int           // different ones
	Numbering  string        // "same" block, one after the other; "scatter" over blocks
	Kind       string        // range of the numbers: "mobile", "fixed", "premium", "unallocated", "listed"
	Format     string        // "plain" (010…), "plus", "mixed" (both), "symbols" (a dictionary of spellings)
	Answered   int           // percent
	Follow     bool          // only numbers that were answered in the phase before
}

// Starts lists when an attack may begin.
func Starts() []string { return []string{"any", "office", "night", "weekend", "midnight"} }

// Roles lists where an attack may go: countries that the office calls itself
// ("usual"), countries by price, any country, satellite phones, and dear numbers
// of Japan.
func Roles() []string {
	return []string{
		"usual", string(Cheap), string(Middle), string(Dear), string(Dearest), "any", "satellite", "home-premium",
	}
}

// Check says what is wrong with a plan. A plan with mistakes makes no world.
func (p *Plan) Check() error {
	if len(p.Phases) == 0 || len(p.Phases) > phasesMax {
		return fmt.Errorf("attack %q: %d phases, want 1 to %d", p.Family, len(p.Phases), phasesMax)
	}
	if !oneOf(p.Start, Starts()...) {
		return fmt.Errorf("attack %q: start %q, want one of %q", p.Family, p.Start, Starts())
	}
	for i := range p.Phases {
		if err := p.Phases[i].check(); err != nil {
			return fmt.Errorf("attack %q, phase %d: %w", p.Family, i+1, err)
		}
	}
	return nil
}

func (f *Phase) check() error {
	for _, n := range []struct {
		what            string
		value, low, top int
	}{
		{"channels", f.Channels, 1, channelsMax},
		{"attempts", f.Attempts, 1, attemptsMax},
		{"calls", f.Calls, 1, attemptsMax},
		{"extensions", f.Extensions, 1, extensionsMax},
		{"areas", f.Areas, 1, areasMax},
		{"numbers", f.Numbers, 1, numbersMax},
		{"answered", f.Answered, 0, 100},
		{"proves", f.Proves, 0, 100},
		{"burst", f.Burst, 0, attemptsMax},
		{"hours", f.Hours[0], 0, 24},
		{"hours", f.Hours[1], 0, 24},
	} {
		if n.value < n.low || n.value > n.top {
			return fmt.Errorf("%s is %d, want %d to %d", n.what, n.value, n.low, n.top)
		}
	}
	for _, w := range []struct {
		what, word string
		of         []string
	}{
		{"enter", f.Enter, []string{"", "register", "forward", "fetch"}},
		{"path", string(f.Path), paths()},
		{"to", f.To, Roles()},
		{"numbering", f.Numbering, []string{"same", "scatter"}},
		{"kind", f.Kind, kinds()},
		{"format", f.Format, []string{"plain", "plus", "mixed", "symbols"}},
	} {
		if !oneOf(w.word, w.of...) {
			return fmt.Errorf("%s is %q, want one of %q", w.what, w.word, w.of)
		}
	}
	if f.For <= 0 || f.For > attackDaysMax || f.Wait < 0 || f.Wait > attackDaysMax || f.TalkLeast <= 0 ||
		f.TalkMost < f.TalkLeast || f.GapLeast < 0 || f.GapMost < f.GapLeast || f.Rest < 0 || f.Stagger < 0 {
		return fmt.Errorf("a time is out of its range: for %s, wait %s, talk %s to %s, gap %s to %s, rest %s",
			f.For, f.Wait, f.TalkLeast, f.TalkMost, f.GapLeast, f.GapMost, f.Rest)
	}
	return nil
}

func oneOf(word string, of ...string) bool {
	return slices.Contains(of, word)
}

func paths() []string {
	return []string{string(Dialed), string(Redirect), string(Transfer), string(Forward), string(LineToLine)}
}

func kinds() []string {
	return []string{rangeMobile, rangeFixed, rangePremium, rangeUnallocated, rangeSatellite, "listed"}
}
