// Package speech says numbers, counts, times, dates and telephone numbers as people
// do, in Japanese and English: as names of the words that package prompt holds. It is
// pure.
//
// Use Count, Clock, Date and Digits first:
//
//	speech.Count(text.JA, 300, speech.Items) // さんびゃっけん
//	speech.Clock(text.JA, at)                // ごご よじ じゅうにふん
//	speech.Date(text.JA, at)                 // じゅうにがつ ついたち かようび
//	speech.Digits("03-1234")                       // digit by digit, a rest at the hyphen
//
// A name that is empty is a rest.
//
// # Limits
//
// Numbers of Max or more, and those below zero, are said digit by digit.
package speech
