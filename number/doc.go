// Package number knows dialed digits, E.164, the Japanese numbering plan and
// tariffs. No other package looks at digits.
package number
