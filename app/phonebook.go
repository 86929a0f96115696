package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/phonebook"
	"github.com/sekisho/sekisho/plane"
)

// The listeners of the telephone books.
const (
	bookHTTPS = "phonebook-https"
	bookLDAPS = "phonebook-ldaps"
)

// bookBase is the name under which the books stand in LDAP.
const bookBase = "dc=sekisho"

// readable gives the declared listeners of the telephone books. They are of the voice
// plane: phones read there, and nothing can be changed.
func (a *App) readable() ([]plane.Listener, error) {
	var out []plane.Listener
	c := a.options.Config.Phonebook
	for _, l := range []struct{ name, addr string }{{bookHTTPS, c.HTTPS}, {bookLDAPS, c.LDAPS}} {
		if l.addr == "" {
			continue
		}
		at, err := netip.ParseAddrPort(l.addr)
		if err != nil {
			return nil, fmt.Errorf("phonebook listener: %w", err)
		}
		out = append(out, plane.Listener{Name: l.name, Plane: plane.Voice, Transport: plane.TLS, Addr: at})
	}
	return out, nil
}

// openPhonebook opens them.
func (a *App) openPhonebook(ctx context.Context) error {
	listeners, err := a.readable()
	if err != nil || len(listeners) == 0 {
		return err
	}
	certs, err := a.certificates()
	if err != nil {
		return err
	}
	for _, l := range listeners {
		ln, err := plane.Listen(ctx, l, certs)
		if err != nil {
			return control.NewProblem(control.ExitFailed, "cli.listen.failed", "cli.listen.failed.do", err)
		}
		a.onClose(func() error {
			if err := ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("phonebook listener %s: %w", l.Name, err)
			}
			return nil
		})
		if l.Addr, err = netip.ParseAddrPort(ln.Addr().String()); err != nil {
			return fmt.Errorf("phonebook listener: %w", err)
		}
		a.readers, a.shelves = append(a.readers, l), append(a.shelves, ln)
	}
	return nil
}

// servePhonebook answers on them.
func (a *App) servePhonebook(ctx context.Context) {
	books := &library{a: a}
	for i, ln := range a.shelves {
		name := a.readers[i].Name
		s := phonebook.New(phonebook.Config{
			Library: books, Door: door{a, name}, Name: a.options.Config.Unit.Name, Base: bookBase, Log: a.log,
		})
		serve := s.ServeHTTPS
		if name == bookLDAPS {
			serve = s.ServeLDAP
		}
		a.wait.Go(func() {
			if err := serve(ctx, ln); err != nil {
				a.log.Error("phonebook listener ended", "listener", name, "err", err)
			}
		})
	}
}

// library has the books for the phones that read them. What it has made of them it
// keeps for a while: phones ask at each key that is pressed.
type library struct {
	a *App

	mu   sync.Mutex
	made map[shelfMark][]book.Entry
	from *book.Shelf // of which they were made
	at   time.Time   // when
}

// shelfMark says of what a list was made.
type shelfMark struct {
	kind      phonebook.Kind
	extension string
}

// Of lists made of books so many are kept for so long.
const (
	listsMax = 64
	listLife = 10 * time.Second
)

// Entries gives a book as an extension may read it.
func (l *library) Entries(kind phonebook.Kind, extension string) []book.Entry {
	switch kind {
	case phonebook.Missed, phonebook.Received, phonebook.Dialed:
		return l.calls(string(kind), extension)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	shelf, now := l.a.shelf.Load(), time.Now()
	if l.from != shelf || now.Sub(l.at) > listLife || len(l.made) >= listsMax {
		l.made, l.from, l.at = make(map[shelfMark][]book.Entry), shelf, now
	}
	mark := shelfMark{kind, extension}
	list, ok := l.made[mark]
	if !ok {
		list = l.list(shelf, kind, extension)
		l.made[mark] = list
	}
	return list
}

// calls are those that an extension missed, received or dialed: the latest of each number,
// with its time, which is what phones can show beside it. Who withheld its number is left
// out: there is nothing to call; and so is what was before the extension had the phones it has.
func (l *library) calls(how, extension string) []book.Entry {
	ctx, cancel := context.WithTimeout(context.Background(), callsReadWithin)
	defer cancel()
	past, err := l.a.history(ctx, how, extension, callsReadMax)
	if err != nil {
		l.a.log.Error("calls are not read by a phone", "error", err)
		return nil
	}
	seen, since := make(map[string]bool), l.a.phonesSince()
	var out []book.Entry
	for _, c := range past {
		if c.CallsBack == "" || seen[c.CallsBack] || !since.has(extension, c.Started) {
			continue
		}
		seen[c.CallsBack] = true
		at := c.Started.In(tokyo).Format("01/02 15:04")
		out = append(out, book.Entry{Name: at + " " + cmp.Or(c.Name, c.Number), Number: c.CallsBack})
	}
	return out
}

func (l *library) list(shelf *book.Shelf, kind phonebook.Kind, extension string) []book.Entry {
	var all []book.Entry
	office := make(map[string]bool)
	for _, ext := range l.a.phones.Extensions() {
		office[ext] = true
		if kind == phonebook.Office || kind == phonebook.All {
			all = append(all, book.Entry{Name: cmp.Or(l.a.phones.Name(ext), ext), Number: ext})
		}
	}
	for _, b := range []struct {
		kind phonebook.Kind
		book *book.Book
	}{{phonebook.Common, shelf.Books[""]}, {phonebook.Own, shelf.Books[extension]}} {
		if b.book == nil || kind != b.kind && kind != phonebook.All {
			continue
		}
		for _, e := range b.book.Entries() {
			if e.Number = book.Key(e.Number); !office[e.Number] {
				e.Number = l.a.options.Config.Plan.OutsidePrefix + e.Number
			}
			all = append(all, e)
		}
	}
	b, err := book.New(all)
	if err != nil { // more than one book holds: what was read of each is in order
		return all
	}
	return b.Entries()
}

// door lets phones read with the credential that they have for SIP.
type door struct {
	a        *App
	listener string
}

// SignIn checks the credential of a phone.
func (d door) SignIn(user, secret string, from netip.Addr) (string, phonebook.Answer) {
	extension, ok, heard := d.a.phones.SignIn(user, secret, from, d.listener, time.Now())
	switch {
	case ok:
		return extension, phonebook.Welcome
	case !heard:
		return "", phonebook.Dropped
	}
	return "", phonebook.Refused
}
