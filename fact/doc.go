// Package fact holds what happened, in the past tense, as typed values: what
// every part records, what evidence keeps as leaves, and the rows of state
// that change with them.
//
// Use Write first: it is one unit of durability. All its facts become leaves
// of the evidence log and all its rows change in the same transaction, or
// nothing does. A part that must be sure before it goes on hands a Write to a
// Committer and waits for done.
//
// A fact is a struct whose fields become one JSON object. A field with the
// tag `private:"yes"` is personal (numbers, names): the leaf carries only a
// salted commitment to it, so that it can be erased or withheld while the leaf
// still verifies. Secrets never stand in a fact; Sealed leaves a mark instead.
//
// Facts that say who did what to what implement Linked; evidence turns the
// subjects they name as causes into indexes of earlier leaves, which is how a
// call leads back to its registration, credential and creator.
//
// Facts are never changed once released; a new version gets a new Kind.
package fact
