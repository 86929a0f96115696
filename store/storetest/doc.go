// Package storetest is the contract of a store: every engine runs it in its
// own tests.
//
// Use Run first. It opens stores through the given function, writes facts and
// rows, and reads them back; it makes steps of transactions fail and looks at
// what is left. RunTogether is for engines that several processes may write.
//
// # Concurrency
//
// A Server has a goroutine that reads its log and waits for its end; Stop and
// Crash, and the end of the test, end it.
package storetest
