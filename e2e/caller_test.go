//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"github.com/sekisho/sekisho/e2e/peer"
	"github.com/sekisho/sekisho/wire/dtmf"
)

// caller is a phone made of sipgo: many calls at once, each to a number of its
// own, which SIPp can't sign. It speaks no sound.
type caller struct {
	*world

	phone   peer.Phone
	at      netip.AddrPort
	ua      *sipgo.UserAgent
	dialogs sipgo.DialogUA
}

// caller makes one for an account.
func (w *world) caller(p peer.Phone) *caller {
	w.Helper()
	// sipgo says of each unanswered call what the test knows: that the unit was killed.
	sip.SetDefaultLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	c := &caller{world: w, phone: p, at: netip.AddrPortFrom(w.addr(), peer.SIPPort)}
	var err error
	c.ua, err = sipgo.NewUA(sipgo.WithUserAgent(p.Extension), sipgo.WithUserAgentHostname(p.Server.Addr().String()))
	w.must(err)
	w.Cleanup(func() { c.ua.Close() })
	client, err := sipgo.NewClient(c.ua, sipgo.WithClientAddr(c.at.String()),
		sipgo.WithClientConnectionAddr(c.at.String()))
	w.must(err)
	c.dialogs = sipgo.DialogUA{Client: client, ContactHDR: sip.ContactHeader{
		Address: sip.Uri{Scheme: "sip", User: p.Extension, Host: c.at.Addr().String(), Port: int(c.at.Port())},
	}}
	return c
}

// call calls a number, talks and hangs up.
func (c *caller) call(ctx context.Context, number string, talk time.Duration) error {
	dialog, err := c.reach(ctx, number)
	if err != nil {
		return err
	}
	defer dialog.Close()
	wait(ctx, talk)
	return dialog.Bye(ctx)
}

// mediaPort is where a caller says that it hears.
const mediaPort = 6000

// reach calls a number, with some more header fields, and comes back when it is answered.
func (c *caller) reach(ctx context.Context, number string, more ...sip.Header) (*sipgo.DialogClientSession, error) {
	to := sip.Uri{
		Scheme: "sip", User: number, Host: c.phone.Server.Addr().String(), Port: int(c.phone.Server.Port()),
	}
	sdp := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\n"+
		"m=audio %[2]d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n", c.at.Addr(), mediaPort)
	more = append(more, sip.NewHeader("Content-Type", "application/sdp"))
	dialog, err := c.dialogs.Invite(ctx, to, []byte(sdp), more...)
	if err != nil {
		return nil, err
	}
	login := sipgo.AnswerOptions{Username: c.phone.User, Password: c.phone.Secret}
	if err = dialog.WaitAnswer(ctx, login); err == nil {
		err = dialog.Ack(ctx)
	}
	if err != nil {
		dialog.Close()
		return nil, err
	}
	return dialog, nil
}

// types presses keys, each as an INFO.
func (c *caller) types(ctx context.Context, dialog *sipgo.DialogClientSession, keys string) error {
	for _, key := range keys {
		r := sip.NewRequest(sip.INFO, dialog.InviteResponse.Contact().Address)
		r.AppendHeader(sip.NewHeader("Content-Type", dtmf.TypeRelay))
		r.SetBody(dtmf.AppendInfo(nil, byte(key), 100*time.Millisecond))
		if _, err := dialog.Do(ctx, r); err != nil {
			return err
		}
		wait(ctx, 60*time.Millisecond) // as a quick hand does
	}
	return nil
}

// load makes calls at a rate until stopped; each is to the next of number(0),
// number(1), … stop gives up those that are under way and says how many were
// begun and how many went well.
func (c *caller) load(perSecond int, number func(int) string) (stop func() (begun, good int)) {
	// With this cause sipgo does not wait for an answer to a CANCEL.
	ctx, cancel := context.WithCancelCause(c.ctx)
	var calls sync.WaitGroup
	var begun, good atomic.Int32
	calls.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			n := number(int(begun.Add(1)) - 1)
			calls.Go(func() {
				if c.call(ctx, n, 400*time.Millisecond) == nil {
					good.Add(1)
				}
			})
		}
	})
	return func() (int, int) {
		cancel(sipgo.WaitAnswerForceCancelErr)
		calls.Wait()
		return int(begun.Load()), int(good.Load())
	}
}
