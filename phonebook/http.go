package phonebook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
)

// Handler answers
//
//	GET /phonebook/{family}/{book}            the book, in the format of a make of phones
//	GET /phonebook/{family}/{book}/{file}     the same: some phones add a name of their own
//
// with ?q=TEXT only what TEXT occurs in. A make that asks by POST gets the same.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, method := range []string{"GET", "POST"} {
		mux.HandleFunc(method+" /phonebook/{family}/{book}", s.page)
		mux.HandleFunc(method+" /phonebook/{family}/{book}/{file}", s.page)
	}
	return mux
}

// ServeHTTPS answers on a listener, of TLS, until ctx ends; it closes the listener.
func (s *Server) ServeHTTPS(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler: s.Handler(), ReadTimeout: SignInMax, WriteTimeout: SignInMax, IdleTimeout: IdleMax,
		MaxHeaderBytes: RequestMax, ErrorLog: slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	var refused sync.Map // connections for which there is no room
	srv.ConnState = func(c net.Conn, state http.ConnState) {
		from, err := netip.ParseAddrPort(c.RemoteAddr().String())
		switch {
		case state == http.StateNew && (err != nil || !s.enter(from.Addr().Unmap())):
			refused.Store(c, true)
			_ = c.Close() // nobody is told why: there is no room even for that
		case state == http.StateClosed || state == http.StateHijacked:
			if _, was := refused.LoadAndDelete(c); !was {
				s.leave(from.Addr().Unmap())
			}
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() }) // Serve says so
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("telephone book over HTTPS: %w", err)
	}
	return nil
}

func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	user, secret, _ := r.BasicAuth()
	extension, answer := s.signIn(r.Context(), user, secret, from.Addr().Unmap())
	switch answer {
	case Dropped:
		panic(http.ErrAbortHandler) // that is how net/http is told to close without a word
	case Refused:
		w.Header().Set("WWW-Authenticate", `Basic realm="`+realm+`", charset="UTF-8"`)
		http.Error(w, "Unauthorized: sign in as the phone does for SIP", http.StatusUnauthorized)
		return
	}
	write, ok := families[r.PathValue("family")]
	kind := Kind(r.PathValue("book"))
	if !ok || !slices.Contains(kinds, kind) {
		http.Error(w, "Not Found: /phonebook/MAKE/BOOK, BOOK is all, common, own, office, missed, received or dialed",
			http.StatusNotFound)
		return
	}
	text := r.URL.Query().Get("q")
	if len(text) > SearchMax {
		http.Error(w, "Bad Request: q is too long", http.StatusBadRequest)
		return
	}
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	write(&b, s.cfg.Name, s.find(kind, extension, text))
	h := w.Header()
	h.Set("Content-Type", "text/xml; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if _, err := b.WriteTo(w); err != nil {
		s.cfg.Log.DebugContext(r.Context(), "telephone book not delivered", "source", from, "error", err)
	}
}

// realm is what the reader is told to sign in to.
const realm = "phonebook"
