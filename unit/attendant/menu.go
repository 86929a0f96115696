package attendant

import (
	"time"

	"github.com/sekisho/sekisho/unit/call"
)

// Choices are where a menu leads.
type Choices struct {
	Greeting  []byte            // what it says: µ-law at 8 kHz
	To        map[byte]string   // by key: an extension, a group, a menu
	Otherwise string            // where nothing is chosen, "" for nobody
	Inside    func(string) bool // tells whether a number is one of the office
	Begins    func(string) bool // tells whether one begins so, and is longer
}

// Menu asks its caller where it wants to go (自動応答): by a key, or by the extension
// itself. It leads to numbers of the office and nowhere else, whatever is typed.
type Menu struct {
	choices Choices
	typed   string
	tries   int  // in which nothing was chosen
	on      bool // the caller is on its way
}

var _ Script = (*Menu)(nil)

// NewMenu makes a script.
func NewMenu(c Choices) *Menu { return &Menu{choices: c} }

// Begin says what there is to choose.
func (m *Menu) Begin(h Host) { m.ask(h) }

func (m *Menu) ask(h Host) {
	m.typed, m.on = "", false
	h.At(time.Time{})
	h.Say(Sound{Mu: m.choices.Greeting})
}

// Said waits for a choice; after the last word it hangs up.
func (m *Menu) Said(h Host, whole bool) {
	switch {
	case m.on:
	case m.tries > MenuTries || !whole:
		h.HangUp(call.Refusal{})
	default:
		h.At(h.Now().Add(ChooseFor))
	}
}

// Key takes a choice, or a digit of an extension. * says everything again.
func (m *Menu) Key(h Host, key byte) {
	switch {
	case m.on || m.tries > MenuTries:
		return
	case key == '*':
		m.ask(h)
		return
	case key < '0' || key > '9':
		return
	}
	h.Hush()
	m.typed += string(rune(key))
	to, longer := m.chosen(), m.choices.Begins(m.typed)
	switch {
	case m.choices.Inside(m.typed):
		m.connect(h, m.typed)
	case longer: // an extension, or the choice where nothing follows
		h.At(h.Now().Add(DialNext))
	case to != "":
		m.connect(h, to)
	default:
		m.wrong(h)
	}
}

// chosen is where what was typed leads as a choice, "" for nowhere.
func (m *Menu) chosen() string {
	if len(m.typed) != 1 {
		return ""
	}
	return m.choices.To[m.typed[0]]
}

// Wake takes what was typed for whole, or asks once more.
func (m *Menu) Wake(h Host) {
	if to := m.chosen(); to != "" {
		m.connect(h, to)
		return
	}
	m.wrong(h)
}

// wrong asks again, and in the end rings whoever is there for that.
func (m *Menu) wrong(h Host) {
	if m.tries++; m.tries <= MenuTries {
		m.ask(h)
		return
	}
	if to := m.choices.Otherwise; m.choices.Inside(to) {
		m.on = true
		h.At(time.Time{})
		h.Connect(to, call.HearMusic)
		return
	}
	h.HangUp(call.Refusal{})
}

// connect puts the caller through to a number of the office.
func (m *Menu) connect(h Host, to string) {
	if !m.choices.Inside(to) { // it is gone since
		m.wrong(h)
		return
	}
	m.on = true
	h.At(time.Time{})
	h.Connect(to, call.HearMusic)
}

// Back says that nobody is there, and asks again.
func (m *Menu) Back(h Host, r call.Refusal) {
	m.typed, m.on = "", false
	said := "no-answer"
	if r.Status == 486 || r.Status == 600 {
		said = "busy"
	}
	if m.tries++; m.tries > MenuTries {
		h.Say(Speech(said))
		return
	}
	h.Say(Speech(said), Sound{Mu: m.choices.Greeting})
}

// End has nothing to tidy up.
func (m *Menu) End(Host) {}
