package fact

// Bulk is data too large for a leaf. As with a Sealed secret it is kept beside
// the log, and the leaf has its mark, by which evidence notices any change.
type Bulk []byte

// Mark is "sha256:" and the hex digest of the data; "" when empty.
func (b Bulk) Mark() string { return Sealed(b).Mark() }

// MarshalJSON writes the mark.
func (b Bulk) MarshalJSON() ([]byte, error) { return Sealed(b).MarshalJSON() }

// UnmarshalJSON reads a mark; the data itself is gone, and Mark gives the same
// answer as before.
func (b *Bulk) UnmarshalJSON(data []byte) error { return (*Sealed)(b).UnmarshalJSON(data) }

// String keeps the data out of logs and error texts.
func (b Bulk) String() string { return b.Mark() }
