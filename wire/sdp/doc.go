// Package sdp reads and writes the session descriptions of SIP calls: the
// part of RFC 8866 that telephones use, and the offer/answer rules of RFC
// 3264 that need no memory.
//
// Use Parse first, then Session.Media; Session.Append writes. What is not
// needed to carry audio is read over and not kept, so that it can't leak from
// one side of a call to the other: a description that leaves is always
// written anew, never edited.
//
// Parse is strict about syntax (every line `x=…`, numbers in range, no
// control characters) and tolerant about order, line ends and missing s= and
// t= lines, because telephones are not.
//
// # Limits
//
// See limits.go: bytes, lines, media streams, formats, keys.
//
// # Standards
//
// RFC 8866 (SDP), RFC 3264 (offer/answer), RFC 3551 (static payload types),
// RFC 3605 (a=rtcp), RFC 4568 and RFC 7714 (a=crypto), RFC 5761 (a=rtcp-mux).
package sdp
