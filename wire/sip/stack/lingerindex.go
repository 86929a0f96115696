package stack

// lingerIndex finds settled transactions by their keys. It is a table of open
// addressing with a part of the key and the transaction's number in each slot,
// because every request is looked for in it, most are not there, and what a
// look costs is the memory that it has to wait for: a map with whole keys has
// three to four times as much of it. Who finds a part compares the whole key.
type lingerIndex struct {
	slots []lingerSlot // a power of two; at least half of them are empty
	shift uint         // from a part to its first slot
	used  int
}

// lingerSlot is one entry, zero where there is none.
type lingerSlot struct {
	part   uint32 // of the key; never zero
	number uint32 // the end of the transaction's number
}

func newLingerIndex() lingerIndex {
	x := lingerIndex{}
	x.resize(lingerIndexFirst)
	return x
}

// resize makes a table with room for 1<<bits slots.
func (x *lingerIndex) resize(bits uint) {
	old := x.slots
	x.slots, x.shift, x.used = make([]lingerSlot, 1<<bits), partBits-bits, 0
	for _, s := range old {
		if s.part != 0 {
			x.put(s)
		}
	}
}

// partBits is the size of a part.
const partBits = 32

// partOf gives a key's part. Keys are hashes, so that any part of them will do.
func partOf(key txKey) uint32 { return uint32(key.a>>partBits) | 1 }

// first gives the slot where a part is looked for first.
func (x *lingerIndex) first(part uint32) int { return int(part >> x.shift) }

// after gives the slot behind one.
func (x *lingerIndex) after(i int) int { return (i + 1) & (len(x.slots) - 1) }

// put adds an entry.
func (x *lingerIndex) put(s lingerSlot) {
	if 2*(x.used+1) > len(x.slots) {
		x.resize(partBits - x.shift + 1)
	}
	i := x.first(s.part)
	for x.slots[i].part != 0 {
		i = x.after(i)
	}
	x.slots[i] = s
	x.used++
}

// remove takes an entry out, if it is there, and moves up those behind it that
// would not be found any more.
func (x *lingerIndex) remove(s lingerSlot) {
	i := x.first(s.part)
	for x.slots[i] != s {
		if x.slots[i].part == 0 {
			return
		}
		i = x.after(i)
	}
	for j := x.after(i); x.slots[j].part != 0; j = x.after(j) {
		from := x.first(x.slots[j].part)
		if way := len(x.slots) - 1; (j-from)&way >= (j-i)&way {
			x.slots[i], i = x.slots[j], j
		}
	}
	x.slots[i] = lingerSlot{}
	x.used--
}
