package tempo

import "net/netip"

// network is a /24 of IPv4 or a /48 of IPv6, as a number; 0 for none.
func network(a netip.Addr) uint64 {
	a = a.Unmap()
	if !a.IsValid() {
		return 0
	}
	bytes := a.As16()
	n := bytes[:6]
	if a.Is4() {
		n = bytes[12:15]
	}
	h := uint64(14695981039346656037)
	for _, b := range n {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// shared is a network that extensions of the unit telephone from.
type shared struct {
	Network uint64
	Last    int64
	By      [sharersMax]uint64 // hashes of extensions
}

// heard notes from which network an extension speaks. A site proves itself by its key,
// wherever it is: no place says anything of it.
func (o *office) heard(e *Event, now int64) {
	n := network(e.Source)
	if n == 0 || e.Site != "" {
		return
	}
	oldest := 0
	for i := range o.Networks {
		k := &o.Networks[i]
		if k.Network == n {
			k.Last = now
			k.join(hash(e.Extension))
			return
		}
		if k.Last < o.Networks[oldest].Last {
			oldest = i
		}
	}
	o.Networks[oldest] = shared{Network: n, Last: now}
	o.Networks[oldest].join(hash(e.Extension))
}

func (k *shared) join(extension uint64) {
	for i := range k.By {
		if k.By[i] == extension {
			return
		}
		if k.By[i] == 0 {
			k.By[i] = extension
			return
		}
	}
}

// own tells a network from which several extensions telephone: the office's.
func (o *office) own(n uint64) bool {
	for i := range o.Networks {
		if o.Networks[i].Network == n {
			return o.Networks[i].By[sharersMax-1] != 0
		}
	}
	return false
}

// settled tells whether the office has a network of its own.
func (o *office) settled() bool {
	for i := range o.Networks {
		if o.Networks[i].By[sharersMax-1] != 0 {
			return true
		}
	}
	return false
}

// come notes where an extension speaks from, by which credential; of a site nothing.
func (s *subject) come(e *Event, now int64) {
	n, credential := network(e.Source), hash(e.Credential)
	if n == 0 || e.Site != "" {
		return
	}
	oldest := 0
	for i := range s.Places {
		p := &s.Places[i]
		if p.Network == n && p.Credential == credential {
			p.Last, s.Here = now, int64(i)
			return
		}
		if p.Last < s.Places[oldest].Last {
			oldest = i
		}
	}
	s.Places[oldest] = place{
		Credential: credential, Network: n, First: now, Last: now,
		Inside: e.Source.IsPrivate() || e.Source.IsLoopback() || e.Source.IsLinkLocalUnicast(),
	}
	if e.UserAgent != "" {
		s.Places[oldest].Agent = hash(e.UserAgent)
	}
	s.Here = int64(oldest)
}

// knows tells whether the extension ever spoke from a network.
func (s *subject) knows(n uint64) bool {
	for i := range s.Places {
		if s.Places[i].Network == n {
			return true
		}
	}
	return false
}

// prove settles what was odd: the extension's owner is there. Where several
// challenges lapsed before, somebody else may be there too: then each proof
// takes back only as much as it proves.
func (s *subject) prove(now int64) {
	if s.Lapses = max(0, s.Lapses-lapsesProved); s.Lapses > 0 {
		return
	}
	s.Proved, s.Fetched, s.Forwarded, s.Unread, s.Debut = now, 0, 0, 0, 0
	s.Places[s.Here].First = min(s.Places[s.Here].First, now-placeNewFor)
}

// moved: the credential speaks from a network that it did not before this
// week, and that is not the office's. With another User-Agent too, or out of
// the Internet where it always was inside, it is strong. When a whole office
// moves, the network is the office's as soon as three extensions are there.
func (l *look) moved() (Strength, int64, int64) {
	here := &l.s.Places[l.s.Here]
	if here.Network == 0 || l.now-here.First >= placeNewFor || l.w.unit.own(here.Network) {
		return None, 0, 0
	}
	before, otherAgent, inside := int64(0), true, false
	for i := range l.s.Places {
		p := &l.s.Places[i]
		if p.Network == 0 || p == here || p.Credential != here.Credential || p.First >= here.First {
			continue
		}
		before++
		otherAgent = otherAgent && p.Agent != 0 && here.Agent != 0 && p.Agent != here.Agent
		inside = inside || p.Inside
	}
	if before == 0 && !l.w.unit.settled() {
		return None, 0, 0 // where it is first heard from is where it stands
	}
	if before > 0 && (otherAgent || inside && !here.Inside) {
		return Strong, before, (l.now - here.First) / hour
	}
	return Weak, before, (l.now - here.First) / hour
}

// contacts: the credential is registered from several places at once.
func (l *look) contacts() (Strength, int64, int64) {
	if l.s.Contacts < 2 {
		return None, 0, 0
	}
	return Weak, l.s.Contacts, 1
}

// fetched: the phone's set-up was read by somebody who is not in the office,
// and now there is a call from there; or, weakly, from elsewhere.
func (l *look) fetched() (Strength, int64, int64) {
	since := l.now - l.s.Fetched
	if l.s.Fetched == 0 || since >= fetchedFor {
		return None, 0, 0
	}
	known := int64(0)
	for i := range l.s.Places {
		if n := l.s.Places[i].Network; n != 0 && n != l.s.FetchedBy {
			known++
		}
	}
	if l.s.Places[l.s.Here].Network == l.s.FetchedBy {
		return Strong, since / minute, known
	}
	return Weak, since / minute, known
}

// lapsed: a challenge was not answered this week, and it goes on.
func (l *look) lapsed() (Strength, int64, int64) {
	if l.s.Lapses == 0 || l.now-l.s.LapsedAt >= lapsedFor {
		return None, 0, 0
	}
	return graded(l.s.Lapses, 1, 2), l.s.Lapses, (l.now - l.s.LapsedAt) / hour
}
