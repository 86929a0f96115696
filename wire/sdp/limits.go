package sdp

// Limits of a description read.
const (
	// BytesMax is the longest description read.
	BytesMax = 16 * 1024
	// LinesMax is how many lines it may have.
	LinesMax = 400
	// MediaMax is how many m= lines it may have.
	MediaMax = 16
	// FormatsMax is how many formats an m= line may have.
	FormatsMax = 64
	// CryptosMax is how many a=crypto lines of a stream are kept; others are
	// read over.
	CryptosMax = 16
	// FmtpBytesMax is the longest a=fmtp value kept; a codec with a longer
	// one is not usable.
	FmtpBytesMax = 512
	// KeptMax is how many attributes of a stream are passed on, and KeptBytesMax how long
	// each is at most; others are read over.
	KeptMax      = 24
	KeptBytesMax = 128
	// nameBytesMax bounds encoding names and other tokens.
	nameBytesMax = 64
)
