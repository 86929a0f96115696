// Command record writes the melody of a unit that has no recording down as it is
// played, in every codec: go generate ./unit/media.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/media/music"
)

func main() {
	for name, track := range media.NewMusic(music.Melody()).Tracks() {
		if err := os.WriteFile(filepath.Join("melody", name), track, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "record:", err)
			os.Exit(1)
		}
	}
}
