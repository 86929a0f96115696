// Package dial makes dial strings: ordinary numbers of Japan, and everything
// that tries to look like one and leads elsewhere. It exists because of March
// 2015, when callers barred from 010… put a symbol in front and got through.
//
// [Generate] is an endless, repeatable mixture of both for property tests;
// [Wave2] spells one number in more than a thousand ways, for replays of that
// attack. Dial strings are user parts of URIs, not escaped; [URIUser] escapes
// one for the wire.
//
// The package knows no grammar of its own and imports none: what its strings
// mean is for others to say, what is certain of each is in its [Case].
package dial
