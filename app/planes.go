package app

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/plane"
)

// Limits of the management plane's listener.
const (
	readTimeMax    = 5 * time.Second
	answerTimeMax  = 90 * time.Second // a profile of 60 s, and then some
	idleTimeMax    = 2 * time.Minute  // Prometheus asks every minute at the latest
	headerBytesMax = 4096
)

// management gives the declared listeners of the management plane.
func (a *App) management() ([]plane.Listener, error) {
	var out []plane.Listener
	for i, addr := range a.options.Config.Management.Listen {
		at, err := netip.ParseAddrPort(addr)
		if err != nil {
			return nil, fmt.Errorf("management listener: %w", err)
		}
		out = append(out, plane.Listener{
			Name: "management-" + strconv.Itoa(i+1), Plane: plane.Management, Transport: plane.TCP, Addr: at,
		})
	}
	return out, nil
}

// checkPlanes refuses voice listeners that are not apart from management's.
func (a *App) checkPlanes(voice []plane.Listener) error {
	m, err := a.management()
	if err != nil {
		return err
	}
	books, err := a.readable()
	if err != nil {
		return err
	}
	all := slices.Concat(voice, books, m)
	err = plane.Check(all, a.host)
	if errors.Is(err, plane.ErrSeparation) {
		return control.NewProblem(control.ExitUsage, "cli.listen.exposed", "cli.listen.exposed.do", err)
	}
	if err != nil {
		return control.NewProblem(control.ExitUsage, "cli.listen.failed", "cli.listen.failed.do", err)
	}
	return nil
}

// managementPages are what the management plane answers: /health tells that
// the unit runs and whether it can write, /metrics its figures. Nothing there
// changes anything.
func (a *App) managementPages() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Handler())
	if a.options.Config.Management.Profiles {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		st := a.Status()
		code := http.StatusOK
		if st.Degraded != nil {
			code = http.StatusServiceUnavailable
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		body := map[string]any{"version": st.Version, "claimed": st.Claimed, "degraded": st.Degraded != nil}
		if err := json.NewEncoder(w).Encode(body); err != nil {
			a.log.Debug("health not delivered", "err", err)
		}
	})
	return mux
}

// openManagement opens the listeners of the management plane.
func (a *App) openManagement(ctx context.Context) error {
	listeners, err := a.management()
	if err != nil {
		return err
	}
	for _, l := range listeners {
		web, err := plane.Listen(ctx, l, nil)
		if err != nil {
			return control.NewProblem(control.ExitFailed, "cli.listen.failed", "cli.listen.failed.do", err)
		}
		a.onClose(func() error {
			if err := web.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("management listener %s: %w", l.Name, err)
			}
			return nil
		})
		if l.Addr, err = netip.ParseAddrPort(web.Addr().String()); err != nil {
			return fmt.Errorf("management listener: %w", err)
		}
		a.managed, a.web = append(a.managed, l), append(a.web, web)
	}
	return nil
}

// serveManagement answers on them.
func (a *App) serveManagement(ctx context.Context) {
	mux := a.managementPages()
	for i, web := range a.web {
		name := a.managed[i].Name
		srv := &http.Server{
			Handler: mux, ReadHeaderTimeout: readTimeMax, WriteTimeout: answerTimeMax, IdleTimeout: idleTimeMax,
			MaxHeaderBytes: headerBytesMax,
		}
		a.wait.Go(func() {
			if err := srv.Serve(web); !errors.Is(err, http.ErrServerClosed) {
				a.log.Error("management listener ended", "listener", name, "err", err)
			}
		})
		context.AfterFunc(ctx, func() { // the goroutine above tells what Serve says
			if err := srv.Close(); err != nil {
				a.log.Debug("management listener", "listener", name, "err", err)
			}
		})
	}
}

// certificates gives the voice plane's TLS configuration, nil when no listener
// speaks TLS.
func (a *App) certificates() (*tls.Config, error) {
	v := a.options.Config.Voice
	books := a.options.Config.Phonebook
	wanted := books.HTTPS+books.LDAPS != ""
	for _, l := range a.voice {
		wanted = wanted || l.Transport == plane.TLS
	}
	if !wanted {
		return nil, nil
	}
	if v.CertificateFile != "" {
		c, err := plane.LoadCertificate(v.CertificateFile, v.PrivateKeyFile)
		if err != nil {
			return nil, fmt.Errorf("certificate: %w", err)
		}
		return plane.ServerConfig(c), nil
	}
	names := []string{v.Realm}
	if h, err := os.Hostname(); err == nil {
		names = append(names, h)
	}
	for _, in := range a.host.Interfaces {
		for _, addr := range in.Addrs {
			names = append(names, addr.String())
		}
	}
	certs, err := plane.VoiceCertificates(a.options.Data, names, time.Now())
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return plane.ServerConfig(certs...), nil
}
