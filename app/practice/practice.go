// Package practice furnishes a unit as its owner does on the first day: claimed,
// with phones, and the practice carrier (sim/carrier) as its outside line. The demo
// and the benches stand on it.
//
// Use Carrier for the carrier, Furnish for the unit, and Phone for each phone.
//
// # Concurrency
//
// The carrier and the phones have goroutines of their own, which their Close ends.
package practice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

const (
	lineUser     = "unit"
	lineNumber   = "0312340000"
	lineArea     = "03"
	domain       = "carrier.invalid"
	registersFor = time.Hour // a phone
	pollEvery    = 20 * time.Millisecond
)

// secret is between the practice carriers and the units of one process alone.
var secret = rand.Text()

// Carrier makes a practice carrier that knows the line of Furnish; c says what else
// it does. The carrier closes the socket, here too where it can't be made.
func Carrier(conn net.PacketConn, c carrier.Config) (*carrier.Carrier, error) {
	c.Domain = domain
	c.Accounts = []carrier.Account{{User: lineUser, Secret: secret, Numbers: []string{lineNumber}}}
	made, err := carrier.New(conn, c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("practice carrier: %w", err), conn.Close())
	}
	return made, nil
}

// Furniture is what Furnish gives a unit.
type Furniture struct {
	Code, Owner string // of the claim
	Extensions  []string
	Line        string         // its ID
	Carrier     netip.AddrPort // a practice carrier's
	Ring        []string       // extensions that ring for calls from outside
	Channels    int            // calls at once on the line
}

// Furnish claims a unit that nobody has claimed, gives it phones and the line,
// and waits until that is up, or ctx ends. The accounts are those of the extensions,
// in their order.
func Furnish(ctx context.Context, client *control.Client, f Furniture) ([]control.PhoneAccount, error) {
	claim := control.ClaimRequest{Code: f.Code, Owner: f.Owner}
	if _, err := control.Call(ctx, client, control.Claim, claim); err != nil {
		return nil, err
	}
	var accounts []control.PhoneAccount
	for _, extension := range f.Extensions {
		a, err := control.Call(ctx, client, control.PhoneAdd, control.PhoneAddRequest{Extension: extension})
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	line := control.LineAddRequest{
		ID: f.Line, Profile: "generic-registration", Registrar: f.Carrier.String(), User: lineUser, Secret: secret,
		Numbers:  []control.LineNumber{{Number: lineNumber, Ring: f.Ring}},
		AreaCode: lineArea, Channels: f.Channels, Transport: "udp",
	}
	if _, err := control.Call(ctx, client, control.LineAdd, line); err != nil {
		return nil, err
	}
	return accounts, lineUp(ctx, client)
}

// lineUp waits until the only line is registered at the carrier and up.
func lineUp(ctx context.Context, client *control.Client) error {
	for {
		lines, err := control.Call(ctx, client, control.LineList, control.None{})
		if err != nil {
			return err
		}
		if len(lines) == 1 && lines[0].State == "up" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the practice line did not come up: %+v", lines)
		case <-time.After(pollEvery):
		}
	}
}

// Phone is a simulated phone on sockets of its own, registered. voice is where its
// SDP says that it listens; the phone itself sends nothing from there, and its
// caller closes it.
func Phone(ctx context.Context, socket func() (net.PacketConn, error), a office.Account) (
	p *office.Phone, voice net.PacketConn, err error,
) {
	conn, err := socket()
	if err != nil {
		return nil, nil, fmt.Errorf("phone %s: %w", a.Extension, err)
	}
	if voice, err = socket(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("phone %s: %w", a.Extension, err), conn.Close())
	}
	p, err = office.New(conn, a, netip.MustParseAddrPort(voice.LocalAddr().String()))
	if err != nil {
		return nil, nil, errors.Join(err, conn.Close(), voice.Close())
	}
	if err := p.Register(ctx, registersFor); err != nil {
		return nil, nil, errors.Join(err, p.Close(), voice.Close())
	}
	return p, voice, nil
}
