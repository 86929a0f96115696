package engine

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// uring has the kernel put packets down in buffers that it was given before,
// and gathers what is sent until the next wait.
type uring struct {
	ring    *ring
	wake    *Waker
	ports   table
	holding holding
	files   int32  // so many places of ports are known to the kernel
	memory  []byte // one mapping for all below
	entries []bufferEntry
	tail    uint16 // of entries
	buffers []byte // received
	sends   []byte // to be sent, one for each submission
	header  *messageHeader
	owed    owed
}

// owed is what the ring took nothing of when it was due. Wait makes it good.
type owed struct {
	wake    bool     // the waker is not watched
	cancels []uint64 // marks of receiving that goes on though it should not
	arms    []*Port  // that do not receive though they are listened to
}

// kinds of submissions, in the top byte of their user data; under it stand
// the generation and the place of the port.
const (
	kindWake = iota
	kindReceive
	kindMessage // receive with the sender's address
	kindSend
	kindCancel

	unarmed = kindWake // of a port: nothing goes on
)

// Before a packet received with its sender's address: struct
// io_uring_recvmsg_out, and the address.
const (
	outBytes  = 16
	nameBytes = unix.SizeofSockaddrInet6
)

// bufferBytes is how much of a buffer the kernel may fill.
const bufferBytes = PacketBytesMax + 64

func newUring(w *Waker, keep bool) (_ *uring, err error) {
	u := &uring{wake: w, holding: holding{keep: keep}}
	defer func() {
		if err != nil {
			u.Close()
		}
	}()
	if u.ring, err = newRing(); err != nil {
		return nil, err
	}
	const (
		entriesSize = buffersCount * 16 // first: it must begin a page
		buffersSize = buffersCount * bufferStride
		sendsSize   = sendsAtOnce * bufferStride
		headerSize  = 64
	)
	u.memory, err = unix.Mmap(-1, 0, entriesSize+buffersSize+sendsSize+headerSize,
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	u.entries = arrayOf[bufferEntry](u.memory, 0, buffersCount)
	u.buffers = u.memory[entriesSize:][:buffersSize]
	u.sends = u.memory[entriesSize+buffersSize:][:sendsSize]
	u.header = &arrayOf[messageHeader](u.memory, entriesSize+buffersSize+sendsSize, 1)[0]
	u.header.nameSize = nameBytes
	if err := registerBuffers(u.ring.fd, u.entries, 0); err != nil {
		return nil, fmt.Errorf("io_uring_register: buffers: %w", err)
	}
	for id := range uint16(buffersCount) {
		u.lend(id)
	}
	u.files = fileTable(u.ring.fd)
	u.armWake()
	return u, nil
}

// fileTable has the kernel make room for sockets, which saves looking each up
// and letting it go again with every packet. Without the room it does that.
func fileTable(fd int) int32 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	n := uint32(min(limit.Cur, filesMax))
	if registerFiles(fd, n) != nil {
		return 0
	}
	return int32(n)
}

// lend gives the kernel a buffer to put a packet down in.
func (u *uring) lend(id uint16) {
	e := &u.entries[u.tail&(buffersCount-1)]
	e.address, e.size, e.id = addressOf(&u.buffers[int(id)*bufferStride]), bufferBytes, id
	u.tail++
	u.entries[0].tail = u.tail // read in our own system calls only: no fence
}

func (u *uring) armWake() {
	s, _ := u.ring.next()
	if u.owed.wake = s == nil; !u.owed.wake {
		s.op, s.fd, s.opFlags, s.size, s.user = opPollAdd, int32(u.wake.fd), unix.POLLIN, pollMulti, kindWake
	}
}

// mark is the user data of a submission for a port.
func (u *uring) mark(kind uint64, p *Port) uint64 {
	return kind<<56 | uint64(u.ports.places[p.place].generation)<<32 | uint64(p.place)
}

