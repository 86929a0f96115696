// Package sip is the SIP message layer: it reads, judges and writes messages, and nothing else does.
//
// Begin with Parse, which takes a datagram apart without copying it, and Validate, which names the answer that
// a wrong one is owed. After a nil from Validate the parts that every message must have are there and well
// formed: RequestURI, From, To, CallID, CSeq, TopVia, MaxForwards. Other header fields are decoded strictly on
// first use, once (Contacts, Routes, Addrs, List, Uint …); after Validate, Contact, Route, Record-Route, Path,
// Service-Route and Refer-To are never an error, the other lists can be.
// Framer cuts a TCP or TLS stream into messages. Builder writes them: Builder.Response for answers,
// Builder.Request for requests. What goes to another leg is written anew from decoded parts (URI.Append,
// NameAddr.Append), in one canonical form; bytes are never passed on.
//
// Slices handed out point into the buffer that was parsed. They die with it. Message.Clone, URI.Clone and
// NameAddr.Clone own their bytes.
//
// # Concurrency
//
// None. A Message, a Framer and a Builder belong to one goroutine each. Nothing here knows the time.
//
// # Limits
//
// See limits.go: message, header lines, Via and address lists, parameters. Work is linear in the length of the
// message, but for names of parameters, which are compared pairwise up to MaxParams.
//
// # Standards
//
// RFC 3261 (messages, URIs), 3581 (rport), 3966 (tel), 4475 and 5118 (torture tests, all of them), 5626 §3.5.1
// (CRLF keep-alives), 3262, 3311, 3326, 3329, 3515, 3891, 4028 and 6665 (their header fields). Strict, with these
// exceptions, each for phones that exist and none of them ambiguous: "#" unescaped in a user part; characters
// beyond ASCII in a display name without quotes; a missing Max-Forwards; RFC 2543 messages without branch and
// tag (Rules.RefuseRFC2543 ends that).
package sip
