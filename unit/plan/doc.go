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
// A number rings what its mode says (Plan.Mode): day, night 1, night 2 or holiday,
// by a timetable in Japan's time, or as a person switched it. Nothing switches when
// the time comes; the mode is looked up for each call.
//
// Feature codes are one table (Features). A string with a symbol that is not one of
// them, whole, is not understood.
//
// # Limits
//
// See limits.go: extensions, groups, members, lines, feature codes, speed dialing, settings about
// incoming calls.
package plan
