package fraud

import (
	"embed"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed families/*.toml
var familyFiles embed.FS

// Family is a kind of attack: a distribution of plans.
type Family struct {
	Name   string
	About  string
	Source string // where it was seen; "" for made up
	starts []string
	phases []phaseFile
}

// phaseFile is a phase as it stands in a file; docs/reference/fraud-families.md
// explains the keys.
type phaseFile struct {
	WaitS      span     `toml:"wait_s"`
	Enter      string   `toml:"enter"`
	Path       Path     `toml:"path"`
	Stranger   bool     `toml:"stranger"`
	Proves     span     `toml:"proves"`
	Channels   span     `toml:"channels"`
	StaggerS   span     `toml:"stagger_s"`
	TalkS      span     `toml:"talk_s"`
	GapS       span     `toml:"gap_s"`
	Burst      span     `toml:"burst"`
	RestS      span     `toml:"rest_s"`
	Calls      span     `toml:"calls"`
	Minutes    span     `toml:"minutes"`
	Attempts   span     `toml:"attempts"`
	Hours      [2]int   `toml:"hours"`
	Extensions span     `toml:"extensions"`
	To         []string `toml:"to"`
	Areas      span     `toml:"areas"`
	Numbers    span     `toml:"numbers"`
	Numbering  []string `toml:"numbering"`
	Kind       []string `toml:"kind"`
	Format     []string `toml:"format"`
	Answered   span     `toml:"answered"`
	Follow     bool     `toml:"follow"`
}

// preset is what a phase has that says nothing else.
func (f *phaseFile) preset() {
	def := func(s *span, low, high int64) {
		if *s == (span{}) {
			*s = span{low, high}
		}
	}
	word := func(s *[]string, w string) {
		if len(*s) == 0 {
			*s = []string{w}
		}
	}
	def(&f.Channels, 1, 1)
	def(&f.TalkS, 20, 60)
	def(&f.Calls, attemptsMax, attemptsMax)
	def(&f.Attempts, 5000, 5000)
	def(&f.Extensions, 1, 1)
	def(&f.Areas, 1, 1)
	def(&f.Numbers, 1, 10)
	def(&f.Answered, 95, 95)
	word(&f.To, string(Dear))
	word(&f.Numbering, "same")
	word(&f.Kind, rangeMobile)
	word(&f.Format, "plain")
	if f.Path == "" {
		f.Path = Dialed
	}
}

// Families gives the families that ship with the generator, by name.
func Families() ([]Family, error) { return ReadFamilies(familyFiles, "families") }

// ReadFamilies reads every *.toml of a folder, sorted by file name. It refuses
// unknown keys, ranges and words that no plan may have, and doubled names.
func ReadFamilies(f fs.FS, dir string) ([]Family, error) {
	var out []Family
	err := readFolder(f, dir, func(name string, data []byte) error {
		fam, err := readFamily(data)
		if err != nil {
			return err
		}
		if fam.Name != strings.TrimSuffix(path.Base(name), ".toml") {
			return fmt.Errorf("its name is %q: a file is named after its family", fam.Name)
		}
		out = append(out, fam)
		return nil
	})
	return out, err
}

// readFolder hands every *.toml of a folder to read, sorted.
func readFolder(f fs.FS, dir string, read func(name string, data []byte) error) error {
	names, err := fs.Glob(f, path.Join(dir, "*.toml"))
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if len(names) == 0 || len(names) > filesMax {
		return fmt.Errorf("%s: %d files named *.toml, want 1 to %d", dir, len(names), filesMax)
	}
	slices.Sort(names)
	for _, n := range names {
		data, err := fs.ReadFile(f, n)
		if err == nil && len(data) > fileBytesMax {
			err = fmt.Errorf("%d bytes, at most %d", len(data), fileBytesMax)
		}
		if err == nil {
			err = read(n, data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
	}
	return nil
}

// strict decodes and refuses keys that nobody reads: a typo would be another
// attack than was meant.
func strict(data []byte, into any) error {
	meta, err := toml.Decode(string(data), into)
	if err != nil {
		return err
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("unknown key %q", unknown[0].String())
	}
	return nil
}

func readFamily(data []byte) (Family, error) {
	var file struct {
		Name   string      `toml:"name"`
		About  string      `toml:"about"`
		Source string      `toml:"source"`
		Start  []string    `toml:"start"`
		Phase  []phaseFile `toml:"phase"`
	}
	if err := strict(data, &file); err != nil {
		return Family{}, err
	}
	if file.Name == "" || file.About == "" {
		return Family{}, fmt.Errorf("a family needs a name and an about")
	}
	f := Family{Name: file.Name, About: file.About, Source: file.Source, starts: file.Start, phases: file.Phase}
	if len(f.starts) == 0 {
		f.starts = []string{"any"}
	}
	for i := range f.phases {
		f.phases[i].preset()
	}
	for seed := range uint64(checkDraws) {
		plan := f.Draw(newRand(seed, purposeCheck))
		if err := plan.Check(); err != nil {
			return Family{}, err
		}
	}
	return f, nil
}

// checkDraws is how many plans of a family are drawn to see that none is
// beyond the limits.
const checkDraws = 64

// Draw makes one attack of the family.
func (f *Family) Draw(r *rand.Rand) Plan {
	p := Plan{Family: f.Name, Start: f.starts[r.IntN(len(f.starts))]}
	for i := range f.phases {
		p.Phases = append(p.Phases, f.phases[i].draw(r))
	}
	return p
}

func (f *phaseFile) draw(r *rand.Rand) Phase {
	seconds := func(s span) time.Duration { return time.Duration(s.draw(r)) * time.Second }
	word := func(s []string) string { return s[r.IntN(len(s))] }
	return Phase{
		Wait: seconds(f.WaitS), Enter: f.Enter, Path: f.Path, Stranger: f.Stranger, Proves: f.Proves.int(r),
		Channels: f.Channels.int(r), Stagger: seconds(f.StaggerS),
		TalkLeast: time.Duration(f.TalkS[0]) * time.Second, TalkMost: time.Duration(f.TalkS[1]) * time.Second,
		GapLeast: time.Duration(f.GapS[0]) * time.Second, GapMost: time.Duration(f.GapS[1]) * time.Second,
		Burst: f.Burst.int(r), Rest: seconds(f.RestS), Calls: f.Calls.int(r),
		For: time.Duration(f.Minutes.draw(r)) * time.Minute, Attempts: f.Attempts.int(r), Hours: f.Hours,
		Extensions: f.Extensions.int(r), To: word(f.To), Areas: f.Areas.int(r), Numbers: f.Numbers.int(r),
		Numbering: word(f.Numbering), Kind: word(f.Kind), Format: word(f.Format),
		Answered: f.Answered.int(r), Follow: f.Follow,
	}
}
