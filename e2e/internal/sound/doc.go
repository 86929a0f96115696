// Package sound judges what the clients of an end-to-end test heard: of a
// steady tone its level, how long it is there, and the holes in it.
//
// Use WriteTone for a file that a client speaks, and Read and Hear for one
// that it recorded. The measuring itself is sim/ear's; levels are in dBm0.
package sound
