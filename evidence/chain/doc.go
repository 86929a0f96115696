// Package chain is the tamper-evident journal: leaves in a Merkle log (RFC
// 6962 hashing), signed checkpoints over it, and the checks. It is pure.
//
// Use Drafter first: it turns a fact into a Draft, everything of a leaf that
// does not depend on its place. Whoever appends gives the draft its index and
// causes (Draft.Record), puts the leaf into a Tree and stores the Record and
// the hashes the Tree gives, all in one transaction. Sign makes a checkpoint
// of the Tree's Head; Checker finds the first leaf that is not what it was.
//
// # Leaf
//
// A leaf is one JSON object with its keys in this order:
//
//	v, unit, seq, wall, boot, type, actor, cause, commit, body_hash
//
// cause holds indexes of earlier leaves. commit maps each personal field to
// the base64 of SHA-256(salt ‖ JSON value); body_hash is that of the JSON
// object of all other fields. Body, salts and values are stored beside the
// leaf; a personal field whose salt and value are gone still leaves the leaf
// verifiable.
//
// # Standards
//
// RFC 6962 §2.1 (tree, proofs), C2SP tlog-checkpoint and signed-note (by
// x/mod's sumdb/tlog and sumdb/note), Ed25519.
package chain
