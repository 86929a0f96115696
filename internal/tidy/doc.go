// Package tidy is the house rules, as tests: the floors and their imports,
// what pure code must not touch, sizes, names and documents. Each finding
// says what to do instead. There is nothing to import here.
//
// Exceptions stand in exceptions_test.go, each with a reason; one that no
// longer applies is itself a finding.
package tidy
