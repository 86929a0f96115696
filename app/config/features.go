package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/plan"
)

func defaultFeatures() map[string]string {
	out := map[string]string{}
	for _, f := range plan.Features() {
		out[string(f.Action)] = f.Code
	}
	return out
}

// checkFeatures says what is wrong with feature codes: actions that there are
// not, and codes that can be none or can't be told from another.
func (p Plan) checkFeatures(wrong complaint) {
	var known []string
	for _, f := range plan.Features() {
		known = append(known, string(f.Action))
	}
	bad := false
	for _, action := range slices.Sorted(maps.Keys(p.Features)) {
		code := p.Features[action]
		switch {
		case !slices.Contains(known, action):
			wrong("plan.features", "config.one-of", action, strings.Join(known, ", "))
		case code == "":
			continue
		default:
			err := number.CheckFeature(code, p.OutsidePrefix)
			if err == nil {
				continue
			}
			wrong("plan.features."+action, text.Key(number.PlanKey(err)), code)
		}
		bad = true
	}
	if bad {
		return
	}
	if one, other, ok := plan.Clash(p.Codes()); ok {
		wrong("plan.features", "config.feature.clash", one, other)
	}
}
