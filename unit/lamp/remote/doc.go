// Package remote is what the unit knows of the lamps of other sites' extensions: which of
// them to ask those sites for, and what they have said. It is pure.
//
// A Book has the lamps that somebody here watches. Tell it which (Want), how it stands
// with each site (Way), what came of a question (Answered), and what a site tells
// (Told); after each call send what Due gives, show what Changed names, and ask Deadline
// when to call Due again.
//
// What is shown is what the site has said since its connection was made, and lamp.Unknown
// at all other times: before it has answered, while it is away or refuses, and when it
// says what can't be read. Nothing that was so once is taken for what is so now.
//
// # Limits
//
// See limits.go. A site that says more than it may is not listened to for a moment, and
// its lamps are unknown meanwhile; whatever it does, it is asked for each lamp once a
// second at most.
//
// # Concurrency
//
// Books are not safe for concurrent use: one loop owns them.
package remote
