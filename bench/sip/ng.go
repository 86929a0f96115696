package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/bench/sip/load"
)

// ng speaks rtpengine's control protocol: a cookie, a space, and a dictionary
// as BitTorrent writes it, over UDP.
type ng struct {
	conn   *net.UDPConn
	cookie int
	buf    []byte
}

const ngTimeout = 2 * time.Second

func dialNG(at netip.AddrPort) (*ng, error) {
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("rtpengine: %w", err)
	}
	return &ng{conn: c, buf: make([]byte, 1<<16)}, nil
}

func (n *ng) close() { n.conn.Close() }

// ask sends an offer or answer whose description is of G.711 at an address,
// and gives the address that it was replaced by.
func (n *ng) ask(command, call, from, to string, at netip.AddrPort) (netip.AddrPort, error) {
	n.cookie++
	var b bytes.Buffer
	fmt.Fprintf(&b, "c%d d", n.cookie)
	fields := [][2]string{{"call-id", call}, {"command", command}, {"from-tag", from}}
	fields = append(fields, [2]string{"sdp", string(load.Describe(at))})
	if to != "" {
		fields = append(fields, [2]string{"to-tag", to})
	}
	for _, f := range fields {
		fmt.Fprintf(&b, "%d:%s%d:%s", len(f[0]), f[0], len(f[1]), f[1])
	}
	b.WriteByte('e')
	if _, err := n.conn.Write(b.Bytes()); err != nil {
		return netip.AddrPort{}, fmt.Errorf("rtpengine: %w", err)
	}
	if err := n.conn.SetReadDeadline(time.Now().Add(ngTimeout)); err != nil {
		return netip.AddrPort{}, fmt.Errorf("rtpengine: %w", err)
	}
	k, err := n.conn.Read(n.buf)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("rtpengine: %w", err)
	}
	sdp := textOf(n.buf[:k], "sdp")
	where, ok := load.Media(sdp)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("rtpengine answered %q: %w", n.buf[:k], errNG)
	}
	return where, nil
}

var errNG = errors.New("no address in it")

// textOf finds the text of a key in a dictionary of texts.
func textOf(b []byte, key string) []byte {
	_, rest, ok := bytes.Cut(b, fmt.Appendf(nil, "%d:%s", len(key), key))
	if !ok {
		return nil
	}
	size, rest, ok := bytes.Cut(rest, []byte(":"))
	n, err := strconv.Atoi(string(size))
	if !ok || err != nil || n < 0 || n > len(rest) {
		return nil
	}
	return rest[:n]
}
