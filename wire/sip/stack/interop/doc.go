// Package interop holds the tests of wire/sip/stack against independent SIP
// implementations over real sockets. It has no code of its own.
package interop
