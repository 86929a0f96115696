package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/user"
	"strconv"
	"syscall"
	"time"
)

// Limits of the control socket.
const (
	requestBytesMax  = 8 << 20 // a tariff's file among them, in base64
	operationTimeMax = 5 * time.Minute
	headerTimeMax    = 5 * time.Second
	shutdownTimeMax  = 2 * time.Second
)

// Caller is the person at the other end of the control socket, as the kernel
// tells.
type Caller struct {
	UID  uint32
	Name string
	PID  int32
}

// Actor names the caller in evidence.
func (c Caller) Actor() string {
	if c.Name == "" {
		return "uid:" + strconv.FormatUint(uint64(c.UID), 10)
	}
	return "user:" + c.Name
}

// Op is one operation: its name on the socket and the types it takes and gives.
type Op[Req, Resp any] struct{ Name string }

// Mux holds the operations a unit answers.
type Mux struct {
	http *http.ServeMux
	log  *slog.Logger
}

// NewMux gives a Mux without operations.
func NewMux(log *slog.Logger) *Mux { return &Mux{http: http.NewServeMux(), log: log} }

type callerKey struct{}

// Handle answers an operation.
func Handle[Req, Resp any](m *Mux, op Op[Req, Resp], do func(context.Context, Caller, Req) (Resp, error)) {
	m.http.HandleFunc("POST /v1/"+op.Name, func(w http.ResponseWriter, r *http.Request) {
		caller, ok := r.Context().Value(callerKey{}).(Caller)
		if !ok {
			m.answer(w, op.Name, http.StatusForbidden, NewProblem(ExitFailed, "cli.peer", ""))
			return
		}
		var req Req
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, requestBytesMax))
		d.DisallowUnknownFields()
		if err := d.Decode(&req); err != nil && !errors.Is(err, io.EOF) {
			m.answer(w, op.Name, http.StatusBadRequest, NewProblem(ExitUsage, "cli.badrequest", "", err))
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), operationTimeMax)
		defer cancel()
		resp, err := do(ctx, caller, req)
		if err != nil {
			p := AsProblem(err)
			m.log.Warn("operation failed", "op", op.Name, "actor", caller.Actor(), "err", err)
			m.answer(w, op.Name, http.StatusUnprocessableEntity, p)
			return
		}
		m.answer(w, op.Name, http.StatusOK, resp)
	})
}

func (m *Mux) answer(w http.ResponseWriter, op string, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		m.log.Warn("operation's answer not delivered", "op", op, "err", err)
	}
}

// Serve answers operations until ctx ends.
func (m *Mux) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler: m.http, ReadHeaderTimeout: headerTimeMax,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			caller, err := peer(c)
			if err != nil {
				return ctx
			}
			return context.WithValue(ctx, callerKey{}, caller)
		},
	}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeMax)
		defer cancel()
		done <- srv.Shutdown(stop)
	}()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control socket: %w", err)
	}
	return <-done
}

// peer asks the kernel who is at the other end (SO_PEERCRED, unix(7)).
func peer(c net.Conn) (Caller, error) {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return Caller{}, errors.New("not a unix socket")
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return Caller{}, fmt.Errorf("peer credentials: %w", err)
	}
	var cred *syscall.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return Caller{}, fmt.Errorf("peer credentials: %w", err)
	}
	if credErr != nil {
		return Caller{}, fmt.Errorf("peer credentials: %w", credErr)
	}
	caller := Caller{UID: cred.Uid, PID: cred.Pid}
	if u, err := user.LookupId(strconv.FormatUint(uint64(cred.Uid), 10)); err == nil {
		caller.Name = u.Username
	}
	return caller, nil
}
