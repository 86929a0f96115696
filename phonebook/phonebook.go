package phonebook

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/number/book"
)

// Kind says which of the books that a phone may read.
type Kind string

// The books. Own is that of the reader's extension, Office are the extensions. All has
// these three; the calls that the reader's extension missed, received and dialed are read
// by their names alone.
const (
	All      Kind = "all"
	Common   Kind = "common"
	Own      Kind = "own"
	Office   Kind = "office"
	Missed   Kind = "missed"
	Received Kind = "received"
	Dialed   Kind = "dialed"
)

// kinds are all there are.
var kinds = []Kind{All, Common, Own, Office, Missed, Received, Dialed}

// Library has the books.
type Library interface {
	// Entries gives a book as an extension may read it, in the order of its readings,
	// with numbers as phones of the office dial them. All of them have one order; of calls
	// the latest comes first.
	Entries(kind Kind, extension string) []book.Entry
}

// Answer is what came of signing in.
type Answer uint8

// The answers. A reader that was Dropped hears nothing.
const (
	Refused Answer = iota
	Welcome
	Dropped
)

// Door knows who may read.
type Door interface {
	// SignIn checks the credential of a phone, and counts wrong ones.
	SignIn(user, secret string, from netip.Addr) (extension string, a Answer)
}

// Config is what a Server needs.
type Config struct {
	Library Library
	Door    Door
	Name    string // of the office, as the phone shows it
	Base    string // of the names in LDAP, e.g. "dc=sekisho"
	Log     *slog.Logger
}

// Server hands books out.
type Server struct {
	cfg Config

	searching sync.Mutex // one search at a time

	mu    sync.Mutex
	from  map[netip.Addr]int // connections
	total int
}

// New makes a server.
func New(cfg Config) *Server { return &Server{cfg: cfg, from: make(map[netip.Addr]int)} }

// find gives those entries of a book in which a text occurs; all for "".
func (s *Server) find(kind Kind, extension, text string) []book.Entry {
	all := s.cfg.Library.Entries(kind, extension) // may wait for the disk: nobody waits for that
	if text == "" {
		return all
	}
	s.searching.Lock()
	defer s.searching.Unlock()
	b, err := book.New(all)
	if err != nil {
		s.cfg.Log.Error("telephone book not searched", "book", string(kind), "error", err)
		return nil
	}
	return b.Find(text)
}

// enter counts a connection, and tells whether there is room for it.
func (s *Server) enter(from netip.Addr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= ConnectionsMax || s.from[from] >= PerSource {
		return false
	}
	s.total++
	s.from[from]++
	return true
}

func (s *Server) leave(from netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.from[from]--; s.from[from] == 0 {
		delete(s.from, from)
	}
}

// signIn is the door, with what it says on record of who reads nothing.
func (s *Server) signIn(ctx context.Context, user, secret string, from netip.Addr) (string, Answer) {
	extension, a := s.cfg.Door.SignIn(strings.TrimSpace(user), secret, from)
	if a != Welcome {
		s.cfg.Log.DebugContext(ctx, "telephone book: not signed in", "source", from)
	}
	return extension, a
}
