package ground

import (
	"context"
	"fmt"
	"time"

	"github.com/sekisho/sekisho/sim/office"
)

// staff is the office that goes on: calls within Japan, and emergency calls.
func (p *player) staff(ctx context.Context) {
	domestic := []string{"0312345670", "0661234561", "09012345672", "0120123453"}
	emergency := []string{"110", "119", "118"}
	phone := p.g.phones[who{staffExtension, false}]
	p.wait.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			number, tried, ok := domestic[n%len(domestic)], &p.result.Domestic, &p.result.DomesticOK
			if n%emergencyTurn == 1 {
				number = emergency[n/emergencyTurn%len(emergency)]
				tried, ok = &p.result.Emergency, &p.result.EmergencyOK
			}
			*tried++
			within, cancel := context.WithTimeout(context.WithoutCancel(ctx), dialTime)
			call, said, err := patient(within, phone, number)
			if err == nil && call != nil {
				time.Sleep(staffTalk)
				*ok++
				_ = call.Hangup(within)
			} else if len(p.result.Bad) < badMax {
				p.result.Bad = append(p.result.Bad, fmt.Sprintf("%s: %d %s %v", number, said.Status, said.Phrase, err))
			}
			cancel()
			select {
			case <-ctx.Done():
			case <-time.After(staffPause):
			}
		}
	})
}

// patient dials again where the unit has too much to do and says for how long
// (RFC 3261 §21.5.4): that call was not looked at yet.
func patient(ctx context.Context, p *office.Phone, number string) (*office.Call, office.Outcome, error) {
	for try := 1; ; try++ {
		call, said, err := p.Dial(ctx, number)
		if err != nil || said.RetryAfter == 0 || try == dialsMax {
			return call, said, err
		}
		select {
		case <-ctx.Done():
			return call, said, nil
		case <-time.After(said.RetryAfter):
		}
	}
}
