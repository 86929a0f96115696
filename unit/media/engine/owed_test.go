package engine

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ringful runs a test on an engine whose ring can be made to take nothing.
func ringful(t *testing.T, f func(b *bench, taking func(bool))) {
	both(t, func(t *testing.T, b *bench) {
		u, ok := b.Engine.(*uring)
		if !ok {
			return // no ring
		}
		x, sx := b.port()
		y, sy := b.port()
		if err := errors.Join(sx.Connect(sy.Local()), sy.Connect(sx.Local())); err != nil {
			t.Fatal(err)
		}
		b.Forget(y) // its packets are nobody's
		fd := u.ring.fd
		f(b, func(yes bool) {
			if u.ring.fd = fd; yes {
				return
			}
			u.ring.fd = -1
			for range sendsAtOnce + 1 {
				if b.Send(x, []byte("filling"), nil) != nil {
					return
				}
			}
			t.Fatal("the ring is not full")
		})
	})
}

// TestAPortIsNotDeafForEver has the kernel end a port's receiving while the ring
// takes nothing: it receives again when the ring takes something.
func TestAPortIsNotDeafForEver(t *testing.T) {
	ringful(t, func(b *bench, taking func(bool)) {
		ear, sear := b.port()
		mouth, smouth := b.port()
		nobody, snobody := b.port()
		b.Forget(nobody)
		b.Wait(0, func() {})
		b.Wait(0, func() {})
		snobody.Close()
		if err := sear.Connect(snobody.Local()); err != nil {
			b.Fatal(err)
		}
		for range 3 { // the ICMP error of each ends the receiving
			b.send(ear, "hello?", nil)
			b.Wait(5*time.Millisecond, func() { taking(false) })
			taking(true)
		}
		if err := sear.Connect(smouth.Local()); err != nil {
			b.Fatal(err)
		}
		b.Wait(0, func() {})
		b.send(mouth, "here I am", NewAddress(sear.Local()))
		if got := b.until(1)[0]; got.at != ear || got.what != "here I am" {
			b.Fatalf("got %+v", got)
		}
	})
}

// TestAFullRingHoldsNoNumber forgets a port while the ring takes nothing.
func TestAFullRingHoldsNoNumber(t *testing.T) {
	ringful(t, func(b *bench, taking func(bool)) {
		b.Engine.(*uring).files = 0 // the kernel would hold the socket for us too
		ear, sear := b.port()
		b.Wait(0, func() {})
		at := sear.Local()
		taking(false)
		b.Forget(ear)
		taking(true)
		b.Wait(0, func() {})
		b.Wait(0, func() {})
		sear.Close()
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err != nil {
			b.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}); err != nil {
			b.Fatalf("%s after Forget and Close: %v", at, err)
		}
	})
}

// TestTheWakerIsWatchedAgain has the ring take nothing when the watch over the
// waker has ended.
func TestTheWakerIsWatchedAgain(t *testing.T) {
	ringful(t, func(b *bench, taking func(bool)) {
		u := b.Engine.(*uring)
		if !u.cancelMark(kindWake) {
			b.Fatal("the ring takes nothing")
		}
		for ended := false; !ended; {
			u.ring.wait(time.Second, false)
			head, tail := u.ring.ready()
			if head == tail {
				b.Fatal("the watch did not end")
			}
			for i := head; i != tail; i++ {
				c := u.ring.completion(i)
				ended = ended || c.user == kindWake && c.result == -int32(unix.ECANCELED)
			}
			u.ring.taken(tail)
		}
		taking(false)
		u.armWake()
		taking(true)
		b.wake.Wake()
		b.rests()
	})
}
