// Package metrics gives a unit's figures to Prometheus and explains them to
// whoever operates it.
//
// Use New with a Reader, the function that puts the figures of this moment
// into a Set; Handler answers GET /metrics, Write prints the same for the
// command line, and Page is the reference page. All figures stand in one
// table, figures.go; what each says and what to do about it stands in package
// text under "metric.NAME" and "metric.NAME.do", in both languages.
//
// Beside the unit's own figures stand those of the Go runtime and of the
// process, under the names that Prometheus's Go client gives them.
//
// # Limits
//
// See limits.go. No figure has a label whose values a stranger chooses.
package metrics
