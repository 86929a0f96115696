package text

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Message is a sentence with what it speaks of: a key and arguments that a
// part without language hands up, until somebody says it to a reader. It
// crosses sockets as it is.
type Message struct {
	Key  Key   `json:"key"`
	Args []Arg `json:"args,omitempty"`
}

// Arg is one argument of a Message: what has no language (a name, a number),
// or a Message itself. In JSON it is a string or an object.
type Arg struct {
	Plain   string
	Message *Message
}

// Of makes a Message. An argument that is no Message stands in every language
// as fmt.Sprint writes it, so the sentence takes it with %s.
func Of(k Key, args ...any) Message {
	m := Message{Key: k}
	for _, a := range args {
		if inner, ok := a.(Message); ok {
			m.Args = append(m.Args, Arg{Message: &inner})
			continue
		}
		m.Args = append(m.Args, Arg{Plain: fmt.Sprint(a)})
	}
	return m
}

// Say says the message in a language; the zero Message says nothing.
func (m Message) Say(l Lang) string {
	args := make([]any, len(m.Args))
	for i, a := range m.Args {
		args[i] = a.say(l)
	}
	return Say(l, m.Key, args...)
}

// IsZero tells whether there is nothing to say.
func (m Message) IsZero() bool { return m.Key == "" }

func (a Arg) say(l Lang) string {
	if a.Message != nil {
		return a.Message.Say(l)
	}
	return a.Plain
}

// MarshalJSON writes a string, or the message.
func (a Arg) MarshalJSON() ([]byte, error) {
	if a.Message != nil {
		return json.Marshal(a.Message)
	}
	return json.Marshal(a.Plain)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Arg) UnmarshalJSON(b []byte) error {
	*a = Arg{}
	if len(b) > 0 && b[0] == '{' {
		a.Message = new(Message)
		return json.Unmarshal(b, a.Message)
	}
	return json.Unmarshal(b, &a.Plain)
}

// Fault is an error that can be said to a person. It wraps the error that
// callers tell apart with errors.Is, if there is one.
type Fault struct {
	Message

	kind error
}

// Wrong makes a Fault of a kind, nil for none.
func Wrong(kind error, k Key, args ...any) *Fault { return &Fault{Message: Of(k, args...), kind: kind} }

// Error says it in English, for logs.
func (f *Fault) Error() string {
	if f.kind != nil {
		return f.kind.Error() + ": " + f.Say(EN)
	}
	return f.Say(EN)
}

// Unwrap gives the kind.
func (f *Fault) Unwrap() error { return f.kind }

// MessageOf finds the Fault in an error and gives its message.
func MessageOf(err error) (Message, bool) {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Message, true
	}
	return Message{}, false
}
