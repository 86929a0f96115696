// Package plan says where a dialed number leads: to extensions and groups of
// the unit, or outside over which lines, and where a call from a line rings.
// It is pure; a Plan is an immutable snapshot that any goroutine may read.
//
// Use New first, then Plan.Resolve for what a phone dialed (or redirected to)
// and Plan.Incoming for a number of a line that is called. The digits
// themselves are read by number.Parse alone; a plan only gives it the unit's
// own numbers and the lines' words. What was not understood still leads
// Outside: the gate refuses it, so that every refusal is on record.
//
// # Limits
//
// See limits.go: extensions, groups, members, lines.
package plan
