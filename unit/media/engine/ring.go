package engine

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// ring is an io_uring: submissions go in, completions come out. With
// SINGLE_ISSUER and DEFER_TASKRUN the kernel works only while our thread is in
// one of its calls, so that nothing of it needs a lock or an interrupt.
type ring struct {
	fd          int
	rings       []byte
	memory      []byte // of submissions
	submissions []submission
	completions []completion

	sqHead, sqTail, cqHead, cqTail *atomic.Uint32

	tail    uint32 // of submissions, not yet told to the kernel
	waiting uint32 // how many those are
}

// newRing makes a ring that belongs to the calling thread.
func newRing() (*ring, error) {
	p := parameters{
		flags:     setupCQSize | setupSubmitAll | setupSingleIssuer | setupDeferTaskrun,
		cqEntries: completionsMax,
	}
	fd, err := setupRing(sendsAtOnce, &p)
	if err != nil {
		return nil, os.NewSyscallError("io_uring_setup", err)
	}
	unix.CloseOnExec(fd)
	r := &ring{fd: fd}
	const needed = featureSingleMmap | featureExtArg | featureCQESkip
	if p.features&needed != needed {
		r.close()
		return nil, fmt.Errorf("io_uring_setup: features %#x: %w", p.features, errors.ErrUnsupported)
	}
	if err := r.share(&p); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// share maps what the kernel and we both see.
func (r *ring) share(p *parameters) error {
	size := max(p.sq.array+4*p.sqEntries, p.cq.completions+16*p.cqEntries)
	var err error
	if r.rings, err = r.mmap(offsetRings, int(size)); err != nil {
		return err
	}
	if r.memory, err = r.mmap(offsetSubmissions, int(64*p.sqEntries)); err != nil {
		return err
	}
	r.submissions = arrayOf[submission](r.memory, 0, p.sqEntries)
	r.completions = arrayOf[completion](r.rings, p.cq.completions, p.cqEntries)
	r.sqHead, r.sqTail = word(r.rings, p.sq.head), word(r.rings, p.sq.tail)
	r.cqHead, r.cqTail = word(r.rings, p.cq.head), word(r.rings, p.cq.tail)
	order := arrayOf[uint32](r.rings, p.sq.array, p.sqEntries)
	for i := range order {
		order[i] = uint32(i)
	}
	return nil
}

func (r *ring) mmap(offset int64, size int) ([]byte, error) {
	m, err := unix.Mmap(r.fd, offset, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	return m, os.NewSyscallError("mmap", err)
}

// next is a blank submission, and its number; nil while the kernel takes none.
func (r *ring) next() (*submission, uint32) {
	if r.waiting == uint32(len(r.submissions)) {
		if r.submit(); r.waiting == uint32(len(r.submissions)) {
			return nil, 0
		}
	}
	at := r.tail & uint32(len(r.submissions)-1)
	r.tail++
	r.waiting++
	s := &r.submissions[at]
	*s = submission{}
	return s, at
}

// submit gives the kernel what is written. Sends are then done, and their
// memory is free.
func (r *ring) submit() {
	r.sqTail.Store(r.tail)
	enterRing(r.fd, r.waiting)
	r.waiting = r.tail - r.sqHead.Load()
}

// wait submits too, and waits up to d for a completion. What the kernel may
// answer besides (EINTR, ETIME, EBUSY) changes nothing: what it took is told
// by the ring's head. With held the goroutine keeps its place meanwhile.
func (r *ring) wait(d time.Duration, held bool) {
	least := uint32(1)
	if r.cqTail.Load() != r.cqHead.Load() {
		least = 0
	}
	r.sqTail.Store(r.tail)
	waitRing(r.fd, r.waiting, least, d, held)
	r.waiting = r.tail - r.sqHead.Load()
}

// ready is the range of completions that are there.
func (r *ring) ready() (head, tail uint32) { return r.cqHead.Load(), r.cqTail.Load() }

// completion is one of them.
func (r *ring) completion(i uint32) completion { return r.completions[i&uint32(len(r.completions)-1)] }

// taken tells the kernel that all before head were taken.
func (r *ring) taken(head uint32) { r.cqHead.Store(head) }

func (r *ring) close() {
	for _, m := range [][]byte{r.rings, r.memory} {
		if m != nil {
			_ = unix.Munmap(m)
		}
	}
	unix.Close(r.fd)
}
