// Package music makes what a caller on hold hears (保留音): a melody of our own,
// or a recording of the owner's.
//
// Use Melody or Read first. Either gives a Tune: samples to be played round and
// round, in the width of a telephone and in that of wideband, as loud as the
// announcements are, with nothing in them that a telephone can't carry. They begin
// with a short rest and end softly, so that nothing clicks where they begin again.
//
// The melody was written for this program; nobody else has a right to it. It is
// made of its notes, and written down as it is played (go generate ./unit/media).
//
// # Limits
//
// See limits.go: length and size of a recording.
//
// # Standards
//
// Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft,
// 1991): WAVE, with the extensible format of mmreg.h.
package music
