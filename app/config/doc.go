// Package config is the one typed configuration of a unit: a TOML file whose
// every key has a safe default, so that an empty file, or none, gives a safe
// unit. Use Load first. Unknown keys and unusable values are Findings with
// file and line; nothing is ignored silently.
//
// Secrets never stand in the configuration. What a running unit owns (phones,
// lines, openings) is not configuration: it changes through the control
// socket, each change one leaf of evidence.
package config
