// Package app is one process, wired: New opens everything a unit needs in its
// data directory, Start lets calls in, Stop ends it in the reverse order. It
// is the only package that knows every part. The commands and the end-to-end
// tests use the same App.
//
// # Concurrency
//
// App owns one goroutine for the control socket, one that retries what the
// desk has to write behind, one that keeps the lines' addresses fresh, one
// that shuts openings when they expire, one that tells the garbage collector
// how often to run, one that bars the sources of floods where the owner wants
// that, one that sends the mails about messages, and one for each listener of
// the management plane. Stop ends them and waits. Everything else runs on the
// loops of the parts.
//
// # Limits
//
// See limits.go.
package app
