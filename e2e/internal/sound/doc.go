// Package sound makes and measures the sound of the end-to-end tests: a steady
// tone as a WAV file for a client to speak, and what a client heard, judged by
// level, presence and holes.
//
// Use WriteTone and Read first, then Hear. Levels are in dBFS of a 16-bit
// sample, where a full-scale sine is 0.
//
// # Limits
//
// 16-bit PCM, one channel, and the G.711 µ-law that Voice sends.
package sound
