package quarantine

// What a set may hold.
const (
	// EntriesMax bounds the quarantines of a unit.
	EntriesMax = 1_000
	// ValueMax bounds the name of a phone, credential, extension or line, in bytes.
	ValueMax = 128
	// ReasonMax bounds what a person says of a quarantine or a cut, in bytes.
	ReasonMax = 500

	digitsMax = 15 // of an E.164 number (ITU-T E.164 §6.1)
)
