package load

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"unsafe" // sendmmsg has no wrapper in x/sys/unix

	"golang.org/x/sys/unix"
)

// Junk is what the Internet sends to whoever listens: datagrams from a great
// many sources, a third of them well-formed requests for phones that there are
// and for others. They are made before and differ in what tells them apart. It
// shares the generator's core.
type Junk struct {
	fd      int
	to      netip.AddrPort
	sources uint64
	next    uint64 // source of the next datagram
	forms   []form
	out     *half
	control [batchMax]packetInfo

	// Sent is how many datagrams were sent, Refused how many the kernel did not
	// take.
	Sent, Refused uint64
}

// form is one kind of junk: bytes with places for a number of eight digits.
type form struct {
	text   []byte
	places []int
}

// packetInfo is a control message that says which address a datagram comes
// from (ip(7), IP_PKTINFO).
type packetInfo struct {
	head unix.Cmsghdr
	info unix.Inet4Pktinfo
	_    [4]byte
}

// number stands where each datagram has its own.
const number = "########"

// wellFormed are requests that nobody signed.
const wellFormed = `%s sip:%s SIP/2.0
Via: SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK########
Max-Forwards: 70
From: <sip:%s@%s>;tag=########
To: <sip:%s@%s>
Call-ID: junk########
CSeq: 1 %s
Contact: <sip:%s@192.0.2.7:5060>
User-Agent: friendly-scanner
Content-Length: 0

`

// NewJunk makes junk for a site from as many sources: consecutive addresses
// from 127.240.0.0 on. known is an extension of the site, unknown is none.
func NewJunk(s *Site, sources int, known, unknown string) (*Junk, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	j := &Junk{fd: fd, to: s.Server, sources: uint64(sources), out: new(half)}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 0) // answers are nobody's
	if err := unix.Bind(fd, &unix.SockaddrInet4{}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	j.forms = forms(s.Domain, known, unknown)
	for i := range batchMax {
		m := &j.out.headers[i].hdr
		m.Name, m.Namelen = (*byte)(unsafe.Pointer(&j.out.names[i])), unix.SizeofSockaddrInet4
		m.Iov = &j.out.vectors[i]
		m.SetIovlen(1)
		m.Control = (*byte)(unsafe.Pointer(&j.control[i]))
		m.SetControllen(unix.CmsgSpace(unix.SizeofInet4Pktinfo))
		c := &j.control[i].head
		c.Level, c.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
		c.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
		j.out.vectors[i].Base = &j.out.buffers[i][0]
		j.out.names[i] = unix.RawSockaddrInet4{
			Family: unix.AF_INET, Port: swap(j.to.Port()), Addr: j.to.Addr().As4(),
		}
	}
	return j, nil
}

// forms are twelve kinds: four well-formed ones and eight of other things.
func forms(domain, known, unknown string) (list []form) {
	var texts []string
	for _, user := range []string{known, unknown} {
		texts = append(texts, fmt.Sprintf(wellFormed, "REGISTER", domain, user, domain, user, domain, "REGISTER", user),
			fmt.Sprintf(wellFormed, "INVITE", known+"@"+domain, user, domain, known, domain, "INVITE", user))
	}
	whole := texts[0]
	texts = append(texts,
		"OPTIONS sip:########@"+domain+" SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7\n\n", // lacks fields
		whole[:len(whole)/2], // cut off
		"GET /########.php HTTP/1.1\nHost: "+domain+"\n\n",                                          //
		"\x00\x01\x00\x00\x21\x12\xa4\x42########abcd",                                              // STUN
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03########",                                      // TLS
		"REGISTER sip:"+domain+" SIP/3.0\nCall-ID: ########\n\n",                                    // no such version
		"\xff\xfe\xfd\xfc########\x80\x81\x82\x83",                                                  //
		"INVITE ######## SIP/2.0\nCSeq: 99999999999 INVITE\nContent-Length: -1\n\n########\x00\x01", //
	)
	for _, text := range texts {
		f := form{text: bytes.ReplaceAll([]byte(text), []byte("\n"), []byte("\r\n"))}
		for at := 0; ; {
			i := bytes.Index(f.text[at:], []byte(number))
			if i < 0 {
				break
			}
			f.places = append(f.places, at+i)
			at += i + len(number)
		}
		list = append(list, f)
	}
	return list
}

// Work offers datagrams at a rate a second.
func (j *Junk) Work(rate float64) Work {
	return Work{rate: rate / batchMax, start: func(r *Result, _ uint64) bool {
		j.batch(batchMax)
		r.end("")
		return true
	}}
}

// Send sends n datagrams as fast as the kernel takes them.
func (j *Junk) Send(n int) {
	for ; n > 0; n -= batchMax {
		j.batch(min(n, batchMax))
	}
}

// batch sends some.
func (j *Junk) batch(n int) {
	for i := range n {
		f := &j.forms[j.next%uint64(len(j.forms))]
		b := append(j.out.buffers[i][:0], f.text...)
		for _, at := range f.places {
			for k, v := len(number)-1, j.next; k >= 0; k, v = k-1, v/10 {
				b[at+k] = byte('0' + v%10)
			}
		}
		j.out.vectors[i].SetLen(len(b))
		s := j.next % j.sources
		j.control[i].info.Spec_dst = [4]byte{127, byte(240 + s>>16), byte(s >> 8), byte(s)}
		j.next++
	}
	for done := 0; done < n; {
		got, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(j.fd),
			uintptr(unsafe.Pointer(&j.out.headers[done])), uintptr(n-done), 0, 0, 0)
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			j.Refused++
			done++
		default:
			done += int(got)
			j.Sent += uint64(got)
		}
	}
}

// Close ends it.
func (j *Junk) Close() { unix.Close(j.fd) }
