package phonebook

import (
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"

	"github.com/sekisho/sekisho/number/book"
)

// attributes are what an entry has, as phones know it (RFC 4519): the name and how it
// is read are values of the same attributes, so that either is found.
func attributes(e book.Entry) []attribute {
	names := []string{e.Name}
	if e.Kana != "" && e.Kana != e.Name {
		names = append(names, e.Kana)
	}
	return []attribute{
		{"objectClass", []string{"top", "person", "organizationalPerson", "inetOrgPerson"}},
		{"cn", names},
		{"sn", names},
		{"displayName", names},
		{"telephoneNumber", []string{e.Number}},
	}
}

type attribute struct {
	name   string
	values []string
}

// fold makes of the values of an entry what filters compare: once for all of a filter's
// conditions, of which there may be many.
func fold(all []attribute) []attribute {
	for i := range all {
		folded := make([]string, len(all[i].values))
		for k, v := range all[i].values {
			folded[k] = book.Fold(v)
		}
		all[i].values = folded
	}
	return all
}

// valuesOf are those of one attribute, nil where there is none of that name.
func valuesOf(all []attribute, name string) []string {
	for _, a := range all {
		if strings.EqualFold(a.name, name) {
			return a.values
		}
	}
	return nil
}

// entry is a message that gives an entry; of its attributes those wanted, all for
// none or "*".
func entry(e book.Entry, kind Kind, base string, wanted []string) *ber.Packet {
	all := len(wanted) == 0 || slices.Contains(wanted, "*")
	list := ber.NewSequence("")
	for _, a := range attributes(e) {
		if !all && !slices.Contains(wanted, strings.ToLower(a.name)) {
			continue
		}
		one, set := ber.NewSequence(""), ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range a.values {
			set.AppendChild(octets(v))
		}
		one.AppendChild(octets(a.name))
		one.AppendChild(set)
		list.AppendChild(one)
	}
	p := ber.Encode(ber.ClassApplication, ber.TypeConstructed, opEntry, nil, "")
	p.AppendChild(octets("telephoneNumber=" + e.Number + ",ou=" + string(kind) + "," + base))
	p.AppendChild(list)
	return p
}

// filter is what a search wants of an entry. Of one that is not true of an entry it
// does not tell false from undefined: neither is found, which is what RFC 4511 §4.5.1.7
// has come of it but under "not" of an attribute that there is not.
type filter struct {
	tag   ber.Tag
	parts []filter
	name  string
	value string   // folded
	any   []string // folded; of substrings: first, those between, last
	first bool     // any[0] is how it begins
	last  bool     // the last of any is how it ends
}

// The kinds of filters (RFC 4511 §4.5.1.7): context tags.
const (
	filterAnd = iota
	filterOr
	filterNot
	filterEqual
	filterParts
	filterMore
	filterLess
	filterPresent
	filterLike
)

// parseFilter reads a filter; terms counts its conditions.
func parseFilter(p *ber.Packet, depth int, terms *int) (f filter, err error) {
	if p.ClassType != ber.ClassContext || depth > DepthMax {
		return f, errRequest
	}
	if *terms++; *terms > TermsMax {
		return f, errRequest
	}
	f.tag = p.Tag
	switch p.Tag {
	case filterAnd, filterOr, filterNot:
		for _, c := range p.Children {
			part, err := parseFilter(c, depth+1, terms)
			if err != nil {
				return f, err
			}
			f.parts = append(f.parts, part)
		}
		if p.Tag == filterNot && len(f.parts) != 1 {
			return f, errRequest
		}
		return f, nil
	case filterPresent:
		f.name = text(p)
		return f, nil
	}
	if len(p.Children) != 2 || p.Tag > filterLike {
		return f, errRequest
	}
	f.name = text(p.Children[0])
	if p.Tag != filterParts {
		f.value = book.Fold(text(p.Children[1]))
		return f, nil
	}
	of := p.Children[1].Children
	if len(of) == 0 || len(of) > TermsMax {
		return f, errRequest
	}
	f.first, f.last = of[0].Tag == 0, of[len(of)-1].Tag == 2
	for _, c := range of {
		f.any = append(f.any, book.Fold(text(c)))
	}
	return f, nil
}

// fits tells whether an entry with these values, folded, is what is wanted.
func (f *filter) fits(e []attribute) bool {
	switch f.tag {
	case filterAnd:
		return !slices.ContainsFunc(f.parts, func(p filter) bool { return !p.fits(e) })
	case filterOr:
		return slices.ContainsFunc(f.parts, func(p filter) bool { return p.fits(e) })
	case filterNot:
		return !f.parts[0].fits(e)
	}
	return slices.ContainsFunc(valuesOf(e, f.name), f.is)
}

// is tells whether a folded value is what is wanted.
func (f *filter) is(v string) bool {
	switch f.tag {
	case filterPresent:
		return true
	case filterMore:
		return v >= f.value
	case filterLess:
		return v <= f.value
	case filterParts:
		return f.has(v)
	}
	return v == f.value
}

// has tells whether the parts of a filter occur in a value, in order.
func (f *filter) has(v string) bool {
	for i, part := range f.any {
		switch {
		case i == 0 && f.first:
			if !strings.HasPrefix(v, part) {
				return false
			}
			v = v[len(part):]
		case i == len(f.any)-1 && f.last:
			return strings.HasSuffix(v, part)
		default:
			at := strings.Index(v, part)
			if at < 0 {
				return false
			}
			v = v[at+len(part):]
		}
	}
	return true
}
