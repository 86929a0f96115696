package control

import (
	"errors"

	"github.com/sekisho/sekisho/text"
)

// Exit codes of the commands, documented in docs/reference/cli.md.
const (
	ExitOK         = 0
	ExitFailed     = 1 // something went wrong that the message names
	ExitUsage      = 2 // the command line or a value is wrong
	ExitNotRunning = 3 // no unit runs on that data directory
	ExitNotFound   = 4 // no such phone, line, call …
	ExitConflict   = 5 // exists already, or not possible in this state
	ExitEvidence   = 6 // evidence does not verify
	ExitFinding    = 7 // doctor or a line test found something
)

// Problem is an error for a person: what happened, and what to do. It crosses
// the control socket as it is and is said in the reader's language.
type Problem struct {
	What text.Message `json:"what"`
	Do   text.Key     `json:"do,omitempty"`
	Exit int          `json:"exit"`
}

// Error says the problem in English, for logs.
func (p *Problem) Error() string { return p.Say(text.EN) }

// Say says what happened in a language.
func (p *Problem) Say(l text.Lang) string { return p.What.Say(l) }

// SayDo says what to do about it, "" when there is nothing to say.
func (p *Problem) SayDo(l text.Lang) string {
	if p.Do == "" {
		return ""
	}
	return text.Say(l, p.Do)
}

// NewProblem makes a Problem. An argument that is an error is explained.
func NewProblem(exit int, what, do text.Key, args ...any) *Problem {
	for i, a := range args {
		if err, ok := a.(error); ok {
			args[i] = Explain(err)
		}
	}
	return &Problem{What: text.Of(what, args...), Do: do, Exit: exit}
}

// AsProblem finds the Problem in an error, or wraps it as an unexpected one.
func AsProblem(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	return NewProblem(ExitFailed, "cli.unexpected", "cli.unexpected.do", err)
}
