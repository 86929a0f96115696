// Package syslog sends alerts as syslog messages (RFC 5424): one datagram over
// UDP (RFC 5426), or with octet counting over TCP (RFC 6587) and TLS (RFC
// 5425). Use New.
//
// Syslog has no answers: that a message was written to the connection is all
// there is to know, and over UDP not even that much counts. Each message opens
// its own connection, because alerts are few.
package syslog
