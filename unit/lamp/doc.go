// Package lamp is what the lamps of the unit's phones show: who talks, what
// rings, what is held. It is pure.
//
// A Board has entities (an extension, a group, a park position, a key), each
// in a State, and watchers: phones that want to know of one. Tell it what
// happens with Set, Watch and Unwatch; after each ask Due whom to tell now, and
// Deadline when to ask again. Body gives what one watcher is told, as
// application/dialog-info+xml with a single dialog: some phones crash of two.
//
// # Who sees what
//
// Every phone of the unit may watch everything: whoever sits in the room sees
// the lamps. Of the other party it sees number, name and the dialog by which the
// call is picked up only while the call is anybody's to take: while it rings,
// and while it is held for all. Of a call that is talked on, or held by a phone
// for itself, only that phone sees them. Another site sees the state alone, and
// whether it may take what rings.
//
// What is Unknown is shown dark, as what is idle is. Read reads what another site's unit
// tells in such a body.
//
// # Limits
//
// See limits.go. A phone is told so much a second at most; of what changes
// faster it sees the newest.
//
// # Standards
//
// RFC 4235 (dialog events); RFC 3840 and RFC 4235 §4.1.6.1 (+sip.rendering).
package lamp