// Listen has the kernel tell of every packet until it is cancelled.
func (u *uring) Listen(p *Port) error {
	want := p.kind()
	switch {
	case !u.ports.has(p):
		u.ports.add(p)
		p.fixed = p.place < u.files && updateFile(u.ring.fd, uint32(p.place), int32(p.FD))
	case p.armed == want:
		return nil
	case !u.cancel(p):
		return u.refuse(p)
	}
	if !u.arm(p, want) {
		return u.refuse(p)
	}
	return nil
}

// refuse is for a port that the ring takes nothing for.
func (u *uring) refuse(p *Port) error {
	u.release(p)
	return fmt.Errorf("io_uring: %w", unix.EBUSY)
}

// arm begins to receive, or leaves the port unarmed. The socket is looked at when the kernel next waits, not
// when this is submitted: then it could put down what waits there in a buffer
// that a send of the same submission still reads.
func (u *uring) arm(p *Port, kind uint64) bool {
	p.armed = unarmed
	s, _ := u.ring.next()
	if s == nil {
		return false
	}
	p.armed = kind
	s.op, s.flags, s.priority = opReceive, sqeBufferSelect, receiveMultishot|receivePollFirst
	s.file(p)
	if kind == kindMessage {
		s.op, s.address, s.size = opReceiveMessage, u.headerAddress(), 1
	}
	s.user = u.mark(kind, p)
	return true
}

func (u *uring) headerAddress() uint64 { return addressOf(&u.memory[len(u.memory)-64]) }

// cancel ends all receiving of the kind that goes on: one that was left would
// hold the socket's port for ever. False says that it is owed.
func (u *uring) cancel(p *Port) bool {
	if p.armed == unarmed {
		return true
	}
	mark := u.mark(p.armed, p)
	if u.cancelMark(mark) {
		return true
	}
	u.owed.cancels = append(u.owed.cancels, mark)
	return false
}

func (u *uring) cancelMark(mark uint64) bool {
	s, _ := u.ring.next()
	if s == nil {
		return false
	}
	s.op, s.flags, s.fd, s.address = opCancel, sqeSkipSuccess, -1, mark
	s.opFlags = cancelAll
	s.user = kindCancel << 56
	return true
}

// settle makes good what is owed; false while the ring still takes nothing.
func (u *uring) settle() bool {
	if u.owed.wake {
		u.armWake()
	}
	cancels, arms := u.owed.cancels, u.owed.arms
	u.owed.cancels, u.owed.arms = nil, nil
	for _, mark := range cancels {
		if !u.cancelMark(mark) {
			u.owed.cancels = append(u.owed.cancels, mark)
		}
	}
	for _, p := range arms {
		if p.armed == unarmed && u.ports.has(p) {
			u.rearm(p)
		}
	}
	return !u.owed.wake && len(u.owed.cancels)+len(u.owed.arms) == 0
}

// rearm has a port receive again, now or when the ring takes it.
func (u *uring) rearm(p *Port) {
	if !u.arm(p, p.kind()) {
		u.owed.arms = append(u.owed.arms, p)
	}
}

// kind is the kind of receiving that a port wants.
func (p *Port) kind() uint64 {
	if p.Named {
		return kindMessage
	}
	return kindReceive
}

// Forget cancels: the kernel holds the socket until the next wait.
func (u *uring) Forget(p *Port) {
	if u.ports.has(p) {
		u.cancel(p)
		u.release(p)
	}
}

// release takes a port out of the tables, after all that was submitted for it.
func (u *uring) release(p *Port) {
	if p.fixed {
		u.ring.submit()
		updateFile(u.ring.fd, uint32(p.place), -1)
		p.fixed = false
	}
	u.ports.remove(p)
}

// file names a port's socket.
func (s *submission) file(p *Port) {
	s.fd = int32(p.FD)
	if p.fixed {
		s.fd = p.place
		s.flags |= sqeFixedFile
	}
}

