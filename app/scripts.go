package app

import (
	"github.com/sekisho/sekisho/unit"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/plan"
)

// scripts are what the unit says to callers that it talks with itself.
type scripts struct{}

var _ unit.Scripts = scripts{}

// Script is the one behind a feature code.
func (scripts) Script(asked plan.Asked) attendant.Script {
	if asked.Action == plan.EchoTest {
		return attendant.NewEcho()
	}
	return nil
}
