// Package budget sets money aside before a call: which accounts it is charged
// to, how much at a time, when more has to be had, when the call has to end,
// and what the accounts are after each fact. It is pure.
//
// Use these:
//
//   - New makes a Plan; its Need says what a call needs, or that it is too dear.
//   - A Meter follows one leg on a line: RenewAt, More, CutAt, Settle.
//   - A Ledger keeps the accounts: whoever writes facts down has it follow
//     each, and does not write the one that it finds no room for. It comes to
//     the same accounts again when the facts are played again.
//   - Account.Nearing says when an owner is to be told that one runs out.
//   - A Rehearsal plays calls of the past under a plan, a Habit says which
//     budgets would fit them.
//
// As in RFC 8506, credit is reserved at first (fact.CallJudged), renewed while
// the call goes on (fact.CallRenewed), and settled at its end (fact.CallEnded).
// A renewal with a PIN goes over to the person's own accounts: what was reserved
// before stays charged to those before.
// Unlike there the reservation is part of what is on disk before the call is
// let out, and an account that is exhausted stays shut until a person lets go
// of it. It is exhausted when its money is spent: where calls that go on have it
// set aside, others are refused, and nothing is shut.
//
// All money is whole thousandths of yen. It counts in the hour of Japan in
// which it is set aside; time never goes back, however the clock is set.
//
// # Concurrency
//
// A Plan never changes; a Meter and a Ledger are for one goroutine.
//
// # Limits
//
// See limits.go.
package budget
