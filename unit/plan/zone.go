package plan

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/sekisho/sekisho/fact"
)

// Zone is who is spoken to by Page: the members of a group, or with "" all extensions.
// Where cast is valid its phones listen there.
func (p *Plan) Zone(group string) (extensions []string, cast netip.AddrPort) {
	if group == "" {
		return slices.Sorted(maps.Keys(p.extensions)), p.services[fact.ScopeUnit].cast
	}
	return slices.Clone(p.groups[group].Members), p.services[group].cast
}

// ParseCast reads the address and port that a zone's phones listen to.
func ParseCast(s string) (netip.AddrPort, error) {
	to, err := netip.ParseAddrPort(s)
	if err != nil {
		return to, fmt.Errorf("no address and port: %w", err)
	}
	if a := to.Addr(); !a.Is4() || !a.IsMulticast() || to.Port() < castPortMin {
		return to, fmt.Errorf("%s is no IPv4 multicast address with a port from %d", to, castPortMin)
	}
	return to, nil
}
