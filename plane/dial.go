package plane

import (
	"context"
	"fmt"
	"net"
)

// Dial connects to a server of the owner's on the outside, by name or address:
// mail, webhooks, syslog. It gives up after DialTimeout.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: DialTimeout}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	return conn, nil
}
