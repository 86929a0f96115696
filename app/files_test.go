package app

import (
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
)

func TestMediaLeavesFiles(t *testing.T) {
	for limit, want := range map[uint64]int{
		1024: 768, 20_000: 15_000, 524_288: 519_168, 1 << 63: filesMost - filesForOthers, 0: filesMost - filesForOthers,
	} {
		if n := mediaFiles(limit); n != want {
			t.Errorf("of %d open files media may have %d, want %d", limit, n, want)
		}
	}
}

func TestDoctorTellsOfFewFiles(t *testing.T) {
	if c := checkOpenFiles(20_000, 10_000); c != nil {
		t.Errorf("enough files: %v", c)
	}
	c := checkOpenFiles(1024, 10_000)
	if len(c) != 1 || c[0].Result != control.ResultWarning {
		t.Fatalf("1024 files for 10,000 ports: %v", c)
	}
	const want = "1024 open files are allowed: at most 192 calls have sound at once, and 2500 where the limit is higher"
	if got := c[0].Detail.Say(text.EN); got != want {
		t.Errorf("%q", got)
	}
}
