package unit

import (
	"fmt"
	"sync"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// fakePhones is a registry in which the puppets stand.
type fakePhones struct {
	mu       sync.Mutex
	contacts []phone.Contact
	seats    map[string]string // who is logged in, by device
}

// seat logs an extension in at a phone.
func (f *fakePhones) seat(device, extension string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seats = map[string]string{device: extension}
}

func (f *fakePhones) add(p *puppet) {
	f.addAs(p, p.name)
}

func (f *fakePhones) addAs(p *puppet, extension string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	uri := fmt.Sprintf("sip:%s@%s", p.name, p.addr)
	f.contacts = append(f.contacts, phone.Contact{
		Binding: fact.Binding{
			Extension: extension, Device: p.name + "-1", Contact: uri, Source: p.addr, Transport: "udp",
			Listener: "phones", UserAgent: "puppet",
		},
		Target: edge.Target{Transport: "udp", Addr: p.addr}, RequestURI: uri,
	})
}

func (f *fakePhones) Register(*sip.Message, edge.Source, edge.Identity, time.Time) phone.Answer {
	return phone.Answer{Status: 200, Moved: true, Places: 2}
}

func (f *fakePhones) Lookup(extension string, _ time.Time) []phone.Contact {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []phone.Contact
	for _, c := range f.contacts {
		if c.Extension == extension {
			out = append(out, c)
		}
	}
	return out
}

func (f *fakePhones) Seated(device string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if extension := f.seats[device]; extension != "" {
		return extension
	}
	for _, c := range f.contacts {
		if c.Device == device {
			return c.Extension
		}
	}
	return ""
}

func (f *fakePhones) Registration(device string, _ edge.Source, _ time.Time) (pointer, agent string) {
	return "registration/" + device + "/1", "puppet"
}

func (f *fakePhones) Name(extension string) string { return "Desk " + extension }

func (f *fakePhones) Tick(now time.Time) time.Time { return now.Add(time.Minute) }
