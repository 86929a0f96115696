// Package text holds every sentence a person reads, in Japanese and English.
//
// Use Say first: it renders the sentence of a Key in a language. Sentences
// live in files named catalog_<part>.go, one table a part, listed in
// catalogs; a test fails when a sentence lacks a language, or when the two
// languages take different arguments.
package text
