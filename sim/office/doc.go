// Package office is people at phones: a small SIP user agent that registers
// and places calls, over one UDP socket that it is handed. The demo's staff
// are such phones, and so is the intruder with a stolen credential: to the
// unit they look the same, which is the point.
//
// Use New, then Register and Call. It is deliberately another user agent than
// wire/sip/stack: it shares the message layer, but none of the unit's
// transactions and dialogs.
//
// # Concurrency
//
// New starts one reader goroutine; it ends when the Phone is closed. Calls of
// one Phone may be placed from several goroutines at the same time.
//
// # Standards
//
// RFC 3261 §17.1 over UDP (T1 = 500 ms, Timer B = 32 s), RFC 8760 digest.
package office
