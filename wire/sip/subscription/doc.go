// Package subscription is one event subscription as its notifier keeps it, as
// a pure state machine: how long it lives, its dialog, and when the next
// NOTIFY may go. It works for any event package: what a NOTIFY says is its
// driver's to write.
//
// Use New for a SUBSCRIBE outside a dialog, Restore for one that is known from
// an earlier process. Give the subscription what arrives (Request, Result,
// Timer), what there is to tell (News), whether the peer can be reached
// (Reach), and End to end it; after each call carry out Take's effects in their
// order and ask Deadline when to call Timer.
//
// One NOTIFY is under way at a time. News that come meanwhile are told by the
// next one, which has the newest state: the driver writes the body when the
// NOTIFY goes out.
//
// Messages given in are read during the call only; what is kept is copied.
//
// # Limits
//
// See limits.go.
//
// # Standards
//
// RFC 6665 (event notification), but for forked subscriptions and shared
// dialogs; RFC 5057 (which answers end a usage).
package subscription
