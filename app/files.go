package app

import (
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

// mediaFiles is how many files the process may have open before calls get no
// more media: of limit it leaves filesForOthers to connections, the database
// and the control socket, or a quarter of a small one. A limit of 0 is not
// known.
func mediaFiles(limit uint64) int {
	if limit = min(limit, filesMost); limit == 0 {
		limit = filesMost // then the kernel says when it is enough
	}
	return int(limit - min(filesForOthers, limit/4))
}

// checkOpenFiles warns where the limit of open files, not the range of ports,
// says how many calls have media at once.
func checkOpenFiles(limit uint64, ports int) []control.Check {
	media := mediaFiles(limit)
	if media >= ports {
		return nil
	}
	return []control.Check{{
		Name: "files", Result: control.ResultWarning,
		Detail: text.Of("check.files.few", limit, media/filesPerCall, ports/filesPerCall),
	}}
}
