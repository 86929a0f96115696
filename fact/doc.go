// Package fact holds what happened, in the past tense, as typed values: what
// every part records, what evidence keeps as leaves, and the rows of state
// that change with them.
//
// Use Write first: it is one unit of durability. All its facts become leaves
// of the evidence log and all its rows change in the same transaction, or
// nothing does. A part that must be sure before it goes on hands a Write to a
// Committer and waits for done.
//
// Facts are never changed once released; a new version gets a new Kind.
package fact
