package sip

// lookup finds header names by length and first letter; the buckets hold one to five names.
var lookup = lookupTable()

const (
	lookupLengths = 24 // the longest known name is shorter
	lookupLetters = 32
)

type lookupBuckets [lookupLengths][lookupLetters][]HeaderID

func lookupTable() *lookupBuckets {
	t := new(lookupBuckets)
	for id := HeaderUnknown + 1; id < numHeaders; id++ {
		name := headers[id].name
		t[len(name)][name[0]&31] = append(t[len(name)][name[0]&31], id)
		if c := headers[id].compact; c != 0 {
			t[1][c&31] = append(t[1][c&31], id)
		}
	}
	return t
}

// LookupHeader gives the ID of a header field name in any case, long or compact; HeaderUnknown for others.
func LookupHeader(name []byte) HeaderID {
	if len(name) == 0 || len(name) >= lookupLengths {
		return HeaderUnknown
	}
	bucket := lookup[len(name)][name[0]&31]
	if len(name) == 1 {
		if len(bucket) == 1 && class[name[0]]&isAlpha != 0 {
			return bucket[0]
		}
		return HeaderUnknown
	}
	for _, id := range bucket {
		if equalFold(name, headers[id].name) {
			return id
		}
	}
	return HeaderUnknown
}

// String gives the header field's long name as we write it, "" for HeaderUnknown.
func (id HeaderID) String() string {
	if id >= numHeaders {
		return ""
	}
	return headers[id].name
}
