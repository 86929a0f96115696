package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number/book"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/unit"
)

// Settings that hold books, one each, and who is turned away, all of it. They are
// rows beside the evidence: what is personal must be possible to forget.
const (
	settingBook    = "book/" // and the extension whose own it is, or commonBook
	settingScreens = "screens"
	commonBook     = "unit"
)

// lastCallers is among how many calls the last caller is looked for.
const lastCallers = 200

// books looks up who calls.
type books struct{ a *App }

var _ unit.Books = books{}

// Name is whose a number is.
func (b books) Name(extension, number string) string { return b.a.shelf.Load().Name(extension, number) }

// Refuses tells why a caller is turned away.
func (b books) Refuses(called, caller string) string { return b.a.shelf.Load().Refuses(called, caller) }

// loadBooks reads the books of the last run. One that can't be read is left out: a
// unit without names still calls.
func (a *App) loadBooks(ctx context.Context) error {
	s := &book.Shelf{Books: map[string]*book.Book{}, Screens: map[string]book.Screen{}}
	for _, owner := range append([]string{""}, a.phones.Extensions()...) {
		var entries []book.Entry
		if err := a.remember(ctx, bookOf(owner), &entries); err != nil {
			return err
		}
		b, err := book.New(entries)
		if err != nil {
			a.log.Error("telephone book not read", "book", bookOf(owner), "error", err)
			continue
		}
		s.Books[owner] = b
	}
	if err := a.remember(ctx, settingScreens, &s.Screens); err != nil {
		return err
	}
	if s.Screens == nil { // "null" was written
		s.Screens = map[string]book.Screen{}
	}
	a.shelf.Store(s)
	return nil
}

// remember reads a setting that is JSON, if it is there and can be read.
func (a *App) remember(ctx context.Context, name string, v any) error {
	doc, err := a.store.Setting(ctx, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if doc == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(doc), v); err != nil {
		a.log.Error("setting not read", "name", name, "error", err)
	}
	return nil
}

// bookOf names the setting of a book.
func bookOf(extension string) string {
	if extension == "" {
		extension = commonBook
	}
	return settingBook + extension
}

func (a *App) bookChange(
	ctx context.Context, by control.Caller, r control.BookChangeRequest,
) (control.BookChanged, error) {
	if r.Extension != "" && !slices.Contains(a.phones.Extensions(), r.Extension) {
		return control.BookChanged{}, noPhone(r.Extension)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	shelf := a.shelf.Load()
	var entries []book.Entry
	if b := shelf.Books[r.Extension]; b != nil {
		entries = b.Entries()
	}
	for _, n := range r.Remove {
		number, before := book.Key(n), len(entries)
		entries = slices.DeleteFunc(entries, func(e book.Entry) bool { return book.Key(e.Number) == number })
		if len(entries) == before {
			nobody := control.NewProblem(control.ExitNotFound, "cli.book.nobody", "cli.book.nobody.do", n)
			return control.BookChanged{}, nobody
		}
	}
	for _, e := range r.Add {
		entries = append(entries, book.Entry{Name: e.Name, Kana: e.Kana, Number: e.Number})
	}
	b, err := book.New(entries)
	if err == nil && r.Extension != "" && len(b.Entries()) > book.OwnMax {
		err = book.ErrFull
	}
	if err != nil {
		return control.BookChanged{}, bookProblem(err)
	}
	done := control.BookChanged{Added: len(r.Add), Removed: len(r.Remove), Entries: len(b.Entries())}
	next := &book.Shelf{Books: maps.Clone(shelf.Books), Screens: shelf.Screens}
	next.Books[r.Extension] = b
	return done, a.putShelf(ctx, next, bookOf(r.Extension), b.Entries(), fact.BookChanged{
		Book: r.Extension, Added: done.Added, Removed: done.Removed, Entries: done.Entries, By: by.Actor(), At: now(),
	})
}

// forgetBook empties the own book of an extension that has no phone any more: whoever
// has the number next must not read it. The caller holds a.mu.
func (a *App) forgetBook(ctx context.Context, extension, by string) error {
	shelf := a.shelf.Load()
	b := shelf.Books[extension]
	if b == nil || len(b.Entries()) == 0 || slices.Contains(a.phones.Extensions(), extension) {
		return nil
	}
	f := fact.BookChanged{Book: extension, Removed: len(b.Entries()), By: by, At: now()}
	w := fact.Write{Facts: []fact.Fact{f}, Rows: []fact.Row{fact.Setting{Name: bookOf(extension)}}}
	if err := a.commit(ctx, w); err != nil {
		return err
	}
	next := &book.Shelf{Books: maps.Clone(shelf.Books), Screens: shelf.Screens}
	delete(next.Books, extension)
	a.shelf.Store(next)
	return nil
}

// putShelf puts a shelf in force once what has changed of it is on disk.
func (a *App) putShelf(ctx context.Context, next *book.Shelf, name string, v any, facts ...fact.Fact) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("book: %w", err)
	}
	w := fact.Write{Facts: facts, Rows: []fact.Row{fact.Setting{Name: name, Value: string(doc)}}}
	if err := a.commit(ctx, w); err != nil {
		return err
	}
	a.shelf.Store(next)
	return nil
}

