// Package engine moves the packets of many UDP sockets between the kernel and
// one goroutine, with as few system calls as the kernel allows.
//
// There are two engines behind one interface: Uring (io_uring: one system call
// takes and sends some twenty packets) and Epoll (one system call for each
// packet taken and each one sent). A third one, Still, is for simulations: it moves
// nothing and waits in virtual time. Choose looks which one this kernel allows;
// Open makes it.
//
//	kind, why := engine.Choose("")      // why it is not io_uring, nil if it is
//	e, err := engine.Open(kind, wake, keep)
//	for !ended {
//		e.Wait(d, obey) // packets are told to each Port's owner
//	}
//
// # Concurrency
//
// An engine belongs to the goroutine that opened it, and to its thread; that
// goroutine calls everything else too, Close at the end. Only Waker.Wake may be called from
// any goroutine. An owner's methods are called from within Wait, and may call
// Listen and Send, but not Forget. Choose starts one goroutine for as long as
// it looks, because an io_uring belongs to the thread that made it.
//
// # Limits
//
// See limits.go: bytes in a packet, packets under way, sockets looked at between two
// looks at the clock.
package engine
