package app_test

import (
	"reflect"
	"testing"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/media/engine"
)

// The doctor says which engine moves the packets of calls, and why it is not
// the better one.
func TestDoctorNamesTheMediaEngine(t *testing.T) {
	_, refused := engine.Choose("")
	for wanted, check := range map[string]control.Check{
		"":      {Result: control.ResultOK, Detail: text.Of("check.media.io_uring")},
		"epoll": {Result: control.ResultOK, Detail: text.Of("check.media.epoll")},
	} {
		if wanted == "" && refused != nil {
			check.Detail = text.Of("check.media.fallback", refused)
		}
		w := newWorldWith(t, func(_ *world, c *config.Config) { c.Media.Engine = wanted }, nil)
		checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
		w.must(err)
		found := false
		for _, c := range checks {
			if c.Name == "media" {
				found = true
				if c.Result != check.Result || !reflect.DeepEqual(c.Detail, check.Detail) {
					t.Errorf("engine %q: %s %+v", wanted, c.Result, c.Detail)
				}
			}
		}
		if !found {
			t.Errorf("engine %q: the doctor says nothing of it", wanted)
		}
	}
}
