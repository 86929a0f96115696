package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// others watches what else uses the machine's cores.
type others struct {
	began  time.Time
	before map[string]time.Duration // by process and name
}

// user is a program that is no part of the run, and what it used.
type user struct {
	Program string  `json:"program"`
	Cores   float64 `json:"cores"`
}

func watchOthers() *others { return &others{time.Now(), processTimes()} }

// processTimes gives the CPU time of every process that is not ours.
func processTimes() map[string]time.Duration {
	own := map[int]bool{}
	for _, pid := range family(os.Getpid()) {
		own[pid] = true
	}
	times := map[string]time.Duration{}
	dirs, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, path := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		name, err := os.ReadFile(path)
		if err == nil && !own[pid] {
			times[fmt.Sprintf("%d %s", pid, strings.TrimSpace(string(name)))] = cpuOf([]int{pid})
		}
	}
	return times
}

// most gives the programs that used the most since, each at least a hundredth
// of a core. Those that came and went in between are not seen.
func (o *others) most() (list []user) {
	took := time.Since(o.began).Seconds()
	sum := map[string]float64{}
	for key, used := range processTimes() {
		_, name, _ := strings.Cut(key, " ")
		sum[name] += (used - o.before[key]).Seconds() / took
	}
	for name, c := range sum {
		if c >= othersMin {
			list = append(list, user{name, c})
		}
	}
	slices.SortFunc(list, func(a, b user) int {
		if a.Cores != b.Cores {
			return int(1000 * (b.Cores - a.Cores))
		}
		return strings.Compare(a.Program, b.Program)
	})
	return list[:min(len(list), othersShown)]
}
