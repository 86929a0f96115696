package app

import (
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/sekisho/sekisho/app/config"
)

// NewLog makes the operator's log as the configuration wants it. Whatever comes
// from outside, it stays readable: see logLinesPerKind.
func NewLog(c config.Log, w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	switch c.Level {
	case "error":
		level = slog.LevelError
	case "warn":
		level = slog.LevelWarn
	case "debug":
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(bound(slog.NewJSONHandler(w, options)))
	}
	return slog.New(bound(slog.NewTextHandler(w, options)))
}

// Version names this build: the module's version, or the revision it was
// built from.
func Version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := b.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range b.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "development"
}
