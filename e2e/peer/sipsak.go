package peer

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// SIPsak sends an OPTIONS request to a URI at an address and returns all that
// sipsak printed, the response included. It is an error when none came. The
// host's own name is not asked for: a fresh machine may not know it.
func SIPsak(ctx context.Context, dir, uri string, at netip.AddrPort) (string, error) {
	p, err := Start(ctx, Program{
		Name: "sipsak", Path: "sipsak", LogDir: dir,
		Args: []string{"-vvv", "-H", "127.0.0.1", "-s", uri, "-p", at.String(), "-D", "4"},
	})
	if err != nil {
		return "", err
	}
	defer p.Stop()
	if _, err := p.Wait(ctx); err != nil {
		return "", err
	}
	out := p.Tail(200)
	if !strings.Contains(out, "SIP/2.0 ") {
		return out, fmt.Errorf("sipsak: no response from %s:\n%s", at, out)
	}
	return out, nil
}
