// Package book is the telephone books of an office (電話帳): whose number is whose,
// and which callers are turned away (着信拒否).
//
// Use New for a Book, and Read for a file of entries (CSV, vCard). A Shelf is what a
// unit looks up when a call comes in: the common book, the books of extensions, and
// the Screens that say who is let in; it is made anew when one of them changes, and
// never changed itself.
//
// Books hold what people write. Key makes of it what numbers are compared by.
//
// # Limits
//
// See limits.go: entries, names, numbers and files.
//
// # Standards
//
// RFC 4180 (CSV), RFC 2426 and RFC 6350 (vCard 3.0 and 4.0).
package book
