package tempo

import "strconv"

// Strength is how much a sign says.
type Strength uint8

// The strengths.
const (
	None Strength = iota
	Weak
	Strong
)

// Group is what a sign speaks of. Signs of one group are not independent.
type Group uint8

// The groups.
const (
	Where   Group = iota // the destination is new to the office
	Who                  // the caller may be another than usual
	When                 // nobody is in the office at this hour
	Way                  // the path by which the call came to be
	Pattern              // what the last calls look like together
	Amount               // how much is called, and for how much
	groups
)

// Sign is something odd that was seen, with its figures.
type Sign struct {
	Name     string // "debut": text has "tempo.<name>", and what it is for under "tempo.why.<name>"
	Group    Group
	Strength Strength
	// Figures are what the sentence speaks of: two whole numbers.
	Figures [2]int64
}

// Key is the text key of the sign's sentence.
func (s *Sign) Key() string { return "tempo." + s.Name }

// Args are the arguments of the sentence.
func (s *Sign) Args() []string {
	return []string{strconv.FormatInt(s.Figures[0], 10), strconv.FormatInt(s.Figures[1], 10)}
}

// Level is what an opinion comes to.
type Level uint8

// The levels.
const (
	Quiet     Level = iota // no sign
	Noted                  // one weak sign, or several of one group: for the record
	Challenge              // the caller should prove more
	Cut                    // several independent signs: this is no employee
)

// String gives the level's word, as the evidence has it.
func (l Level) String() string {
	return [...]string{"quiet", "noted", "challenge", "cut"}[min(l, Cut)]
}

// Opinion is what a Watch thinks of an attempt.
type Opinion struct {
	Level Level
	signs [signalsMax]Sign
	count int
}

// Signs are those that were seen. They are good as long as the Opinion.
func (o *Opinion) Signs() []Sign { return o.signs[:o.count] }

func (o *Opinion) add(s Sign) {
	o.signs[o.count] = s
	o.count++
}

// weigh sets the level by the signs.
func (o *Opinion) weigh() {
	var most [groups]Strength
	for i := range o.count {
		s := &o.signs[i]
		most[s.Group] = max(most[s.Group], s.Strength)
	}
	seen, strong := 0, 0
	for _, s := range most {
		if s > None {
			seen++
		}
		if s == Strong {
			strong++
		}
	}
	switch {
	case strong >= 2 && seen >= 3:
		o.Level = Cut
	case strong >= 1 || seen >= 2:
		o.Level = Challenge
	case seen == 1:
		o.Level = Noted
	}
}
