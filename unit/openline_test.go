package unit

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// openLine gives a line of lines its end of the stack, on a line-side
// listener, and puts it to use.
func openLine(u *Unit, st *stack.Stack, lines *line.Lines, id, listener string) error {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	e, err := lines.Endpoint(id, binary.LittleEndian.Uint64(b[:]))
	if err != nil {
		return fmt.Errorf("open line %s: %w", id, err)
	}
	end, err := st.NewLine(stack.LineConfig{
		ID: id, Listener: listener, Next: e.Next, ContactUser: e.ContactUser,
		Credentials: lines.Credentials(id), Session: e.Session,
		Render: func(d number.Destination) (requestURI, to string, err error) { return lines.Render(id, d) },
	})
	if err != nil {
		return fmt.Errorf("open line %s: %w", id, err)
	}
	u.SetLine(id, end)
	return nil
}
