package engine

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

var (
	errProbeSilent = errors.New("io_uring: a packet sent to itself did not come")
	errProbeOther  = errors.New("io_uring: another packet came than was sent")
)

// probe tries Uring with everything that it needs: a packet goes through a
// pair of sockets that nobody else can reach.
func probe() error {
	result := make(chan error)
	go func() { result <- probeHere() }() // ends after probeTime at the latest
	return <-result
}

func probeHere() error {
	w, err := NewWaker()
	if err != nil {
		return err
	}
	defer w.Close()
	u, err := Open(Uring, w, false)
	if err != nil {
		return err
	}
	defer u.Close()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	var e echo
	in, out := Port{Owner: &e, FD: pair[0]}, Port{Owner: &e, FD: pair[1]}
	for _, p := range []*Port{&in, &out} {
		if err := u.Listen(p); err != nil {
			return err
		}
	}
	for _, b := range probeWords {
		if err := u.Send(&out, []byte(b), nil); err != nil {
			return fmt.Errorf("io_uring: send: %w", err)
		}
	}
	for end := time.Now().Add(probeTime); len(e.heard) < len(probeWords); {
		left := time.Until(end)
		if left <= 0 {
			return errProbeSilent
		}
		u.Wait(left, func() {})
	}
	for i, b := range probeWords {
		if e.heard[i] != b {
			return errProbeOther
		}
	}
	return nil
}

// probeWords are two, because the second one shows that receiving goes on.
var probeWords = []string{"first", "second"}

// echo owns the probe's ports and keeps what comes.
type echo struct{ heard []string }

func (e *echo) Packet(_ *Port, b []byte, _ netip.AddrPort) { e.heard = append(e.heard, string(b)) }

func (e *echo) Unsent(*Port) {}
