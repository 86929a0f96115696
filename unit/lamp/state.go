package lamp

// Phase is what a lamp shows.
type Phase uint8

// The phases. The zero Phase is Idle.
const (
	Idle    Phase = iota
	Seized        // taken, and nobody called yet
	Ringing       // somebody calls
	Talking
	Held
	Unknown // nobody can tell: it is dark, as where no phone is registered
)

// String returns the phase's word.
func (p Phase) String() string {
	words := [...]string{"idle", "seized", "ringing", "talking", "held"}
	if int(p) < len(words) {
		return words[p]
	}
	return "unknown" // Unknown, which is no more than that
}

// State is how it stands with an entity.
type State struct {
	Phase     Phase
	Device    string // phone that has it seized, talks on it or held it, "" for none: "mine" is by this
	Extension string // its extension
	Private   bool   // held by Device for itself: only Device may take it back
	Waiting   bool   // of Talking: another call rings there
	Outgoing  bool   // direction as the lamp's owner sees it
	Dialing   bool   // of Seized: somebody is called
	// Number and Name are the other party, for display.
	Number, Name string
	// CallID, LocalTag and RemoteTag are a dialog for Replaces, "" where there is
	// none. The local tag is the entity's.
	CallID, LocalTag, RemoteTag string
}

// clean gives the state without what does not belong to its phase or is too
// long, so that equal states are equal.
func (s State) clean() State {
	if s.Phase == Idle || s.Phase >= Unknown {
		return State{Phase: s.Phase}
	}
	if len(s.CallID) > TagMax || len(s.LocalTag) > TagMax || len(s.RemoteTag) > TagMax {
		s.CallID, s.LocalTag, s.RemoteTag = "", "", ""
	}
	s.Number, s.Name = clip(s.Number), clip(s.Name)
	s.Private = s.Private && s.Phase == Held
	s.Waiting = s.Waiting && s.Phase == Talking
	s.Dialing = s.Dialing && s.Phase == Seized
	return s
}

// Watcher is a phone that wants to know of an entity.
type Watcher struct {
	Entity    string
	Device    string
	Extension string
	UserAgent string
	// Name is how its phone knows the entity, "" for Entity: what it is shown of may be
	// its extension's own.
	Name string
	// StateOnly says that it is shown that somebody rings, talks or is held, and nothing of
	// whom.
	StateOnly bool
	// Takes says that who is shown the state only may take what rings: it has a name then,
	// Takable, and no more.
	Takes bool
}

// Takable is the name of each call that rings, where nobody is to know a better one.
const Takable = "takable"

// view is what one watcher is shown of an entity.
type view struct {
	phase                       Phase
	outgoing                    bool
	extension                   string // who has it, "" where that is the entity itself
	number, name                string
	callID, localTag, remoteTag string
}

// sees gives a watcher's view of a state. dark is the half of a blink in which
// the lamp is off.
func (w *watcher) sees(s *State, dark bool) view {
	switch {
	case s.Phase >= Unknown:
		return view{}
	case w.StateOnly:
		v := view{phase: s.Phase, outgoing: s.Outgoing}
		if w.Takes && s.Phase == Ringing {
			v.callID, v.localTag, v.remoteTag = Takable, Takable, Takable
		}
		return v
	}
	v := view{phase: s.Phase, outgoing: s.Outgoing, extension: s.Extension}
	mine := s.Device != "" && s.Device == w.Device
	switch {
	case mine:
		v.extension = w.Extension
	case s.Extension == w.Extension: // another phone of the same extension
		v.extension = ""
	}
	if mine || s.Phase == Ringing || s.Phase == Held && !s.Private {
		v.number, v.name = s.Number, s.Name
		v.callID, v.localTag, v.remoteTag = s.CallID, s.LocalTag, s.RemoteTag
	}
	switch {
	case s.Phase == Talking && s.Waiting && w.quirk.earlyWhileBusy:
		v.phase = Ringing
	case s.Phase == Held && w.quirk.cantBlink && dark:
		return view{}
	case s.Phase == Held && w.quirk.cantBlink:
		v.phase = Ringing
	}
	return v
}
