package tempo

// signalsMax bounds the signs of an opinion: one of each.
const signalsMax = len(signals)

// signals are all that can be said, in the order in which an opinion names
// them.
var signals = [...]struct {
	name  string
	group Group
	ask   func(l *look) (strength Strength, a, b int64)
}{
	{"debut", Where, (*look).debut},
	{"moved", Who, (*look).moved},
	{"contacts", Who, (*look).contacts},
	{"fetched", Who, (*look).fetched},
	{"lapsed", Who, (*look).lapsed},
	{"off-hours", When, (*look).offHours},
	{"forwarded", Way, (*look).forwarded},
	{"callback", Way, (*look).callback},
	{"silent", Way, (*look).silent},
	{"repeat", Pattern, (*look).repeat},
	{"sequence", Pattern, (*look).sequence},
	{"short", Pattern, (*look).short},
	{"trial", Pattern, (*look).trial},
	{"unanswered", Pattern, (*look).unanswered},
	{"spelling", Pattern, (*look).spelling},
	{"scan", Pattern, (*look).scan},
	{"parallel", Amount, (*look).parallel},
	{"surge", Amount, (*look).surge},
	{"price", Amount, (*look).price},
}

// Names lists the signs that there are, in their order.
func Names() []string {
	var out []string
	for i := range signals {
		out = append(out, signals[i].name)
	}
	return out
}
