// Package queue has callers wait for the agents of queues (待ち呼): who is next, and
// which agents ring for whom. It is pure.
//
// Use New, Enter and Look first:
//
//	q := queue.New()
//	q.Enter(office, caller, now)          // it waits behind all who came before
//	offers, late := q.Look(office, now)   // whom to ring, and who waits no longer
//	q.Took(caller.ID, "201", now)         // or Missed, or Left
//
// A queue is a ring group whose callers wait: its members are the agents, and its
// strategy says which of them rings first. Callers are served in the order in which they
// came: while an earlier one could be offered an agent, no later one is. An agent rings
// for one caller at a time, whatever queues it is in, and for nobody while it talks, or
// for the time after a call that its queue gives it.
//
// # Concurrency
//
// Queues are not safe for concurrent use: one loop owns them.
//
// # Limits
//
// See limits.go.
package queue
