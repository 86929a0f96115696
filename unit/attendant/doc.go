// Package attendant is what the unit says to a caller that it talks with itself:
// mailboxes, menus, queues and whatever else answers where nobody does. It is
// pure.
//
// A Script has one caller. The driver tells it what the caller does, and gives it a
// Host, by which it speaks to the caller, has it put through, or hangs up. Use
// NewEcho first, which is the smallest of them:
//
//	s := attendant.NewEcho()
//	s.Begin(host)         // the caller listens
//	s.Key(host, '#')      // it pressed a key
//
// A script never sends anything and never sees a line: where it has the caller put
// through (Connect), that is judged like whatever that caller dials.
//
// # Concurrency
//
// A script is its call's: only the call's loop calls it, and only there may it use
// its Host, within the call of a method.
//
// # Limits
//
// See limits.go: how long a caller may hear itself.
package attendant
