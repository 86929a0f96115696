package plane

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Filter is a table of our own in the host's packet filter (nftables), whose
// sets hold the sources of floods: their UDP datagrams to our SIP ports are
// dropped before they reach a socket. Nothing else of the host's packet filter
// is touched. It is not safe for concurrent use.
type Filter struct {
	conn  *nftables.Conn
	table *nftables.Table
	four  *nftables.Set
	six   *nftables.Set // first addresses of /64
	to    *nftables.Set // ports
	ports []uint16      // what stands in it, sorted
}

// ErrFilter is wrapped by every failure of the host's packet filter: no
// privilege (CAP_NET_ADMIN), or a kernel without nftables.
var ErrFilter = errors.New("packet filter can't be used")

// filterTable names the table, for who lists the host's.
const filterTable = "sekisho"

// OpenFilter makes the table anew, empty. It drops nothing before Guard and Bar.
func OpenFilter() (*Filter, error) {
	conn, err := nftables.New(nftables.AsLasting())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFilter, err)
	}
	f := &Filter{conn: conn, table: &nftables.Table{Family: nftables.TableFamilyINet, Name: filterTable}}
	if err := f.found(); err != nil {
		_ = conn.CloseLasting() // what went wrong is said already
		return nil, fmt.Errorf("%w: %w", ErrFilter, err)
	}
	return f, nil
}

// found writes table, sets and rules in one transaction. Adding the table
// first lets the deletion of one that was left behind succeed in any case.
func (f *Filter) found() error {
	f.conn.AddTable(f.table)
	f.conn.DelTable(f.table)
	f.conn.AddTable(f.table)
	chain := f.conn.AddChain(&nftables.Chain{
		Name: "strangers", Table: f.table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityRaw,
	})
	f.four = f.set("worst4", nftables.TypeIPAddr)
	f.six = f.set("worst6", nftables.TypeIP6Addr)
	f.to = &nftables.Set{Table: f.table, Name: "ports", KeyType: nftables.TypeInetService}
	if err := f.conn.AddSet(f.to, nil); err != nil {
		return err
	}
	for _, from := range []*nftables.Set{f.four, f.six} {
		if err := f.conn.AddSet(from, nil); err != nil {
			return err
		}
		f.conn.AddRule(&nftables.Rule{Table: f.table, Chain: chain, Exprs: dropFrom(from, f.to, from == f.six)})
	}
	return f.conn.Flush()
}

// Guard has the filter be for datagrams to these UDP ports, and to no others
// from now on. With those that it is for already it does nothing.
func (f *Filter) Guard(ports []uint16) error {
	ports = slices.Compact(slices.Sorted(slices.Values(ports)))
	if slices.Equal(ports, f.ports) {
		return nil
	}
	only := func(these, others []uint16) (out []nftables.SetElement) {
		for _, p := range these {
			if _, both := slices.BinarySearch(others, p); !both {
				out = append(out, nftables.SetElement{Key: binaryutil.BigEndian.PutUint16(p)})
			}
		}
		return out
	}
	var err error
	if gone := only(f.ports, ports); len(gone) > 0 {
		err = f.conn.SetDeleteElements(f.to, gone)
	}
	if fresh := only(ports, f.ports); len(fresh) > 0 {
		err = errors.Join(err, f.conn.SetAddElements(f.to, fresh))
	}
	if err = errors.Join(err, f.conn.Flush()); err != nil {
		return fmt.Errorf("%w: %w", ErrFilter, err)
	}
	f.ports = ports
	return nil
}

func (f *Filter) set(name string, key nftables.SetDatatype) *nftables.Set {
	return &nftables.Set{Table: f.table, Name: name, KeyType: key, HasTimeout: true, Size: FilterMax}
}

// dropFrom is the rule "udp to one of these ports from one of these: drop".
func dropFrom(from, to *nftables.Set, six bool) []expr.Any {
	const source4, source6, four, sixteen, port, two = 12, 8, 4, 16, 2, 2 // offsets and sizes in the headers
	family, offset, size := byte(unix.NFPROTO_IPV4), uint32(source4), uint32(four)
	if six {
		family, offset, size = unix.NFPROTO_IPV6, source6, sixteen
	}
	rule := []expr.Any{
		&expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{family}},
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_UDP}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: port, Len: two},
		&expr.Lookup{SourceRegister: 1, SetName: to.Name, SetID: to.ID},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: size},
	}
	if six {
		mask := make([]byte, sixteen)
		binary.BigEndian.PutUint64(mask, 1<<64-1)
		rule = append(rule, &expr.Bitwise{
			SourceRegister: 1, DestRegister: 1, Len: sixteen, Mask: mask, Xor: make([]byte, sixteen),
		})
	}
	return append(rule,
		&expr.Lookup{SourceRegister: 1, SetName: from.Name, SetID: from.ID},
		&expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop})
}

// Bar drops what comes from these sources, for as long as life says: an IPv4
// address each, or the first address of a /64. A source that is barred already
// keeps its time. A full set takes no more, and that is an error.
func (f *Filter) Bar(sources []netip.Addr, life time.Duration) error {
	for _, a := range sources {
		set, key := f.six, a.AsSlice()
		if a.Is4() {
			set = f.four
		}
		if err := f.conn.SetAddElements(set, []nftables.SetElement{{Key: key, Timeout: life}}); err != nil {
			return fmt.Errorf("%w: %w", ErrFilter, err)
		}
	}
	if err := f.conn.Flush(); err != nil {
		return fmt.Errorf("%w: %w", ErrFilter, err)
	}
	return nil
}

// Release lets a source in again; one that is not barred is no error.
func (f *Filter) Release(a netip.Addr) error {
	set := f.six
	if a.Is4() {
		set = f.four
	}
	err := f.conn.SetDeleteElements(set, []nftables.SetElement{{Key: a.AsSlice()}})
	if err == nil {
		err = f.conn.Flush()
	}
	if err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("%w: %w", ErrFilter, err)
	}
	return nil
}

// Barred lists the sources that are barred now.
func (f *Filter) Barred() ([]netip.Addr, error) {
	var out []netip.Addr
	for _, s := range []*nftables.Set{f.four, f.six} {
		elements, err := f.conn.GetSetElements(s)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFilter, err)
		}
		for _, e := range elements {
			if a, ok := netip.AddrFromSlice(e.Key); ok {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// Close takes the table away, and with it everything that was barred.
func (f *Filter) Close() error {
	f.conn.DelTable(f.table)
	err := errors.Join(f.conn.Flush(), f.conn.CloseLasting())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFilter, err)
	}
	return nil
}
