// Command fraud plays offices and attacks of sim/fraud against the gate and,
// beside it, against what others use, and prints what was lost, how soon it
// stopped, and how many calls of the office were refused for nothing. README.md
// in the folder above says how to read it.
//
// What judges is a Subject: play hands it events that don't say whose call it
// is, and the world's own books say what came of its answers. Each subject
// meets the same offices and attacks. The baselines' thresholds stand in
// frozen.toml; -tune looks for them anew, on development seeds and families
// only. A bandit (adaptive.go) that sees nothing but what it earned looks for
// the attack that costs most.
//
// # Concurrency
//
// One goroutine a processor plays episodes; all end before the run does.
//
// # Limits
//
// See limits.go.
package main
