// Package tariff knows what calls cost: what a carrier charges, as data.
//
// Start with [NewTable] and [Table.Rate]: a destination and a time give the
// [Rate] that its carrier bills by, and [Rate.Cost] and [Rate.Affords] turn
// talk time into money and back. All money is whole thousandths of yen, so
// that our books and the carrier's agree to the last one.
//
// # Prefixes
//
// A rate stands for all numbers that begin alike. The longest prefix that is
// in force at the time counts.
//
//	232               numbers abroad: E.164 digits without "+"
//	mobile            a class of numbers in Japan, as number.Class prints it
//	geographic/03     the same, by how its numbers begin in Japan: 03…
//	service/104       a short number, as hash-short/#7119 is
//	0033/232          what is dialed through the carrier code 0033, which
//	0033/mobile       another carrier bills
//
// # Unknown prices
//
// What no rate stands for is no free call: it counts as the dearest of the
// table. Calls that never reach a carrier, and emergency calls, cost nothing.
//
// # Concurrency
//
// A Table never changes; everything may be called from anywhere.
package tariff
