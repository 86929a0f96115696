// Package number knows dialed digits, E.164 and the Japanese numbering plan. No
// other package looks at digits.
//
// Start with [Parse], or [FromSIPUser] and [FromTel] where a URI was dialed: a
// dialed string and its [Context] give a [Destination], which is all that
// anybody downstream sees. [Render] makes of it the bytes that a line is sent,
// by the line's [Profile]; [Reread] is how the line will read them. The gate
// judges a Destination's Class, Area and Range.
//
// The grammar is strict and covers every byte. What does not parse is
// NotUnderstood, with a reason; nothing is dropped, corrected or guessed, since
// whatever one parser drops the next may read. Numbers of Japan are told by the
// grammar alone. Numbers abroad get area and range from the metadata of
// nyaruka/phonenumbers, which is asked about the very digits that would be
// sent, and whose own parser is never used: it reads 184010… as a number of
// Japan and drops symbols.
//
// # Dialing
//
//	number    = [outside prefix] outside | extension | feature code | "+" E.164
//	emergency = [outside prefix | "0"] [184 | 186] (110 | 118 | 119)
//	outside   = [184 | 186] (abroad | home | local | short) | # short number
//	          | [184 | 186] [122] carrier code (abroad | home)
//	abroad    = "010" E.164 outside +81
//	home      = "0" national number, its length exact: 0AB-J, 060/070/080/090,
//	            050, 0120, 0800, 0570, 0990, 0180, 020
//	local     = a number of the line's own area, without its area code
//	short     = 1XY: services, and settings at the carrier
//
// # Unescaping
//
// The SIP layer unescapes the user part of a URI exactly once and hands the
// result over; an escape that is left then is a symbol like any other. Render
// returns bytes that are already escaped.
//
// # Concurrency
//
// All functions are pure but for the metadata, which is decoded at first use
// under locks of its own; they may be called from anywhere.
//
// # Limits
//
// See limits.go. Emergency numbers are 110, 118 and 119; nothing is configured
// about them. Shared country codes are split as far as the metadata splits
// them: a part that no area owns has [AreaUnknown] and [RangeUnallocated].
//
// # Standards
//
// ITU-T E.164; RFC 3966 (tel URI), RFC 3261 §19.1 (user part), RFC 4694,
// RFC 4904; the Japanese numbering plan (MIC).
package number
