// Package mail sends alerts and other mails by SMTP (RFC 5321), one message for one
// recipient, over STARTTLS or TLS. Use New.
//
// Without encryption it speaks only where the configuration says so, and never
// signs in then: a password does not go over the wire in the open.
package mail
