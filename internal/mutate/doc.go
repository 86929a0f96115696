// Command mutate says how much the tests of a package notice. It makes small
// mistakes in the package (mutants), one at a time, and runs the package's own
// tests against each: a mutant that no test notices is a survivor and is
// printed with its place and the change.
//
//	go run ./internal/mutate ./number ./gate/...
//	go run ./internal/mutate -sample 50 -seed 7 ./gate/budget   a short, repeatable run
//	go run ./internal/mutate -short ./gate/tempo                without its slow tests
//
// Every mutant of a package is compiled into one test binary, each behind a
// switch that the environment turns on: a package is built once, and a mutant
// costs only the tests that reach it. Nothing is written into the tree.
//
// What is changed: comparisons (boundary and negation), && and || (swapped,
// and each operand left out: a condition that never decides anything survives),
// conditions and ! (negated), + - * / % and their assignments, ++ and --, min
// and max, numeric constants by one, results (zero instead), statements (left
// out). Not changed: capacities given to make, values of enumerations, shifts
// and bit operations.
//
// A mutant that no test can notice, because the program does the same with it,
// is listed with the reason in equivalents.txt; it does not count. An entry
// there that no mutant matches, or that a test kills, makes the command fail,
// so the list stays true.
//
// The exit code is 0 when every package reaches -min.
package main
