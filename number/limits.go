package number

// Limits of what Parse looks at. Everything longer is not understood.
const (
	// MaxDialed bounds a dialed string in bytes: the longest legal one is
	// outside prefix + 184 + 122 + carrier code + 010 + 15 digits.
	MaxDialed = 64
	// MaxTel bounds a tel URI in bytes, parameters and visual separators
	// included.
	MaxTel = 256
	// MaxE164 is the longest international number in digits (E.164 §6.2.1).
	MaxE164 = 15
	// MaxPrefix is the longest outside prefix in digits.
	MaxPrefix = 2
	// MinExtension and MaxExtension bound an extension in digits.
	MinExtension = 2
	MaxExtension = 8
	// MaxFeature bounds a feature code in characters.
	MaxFeature = 8
)