// Send gathers. A packet received is sent from where it lies: the kernel may
// have the buffer back by then, but puts nothing down before it has done all that
// was submitted: no receive looks at its socket when it is submitted itself (see
// arm). Others are copied. What has an address of its own is rare, and
// goes at once.
func (u *uring) Send(p *Port, b []byte, to *Address) error {
	if to != nil {
		return sendTo(p.FD, b, to)
	}
	if len(b) == 0 || len(b) > SendBytesMax {
		return unix.EMSGSIZE
	}
	s, at := u.ring.next()
	if s == nil {
		return unix.EBUSY
	}
	s.address = addressOf(&b[0])
	if s.address-addressOf(&u.buffers[0]) >= uint64(len(u.buffers)) {
		copied := u.sends[int(at)*bufferStride:]
		copy(copied, b)
		s.address = addressOf(&copied[0])
	}
	s.op, s.flags = opSend, sqeSkipSuccess
	s.file(p)
	s.size, s.opFlags = uint32(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL
	s.user = u.mark(kindSend, p)
	return nil
}

// Wait sends what was gathered, waits, and gives out what has come.
func (u *uring) Wait(d time.Duration, woke func()) {
	if !u.settle() && (d < 0 || d > owedAgain) {
		d = owedAgain
	}
	u.ring.wait(u.holding.span(min(d, waitMax)))
	head, tail := u.ring.ready()
	u.holding.note(head != tail)
	for i := head; i != tail; i++ {
		if c := u.ring.completion(i); c.user == kindWake {
			u.wake.rest() // before woke: who calls Wake from now on is seen next
			if c.flags&cqeMore == 0 {
				u.armWake()
			}
		}
	}
	woke()
	for i := head; i != tail; i++ {
		u.completed(u.ring.completion(i))
	}
	u.ring.taken(tail)
}

func (u *uring) completed(c completion) {
	kind := c.user >> 56
	p := u.ports.find(int32(uint32(c.user)), uint32(c.user>>32)&generationMask)
	switch kind {
	case kindSend:
		if p != nil {
			p.Owner.Unsent(p)
		}
	case kindReceive, kindMessage:
		if c.flags&cqeBuffer != 0 {
			id := uint16(c.flags >> 16)
			// What comes without its sender, and should come with it, is from before
			// the socket was taken from its peer.
			if p != nil && c.result >= 0 && (kind == kindMessage || !p.Named) {
				u.deliver(p, kind, u.buffers[int(id)*bufferStride:][:c.result])
			}
			u.lend(id)
		}
		// It ends when the peer's ICMP errors come in, or all buffers are full.
		// One that we have cancelled has its successor, of the same kind perhaps.
		if c.flags&cqeMore == 0 && c.result != -int32(unix.ECANCELED) && p != nil && p.armed == kind && u.ports.has(p) {
			u.rearm(p)
		}
	}
}

func (u *uring) deliver(p *Port, kind uint64, b []byte) {
	if kind == kindReceive {
		p.Owner.Packet(p, b, netip.AddrPort{})
		return
	}
	if len(b) < outBytes+nameBytes {
		return
	}
	size := min(binary.NativeEndian.Uint32(b), nameBytes)
	p.Owner.Packet(p, b[outBytes+nameBytes:], readAddress(b[outBytes:][:size]))
}

// Close ends the engine. What was gathered is sent, and all receiving ended
// here: the kernel itself would do it at some later time, and hold the ports.
func (u *uring) Close() {
	if u.ring != nil {
		if s, _ := u.ring.next(); s != nil {
			s.op, s.flags, s.fd, s.opFlags, s.user = opCancel, sqeSkipSuccess, -1, cancelAll|cancelAny, kindCancel<<56
		}
		for range closingMax {
			u.ring.wait(0, false)
			head, tail := u.ring.ready()
			if u.ring.taken(tail); head == tail {
				break
			}
		}
		u.ring.close()
	}
	if u.memory != nil {
		_ = unix.Munmap(u.memory)
	}
}
