// Package ground is where an attack of sim/fraud meets the real program: sekisho
// serve in a folder of its own with its defaults, phones and the intruder as SIP
// user agents (sim/office), and the practice carrier (sim/carrier), whose books
// are the measure.
//
// Use Open, then Play, then Close. The world is the script, in real time: it says
// who dials when and who hangs up when; whether a call goes out, what is cut and
// what it costs comes back over the wire. The office's own people are replaced by
// one phone that calls within Japan and 110, 118 and 119 all the while.
//
// # Concurrency
//
// A Stage is for one goroutine. Play starts one for each call that is dialed or
// hung up, and one for the office's phone; all end before it returns. The process
// is ended by Close.
//
// # Limits
//
// See limits.go.
package ground
