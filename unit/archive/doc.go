// Package archive keeps recordings of calls in files (通話録音): a WAV of two sides each,
// with a name that nobody guesses, readable by the unit alone.
//
// Use Open first, then Run; Begin gives a Reel that media's loop can be given as its
// Sink. Everything that happens to a recording is a fact: that it began, when it was
// silent, what its file's hash is when it is over, who was given it, that it is deleted.
//
// A reel never keeps a call waiting: what is said is taken into memory, and written
// behind. What a disk is too slow for is left out and counted; where it takes nothing, or
// is nearly full, the recording ends and the call does not. A file is playable at any
// time (with the ending .part until it is on record): its header is written with each
// piece. Open puts in order what a process left that died.
//
// # Concurrency
//
// Everything exported may be called from any goroutine; Take, Over, Begin and Pause do not
// wait for the disk. Run is for one goroutine, its caller's, which writes all files, and
// deletes those that were kept as long as set; it ends with its context, when all reels
// are written.
//
// # Limits
//
// See limits.go: reels at once, what one waits for the disk in memory, how long one is, what
// all are together, what the disk must have left.
package archive
