package unit

import (
	"maps"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/wire/sip"
)

// summaryOf is what a phone is told of its messages.
func summaryOf(waiting, count string) string {
	return "Messages-Waiting: " + waiting + "\r\nMessage-Account: sip:*97@office\r\n" +
		"Voice-Message: " + count + " (0/0)\r\n"
}

// counts wants the next NOTIFY to say how many messages there are.
func (b *bulb) counts(waiting, count string) {
	b.p.t.Helper()
	b.last = b.next(sip.NOTIFY)
	b.p.reply(b.last, 200, "", "")
	if got, want := string(b.last.Body()), summaryOf(waiting, count); got != want {
		b.p.t.Fatalf("%s is told %q, not %q", b.p.name, got, want)
	}
}

// toldUnasked wants a NOTIFY outside of dialogs.
func (p *puppet) toldUnasked(waiting, count string) {
	p.t.Helper()
	m := p.request(sip.NOTIFY)
	p.reply(m, 489, "", "")
	if got, want := string(m.Body()), summaryOf(waiting, count); got != want || len(m.To().Tag) != 0 {
		p.t.Fatalf("%s is told %q, not %q", p.name, got, want)
	}
}

// leave puts a message into a mailbox, as a caller does.
func (o *office) leave(b *boxes, extension, id string) {
	b.Keep(attendant.Message{Extension: extension, Call: id, Left: time.Now()}, func(error) {})
	<-b.kept
	o.unit.MessagesChanged(extension)
}

// TestMessageWaits: a phone that subscribes is told how many messages wait for its
// extension, and each time that changes; one that never asks is told too, when it is
// registered as well, unless there never was a message.
func TestMessageWaits(t *testing.T) { inTime(t, testMessageWaits) }

func testMessageWaits(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, scripts: b, messages: b})
	asks := o.p201.asks("*97", "Event: message-summary", "Accept: application/simple-message-summary")
	asks.response(sip.SUBSCRIBE, 200)
	asks.counts("no", "0/0")
	o.leave(b, "201", "m1")
	asks.counts("yes", "1/0")
	o.leave(b, "201", "m2")
	asks.counts("yes", "2/0")
	b.Heard("m1", attendant.Caller{}, time.Now())
	o.unit.MessagesChanged("201")
	asks.counts("yes", "1/1")
	for _, id := range []string{"m1", "m2"} {
		b.Delete(id, attendant.Caller{}, time.Now(), func(error) {})
	}
	o.unit.MessagesChanged("201")
	asks.counts("no", "0/0")
	o.p201.expectNone("a NOTIFY unasked", isMethod(sip.NOTIFY))

	o.register(o.p202)
	o.p202.expectNone("a NOTIFY of nothing", isMethod(sip.NOTIFY))
	o.leave(b, "202", "m3")
	o.p202.toldUnasked("yes", "1/0")
	o.register(o.p202)
	o.p202.toldUnasked("yes", "1/0")
	o.p203.expectNone("a NOTIFY of others' messages", isMethod(sip.NOTIFY))
}

// register has a phone register.
func (o *office) register(p *puppet) {
	d := p.apart(p.name)
	d.send(sip.REGISTER, "", "Contact: <sip:"+p.name+"@"+p.addr.String()+">")
	d.response(sip.REGISTER, 200)
}

// TestMessageLampAfterARestart: who subscribed before is told at once, and so is who
// never asks and has messages.
func TestMessageLampAfterARestart(t *testing.T) { inTime(t, testMessageLampAfterARestart) }

func testMessageLampAfterARestart(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, scripts: b, messages: b})
	lamp := o.p201.asks("201", "Event: message-summary")
	lamp.response(sip.SUBSCRIBE, 200)
	lamp.counts("no", "0/0")
	o.leave(b, "201", "m1")
	lamp.counts("yes", "1/0")
	o.leave(b, "202", "m2")
	o.p202.toldUnasked("yes", "1/0")
	o.books.wait()
	o.books.mu.Lock()
	left := maps.Clone(o.books.watched)
	o.books.mu.Unlock()
	again := newOffice(t, officeConfig{shards: 1, scripts: b, messages: b, watched: left, late: true})
	again.unit.MessagesChanged("201")
	again.unit.MessagesChanged("202")
	again.must(again.unit.Start(t.Context(), again.stack, again.relay))
	lamp.p = again.p201
	lamp.counts("yes", "1/0")
	again.p202.toldUnasked("yes", "1/0")
	lamp.send(sip.SUBSCRIBE, "", "Event: message-summary", "Expires: 0", lamp.contact())
	lamp.response(sip.SUBSCRIBE, 200)
}

// TestNobodyElseWatchesAMailbox: an extension watches its own, with a body that there is.
func TestNobodyElseWatchesAMailbox(t *testing.T) { inTime(t, testNobodyElseWatchesAMailbox) }

func testNobodyElseWatchesAMailbox(t *testing.T) {
	b := newBoxes()
	o := newOffice(t, officeConfig{shards: 1, scripts: b, messages: b})
	const event = "Event: message-summary"
	o.p201.asks("202", event).response(sip.SUBSCRIBE, 403)
	o.p201.asks("201", event, "Accept: application/xml").response(sip.SUBSCRIBE, 406)
	o.hikari.asks("201", event).response(sip.SUBSCRIBE, 403)
}
