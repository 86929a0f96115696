package sip

import "bytes"

// Equal compares two URIs as RFC 3261 §19.1.4 does: scheme, user, password, host and port must be the same, the
// user and password byte for byte after escapes are undone, the rest in any case; "user", "ttl", "method",
// "maddr" and "transport" must be in both or in neither; other parameters count only where both have them;
// headers must be the same in any order. tel: URIs are compared as RFC 3966 §4 does: without visual separators.
// URIs of another scheme are equal if they are spelled the same.
//
// The comparison is not transitive, as the RFC says itself. Don't use it to build sets.
func (u *URI) Equal(v *URI) bool {
	if u.Scheme != v.Scheme {
		return false
	}
	switch u.Scheme {
	case SchemeTel:
		return equalTel(u.User, v.User) && equalTelParams(u.Params, v.Params) && equalTelParams(v.Params, u.Params)
	case SchemeOther:
		return equalFoldBytes(u.SchemeText, v.SchemeText) && bytes.Equal(u.Opaque, v.Opaque)
	}
	return bytes.Equal(u.User, v.User) &&
		len(u.User) == 0 == (len(v.User) == 0) &&
		bytes.Equal(AppendUnescaped(nil, u.Password), AppendUnescaped(nil, v.Password)) &&
		equalHost(u.Host, v.Host) &&
		u.Port == v.Port &&
		equalParams(u.Params, v.Params) && equalParams(v.Params, u.Params) &&
		equalHeaders(u.Headers, v.Headers) && equalHeaders(v.Headers, u.Headers)
}

// equalHost compares names in any case and addresses by value.
func equalHost(a, b []byte) bool {
	x, ok := HostAddr(a)
	if y, also := HostAddr(b); ok || also {
		return ok && also && x == y
	}
	return equalFoldBytes(a, b)
}

// decisive tells the parameters that never are ignored.
func decisive(name []byte) bool {
	for _, n := range [...]string{"user", "ttl", "method", "maddr", "transport"} {
		if equalEscapedText(name, n) {
			return true
		}
	}
	return false
}

// equalParams tells whether each parameter of p fits q.
func equalParams(p, q URIParams) bool {
	for one := range p.All() {
		value, ok := q.find(one.Name)
		if !ok && decisive(one.Name) || ok && !equalEscaped(one.Value, value) {
			return false
		}
	}
	return true
}

// find is Get for a name in bytes.
func (p URIParams) find(name []byte) (value []byte, ok bool) {
	for one := range p.All() {
		if equalEscaped(one.Name, name) {
			return one.Value, true
		}
	}
	return nil, false
}

// equalHeaders tells whether each header of a stands in b with the same value.
func equalHeaders(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	for h := range bytes.SplitSeq(a, []byte("&")) {
		name, value, _ := bytes.Cut(h, []byte("="))
		found := false
		for g := range bytes.SplitSeq(b, []byte("&")) {
			n, v, _ := bytes.Cut(g, []byte("="))
			if equalEscaped(n, name) && bytes.Equal(AppendUnescaped(nil, v), AppendUnescaped(nil, value)) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// equalTel compares subscriber numbers without visual separators (RFC 3966 §4).
func equalTel(a, b []byte) bool {
	for {
		for len(a) > 0 && visual(a[0]) {
			a = a[1:]
		}
		for len(b) > 0 && visual(b[0]) {
			b = b[1:]
		}
		if len(a) == 0 || len(b) == 0 {
			return len(a) == len(b)
		}
		if lower(a[0]) != lower(b[0]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

func visual(c byte) bool { return c == '-' || c == '.' || c == '(' || c == ')' }

// equalTelParams: in a tel URI every parameter counts, in any order.
func equalTelParams(p, q URIParams) bool {
	for one := range p.All() {
		value, ok := q.find(one.Name)
		if !ok || !equalEscaped(one.Value, value) {
			return false
		}
	}
	return true
}
