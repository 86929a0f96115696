// Package digest is HTTP digest authentication as SIP uses it: challenges,
// credentials, the answers of a client and the checks of a server.
//
// A server uses Minter to make and recognize nonces without keeping any, and
// Verify with a Window to accept each pair of nonce and count once. A client
// uses Choose and Answer. The package is pure: time, keys and randomness are
// arguments.
//
// # Limits
//
// See limits.go. A Window holds WindowNonces nonces of one credential; an
// older nonce counts as stale, so that what is forgotten can't be replayed.
//
// # Standards
//
// RFC 7616 and RFC 8760 with MD5 and SHA-256 and qop=auth. As a client,
// challenges without qop (RFC 2069) are answered too, because carriers'
// gateways send them; a server refuses such answers unless its policy says
// otherwise. The -sess algorithms, AKA (RFC 3310) and SHA-512-256 are not
// spoken: a challenge that names them is ignored, never answered with MD5.
package digest
