// Package phonebook hands the office's telephone books to its phones (電話帳の配布):
// as XML over HTTPS, in the dialects of their makers, and by LDAP over TLS.
//
// Use New first, then Server.ServeHTTPS and Server.ServeLDAP, each with a listener of
// TLS. Who reads signs in with the credential of a phone, as that does for
// SIP, and gets the common book, the extensions of the office, and the own book of
// that phone's extension: there is no book that anybody reads without. Nothing can
// be written.
//
// # Concurrency
//
// Everything exported may be called from any goroutine. Both start a
// goroutine for each connection (owner: they; end: its own, or the context's).
//
// # Limits
//
// See limits.go: connections, requests, answers, filters, time.
//
// # Standards
//
// RFC 4511 (LDAP), RFC 4513 §5.1 (simple bind), RFC 4519 (attributes), RFC 7617
// (Basic), and what the makers of phones document of their formats.
package phonebook
