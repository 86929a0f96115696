package archive

import "time"

// Limits of recordings.
const (
	// ReelsMax is how many calls are recorded at once.
	ReelsMax = 1_000
	// RecordingMax is how long a recording is at most.
	RecordingMax = 4 * time.Hour
	// ReelWaits is how much of a recording waits for the disk in memory, in bytes: 16 s.
	ReelWaits = 16 * bytesPerSecond
	// DiskLeast is what the disk must have free for recordings: the evidence is there too.
	DiskLeast = 512 << 20
	// OpenMax is how many recordings are given to somebody at once, and OpenTime for how
	// long one is.
	OpenMax  = 8
	OpenTime = 15 * time.Minute
	// PieceMax is how much of one is given at once.
	PieceMax = 1 << 20
	// writeEvery is how often reels are written.
	writeEvery = time.Second
	// lookEvery is how often it is looked what was kept as long as set.
	lookEvery = time.Hour
	// commitTimeMax is how long a fact waits for the disk.
	commitTimeMax = 10 * time.Second
	// nameBytes make a file's name: 128 bits.
	nameBytes = 16
)
