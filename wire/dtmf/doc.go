// Package dtmf reads and writes telephone keys: as events in RTP
// (telephone-event) and in the bodies of SIP INFO.
//
// Use Decoder first: given the telephone-event packets of one source it tells
// each key once, when it ends. Encoder makes the packets of one key. ParseInfo
// and AppendInfo are for INFO.
//
// # Limits
//
// An INFO body is at most InfoBytesMax long; a key is at most DurationMax
// long, in timestamp units (RFC 4733 §2.3.5: 16 bits).
//
// # Standards
//
// RFC 4733 §2 (telephone-event). INFO bodies: application/dtmf-relay and
// application/dtmf, which no RFC describes but phones send.
package dtmf