func bookProblem(err error) error {
	switch {
	case errors.Is(err, book.ErrName):
		return control.NewProblem(control.ExitUsage, "cli.book.badname", "cli.book.badname.do")
	case errors.Is(err, book.ErrNumber):
		return control.NewProblem(control.ExitUsage, "cli.book.badnumber", "cli.book.badnumber.do")
	case errors.Is(err, book.ErrFull):
		most := []any{book.EntriesMax, book.OwnMax, book.NumbersMax}
		return control.NewProblem(control.ExitConflict, "cli.book.full", "", most...)
	}
	return err
}

func (a *App) bookFind(_ context.Context, _ control.Caller, r control.BookFindRequest) ([]control.BookEntry, error) {
	if r.Extension != "" && !slices.Contains(a.phones.Extensions(), r.Extension) {
		return nil, noPhone(r.Extension)
	}
	var out []control.BookEntry
	if b := a.shelf.Load().Books[r.Extension]; b != nil {
		for _, e := range b.Find(r.Part) {
			out = append(out, control.BookEntry{Name: e.Name, Kana: e.Kana, Number: e.Number})
		}
	}
	return out, nil
}

func (a *App) screenChange(
	ctx context.Context, by control.Caller, r control.ScreenChangeRequest,
) (control.None, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := book.Key(r.Number)
	if r.Number != "" && at == "" {
		return control.None{}, bookProblem(book.ErrNumber)
	}
	shelf := a.shelf.Load()
	screen := shelf.Screens[at]
	var facts []fact.Fact
	changed := func(what string, callers ...string) {
		f := fact.ScreenChanged{At: at, Change: what, Callers: len(callers), By: by.Actor(), When: now()}
		if len(callers) == 1 {
			f.Caller = book.Key(callers[0])
		}
		facts = append(facts, f)
	}
	var err error
	if len(r.Block) > 0 {
		if screen, err = screen.Block(r.Block...); err != nil {
			return control.None{}, bookProblem(err)
		}
		changed("block", r.Block...)
	}
	if len(r.Allow) > 0 {
		if screen, err = screen.Allow(r.Allow...); err != nil {
			return control.None{}, bookProblem(err)
		}
		changed("allow", r.Allow...)
	}
	if len(r.Unblock) > 0 {
		screen = screen.Unblock(r.Unblock...)
		changed("unblock", r.Unblock...)
	}
	if len(r.Unallow) > 0 {
		screen = screen.Unallow(r.Unallow...)
		changed("unallow", r.Unallow...)
	}
	if r.Anonymous != nil {
		screen.Anonymous = *r.Anonymous
		changed("anonymous-" + onOff(*r.Anonymous))
	}
	if r.Only != nil {
		screen.Only = *r.Only
		changed("only-" + onOff(*r.Only))
	}
	return control.None{}, a.putScreen(ctx, shelf, at, screen, facts...)
}

func (a *App) putScreen(
	ctx context.Context, shelf *book.Shelf, at string, screen book.Screen, facts ...fact.Fact,
) error {
	next := &book.Shelf{Books: shelf.Books, Screens: maps.Clone(shelf.Screens)}
	if next.Screens[at] = screen; screen.Empty() {
		delete(next.Screens, at)
	}
	return a.putShelf(ctx, next, settingScreens, next.Screens, facts...)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (a *App) screenList(context.Context, control.Caller, control.None) ([]control.Screen, error) {
	screens := a.shelf.Load().Screens
	var out []control.Screen
	for _, at := range slices.Sorted(maps.Keys(screens)) {
		s := screens[at]
		out = append(out, control.Screen{
			Number: at, Blocked: s.Blocked, Allowed: s.Allowed, Anonymous: s.Anonymous, Only: s.Only,
		})
	}
	return out, nil
}

// screenLast turns away whoever called last from outside.
func (a *App) screenLast(
	ctx context.Context, by control.Caller, r control.ScreenLastRequest,
) (control.ScreenBlocked, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	caller, err := a.blockLast(ctx, r.Extension, by.Actor())
	return control.ScreenBlocked{Caller: caller}, err
}

// blockLast turns away whoever called last from outside, or whom an extension talked
// with last. The caller holds a.mu.
func (a *App) blockLast(ctx context.Context, extension, by string) (caller string, err error) {
	calls, err := a.store.Calls(ctx, store.CallFilter{Limit: lastCallers})
	if err != nil {
		return "", fmt.Errorf("calls: %w", err)
	}
	last := slices.IndexFunc(calls, func(c fact.CallRecord) bool {
		return c.Direction == fact.Incoming && (extension == "" || strings.HasPrefix(c.Answerer, extension+"-"))
	})
	if last < 0 {
		return "", control.NewProblem(control.ExitNotFound, "cli.block.nocall", "")
	}
	c := calls[last]
	if caller = book.Key(c.From); caller == "" {
		return "", control.NewProblem(control.ExitConflict, "cli.block.hidden", "cli.block.hidden.do")
	}
	shelf := a.shelf.Load()
	screen, err := shelf.Screens[""].Block(caller)
	if err != nil {
		return "", bookProblem(err)
	}
	return caller, a.putScreen(ctx, shelf, "", screen, fact.ScreenChanged{
		Change: "block", Caller: caller, Callers: 1, Call: c.Call, By: by, When: now(),
	})
}
