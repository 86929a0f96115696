package fraud

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

//go:embed offices/*.toml
var officeFiles embed.FS

// Office is a kind of customer: a distribution of offices.
type Office struct {
	Name       string
	About      string
	extensions span
	channels   span
	tier       Tier // of the countries it calls every day
	areas      span
	moves      span // days until all phones register from new addresses; 0 for never
	streams    []streamFile
}

// streamFile is who calls whom, as it stands in an office's file;
// docs/reference/fraud-families.md explains the keys.
type streamFile struct {
	Who      string         `toml:"who"` // person, fax, door
	Share    int            `toml:"share"`
	Phones   int            `toml:"phones"`
	Days     []string       `toml:"days"`
	Hours    []string       `toml:"hours"`
	Calls    span           `toml:"calls"`
	To       map[string]int `toml:"to"`
	Book     span           `toml:"book"`
	TalkS    span           `toml:"talk_s"`
	Answered span           `toml:"answered"`
	Redials  int            `toml:"redials"`
	Misdial  int            `toml:"misdial"`
	RestDays span           `toml:"rest_days"`
	BusyDays span           `toml:"busy_days"`
	Path     Path           `toml:"path"`

	days    [7]bool
	windows []window
	to      mix
	open    time.Duration // the windows' sum
}

// window is a part of the day; its end may lie behind midnight.
type window struct{ from, to time.Duration }

// Offices gives the offices that ship with the generator, by name.
func Offices() ([]Office, error) { return ReadOffices(officeFiles, "offices") }

// ReadOffices reads every *.toml of a folder, sorted by file name. It refuses
// unknown keys and what is beyond the limits.
func ReadOffices(f fs.FS, dir string) ([]Office, error) {
	var out []Office
	err := readFolder(f, dir, func(name string, data []byte) error {
		o, err := readOffice(data)
		if err != nil {
			return err
		}
		if o.Name != strings.TrimSuffix(path.Base(name), ".toml") {
			return fmt.Errorf("its name is %q: a file is named after its office", o.Name)
		}
		out = append(out, o)
		return nil
	})
	return out, err
}

func readOffice(data []byte) (Office, error) {
	var file struct {
		Name       string       `toml:"name"`
		About      string       `toml:"about"`
		Extensions span         `toml:"extensions"`
		Channels   span         `toml:"channels"`
		UsualTier  Tier         `toml:"usual_tier"`
		UsualAreas span         `toml:"usual_areas"`
		MovesDay   span         `toml:"moves_day"`
		Stream     []streamFile `toml:"stream"`
	}
	if err := strict(data, &file); err != nil {
		return Office{}, err
	}
	o := Office{
		Name: file.Name, About: file.About, extensions: file.Extensions, channels: file.Channels,
		tier: file.UsualTier, areas: file.UsualAreas, moves: file.MovesDay, streams: file.Stream,
	}
	switch {
	case o.Name == "" || o.About == "":
		return o, fmt.Errorf("an office needs a name and an about")
	case o.extensions[0] < 1 || o.extensions[1] > extensionsMax:
		return o, fmt.Errorf("extensions %v, want 1 to %d", o.extensions, extensionsMax)
	case o.channels[0] < 1 || o.channels[1] > channelsMax:
		return o, fmt.Errorf("channels %v, want 1 to %d", o.channels, channelsMax)
	case o.areas[1] > areasMax:
		return o, fmt.Errorf("usual_areas %v, at most %d", o.areas, areasMax)
	case !oneOf(string(o.tier), "", string(Cheap), string(Middle), string(Dear)):
		return o, fmt.Errorf("usual_tier %q is no tier", o.tier)
	case len(o.streams) == 0 || len(o.streams) > streamsMax:
		return o, fmt.Errorf("%d streams, want 1 to %d", len(o.streams), streamsMax)
	}
	for i := range o.streams {
		if err := o.streams[i].read(o.areas[1] > 0); err != nil {
			return o, fmt.Errorf("stream %d: %w", i+1, err)
		}
	}
	return o, nil
}

// read checks a stream and makes of its words what is needed.
func (s *streamFile) read(usual bool) error {
	if s.Path == "" {
		s.Path = Dialed
	}
	switch {
	case !oneOf(s.Who, "person", "fax", "door"):
		return fmt.Errorf("who is %q, want person, fax or door", s.Who)
	case (s.Share < 1 || s.Share > 100) == (s.Phones < 1 || s.Phones > extensionsMax):
		return fmt.Errorf("want either share (1 to 100 percent of the extensions) or phones")
	case s.Calls[1] < 1 || s.Calls[1] > callsADayMax:
		return fmt.Errorf("calls %v a day, want at most %d", s.Calls, callsADayMax)
	case s.Book[0] < 1 || s.Book[1] > bookMax:
		return fmt.Errorf("book %v, want 1 to %d numbers", s.Book, bookMax)
	case s.TalkS[0] < 1 || s.Answered[1] > 100 || s.Misdial > 100 || s.Misdial < 0 || s.Redials < 0 || s.Redials > 20:
		return fmt.Errorf("talk_s from 1, answered and misdial are percents, at most 20 redials")
	case (s.RestDays[1] > 0) != (s.BusyDays[0] > 0):
		return fmt.Errorf("rest_days and busy_days go together")
	case !oneOf(string(s.Path), string(Dialed), string(Transfer), string(Forward), string(Redirect)):
		return fmt.Errorf("path is %q", s.Path)
	}
	for _, role := range slices.Sorted(maps.Keys(s.To)) {
		if !oneOf(role, "geographic", "mobile", "freephone", "phone", "navi", "premium", "service", "emergency",
			"usual", string(Cheap), string(Middle), string(Dear), "any") || s.To[role] < 1 {
			return fmt.Errorf("to %q = %d is nothing that is dialed", role, s.To[role])
		}
		if role == "usual" && !usual {
			return fmt.Errorf(`to "usual" needs usual_areas`)
		}
		s.to.add(role, s.To[role])
	}
	if s.to.total == 0 {
		return fmt.Errorf("to is empty")
	}
	return s.when()
}

// when reads days and hours.
func (s *streamFile) when() error {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for _, d := range s.Days {
		i := slices.Index(names, d)
		if i < 0 {
			return fmt.Errorf("day %q, want one of %q", d, names)
		}
		s.days[i] = true
	}
	if len(s.Days) == 0 || len(s.Hours) == 0 {
		return fmt.Errorf("days and hours are missing")
	}
	for _, h := range s.Hours {
		var a, b, c, d int
		if n, err := fmt.Sscanf(h, "%d:%d-%d:%d", &a, &b, &c, &d); n != 4 || err != nil {
			return fmt.Errorf("hours %q, want such as 09:00-12:30", h)
		}
		w := window{
			time.Duration(a)*time.Hour + time.Duration(b)*time.Minute,
			time.Duration(c)*time.Hour + time.Duration(d)*time.Minute,
		}
		if w.to <= w.from {
			w.to += day
		}
		if w.from >= day || w.to-w.from > day {
			return fmt.Errorf("hours %q are no part of a day", h)
		}
		s.windows, s.open = append(s.windows, w), s.open+w.to-w.from
	}
	return nil
}
