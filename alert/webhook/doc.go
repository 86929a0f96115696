// Package webhook posts alerts as JSON over HTTPS: as they are, or as Slack,
// Teams Workflows and LINE WORKS want them. Use New.
//
// # Signature
//
// With a secret each request carries the headers of Standard Webhooks
// (standardwebhooks.com): webhook-id, webhook-timestamp (seconds since 1970)
// and webhook-signature, which is "v1," and the base64 of HMAC-SHA256, with the
// secret's bytes, over the ID, ".", the timestamp, "." and the body. Receivers
// compare it in constant time, refuse old timestamps, and take an ID they have
// seen for a repetition.
//
// # Standards
//
// RFC 9110, RFC 2104, Standard Webhooks 1.0, Adaptive Cards 1.4.
package webhook
