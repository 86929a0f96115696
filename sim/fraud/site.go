package fraud

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Extension is one telephone of an office.
type Extension struct {
	Number string
	Who    string // person, fax or door
	// Usual are the countries that this telephone calls in the way of
	// business: what its owner opens.
	Usual []string
}

// Site is one office as an installer sees it: an Office with its dice thrown.
type Site struct {
	Office     string
	Extensions []Extension
	Channels   int // of its line
	Usual      []string
	Prices     *Prices
	Start      time.Time // midnight of the day of installation
	Zone       *time.Location
}

// stream is one telephone's share of a streamFile.
type stream struct {
	file   *streamFile
	ext    int
	rand   *rand.Rand
	again  *rand.Rand // of redials, so that they move no other call
	perDay float64
	book   uint64
	key    uint64          // of its book's numbers
	today  []time.Duration // still to come, sorted
	day    time.Duration   // midnight of the next day to be planned
	busy   int             // days left of a busy or restful time
	rests  bool
}

// source is the address of the office's own telephone.
func (w *World) source(ext int) netip.Addr {
	return netip.AddrFrom4([4]byte{192, 168, byte(10 + w.moved + ext/250), byte(2 + ext%250)})
}

// furnish throws the dice of an office.
func (w *World) furnish(o *Office, t *tariff) {
	r := newRand(w.opt.Seed, purposeOffice)
	prices := newPrices(t, w.opt.Seed, w.opt.Permute)
	w.site = Site{
		Office: o.Name, Channels: o.channels.int(r), Prices: prices,
		Start: w.opt.Start, Zone: w.opt.Start.Location(),
	}
	n := o.extensions.int(r)
	if o.areas[1] > 0 {
		w.site.Usual = pick(r, prices.tier(o.tier), o.areas.int(r))
	}
	for i := range n {
		w.site.Extensions = append(w.site.Extensions, Extension{Number: strconv.Itoa(201 + i), Who: "person"})
	}
	people := n // fax machines and door phones stand last, and belong to no person
	for i := range o.streams {
		if f := &o.streams[i]; f.Who != "person" {
			people = max(1, people-f.count(n))
		}
	}
	next := people
	for i := range o.streams {
		f := &o.streams[i]
		count, first := f.count(people), 0
		switch {
		case f.Who != "person":
			count = min(f.count(n), n-next)
			first = next
			next += count
		case f.Phones > 0:
			first = r.IntN(people - count + 1)
		}
		for j := range count {
			w.stream(f, first+j, uint64(i*extensionsMax+j))
		}
	}
	if o.moves[1] > 0 {
		at := time.Duration(o.moves.draw(r))*day + between(r, 8*time.Hour, 9*time.Hour)
		for i := range n {
			w.queue.add(step{at: at + between(r, 0, 20*time.Minute), what: stepMove, n: i})
		}
	}
}

// count is how many of n telephones the stream has.
func (f *streamFile) count(n int) int {
	if f.Phones > 0 {
		return min(f.Phones, n)
	}
	return max(1, n*f.Share/100)
}

func (w *World) stream(f *streamFile, ext int, id uint64) {
	s := &stream{file: f, ext: ext, key: scatter(w.opt.Seed) ^ scatter(id)}
	s.rand, s.again = newRand(w.opt.Seed, purposeStream+2*id), newRand(w.opt.Seed, purposeStream+2*id+1)
	s.perDay = float64(f.Calls.draw(s.rand)) + s.rand.Float64()/2
	s.book = uint64(f.Book.draw(s.rand))
	if f.RestDays[1] > 0 {
		s.rests, s.busy = true, 1+int(s.rand.Int64N(f.RestDays[1]+1))
	}
	e := &w.site.Extensions[ext]
	if f.Who != "person" {
		e.Who = f.Who
	}
	if f.To["usual"] > 0 {
		e.Usual = w.site.Usual
	}
	w.queue.add(step{what: stepStream, stream: s})
}

// plan makes the stream's calls of one day.
func (s *stream) plan(weekday time.Weekday) {
	s.today = s.today[:0]
	f := s.file
	if f.BusyDays[0] > 0 {
		if s.busy--; s.busy <= 0 {
			s.rests = !s.rests
			s.busy = int(f.BusyDays.draw(s.rand))
			if s.rests {
				s.busy = int(f.RestDays.draw(s.rand))
			}
		}
	}
	if !f.days[weekday] || s.rests {
		return
	}
	for n := poisson(s.rand, s.perDay); n > 0; n-- {
		at := time.Duration(s.rand.Int64N(int64(f.open)))
		for _, w := range f.windows {
			if at < w.to-w.from {
				at += w.from
				break
			}
			at -= w.to - w.from
		}
		s.today = append(s.today, s.day+at)
	}
	slices.SortFunc(s.today, cmp.Compare)
}

// poisson is Knuth's, in steps that no product gets too small for.
func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for p := r.ExpFloat64(); p < mean; p += r.ExpFloat64() {
		n++
	}
	return n
}

// pick takes n different words.
func pick(r *rand.Rand, from []string, n int) []string {
	out := slices.Clone(from)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:min(n, len(out))]
}
